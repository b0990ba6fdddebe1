import type { Clock } from '../../service/transport/clock';
import type { Left } from '../health';
import { REOPENED } from './entries';

/**
 * Where a node keeps its state entries from one run to the next; in a real run n8n's deduplication store. An entry is a
 * text. Each function may reject at any time, whether or not it took effect.
 *
 * Only what n8n's store guarantees may be relied on: `count` and `clear` are one statement each; `record` and `forget` read
 * the whole row and then write it, so that one of two concurrent writes is lost; writing a row that was deleted meanwhile
 * does nothing, and inserting a row that came up meanwhile rejects.
 */
export interface StateStore {
	/**
	 * Adds entries, none of them twice, and returns those that were there before.
	 * @param most at most this number is kept, those that were added last: as many new ones replace all others
	 */
	record(entries: readonly string[], most?: number): Promise<ReadonlySet<string>>;
	/** Removes entries. Takes about 30 ns for each pair of an entry to remove and an entry in the store. */
	forget(entries: readonly string[]): Promise<void>;
	/** Removes all entries. */
	clear(): Promise<void>;
	/** The number of entries. The only query that writes nothing. */
	count(): Promise<number>;
}

/** Up to this many entries a statement takes a second or two at most, which is about 100,000 customers in progress. */
const FEW_ENTRIES = 400_000;

/** Each entry above that adds so much to all times, milliseconds. */
const MS_PER_ENTRY = 0.01;

/** Between the attempts to insert what has been deleted: the restart of a database takes seconds. Milliseconds. */
const INSERT_PAUSES_MS = [0, 0, 500, 500, 500, 1000, 2000, 4000];

/** After these it is tried on and on, while the process lives. Milliseconds. */
const INSERT_AGAIN_MS = 10_000;

/** The times of the state protocol, milliseconds. They follow from the number of entries alone, so that all runs of a node agree. */
export function timingFor(count: number) {
	const more = Math.max(0, count - FEW_ENTRIES) * MS_PER_ENTRY;
	const settleMs = 4500 + more;
	const quietMs = 5500 + more;
	return {
		/** A statement that takes longer is not waited for, and what it wrote may come over what another run has written. */
		fenceMs: 4000 + more,
		/** A run owns the state so long after its claim: whoever has read it before has written by then, or is late. */
		settleMs,
		/** How often an owner gives a heartbeat. */
		beatEveryMs: 2000 + more / 4,
		/** An owner starts no request when its last heartbeat is older. */
		heldMs: 6000 + more,
		/** The owner of a state whose number of entries stands still for so long is dead. */
		quietMs,
		/** How long the takeover of an interrupted run takes: longer than any owner can go without a heartbeat. */
		takeoverMs: settleMs + quietMs,
	};
}

/**
 * Milliseconds from now on, by the monotonic clock or the wall clock, whichever says more. A
 * virtual machine that is paused stops the first one.
 */
export function stopwatch(clock: Pick<Clock, 'elapsedMs' | 'nowMs'>): () => number {
	// The wall clock first: a pause between the two looks counts.
	const [now, elapsed] = [clock.nowMs(), clock.elapsedMs()];
	return () => Math.max(clock.elapsedMs() - elapsed, clock.nowMs() - now);
}

/** A statement took longer than the fence: whatever it wrote may have replaced what another run wrote meanwhile. */
export class StatementLate extends Error {}

/**
 * A store whose statements take no longer than the fence. One that takes longer rejects, whether or not it takes effect
 * later: nobody waits for a statement that never returns.
 *
 * Late writes of a state in progress do no harm: the next run sends everything. A late write that closes the state could
 * bring back what is no longer so. It is followed by `reopened`, as soon as it returns; a late deletion by what was to replace
 * it.
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
		const count = await this.#inTime(() => this.#store.count());
		this.#fenceMs = timingFor(count).fenceMs;
		return count;
	}

	/** Records entries in a state that is in progress, or is so by them. @param most see `StateStore` */
	async record(entries: readonly string[], most?: number): Promise<ReadonlySet<string>> {
		return await this.#inTime(() => this.#store.record(entries, most));
	}

	async forget(entries: readonly string[]): Promise<void> {
		const passedMs = stopwatch(this.#clock);
		const fenceMs = this.#fenceMs;
		await this.#inTime(async () => {
			try {
				await this.#store.forget(entries);
			} finally {
				if (passedMs() > fenceMs) await this.#store.record([REOPENED]);
			}
		});
	}

	/**
	 * Replaces all entries by some that close the state. Where that takes longer than the fence, another run may have come: what
	 * is inserted is in progress then, so that it counts for nothing and the next run can still judge its rows by it.
	 * @param passedMs since the run was last known to have the state
	 * @throws StatementLate where it is too late to begin
	 */
	async close(entries: readonly string[], passedMs: () => number): Promise<Left> {
		const fenceMs = this.#fenceMs;
		if (passedMs() >= fenceMs) throw new StatementLate();
		const sinceClearMs = stopwatch(this.#clock);
		let cleared = Promise.resolve();
		const isCleared = await this.#inTime(() => (cleared = this.#store.clear())).then(
			() => true,
			() => false,
		);
		// Nobody has claimed it before it was cleared, and whoever does owns it only when he has settled.
		const sinceMs = isCleared ? sinceClearMs : passedMs;
		const isLate = () => sinceMs() >= fenceMs;
		// It may still take effect.
		if (!isCleared) void cleared.then(async () => await this.#insertAtLast(entries, isLate)).catch(() => {});
		const insertion = { isEmpty: isCleared };
		for (const pauseMs of INSERT_PAUSES_MS) {
			await this.#clock.sleep(pauseMs);
			const left = await this.#insert(entries, isLate, insertion).catch(() => undefined);
			if (left !== undefined) return left;
		}
		void this.#insertAtLast(entries, isLate);
		return isCleared ? 'empty' : 'inProgress';
	}

	/** Tries on and on: an empty state waits for somebody to approve what is to be sent. */
	async #insertAtLast(entries: readonly string[], isLate: () => boolean): Promise<void> {
		const insertion = { isEmpty: false };
		for (;;) {
			if ((await this.#insert(entries, isLate, insertion).catch(() => undefined)) !== undefined) return;
			await this.#clock.sleep(INSERT_AGAIN_MS);
		}
	}

	/**
	 * @param insertion whether nothing is there; whether one was tried, which may have taken effect, and is known to be in time
	 * @returns undefined where it may be tried again
	 */
	async #insert(
		entries: readonly string[],
		isLate: () => boolean,
		insertion: { isEmpty: boolean; tried?: 'in time' | 'unclear' },
	): Promise<Left | undefined> {
		const count = insertion.isEmpty ? 0 : await this.count();
		const isInserted = insertion.tried !== undefined && count === entries.length;
		insertion.isEmpty = false;
		if (isInserted && (insertion.tried === 'in time' || !isLate())) return 'kept';
		if (isLate()) {
			// Anything else is in progress, or another run's.
			if (count === 0) await this.record([REOPENED, ...entries]);
			else if (isInserted) await this.record([REOPENED]);
			return 'inProgress';
		}
		// Nothing was deleted yet, or a run that does not own the state has come up: it leaves.
		if (count > 0) await this.#inTime(() => this.#store.clear());
		insertion.tried = 'unclear';
		await this.#inTime(async () => {
			await this.#store.record(entries);
			// A rejection is looked at by the next attempt.
			if (isLate()) await this.#store.record([REOPENED]);
			else insertion.tried = 'in time';
		});
		return undefined;
	}

	async #inTime<Result>(begin: () => Promise<Result>): Promise<Result> {
		const passedMs = stopwatch(this.#clock);
		const fenceMs = this.#fenceMs;
		let turnOff = () => {};
		const deadline = new Promise<never>((_, reject) => {
			turnOff = this.#clock.alarm(fenceMs, () => reject(new StatementLate()));
		});
		try {
			const result = await Promise.race([begin(), deadline]);
			if (passedMs() > fenceMs) throw new StatementLate();
			return result;
		} finally {
			turnOff();
		}
	}
}
