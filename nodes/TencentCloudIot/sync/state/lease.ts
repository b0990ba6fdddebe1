import { randomUUID } from 'node:crypto';

import type { Clock } from '../../service/transport/clock';
import { slotOf, SLOTS } from '../verdicts';
import { IN_PROGRESS, tokenEntry, waitEntry } from './entries';
import { type FencedStore, stopwatch, timingFor } from './store';

/** Entries of a closed state, all of a kind, and which of that kind a run leaves in their place. */
interface Replacement {
	kind: readonly string[];
	entries: readonly string[];
}

const NOTHING: Replacement = { kind: [], entries: [] };

/** A run that passes has taken back what it added after this time, milliseconds. */
const PASSING_MS = 400;
const MOST_ATTEMPTS = 4;

/**
 * The right of one run to rely on the sync state and to write it. The entry `in progress` says that a run holds it, and
 * stays if that process dies. A token of its own says whether it still is this run. The number of entries says, without a
 * write, whether another run has written.
 *
 * Whatever rejects here leaves the state in progress. Who was not seen for `takeoverMs`, because its process or the database
 * stood still, has lost the lease, whatever the state says: another run may own it, or have closed it.
 */
export class Lease {
	readonly timing: ReturnType<typeof timingFor>;
	readonly clock: Clock;
	readonly #store: FencedStore;
	readonly #added: AddedEntries;
	#token: string;
	/** Entries that others have left. */
	#found: number;
	/** Since it took its token. */
	#passedMs: () => number;
	/** Since a statement began that has shown it to all others, or has shown that there are none. */
	#sinceSeenMs: () => number;
	#lost: 'no' | 'overwritten' | 'closed' = 'no';
	readonly #marks = new Set<string>();
	/** Those of runs that came to a closed state at the same moment, which leave them. */
	readonly #marksOfOthers = new Set<string>();
	#foundClosed = false;

	/** @param found the number of entries there are */
	constructor(store: FencedStore, found: number, clock: Clock, newToken?: () => string) {
		this.timing = timingFor(found);
		this.#store = store;
		this.#found = found;
		this.clock = clock;
		this.#added = new AddedEntries(store, newToken);
		this.#token = this.#added.tokens(1)[0]!;
		this.#passedMs = stopwatch(clock);
		this.#sinceSeenMs = this.#passedMs;
	}

	/**
	 * Puts the state in progress with more entries, and returns those that were there before: `in progress` above all.
	 * @param tokens how many new ones besides
	 */
	async open(entries: readonly string[], tokens = 0): Promise<ReadonlySet<string>> {
		const passedMs = stopwatch(this.clock);
		const there = await this.#added.add([
			IN_PROGRESS,
			this.#token,
			...this.#added.tokens(tokens),
			...entries,
		]);
		this.#passedMs = stopwatch(this.clock);
		this.#foundClosed = !there.has(IN_PROGRESS);
		this.seen(passedMs);
		return there;
	}

	/**
	 * Records more entries, and returns those that were there before. Without `in progress` or the token the lease is lost, and
	 * nothing more is recorded.
	 */
	async record(entries: readonly string[]): Promise<ReadonlySet<string>> {
		if (this.isLost) return new Set();
		const passedMs = stopwatch(this.clock);
		const there = await this.#added.add([IN_PROGRESS, this.#token, ...entries]);
		if (!there.has(IN_PROGRESS)) this.#lost = 'closed';
		else if (!there.has(this.#token)) this.#lost = 'overwritten';
		else this.seen(passedMs);
		return there;
	}

	/** @param sinceMs since a statement began that has shown this run to all others, or has shown that there are none */
	seen(sinceMs: () => number): void {
		if (!this.isLost) this.#sinceSeenMs = sinceMs;
	}

	get isLost(): boolean {
		return this.#lost !== 'no' || this.isLate;
	}

	/** Whether it was not seen for so long that another run may own the state, or have closed it: it is to write no more. */
	get isLate(): boolean {
		return this.#sinceSeenMs() > this.timing.takeoverMs;
	}

	/** Whether no other run can have taken over, nor can before a request has started. */
	get isHeld(): boolean {
		return !this.isLost && this.#sinceSeenMs() < this.timing.heldMs;
	}

	/** After its token was overwritten a run that does not own the state yet may begin anew. @returns whether it may */
	renew(): boolean {
		if (this.isLate || this.#lost === 'closed') return false;
		if (this.#lost === 'overwritten') this.#added.keepOwn();
		this.#lost = 'no';
		this.#sinceSeenMs = stopwatch(this.clock);
		return true;
	}

	/** Records queries under a mark. @returns what was there before; undefined where another run has queried it */
	async query(mark: string, entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
		this.#marks.add(mark);
		const there = await this.record([mark, ...entries]);
		if (!there.has(mark)) return there;
		await this.#added.undoLast();
		if (this.#foundClosed) this.#marksOfOthers.add(mark);
		return undefined;
	}

	/** All that it has added and not taken back. */
	get added(): ReadonlySet<string> {
		return this.#added.all;
	}

	/** Takes back some of it. */
	async remove(entries: readonly string[]): Promise<void> {
		await this.#added.remove(entries);
	}

	/** Takes back what its last write has added. */
	async undoLast(): Promise<void> {
		await this.#added.undoLast();
	}

	/**
	 * Which entries a run may take back that has added some: a mark only where nobody else is there, whose queries would look
	 * like answers without it, and then those of others, too. A state that another run has closed had none before.
	 */
	async removable(entries: readonly string[]): Promise<string[]> {
		const isMark = (entry: string) => this.#marks.has(entry);
		if (this.#lost === 'closed' || !entries.some(isMark)) return [...entries];
		const isAlone = !this.isLost && (await this.isAt(this.expected));
		return isAlone ? [...entries, ...this.#marksOfOthers] : entries.filter((entry) => !isMark(entry));
	}

	/** The number of entries that it found. */
	get found(): number {
		return this.#found;
	}

	/** The number of entries if no other run writes. */
	get expected(): number {
		return this.#found + this.#marksOfOthers.size + this.#added.all.size;
	}

	/** From now on the state has this many entries if no other run writes. */
	expect(count: number): void {
		this.#marksOfOthers.clear();
		this.#foundClosed = false;
		this.#found = count - this.#added.all.size;
	}

	async count(): Promise<number> {
		return await this.#store.count();
	}

	/** Whether the state has this many entries, so that nobody else has written. */
	async isAt(count: number): Promise<boolean> {
		const passedMs = stopwatch(this.clock);
		const isAt = (await this.#store.count()) === count;
		if (isAt) this.seen(passedMs);
		return isAt;
	}

	/** The same, but for what runs add that pass. */
	async hasCount(count: number): Promise<boolean> {
		return await this.outlastPassing(async () => await this.isAt(count));
	}

	/**
	 * Shows runs that come, as long as nobody else writes, what this one is about, and takes back what it has only queried:
	 * until then they see that it has just opened the state.
	 * @param tokens how many new entries of its own it adds; the first is its token from now on
	 * @returns the number of entries that there are now, if no other run has written meanwhile
	 */
	async announce(kind: Parameters<typeof waitEntry>[0], tokens: number): Promise<number> {
		const queries = this.#added.lastQueries;
		const count = (await this.#store.count()) - queries.length + tokens + 1;
		const own = this.#added.tokens(tokens);
		this.#added.announced = waitEntry(kind, count);
		await this.record([...own, this.#added.announced]);
		if (this.isLost) return count;
		this.#token = own[0]!;
		this.#passedMs = stopwatch(this.clock);
		await this.#added.undoQueries(queries);
		return count;
	}

	/** A heartbeat: one entry more. @param others entries that may be gone */
	async signalAlive(others: readonly string[] = []): Promise<void> {
		await this.record([...this.#added.tokens(1), ...others]);
	}

	/** Waits until every run that had read the state before this one took its token has written it, or is late. */
	async waitToSettle(signal: AbortSignal | undefined): Promise<void> {
		await this.clock.sleep(Math.max(0, this.timing.settleMs - this.#passedMs()), signal);
	}

	/**
	 * Closes the state: the entries replace all that was there, within the fence.
	 * @returns whether the state has the entries now
	 */
	async close(entries: readonly string[]): Promise<boolean> {
		const passedMs = stopwatch(this.clock);
		await this.record([]);
		return !this.isLost && (await this.#store.replace(entries, passedMs));
	}

	/**
	 * Removes what the run has added, as far as it is there. What another run had read before may bring it back: then once more.
	 * Where the run still owns the state, entries take the place of others.
	 */
	async leave({ kind, entries }: Replacement = NOTHING): Promise<void> {
		if (this.isLate) return;
		if (entries.length > 0) await this.record(entries);
		const mayBeThere = new Set(this.isLost ? this.#mayBeThere : [...this.#mayBeThere, ...kind]);
		if (!this.isLost) for (const entry of entries) mayBeThere.delete(entry);
		const removed = await this.removable([...mayBeThere]);
		await this.remove(removed);
		await this.clock.sleep(PASSING_MS);
		await this.#isGone(removed);
	}

	/**
	 * Leaves a state that another run has just opened, or is about to leave, after a while: until then the number of entries
	 * tells that one to look again. Where both remove at once, each may bring back what the other one has removed.
	 */
	async leaveLater(): Promise<void> {
		await this.clock.sleep(this.#pauseMs);
		await this.leave();
	}

	/**
	 * Leaves the closed state that the run found as it was, but for entries that take the place of others; an empty one stays
	 * empty. A run that opened it at the same moment may bring back what it had read before: then once more.
	 * @returns whether it has as many entries as before, and so is closed
	 */
	async restore({ kind, entries }: Replacement = NOTHING): Promise<boolean> {
		if (this.isLost) return await this.leave().then(() => false);
		const others = new Set([...this.added, ...kind]);
		if (this.#found > 0) for (const entry of entries) others.delete(entry);
		const removed = await this.removable([...others]);
		await this.#added.remove(removed, entries);
		const isRestored = async () => {
			if (await this.#isGone(removed)) return true;
			// A run that came at the same moment may be gone now.
			await this.remove(await this.removable([...this.#marks].filter((mark) => this.added.has(mark))));
			return false;
		};
		return await this.outlastPassing(isRestored, this.#pauseMs);
	}

	/** Attempts something until a run that passes is gone. @returns whether it was done */
	async outlastPassing(isDone: () => Promise<boolean>, pauseMs = PASSING_MS): Promise<boolean> {
		for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
			if (attempt > 0) await this.clock.sleep(pauseMs);
			if (await isDone()) return true;
		}
		return false;
	}

	/** What may be there of a run that leaves. */
	get #mayBeThere(): string[] {
		if (this.#lost === 'overwritten') return this.#added.afterOverwriting;
		// What it had added before is gone with the state that another run has replaced.
		return this.#lost === 'closed' ? this.#added.afterClosing : this.#added.mayBeThere;
	}

	/**
	 * Whether the state has as many entries as the run found that has removed what it had added. If not, it removes them again
	 * where another run has brought them back: with its tokens, or without them where it had removed these before. Else
	 * `in progress` is there by another run.
	 */
	async #isGone(removed: readonly string[]): Promise<boolean> {
		const { ownTokens } = this.#added;
		const count = await this.count();
		if (count === this.#found) return true;
		await this.remove(ownTokens);
		const without = await this.count();
		const others = removed.filter((entry) => !ownTokens.includes(entry));
		if (without < count || without === this.#found + others.length) await this.remove(removed);
		return false;
	}

	/** Not the same for two runs that meet: they do not stay in step. */
	get #pauseMs(): number {
		return PASSING_MS * (1 + slotOf(this.#added.ownTokens[0]!) / SLOTS);
	}
}

/** What one run has added to the sync state, which is what it takes back when it leaves. */
class AddedEntries {
	readonly #store: FencedStore;
	readonly #newToken: () => string;
	readonly all = new Set<string>();
	/** What its last write has added. */
	#last: readonly string[] = [];
	/** No other run has them. */
	readonly ownTokens: string[] = [];
	/** What it has removed of them, which another run may bring back. */
	#queries: readonly string[] = [];
	/** What it has announced last: a run that came at the same moment may have announced the same. */
	announced: string | undefined;
	/** Whether it has begun anew: what it adds is its own. */
	#isAnew = false;

	constructor(store: FencedStore, newToken: () => string = randomUUID) {
		this.#store = store;
		this.#newToken = newToken;
	}

	/** New entries that no other run has. */
	tokens(count: number): string[] {
		const tokens = Array.from({ length: count }, () => tokenEntry(this.#newToken()));
		this.ownTokens.push(...tokens);
		return tokens;
	}

	/** Adds entries, and returns those that were there before. */
	async add(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.#store.record(entries);
		this.#last = entries.filter((entry) => !there.has(entry));
		for (const entry of this.#last) this.all.add(entry);
		return there;
	}

	/** @param kept entries that stay in the place of others */
	async remove(entries: readonly string[], kept: readonly string[] = []): Promise<void> {
		for (const entry of [...entries, ...kept]) this.all.delete(entry);
		if (entries.length > 0) await this.#store.forget(entries);
	}

	/** Removes what the last write has added. */
	async undoLast(): Promise<void> {
		const last = this.#last;
		this.#last = [];
		await this.remove(last);
	}

	/** After another run has overwritten the token: all but what may be that one's. */
	keepOwn(): void {
		if (this.#isAnew) return;
		this.#isAnew = true;
		const own = new Set(this.afterOverwriting);
		for (const entry of this.all) if (!own.has(entry)) this.all.delete(entry);
		this.#queries = [];
	}

	/** What the last write has only queried: all but `in progress`, the tokens and what it announced. */
	get lastQueries(): string[] {
		const others = [IN_PROGRESS, this.announced, ...this.ownTokens];
		return this.#last.filter((entry) => !others.includes(entry));
	}

	async undoQueries(queries: readonly string[]): Promise<void> {
		this.#queries = [...this.#queries, ...queries];
		await this.remove(queries);
	}

	/** What may be there of a run that leaves. */
	get mayBeThere(): string[] {
		return [...this.all, ...this.#queries];
	}

	/** What is there of a run whose state another one has closed: what it wrote last, or since that one had opened it. */
	get afterClosing(): string[] {
		return [...(this.#isAnew ? this.mayBeThere : this.#last), ...this.ownTokens];
	}

	/**
	 * What is there of a run whose token another one has overwritten: what it wrote last. All else that it has added may be
	 * what the other one has added.
	 */
	get afterOverwriting(): string[] {
		return [...this.#last.filter((entry) => entry !== this.announced), ...this.ownTokens];
	}
}
