import type { Clock } from '../../service/transport/clock';
import { IN_PROGRESS } from '../entries/stateEntries';
import type { StateStore } from './settings';

/** Up to this many entries a statement takes a second or two at most, which is about 100,000 customers in progress. */
const FEW_ENTRIES = 400_000;

/** What each entry more adds to all times, milliseconds. */
const MS_PER_ENTRY = 0.01;

/** The times of the state protocol, milliseconds. */
export interface Timing {
	/** A statement that took longer means that the lease is lost, and no statement is waited for any longer. */
	fenceMs: number;
	/** A run waits this long before it owns the state: then every run that had read it before has written it, or is late. */
	settleMs: number;
	/** How often an active run queries whether another one has come. */
	queryEveryMs: number;
	/** An active run whose last query is older starts no request before it has queried again. */
	heldMs: number;
	/** While another run is there, an active run gives a heartbeat this often. */
	heartbeatEveryMs: number;
	/** A state in progress that nobody has written for so long may be settled by the next run. */
	quietMs: number;
	/** How long the takeover of an interrupted run takes: longer than any active run can go without a heartbeat. */
	takeoverMs: number;
}

/** The times follow from the number of entries alone, so that all runs of a node agree. */
export function timingFor(count: number): Timing {
	const more = Math.max(0, count - FEW_ENTRIES) * MS_PER_ENTRY;
	const settleMs = 4500 + more;
	const quietMs = 5500 + more;
	return {
		fenceMs: 4000 + more,
		settleMs,
		queryEveryMs: 2000 + more / 4,
		heldMs: 6000 + more,
		heartbeatEveryMs: 4000 + more / 2,
		quietMs,
		takeoverMs: settleMs + quietMs,
	};
}

/**
 * What has passed since now, milliseconds: by the clock that never jumps or by the wall clock, whichever says more. A
 * virtual machine that is paused stops the first one.
 */
export function stopwatch(clock: Pick<Clock, 'elapsedMs' | 'nowMs'>): () => number {
	const [elapsed, now] = [clock.elapsedMs(), clock.nowMs()];
	return () => Math.max(clock.elapsedMs() - elapsed, clock.nowMs() - now);
}

/** A statement took longer than the fence: whatever it wrote may have replaced what another run wrote meanwhile. */
export class StatementLate extends Error {}

/**
 * A store whose statements take no longer than the fence. One that takes longer rejects, whether or not it takes effect
 * later: nobody waits for a statement that never returns.
 *
 * Late writes of a state in progress, and late deletions, do no harm: the next run sends everything. A late write that
 * closes the state could bring back what is no longer so. It is followed by `in progress`, as soon as it returns.
 */
export class FencedStore {
	readonly #store: StateStore;
	readonly #clock: Clock;
	#fenceMs = timingFor(0).fenceMs;

	constructor(store: StateStore, clock: Clock) {
		this.#store = store;
		this.#clock = clock;
	}

	async count(): Promise<number> {
		const count = await this.#inTime(this.#store.count());
		this.#fenceMs = timingFor(count).fenceMs;
		return count;
	}

	/** Records entries among which is `in progress`, or which a state in progress already has. */
	async record(entries: readonly string[]): Promise<ReadonlySet<string>> {
		return await this.#inTime(this.#store.record(entries));
	}

	/** Records entries that close the state. */
	async close(entries: readonly string[]): Promise<ReadonlySet<string>> {
		return await this.#inTime(this.#reopenIfLate(this.#store.record(entries)));
	}

	async forget(entries: readonly string[]): Promise<void> {
		await this.#inTime(this.#reopenIfLate(this.#store.forget(entries)));
	}

	async clear(): Promise<void> {
		await this.#inTime(this.#store.clear());
	}

	async #inTime<Result>(statement: Promise<Result>): Promise<Result> {
		const passedMs = stopwatch(this.#clock);
		const fenceMs = this.#fenceMs;
		let turnOff = () => {};
		const deadline = new Promise<never>((_, reject) => {
			turnOff = this.#clock.alarm(fenceMs, () => reject(new StatementLate()));
		});
		try {
			const result = await Promise.race([statement, deadline]);
			if (passedMs() > fenceMs) throw new StatementLate();
			return result;
		} finally {
			turnOff();
		}
	}

	async #reopenIfLate<Result>(statement: Promise<Result>): Promise<Result> {
		const passedMs = stopwatch(this.#clock);
		const fenceMs = this.#fenceMs;
		try {
			return await statement;
		} finally {
			if (passedMs() > fenceMs) await this.#store.record([IN_PROGRESS]);
		}
	}
}

/** For a statement that rejected, which may pass. One that was late has lost the state to another run. */
export function failed(cause: unknown): undefined {
	if (cause instanceof StatementLate) throw cause;
}
