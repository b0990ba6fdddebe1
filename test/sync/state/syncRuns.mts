import type { OutcomeName } from '../../../nodes/TencentCloudIot/service/outcome';
import type { SyncRun, StartFacts, Sending } from '../../../nodes/TencentCloudIot/sync/syncRun';
import type { StateWriteResult } from '../../../nodes/TencentCloudIot/sync/health';
import { ALL_WELL, type LastReport } from '../../../nodes/TencentCloudIot/sync/lastReport';
import type { SyncTable } from '../../../nodes/TencentCloudIot/sync/lock/table';
import { StateHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';
import { beginSync } from '../../../nodes/TencentCloudIot/sync/state/run';
import type { SyncCustomer, SyncSettings } from '../../../nodes/TencentCloudIot/sync/state/settings';
import { endStatusOf, type EndStatus, type Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { FakeClock } from '../../support/fakeClock.mts';
import { fateOf } from '../../support/fates.mts';
import { MemoryTable } from './memoryTable.mts';

export const ACCOUNT = { endpoint: new URL('https://service.example'), appKey: 'key', appSecret: 'secret' };
export const HASHES = new StateHashes(ACCOUNT);

/** Customers are checked, devices are not. */
export const STOP_ABOVE_50 = { stopAbovePercent: 50, stopWhenDevicesDropPercent: 100, approvedPlan: '' };

/** Nothing is checked. */
export const NO_CHECKS = { ...STOP_ABOVE_50, stopAbovePercent: 100 };

/** 'Timeout' of the runs. */
export const TIMEOUT_MS = 30_000;

/** A lock row without a heartbeat for this long counts as dead, whatever its Timeout. */
export const DEAD_MS = 60_000;

/** The rows of a run: the DeviceId of each customer's only device, by CustomerId. Any text will do. */
export type Contents = Readonly<Record<string, string>>;

/** `user_0`, `user_1` and so on, all with the same device. */
export function manyCustomers(count: number, content: string, first = 0): Contents {
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`user_${first + index}`, content]));
}

export function customersOf(contents: Contents, hashes: StateHashes = HASHES): SyncCustomer[] {
	return Object.entries(contents).map(([customerId, content]) => {
		const device = { DeviceId: content, CustomerDeviceNo: '1', ProductName: 'Lock' };
		const key = hashes.customerHash(customerId);
		return {
			customerId,
			key,
			fingerprint: hashes.fingerprint(customerId, [device]),
			fullSet: { devices: [device] },
		};
	});
}

/** Random integers for a run, the same ones for the same seed. */
function integersOf(seed: number): (min: number, max: number) => number {
	let state = seed;
	return (min, max) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return min + Math.floor((state / 2 ** 32) * (max - min));
	};
}

let nodes = 0;
let processes = 0;

/** The longest that any step of a run may take, in milliseconds of its clock. */
const LONGEST_MS = 200_000;

/** Lets time pass until some work is done. */
export async function until<Result>(clock: FakeClock, work: Promise<Result>): Promise<Result> {
	let isDone = false;
	const done = work.finally(() => {
		isDone = true;
	});
	done.catch(() => undefined);
	const endMs = clock.elapsedMs() + LONGEST_MS;
	let stepMs = 0;
	while (!isDone) {
		if (clock.elapsedMs() > endMs) {
			throw new Error(`The work did not end within ${LONGEST_MS} ms.`);
		}
		await clock.advance(stepMs);
		stepMs = Math.min(1000, stepMs + 1);
	}
	return await done;
}

/** A node whose runs share a sync state. */
export class Node {
	readonly clock = new FakeClock();
	/** Undefined for a workflow that is not saved. */
	table: SyncTable | undefined;
	readonly memory = new MemoryTable();
	/** The settings of each run, apart from its customers. */
	settings: Partial<SyncSettings> = {};
	readonly #random = integersOf(1);
	/** No two nodes share a name: a process remembers by the node's name what it saw of a lock row. */
	readonly #name: string;

	constructor() {
		nodes++;
		this.#name = `node ${nodes}`;
		this.table = this.memory;
	}

	/** Begins a run; time passes until it has begun. */
	async begin(contents: Contents, settings: Partial<SyncSettings> = {}): Promise<SyncRun> {
		return await this.until(this.start(contents, settings));
	}

	/** Begins a run that has customers to send; throws if it does not send. */
	async beginSending(contents: Contents, settings: Partial<SyncSettings> = {}): Promise<Sending> {
		const run = await this.begin(contents, settings);
		if (run.kind !== 'sending') {
			throw new Error(`The run is ${run.kind}: ${run.facts.whyStopped?.code}`);
		}
		return run;
	}

	/** Lets time pass until some work is done. */
	async until<Result>(work: Promise<Result>): Promise<Result> {
		return await until(this.clock, work);
	}

	/** Begins a run; no time passes. */
	async start(contents: Contents, settings: Partial<SyncSettings> = {}): Promise<SyncRun> {
		const hashes = settings.hashes ?? this.settings.hashes ?? HASHES;
		return await beginSync(this.table, {
			nodeKey: this.#name,
			hashes,
			customers: customersOf(contents, hashes),
			namedDevices: { deviceCount: Object.keys(contents).length, deviceCountByProduct: new Map() },
			sendAll: false,
			withheldIds: [],
			leftOutIds: [],
			partlyWithheldIds: new Set(),
			isManual: false,
			checks: STOP_ABOVE_50,
			pushAgainAfterDays: 7,
			dryRun: false,
			timeoutMs: TIMEOUT_MS,
			clock: this.clock,
			rowsReceivedMs: this.clock.nowMs(),
			signal: undefined,
			random: this.#random,
			...this.settings,
			...settings,
		});
	}

	/** Ends a run; time passes until it has ended. @returns whether the state was kept for the next run */
	async end(run: SyncRun, endStatuses: readonly EndStatus[] = ['accepted']): Promise<boolean> {
		return (await this.until(endOf(run, endStatuses)))?.kind === 'kept';
	}

	/** A name for the node in another process, which has not seen its lock row yet. */
	anotherProcess(): string {
		processes++;
		return `${this.#name} process ${processes}`;
	}

	/** A run whose process dies before it sends anything. Time passes until its lock row counts as dead. */
	async die(contents: Contents, settings?: Partial<SyncSettings>): Promise<void> {
		await this.dieAfter([], contents, settings);
	}

	/** A run whose process dies after the service has accepted some customers and a heartbeat has saved that. */
	async dieAfter(
		accepted: readonly string[],
		contents: Contents,
		settings?: Partial<SyncSettings>,
	): Promise<void> {
		const ids = Object.keys(contents);
		const indexes = accepted.map((id) => ids.indexOf(id));
		await this.#dieAfterIndexes(() => indexes, contents, settings);
	}

	/** As `dieAfter`, for the first customers in the order of sending. @returns what the run knew when it began */
	async dieAfterFirst(
		acceptedCount: number,
		contents: Contents,
		settings?: Partial<SyncSettings>,
	): Promise<StartFacts> {
		const firstIndexes = ({ sendOrder }: StartFacts) => sendOrder.slice(0, acceptedCount);
		return await this.#dieAfterIndexes(firstIndexes, contents, settings);
	}

	async #dieAfterIndexes(
		acceptedIndexesOf: (facts: StartFacts) => readonly number[],
		contents: Contents,
		settings: Partial<SyncSettings> | undefined,
	): Promise<StartFacts> {
		const clock = new FakeClock(this.clock.nowMs());
		const run = await until(
			clock,
			this.start(contents, { ...settings, clock, nodeKey: this.anotherProcess() }),
		);
		const acceptedIndexes = acceptedIndexesOf(run.facts);
		if (acceptedIndexes.length > 0 && run.kind === 'sending') {
			for (const index of acceptedIndexes) {
				await until(clock, run.mayStart(index));
				run.noteOutcome(index, 'OK');
			}
			await clock.advance(10_000);
		}
		await this.clock.advance(clock.elapsedMs() + DEAD_MS);
		return run.facts;
	}

	/** A whole run. */
	async run(
		contents: Contents,
		{ settings, outcomeOf = () => 'OK', health = 'ok', failing }: RunOptions = {},
	): Promise<RunResult> {
		const run = await this.begin(contents, settings);
		const { verdicts, whyStopped } = run.facts;
		const ids = Object.keys(contents);
		const isSent = (index: number) =>
			whyStopped === undefined && (settings?.sendAll === true || verdicts[index] !== 'unchanged');
		const outcomes = ids.map((id, index) => (isSent(index) ? outcomeOf(id) : undefined));
		if (run.kind === 'sending') {
			for (const index of run.facts.sendOrder.filter((index) => outcomes[index] !== undefined)) {
				await this.until(run.mayStart(index));
				run.noteOutcome(index, outcomes[index] ?? 'NOT_SENT');
			}
		}
		const endStatuses = verdicts.map((verdict, index) =>
			endStatusOf(verdict, fateOf(verdict, outcomes[index], settings?.sendAll === true)),
		);
		const kept = await this.until(
			endOf(run, endStatuses, { ...ALL_WELL, health, reportedFailures: new Set(failing) }),
		);
		return {
			...run.facts,
			kind: run.kind,
			healthBefore: run.facts.lastReport?.health,
			verdictOf: Object.fromEntries(ids.map((id, index) => [id, verdicts[index]!])),
			sent: ids.filter((_, index) => isSent(index)),
			isKept: kept?.kind === 'kept' && run.kind !== 'stopped',
		};
	}
}

/** Ends a run of any kind. */
export async function endOf(
	run: SyncRun,
	endStatuses: readonly EndStatus[],
	reported: LastReport = ALL_WELL,
): Promise<StateWriteResult | undefined> {
	return await run.end(endStatuses, reported);
}

interface RunOptions {
	settings?: Partial<SyncSettings>;
	/** Undefined for a customer whose request was not started. */
	outcomeOf?: (customerId: string) => OutcomeName | undefined;
	health?: LastReport['health'];
	/** The customers that it reports as failing. */
	failing?: readonly string[];
}

interface RunResult extends StartFacts {
	kind: SyncRun['kind'];
	/** The health that was reported last before this run. */
	healthBefore: LastReport['health'] | undefined;
	verdictOf: Record<string, Verdict>;
	/** The customers that the run had to send. */
	sent: string[];
	/** Whether the state was kept for the next run. */
	isKept: boolean;
}
