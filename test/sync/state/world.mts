import { fateOf } from '../../support/fates.mts';
import { hash } from 'node:crypto';
import { setImmediate as settle } from 'node:timers/promises';
import type { ProcessedDataTable, ProcessedRow } from '../../../embedded/processedData.mts';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { Clock } from '../../../nodes/TencentCloudIot/service/transport/clock';
import { ALL_WELL } from '../../../nodes/TencentCloudIot/sync/health';
import { beginSync } from '../../../nodes/TencentCloudIot/sync/state/acquire';
import { timingFor, type StateStore } from '../../../nodes/TencentCloudIot/sync/state/store';
import type { SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { ENTRIES_OF_ACCOUNT, NOW_MS, storeOn, type Content, type Group } from './rows.mts';

/**
 * What may become of a step. A statement does its work, or rejects without, or rejects although it did, or does its work and
 * its response comes later; a request is accepted, refused, accepted although the answer is lost, or lost itself. Or the
 * process dies before the step.
 */
export type Action =
	| 'go'
	| 'reject'
	| 'goAndReject'
	| 'goAndStall'
	| 'accepted'
	| 'refused'
	| 'answerLost'
	| 'requestLost'
	| 'die';

const OUTCOMES: Readonly<Partial<Record<Action, OutcomeName>>> = {
	accepted: 'OK',
	refused: 'REFUSED',
	answerLost: 'UNKNOWN',
	requestLost: 'UNKNOWN',
};

/** A step that a process stands before. */
export interface Step {
	process: number;
	kind: 'start' | 'statement' | 'sleep' | 'look' | 'deadline' | 'pause' | 'request';
	what: string;
	/** When a time that it waits for is over. */
	dueMs: number;
	take: (action: Action) => void;
}

/** What a run of the node is given. */
export interface RunSettings {
	/** Of each group; undefined where the rows do not have it. */
	contents: ReadonlyArray<Content | undefined>;
	stopAbove?: number;
	dryRun?: boolean;
}

/** Where everything begins. */
export interface WorldState {
	row: ProcessedRow | undefined;
	/** What the service has of each group. */
	service: ReadonlyArray<Content | undefined>;
}

/** One row of n8n's table, the service, and runs of the node, each in a process of its own, that share them. */
export class World {
	readonly groups: readonly Group[];
	row: ProcessedRow | undefined;
	readonly service: Array<Content | undefined>;
	nowMs = NOW_MS;
	readonly processes: Process[];
	constructor(groups: readonly Group[], { row, service }: WorldState, runs: readonly RunSettings[]) {
		this.groups = groups;
		this.row = row && copyOf(row);
		this.service = [...service];
		this.processes = runs.map((settings, index) => new Process(this, index, settings));
	}

	/** All steps that could be taken next. */
	get steps(): Step[] {
		return this.processes.flatMap(({ steps }) => steps);
	}

	/** Takes one of them, with all that follows from it up to the next steps. */
	async take(step: Step, action: Action): Promise<void> {
		step.take(action);
		await settle();
	}

	/** What the state is, apart from how it came to be. */
	get key(): string {
		const state = [digestOf(this.row), this.service, this.nowMs, this.processes.map(({ key }) => key)];
		return hash('sha1', JSON.stringify(state), 'base64');
	}
}

/** A run of the node. Death is that no step is ever taken again. */
export class Process {
	readonly index: number;
	/** Why it sent nothing. */
	stopped: string | undefined;
	/** Groups that it did not send, since the sync state knew them. */
	readonly skipped: number[] = [];
	/** Those of them whose devices at the service differed. */
	readonly wronglySkipped: number[] = [];
	isOver = false;
	readonly #world: World;
	readonly #settings: RunSettings;
	#steps: Step[] = [];
	/** What it has learned. What it does next depends on nothing else. */
	#history = '';
	#tokens = 0;

	constructor(world: World, index: number, settings: RunSettings) {
		this.index = index;
		this.#world = world;
		this.#settings = settings;
		this.#steps = [
			{ process: index, kind: 'start', what: 'start', dueMs: -Infinity, take: () => this.#start() },
		];
	}

	get steps(): readonly Step[] {
		return this.#steps;
	}

	get key(): unknown {
		return this.isOver && this.#steps.length === 0
			? [this.stopped, this.wronglySkipped]
			: [this.#history, this.#steps.map(({ what, dueMs }) => [what, dueMs])];
	}

	/** Nothing that it waits for ever comes. */
	die(): void {
		this.isOver = true;
		this.#steps = [];
	}

	/** A statement that nobody waits for any more may still take effect. */
	#finish(): void {
		this.isOver = true;
		this.#steps = this.#steps.filter(({ kind }) => kind === 'statement');
	}

	#start(): void {
		this.#steps = [];
		void this.#run().then(() => this.#finish());
	}

	async #run(): Promise<void> {
		const { groups, service } = this.#world;
		const { contents, stopAbove = 100, dryRun = false } = this.#settings;
		const present = groups.flatMap((group, index) => {
			const content = contents[index];
			return content === undefined ? [] : { index, content, customers: group.customers(content) };
		});
		const settings: SyncSettings = {
			entries: ENTRIES_OF_ACCOUNT,
			customers: present.flatMap(({ customers }) => customers),
			sendAll: false,
			rows: {
				devices: present.flatMap(({ customers }) => customers).length,
				products: new Map(),
			},
			checks: { stopAbovePercent: stopAbove, stopWhenDevicesDropPercent: 100, approvedPlan: '' },
			pushAgainAfterDays: 0,
			dryRun,
			clock: this.#clock(),
			signal: undefined,
			newToken: () => `${this.index}.${this.#tokens++}`,
			// Each way begins anew: what chance decides has to be the same.
			random: (min) => min,
		};
		const run = await beginSync(this.#store(), settings);
		const { verdicts, stopped } = run.begun;
		this.stopped = stopped?.code;
		if (stopped !== undefined || dryRun) return;
		let first = 0;
		const outcomes: Array<OutcomeName | undefined> = [];
		for (const { index, content, customers } of present) {
			const isSent = verdicts[first] !== 'unchanged';
			first += customers.length;
			if (!isSent) this.skipped.push(index);
			if (!isSent && service[index] !== content) this.wronglySkipped.push(index);
			if (isSent) await this.#stand('pause', 'pause');
			const outcome = isSent && (await run.mayStart()) ? await this.#request(index, content) : undefined;
			for (const _ of customers) outcomes.push(outcome);
		}
		await run.end(
			verdicts.map((verdict, index) => standingOf(verdict, fateOf(verdict, outcomes[index]))),
			ALL_WELL,
		);
	}

	async #request(group: number, content: Content): Promise<OutcomeName | undefined> {
		const action = await this.#stand('request', `request ${group}`);
		if (action === 'accepted' || action === 'answerLost') this.#world.service[group] = content;
		this.#learn(action);
		return OUTCOMES[action];
	}

	/** Stands before a step until somebody takes it. */
	async #stand(kind: Step['kind'], what: string, dueMs = -Infinity): Promise<Action> {
		return await new Promise((resolve) => {
			const step: Step = {
				process: this.index,
				kind,
				what,
				dueMs,
				take: (action) => {
					this.#steps = this.#steps.filter((other) => other !== step);
					if (action === 'die') this.die();
					else resolve(action);
				},
			};
			this.#steps = [...this.#steps, step];
		});
	}

	/** One statement of the database. */
	async #statement<T>(what: string, work: () => T): Promise<T> {
		const action = await this.#stand('statement', what);
		this.#learn(`${what} ${action} ${digestOf(this.#world.row)}`);
		if (action === 'reject') throw new Error('The database does not answer');
		const result = work();
		if (action === 'goAndStall') await this.#stand('statement', 'response');
		if (action === 'goAndReject') throw new Error('The connection to the database was lost');
		return result;
	}

	/** The store, which tells the trace what each statement is for. */
	#store(): StateStore {
		const named =
			(name: string) =>
			async (...parameters: unknown[]): Promise<never> => {
				const store = storeOn(this.#table(name)) as unknown as Record<
					string,
					(...all: unknown[]) => Promise<never>
				>;
				return await store[name]!(...parameters);
			};
		return { count: named('count'), record: named('record'), forget: named('forget'), clear: named('clear') };
	}

	#table(of: string): ProcessedDataTable {
		const world = this.#world;
		return {
			find: async () => await this.#statement(`${of}: find`, () => world.row && copyOf(world.row)),
			insert: async (_, row) =>
				await this.#statement(`${of}: insert`, () => {
					if (world.row !== undefined) throw new Error('UNIQUE constraint failed');
					world.row = copyOf(row);
				}),
			update: async (_, row) =>
				await this.#statement(`${of}: update`, () => {
					if (world.row !== undefined) world.row = copyOf(row);
				}),
			delete: async () => await this.#statement(`${of}: delete`, () => void (world.row = undefined)),
		};
	}

	/** The time is that of all processes, and passes only while one of them waits for it. */
	#clock(): Clock {
		const world = this.#world;
		const pass = (what: string, dueMs: number) => {
			world.nowMs = Math.max(world.nowMs, dueMs);
			this.#learn(`${what} ${world.nowMs}`);
		};
		return {
			nowMs: () => world.nowMs,
			elapsedMs: () => world.nowMs,
			sleep: async (ms) => {
				const dueMs = world.nowMs + ms;
				await this.#stand('sleep', 'sleep', dueMs);
				pass('sleep', dueMs);
			},
			alarm: (ms, ring) => {
				const kind = ms === timingFor(0).fenceMs ? 'deadline' : 'look';
				const dueMs = world.nowMs + ms;
				const step: Step = { process: this.index, kind, what: kind, dueMs, take: () => turnOff(true) };
				const turnOff = (isRinging: boolean) => {
					this.#steps = this.#steps.filter((other) => other !== step);
					if (!isRinging) return;
					pass(kind, dueMs);
					ring();
				};
				this.#steps = [...this.#steps, step];
				return () => turnOff(false);
			},
		};
	}

	#learn(what: string): void {
		this.#history = hash('sha1', `${this.#history} ${what}`, 'base64');
	}
}

/** What tells an entry from others, two numbers of its MD5. */
const numbersOf = new Map<string, readonly [number, number]>();

/** Of a row that is in the table: it is replaced, never changed. */
const digests = new WeakMap<ProcessedRow, string>();

/** What tells a row from others, in whatever order its entries are. */
function digestOf(row: ProcessedRow | undefined): string {
	if (row === undefined) return 'none';
	const known = digests.get(row);
	if (known !== undefined) return known;
	let [first, second] = [0, 0];
	for (const entry of row.data) {
		let numbers = numbersOf.get(entry);
		if (numbers === undefined) {
			const bytes = Buffer.from(entry, 'base64');
			numbers = [bytes.readInt32LE(0), bytes.readInt32LE(4)];
			numbersOf.set(entry, numbers);
		}
		first ^= numbers[0];
		second = (second + numbers[1]) | 0;
	}
	const digest = `${row.data.length} ${first} ${second}`;
	digests.set(row, digest);
	return digest;
}

function copyOf({ mode, data }: ProcessedRow): ProcessedRow {
	return { mode, data: [...data] };
}
