import type { Clock } from '../../../service/transport/clock';
import { IN_PROGRESS, type WaitKind } from '../../entries/stateEntries';
import { waitEntryAt } from '../../entries/waitEntries';
import { AddedEntries } from './added';
import { outlastPassing } from './passing';
import { stopwatch, timingFor, type FencedStore, type Timing } from '../fence';

/**
 * The right of one run to rely on the sync state and to write it. The entry `in progress` says that a run holds it, and
 * stays if that process dies. A token of its own says whether it still is this run. The number of entries says, without a
 * write, whether another run has written.
 *
 * Whatever rejects here leaves the state in progress.
 */
export class Lease {
	readonly timing: Timing;
	readonly clock: Clock;
	readonly added: AddedEntries;
	readonly #store: FencedStore;
	#token: string;
	/** Entries that others have left. */
	#found: number;
	#passedMs: () => number;
	#lost: 'no' | 'overwritten' | 'closed' = 'no';

	/** @param found the number of entries there are */
	constructor(store: FencedStore, found: number, clock: Clock, newToken?: () => string) {
		this.timing = timingFor(found);
		this.#store = store;
		this.#found = found;
		this.clock = clock;
		this.added = new AddedEntries(store, newToken);
		this.#token = this.added.tokens(1)[0]!;
		this.#passedMs = stopwatch(clock);
	}

	/** Puts the state in progress with more entries, and returns those that were there before: `in progress` above all. */
	async open(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.added.add([IN_PROGRESS, this.#token, ...entries]);
		this.#passedMs = stopwatch(this.clock);
		return there;
	}

	/**
	 * Records more entries, and returns those that were there before. Without `in progress` or the token the lease is lost, and
	 * nothing more is recorded.
	 */
	async record(entries: readonly string[]): Promise<ReadonlySet<string>> {
		if (this.isLost) return new Set();
		const there = await this.added.add([IN_PROGRESS, this.#token, ...entries]);
		if (!there.has(IN_PROGRESS)) this.#lost = 'closed';
		else if (!there.has(this.#token)) this.#lost = 'overwritten';
		return there;
	}

	get isLost(): boolean {
		return this.#lost !== 'no';
	}

	/** After its token was overwritten a run that does not own the state yet may begin anew. @returns whether it may */
	renew(): boolean {
		if (this.#lost === 'overwritten') this.added.keepOwn();
		if (this.#lost !== 'closed') this.#lost = 'no';
		return !this.isLost;
	}

	loseToOther(): void {
		if (this.#lost === 'no') this.#lost = 'closed';
	}

	get token(): string {
		return this.#token;
	}

	/** What may be there of a run that leaves. */
	get left(): string[] {
		return this.#lost === 'overwritten' ? this.added.afterOverwriting : this.added.left;
	}

	/** The number of entries that it found. */
	get found(): number {
		return this.#found;
	}

	/** The number of entries if no other run writes. */
	get expected(): number {
		return this.#found + this.added.size;
	}

	/** From now on the state has this many entries if no other run writes. */
	expect(count: number): void {
		this.#found = count - this.added.size;
	}

	async count(): Promise<number> {
		return await this.#store.count();
	}

	/** Whether the state has this many entries, but for what runs add that pass. */
	async hasCount(count: number): Promise<boolean> {
		return await outlastPassing(this.clock, async () => (await this.#store.count()) === count);
	}

	/**
	 * Shows runs that come, as long as nobody else writes, what this one is about, and takes back what it has only queried:
	 * until then they see that it has just opened the state.
	 * @param tokens how many new entries of its own it adds; the first is its token from now on
	 * @returns the number of entries that there are now, if no other run has written meanwhile
	 */
	async announce(kind: WaitKind, tokens: number): Promise<number> {
		const queries = this.added.lastQueries;
		const count = (await this.#store.count()) - queries.length + tokens + 1;
		const own = this.added.tokens(tokens);
		const announced = waitEntryAt(kind, this.clock.nowMs(), count);
		this.added.announce(announced);
		await this.record([...own, announced]);
		if (this.isLost) return count;
		this.#token = own[0]!;
		this.#passedMs = stopwatch(this.clock);
		await this.added.undoQueries(queries);
		return count;
	}

	/** A heartbeat: one entry more. @param others entries that may be gone */
	async signalAlive(others: readonly string[] = []): Promise<void> {
		await this.record([...this.added.tokens(1), ...others]);
	}

	/** Waits until every run that had read the state before this one took its token has written it, or is late. */
	async waitToSettle(signal: AbortSignal | undefined): Promise<void> {
		await this.clock.sleep(Math.max(0, this.timing.settleMs - this.#passedMs()), signal);
	}
}
