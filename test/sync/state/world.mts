import { fateOf } from '../../support/fates.mts';
import { createHash } from 'node:crypto';
import { setImmediate as settle } from 'node:timers/promises';
import type { ProcessedDataTable, ProcessedRow } from '../../../embedded/processedData.mts';
import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { Clock } from '../../../nodes/TencentCloudIot/service/transport/clock';
import { beginSync } from '../../../nodes/TencentCloudIot/sync/state/begin';
import { TAKEOVER_WAIT_MS } from '../../../nodes/TencentCloudIot/sync/state/heartbeat';
import type { SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { standingOf } from '../../../nodes/TencentCloudIot/sync/plan';
import { ENTRIES_OF_ACCOUNT, storeOn, TODAY, type Content, type Group } from './rows.mts';

const DAY_MS = 86_400_000;

/**
 * What may become of a step. A statement does its work, or rejects without, or rejects although it did; a request is
 * accepted, refused, accepted although the answer is lost, or lost itself. Or the process dies before the step.
 */
export type Action =
	| 'go'
	| 'reject'
	| 'goAndReject'
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
	kind: 'start' | 'statement' | 'sleep' | 'look' | 'pause' | 'request';
	what: string;
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
	nowMs = TODAY * DAY_MS;
	readonly processes: Process[];
	/** So often a run looks by itself whether another one has come, at most. */
	readonly looks: number;

	constructor(
		groups: readonly Group[],
		{ row, service }: WorldState,
		runs: readonly RunSettings[],
		looks: number,
	) {
		this.looks = looks;
		this.groups = groups;
		this.row = row && structuredClone(row);
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
		const row = this.row && [...this.row.data].sort();
		const state = [row, this.service, this.nowMs, this.processes.map(({ key }) => key)];
		return createHash('sha1').update(JSON.stringify(state)).digest('base64');
	}
}

/** A run of the node. Death is that no step is ever taken again. */
export class Process {
	readonly index: number;
	/** Why it sent nothing. */
	stopped: string | undefined;
	/** Groups that it did not send, since the sync state knew them. */
	readonly skipped: number[] = [];
	/** Those of them of whom the service had something else. */
	readonly wronglySkipped: number[] = [];
	isOver = false;
	readonly #world: World;
	readonly #settings: RunSettings;
	#steps: Step[] = [];
	#looks = 0;
	/** What it has learned. What it does next depends on nothing else. */
	#history = '';
	#tokens = 0;

	constructor(world: World, index: number, settings: RunSettings) {
		this.index = index;
		this.#world = world;
		this.#settings = settings;
		this.#steps = [{ process: index, kind: 'start', what: 'start', take: () => this.#start() }];
	}

	get steps(): readonly Step[] {
		return this.#steps;
	}

	get key(): unknown {
		return this.isOver
			? [this.stopped, this.wronglySkipped]
			: [this.#looks, this.#history, this.#steps.map(({ what }) => what)];
	}

	/** Nothing that it waits for ever comes. */
	die(): void {
		this.isOver = true;
		this.#steps = [];
	}

	#start(): void {
		this.#steps = [];
		void this.#run().then(() => this.die());
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
			stopAbove,
			pushAgainAfterDays: 0,
			dryRun,
			clock: this.#clock(),
			signal: undefined,
			newToken: () => `${this.index}.${this.#tokens++}`,
		};
		const run = await beginSync(storeOn(this.#table()), settings);
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
			'ok',
		);
	}

	async #request(group: number, content: Content): Promise<OutcomeName | undefined> {
		const action = await this.#stand('request', `request ${group}`);
		if (action === 'accepted' || action === 'answerLost') this.#world.service[group] = content;
		this.#learn(action);
		return OUTCOMES[action];
	}

	/** Stands before a step until somebody takes it. */
	async #stand(kind: Step['kind'], what: string): Promise<Action> {
		return await new Promise((resolve) => {
			const step: Step = {
				process: this.index,
				kind,
				what,
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
		const before = this.#world.row?.data.toSorted().join();
		this.#learn(`${what} ${action} ${before}`);
		if (action === 'reject') throw new Error('The database does not answer');
		const result = work();
		if (action === 'goAndReject') throw new Error('The connection to the database was lost');
		return result;
	}

	#table(): ProcessedDataTable {
		const world = this.#world;
		return {
			find: async () => await this.#statement('find', () => world.row && structuredClone(world.row)),
			insert: async (_, row) =>
				await this.#statement('insert', () => {
					if (world.row !== undefined) throw new Error('UNIQUE constraint failed');
					world.row = structuredClone(row);
				}),
			update: async (_, row) =>
				await this.#statement('update', () => {
					if (world.row !== undefined) world.row = structuredClone(row);
				}),
			delete: async () => await this.#statement('delete', () => void (world.row = undefined)),
		};
	}

	/** The time is that of all processes, and passes only while one of them waits for another. */
	#clock(): Clock {
		const world = this.#world;
		return {
			nowMs: () => world.nowMs,
			elapsedMs: () => world.nowMs,
			sleep: async () => {
				await this.#stand('sleep', 'sleep');
				world.nowMs += TAKEOVER_WAIT_MS;
				this.#learn('sleep');
			},
			alarm: (_, ring) => {
				if (this.#looks >= world.looks) return () => {};
				const step: Step = { process: this.index, kind: 'look', what: 'look', take: () => turnOff(true) };
				const turnOff = (isRinging: boolean) => {
					this.#steps = this.#steps.filter((other) => other !== step);
					if (!isRinging) return;
					this.#looks++;
					this.#learn('look');
					ring();
				};
				this.#steps = [...this.#steps, step];
				return () => turnOff(false);
			},
		};
	}

	#learn(what: string): void {
		this.#history = createHash('sha1').update(`${this.#history} ${what}`).digest('base64');
	}
}
