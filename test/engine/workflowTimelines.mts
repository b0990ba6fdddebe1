/**
 * Runs the scheduled workflow again and again while robot, database and n8n fail between any two of its nodes. The expected results are
 * recorded separately: what the service was sent, what the robot has shown, what was confirmed.
 */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { IDataObject, IExecuteFunctions, INode, INodeExecutionData, INodeType } from 'n8n-workflow';
import {
	arrivalNode,
	createProcessedData,
	dataTablesBeside,
	rowsNode,
	runWorkflow,
} from '../../embedded/embeddedEngine.mts';
import type { ArrivedRequest, Fault } from '../../simulator/simulator.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import { row } from './pushRun.mts';

/** Between two rounds. Failures are reported once an hour, and again if they last for a day. Milliseconds. */
const PAUSE_MS = 90 * 60_000;
const CUSTOMERS = 12;

/** The duration of a request, so that a run that sends every customer has heartbeats. Milliseconds. */
const REQUEST_MS = 3000;

/** The accident in a round. */
export type Accident =
	| { at: 'nothing' }
	/** n8n dies: at a request, before or after a statement of the database, or between two nodes. */
	| { at: 'request'; count: number }
	| { at: 'statement'; node: 'Sync' | 'Confirm'; count: number; when: 'before' | 'after' }
	| { at: 'between'; after: 'Sync' | 'Robot' }
	/** The database rejects a statement before or after it takes effect. */
	| { at: 'database'; node: 'Sync' | 'Confirm'; count: number; when: 'before' | 'after' };

/** What the robot does: it accepts or refuses the message, or does not respond without (`silent`) or after (`lost`) showing it. */
export type RobotMood = 'takes' | 'refuses' | 'silent' | 'lost';

export interface Round {
	/** Indexes of customers whose device changes in this round. */
	edits: readonly number[];
	/** Whether the service refuses one more customer from this round on. */
	isWorse: boolean;
	accident: Accident;
	robot: RobotMood;
}

const node = fc.constantFrom('Sync' as const, 'Confirm' as const);
const when = fc.constantFrom('before' as const, 'after' as const);
const count = fc.integer({ min: 1, max: 8 });

const accident: fc.Arbitrary<Accident> = fc.oneof(
	fc.constant({ at: 'nothing' as const }),
	fc.record({ at: fc.constant('request' as const), count }),
	fc.record({ at: fc.constant('statement' as const), node, count, when }),
	fc.record({
		at: fc.constant('between' as const),
		after: fc.constantFrom('Sync' as const, 'Robot' as const),
	}),
	fc.record({ at: fc.constant('database' as const), node, count, when }),
);

export const rounds: fc.Arbitrary<Round[]> = fc.array(
	fc.record({
		edits: fc.subarray(Array.from({ length: CUSTOMERS }, (_, index) => index)),
		isWorse: fc.boolean(),
		accident,
		robot: fc.constantFrom<RobotMood>('takes', 'takes', 'refuses', 'silent', 'lost'),
	}),
	{ minLength: 2, maxLength: 5 },
);

const WELL: Round = { edits: [], isWorse: false, accident: { at: 'nothing' }, robot: 'takes' };

/** After this many rounds without an accident, all failures are over. */
const ROUNDS_TO_HEAL = 3;

/** The most refused customers: with more of them the Sync would be failing. */
const MAX_REFUSED = 3;

/** Counts over all timelines. */
export interface Totals {
	kills: number;
	rejected: number;
	messages: number;
	/** Messages that the robot did not accept, as far as n8n can see. */
	untaken: number;
	shown: number;
	confirmed: number;
	receipts: number;
}

export const newTotals = (): Totals => ({
	kills: 0,
	rejected: 0,
	messages: 0,
	untaken: 0,
	shown: 0,
	confirmed: 0,
	receipts: 0,
});

async function never(): Promise<never> {
	return await new Promise<never>(() => {});
}

/** One world, from its first round to the last. */
export class WorkflowTimeline {
	readonly #clock = new TimelineClock();
	readonly #processedData = createProcessedData();
	readonly #totals: Totals;
	#process = new NodeProcess(testedBuild, this.#clock);
	readonly #versions = Array.from({ length: CUSTOMERS }, () => 0);
	/** The ids of customers that the service refuses. */
	readonly #refused: string[] = [];
	/** The last accepted request for each customer. */
	readonly #accepted = new Map<string, { requestId: string; deviceId: string }>();
	/** The messages that the group can read. */
	readonly #shown: string[] = [];
	/** Customers whose news the robot accepted and the workflow confirmed. */
	readonly #confirmed = new Set<string>();
	#simulator: Awaited<ReturnType<typeof runSimulator>> | undefined;
	#round: Round = WELL;
	#requests = 0;
	#statements = 0;
	/** The running node. */
	#running: 'Sync' | 'Robot' | 'Confirm' = 'Sync';
	#reportDeath: () => void = () => {};

	constructor(totals: Totals) {
		this.#totals = totals;
	}

	async run(events: readonly Round[]): Promise<void> {
		this.#simulator = await runSimulator({
			clock: this.#clock.ofService,
			faults: (request) => this.#answer(request),
		});
		for (const round of events) {
			await this.#play(round);
		}
		for (let left = ROUNDS_TO_HEAL; left > 0; left--) {
			await this.#play(WELL);
		}
		this.#checkReceipts();
		this.#checkNews();
	}

	/** The service's response to a request. */
	#answer({ CustomerId: id = '', RequestId, parameters }: ArrivedRequest): Fault {
		this.#requests++;
		const { accident } = this.#round;
		const isRefused = this.#refused.includes(id);
		if (!isRefused) {
			const [device] = parameters.get('DeviceInfos') as Array<{ DeviceId: string }>;
			this.#accepted.set(id, { requestId: String(RequestId), deviceId: device!.DeviceId });
		}
		if (accident.at === 'request' && accident.count === this.#requests) {
			this.#die();
		}
		if (isRefused) {
			return { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' };
		}
		return { kind: 'late', until: this.#clock.advance(REQUEST_MS) };
	}

	#die(): void {
		this.#process.isDead = true;
		this.#reportDeath();
	}

	/** Called before and after each database statement of a node. */
	async #onStatement(when: 'before' | 'after'): Promise<void> {
		const { accident } = this.#round;
		if (when === 'before') {
			this.#statements++;
		}
		const isMet =
			(accident.at === 'statement' || accident.at === 'database') &&
			accident.node === this.#running &&
			accident.when === when &&
			accident.count === this.#statements;
		if (isMet && accident.at === 'statement') {
			this.#die();
			await never();
		}
		if (isMet) {
			this.#totals.rejected++;
			throw new Error('Connection terminated unexpectedly');
		}
	}

	async #play(round: Round): Promise<void> {
		this.#round = round;
		this.#requests = 0;
		this.#clock.startMs += PAUSE_MS;
		for (const index of round.edits) {
			this.#versions[index]!++;
		}
		if (round.isWorse && this.#refused.length < MAX_REFUSED) {
			this.#refused.push(`refused_${this.#refused.length}`);
		}
		const process = this.#process;
		process.onStatement = async (when) => await this.#onStatement(when);
		const death = new Promise<'dead'>((resolve) => {
			this.#reportDeath = () => resolve('dead');
		});
		const named = { isTaken: false, ids: [] as string[] };
		const ended = await Promise.race([this.#runWorkflow(process, named), death]);
		if (ended === 'dead') {
			this.#totals.kills++;
			this.#process = new NodeProcess(testedBuild, this.#clock);
			return;
		}
		if (ended.hasConfirmed && named.isTaken) {
			this.#totals.confirmed++;
			for (const id of named.ids) {
				this.#confirmed.add(id);
			}
		}
	}

	async #runWorkflow(
		process: InstanceType<typeof NodeProcess>,
		named: { isTaken: boolean; ids: string[] },
	): Promise<{ hasConfirmed: boolean }> {
		const enter = (running: 'Sync' | 'Robot' | 'Confirm') => {
			this.#running = running;
			this.#statements = 0;
		};
		const robot = stationNode(async (items) => {
			const { accident } = this.#round;
			if (accident.at === 'between' && accident.after === 'Sync') {
				this.#die();
				await never();
			}
			const report = items[0]!.json;
			const response = report['News'] === true ? this.#post(String(report['Message']), named) : report;
			if (accident.at === 'between' && accident.after === 'Robot') {
				this.#die();
				await never();
			}
			return [{ json: response }];
		});
		const simulator = this.#simulator!;
		const credentials = { tencentCloudIotApi: { id: 'credential', name: 'Credential' } };
		const type = `n8n-nodes-tencent-iot.${process.nodeType.description.name}`;
		const nodes: INode[] = [
			plain('Rows'),
			{ ...plain('Sync'), type, credentials, parameters: SYNC },
			plain('Robot'),
			{ ...plain('Confirm'), type, credentials, parameters: { resource: 'sync', operation: 'confirmNews' } },
			plain('Heartbeat'),
		];
		const names = nodes.map(({ name }) => name);
		const connections = Object.fromEntries(
			names.slice(0, -1).map((name, index) => {
				return [name, { main: [[{ node: names[index + 1]!, type: 'main' as const, index: 0 }]] }];
			}),
		);
		const { run } = await runWorkflow({
			nodes,
			connections,
			nodeTypes: {
				Rows: rowsNode(this.#rows().map((json) => ({ json }))),
				Robot: robot,
				Heartbeat: arrivalNode,
				[type]: process.nodeType,
			},
			credentials: [
				{
					type: process.credentialType,
					data: {
						appKey: simulator.appKey,
						appSecret: simulator.appSecret,
						platform: 'custom',
						endpoint: simulator.endpoint,
						nestedRule: 'json',
						allowedActions: 'everything',
					},
				},
			],
			mode: 'trigger',
			isOverlapping: true,
			processedData: this.#processedData,
			onNodeProgress: ({ node: name, state }) => {
				if (state === 'started' && (name === 'Sync' || name === 'Robot' || name === 'Confirm')) {
					enter(name);
				}
			},
		});
		return { hasConfirmed: run.data.resultData.runData['Heartbeat'] !== undefined };
	}

	/** The robot's response to a message. */
	#post(message: string, named: { isTaken: boolean; ids: string[] }): IDataObject {
		const { robot } = this.#round;
		this.#totals.messages++;
		if (robot === 'takes' || robot === 'lost') {
			this.#totals.shown++;
			this.#shown.push(message);
			const ids = this.#refused.filter((id) => message.includes(id));
			const again = ids.filter((id) => this.#confirmed.has(id));
			expect([message, again]).toEqual([message, []]);
			named.ids.push(...ids);
		}
		named.isTaken = robot === 'takes';
		if (!named.isTaken) {
			this.#totals.untaken++;
		}
		const responses: Record<RobotMood, IDataObject> = {
			takes: { statusCode: 200, body: { errcode: 0, errmsg: 'ok' } },
			refuses: { statusCode: 200, body: { errcode: 93000, errmsg: 'invalid webhook url' } },
			silent: { error: { message: 'timeout of 10000ms exceeded' } },
			lost: { error: { message: 'socket hang up' } },
		};
		return responses[robot];
	}

	#rows(): IDataObject[] {
		const good = this.#versions.map((version, index) => row(`c${index}`, `P/${index}-${version}`));
		return [...good, ...this.#refused.map((id) => row(id, `P/${id}`))];
	}

	/** No receipt is lost: the newest OK receipt of each customer has the RequestId of its last accepted request. */
	#checkReceipts(): void {
		const tables = dataTablesBeside(this.#processedData);
		const newest = new Map<string, { requestId: string; deviceId: string }>();
		let missing = 0;
		for (const { name } of tables.list('tencent_iot_log')) {
			for (const { customer, receipt } of tables.rowsOf(name)) {
				const stored = JSON.parse(String(receipt)) as {
					o?: string;
					r?: string;
					d?: string[][];
					missing?: number;
				};
				missing += stored.missing ?? 0;
				if (stored.o === 'OK') {
					this.#totals.receipts++;
					newest.set(String(customer), { requestId: stored.r!, deviceId: stored.d![0]![0]! });
				}
			}
		}
		const lost = [...this.#accepted].filter(([id, { requestId }]) => newest.get(id)?.requestId !== requestId);
		// Receipts that could not be written are counted, in a mark and in the row of the run.
		expect(lost.length <= missing ? [] : lost).toEqual([]);
		for (const [index, version] of this.#versions.entries()) {
			expect(this.#accepted.get(`c${index}`)?.deviceId).toBe(`P/${index}-${version}`);
		}
	}

	/** No news is lost: the messages name every refused customer. */
	#checkNews(): void {
		const text = this.#shown.join('\n');
		expect(this.#refused.filter((id) => !text.includes(id))).toEqual([]);
	}
}

const SYNC = {
	resource: 'deviceBinding',
	operation: 'sync',
	columns: { mappingMode: 'autoMapInputData', value: null },
	messages: { messageFor: 'wecom' },
	safetyChecks: { stopAbove: 100, stopWhenDevicesDrop: 100 },
	options: {
		outputItemPer: 'run',
		pushAgainAfter: 0,
		requestsPerSecond: 0,
		concurrency: 1,
		maxAttempts: 1,
	},
};

function plain(name: string): INode {
	return { id: name, name, type: name, typeVersion: 1, position: [0, 0], parameters: {} };
}

/** A node that does something with its items. */
function stationNode(work: (items: INodeExecutionData[]) => Promise<INodeExecutionData[]>): INodeType {
	return {
		description: { ...arrivalNode.description, name: 'Robot', displayName: 'Robot' },
		async execute(this: IExecuteFunctions) {
			return [await work(this.getInputData())];
		},
	};
}
