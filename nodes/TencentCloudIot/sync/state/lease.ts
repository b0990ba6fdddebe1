import { randomInt, randomUUID } from 'node:crypto';

import type { Left } from '../health';
import { claimEntry, CLOSED_MULTIPLE, sizeEntry, tokenEntry } from './entries';
import type { SyncSettings } from './settings';
import { type FencedStore, StatementLate, stopwatch, timingFor } from './store';

/** How often a run counts a state that it does not own. Milliseconds. */
const LOOK_MS = 1000;
/** Watches differ by up to this, so that two do not end at the same moment. Milliseconds. */
const SPREAD_MS = 1000;
/** A claim has fewer random entries than this: two that meet seldom count the same. */
const MOST_RANDOM = 256;
/** Whoever claims together with others has written after this time, if the database is not slow. Milliseconds. */
const ALONE_MS = 500;
/** A run that finds the claim of another one has taken back its own after this time. Milliseconds. */
const PASSING_MS = 400;
/** A closed state is claimed; then the one that another run has claimed; and that once more, where two have watched it. */
const MOST_CLAIMS = 3;

/** To remove entries takes 10 ns of the process for each pair of one of them and one that is there. */
const PAIRS_AT_ONCE = 50_000_000;
/** To take back more pairs at once after a failure would hold up n8n for too long. */
const MOST_TAKEN_BACK = 10_000_000;

/** Another run has the state. */
export class Taken extends Error {}

/**
 * The right of one run to read the sync state, and to write it. Who does not own the state only counts it: the picture, and why it
 * is so, stand in docs/architecture.md. A run claims it, asks, opens it before it sends, gives signs of life, and closes it or takes
 * back what it has added.
 *
 * A method throws `Taken` where another run has the state, and `StatementLate` or what the store says where nobody knows.
 */
export class Lease {
	/** The number of entries that it found. */
	found = 0;
	/** Whether that was a closed state; an empty one is. */
	isClosed = true;
	/** Whether another run is known to have the state, or to have had it. */
	isTaken = false;
	readonly #store: FencedStore;
	readonly #settings: SyncSettings;
	/** Since the rows were handed over: a process that stood still has old ones. */
	readonly #passedMs: () => number;
	#token = '';
	/** Whether each question was answered by an entry; what was asked once is there from then on. */
	readonly #answers = new Map<string, boolean>();
	/** All that it has added and not taken back. */
	readonly #added = new Set<string>();
	/** The number of entries of a state that it has put in the place of the one that it found. */
	#opened: number | undefined;
	/** A heartbeat that may not have been written. */
	#beat: readonly string[] | undefined;
	#isOwned = false;
	#sinceClaimMs: () => number;
	/** Since the begin of the last write that found its token, if any, and since the last look that found nobody else. */
	#sinceWrittenMs: () => number = () => Infinity;
	#sinceSeenMs: () => number;

	constructor(store: FencedStore, settings: SyncSettings) {
		this.#store = store;
		this.#settings = settings;
		this.#passedMs = this.#sinceClaimMs = this.#sinceSeenMs = stopwatch(settings.clock);
	}

	get timing(): ReturnType<typeof timingFor> {
		return timingFor(this.found);
	}

	/** @param questions what the claim of a closed state asks */
	async claim(questions: readonly string[]): Promise<void> {
		// Since the rows are known to be as new as the state.
		let sinceMs = this.#passedMs;
		this.found = await this.#countClosed();
		this.isClosed = this.found % CLOSED_MULTIPLE === 0;
		for (let claims = 0; claims < MOST_CLAIMS; claims++) {
			if (!this.isClosed) sinceMs = await this.#watch(sinceMs);
			const { settleMs, takeoverMs } = this.timing;
			// From before the check on: no standstill of this process falls between the two.
			const sinceClaimMs = stopwatch(this.#settings.clock);
			// An empty state may have been waited for.
			if (sinceMs() > (this.found === 0 ? takeoverMs : settleMs)) throw new StatementLate();
			this.#sinceSeenMs = sinceClaimMs;
			const size = sizeEntry(this.found);
			const mayBeClosed = this.found > 0 && this.found % CLOSED_MULTIPLE === 0;
			const there = await this.#claim(mayBeClosed ? [size, ...(this.isClosed ? questions : [])] : []);
			const isAsSeen = !mayBeClosed || there.has(size) === this.isClosed;
			const isClaimed = there.has(claimEntry(this.found));
			// A claim in a state that stood still is as dead as the state, unless somebody has just written it.
			if (isAsSeen && (!isClaimed || (!this.isClosed && (await this.#isAlone())))) return;
			await this.#forget([...this.#added]);
			const sinceCountMs = stopwatch(this.#settings.clock);
			const count = await this.#store.count();
			// Whoever has claimed it may have opened, or closed it since.
			const isLost = isAsSeen ? sinceMs() > settleMs : !this.isClosed || count !== this.found;
			if (isLost) throw new Taken();
			this.isClosed = false;
			this.found = count;
			sinceMs = sinceCountMs;
		}
		throw new Taken();
	}

	async #claim(questions: readonly string[]): Promise<ReadonlySet<string>> {
		this.#answers.clear();
		this.#token = this.#newToken();
		const entries = [claimEntry(this.found), this.#token, ...questions];
		const { random = randomInt } = this.#settings;
		for (let left = random(0, MOST_RANDOM); left > 0; left--) entries.push(this.#newToken());
		const there = await this.#add(entries);
		for (const question of questions) this.#answers.set(question, there.has(question));
		this.#sinceClaimMs = stopwatch(this.#settings.clock);
		return there;
	}

	/** New tokens, one or two: with them the number of entries is not that of a closed state. */
	#tokensFor(count: number): string[] {
		const tokens = [this.#newToken()];
		return (count + 1) % CLOSED_MULTIPLE === 0 ? [...tokens, this.#newToken()] : tokens;
	}

	#newToken(): string {
		return tokenEntry((this.#settings.newToken ?? randomUUID)());
	}

	/** The number of entries. An empty state that ought not to be is that of a run which ends at this moment, or it is lost. */
	async #countClosed(): Promise<number> {
		const { clock, signal, note } = this.#settings;
		const passedMs = stopwatch(clock);
		for (;;) {
			const count = await this.#store.count();
			const isOver = signal?.aborted === true || passedMs() > timingFor(count).settleMs;
			if (count > 0 || isOver || (await note?.read()) === undefined) return count;
			await clock.sleep(LOOK_MS / 4, signal);
		}
	}

	/**
	 * Watches a state that another run has, without a write.
	 * @param knownMs since the rows were known to be as new as the state: while a process stands still others may come and go
	 * @returns since the last look, at the end of so much quiet that its owner is dead
	 */
	async #watch(knownMs: () => number): Promise<() => number> {
		const { clock, signal, random = randomInt, onWait } = this.#settings;
		const { quietMs, settleMs, takeoverMs } = this.timing;
		const watchMs = quietMs + random(0, SPREAD_MS);
		onWait?.(takeoverMs);
		const passedMs = stopwatch(clock);
		if (knownMs() > settleMs) throw new StatementLate();
		let sinceMs = passedMs;
		while (passedMs() < watchMs) {
			await clock.sleep(LOOK_MS, signal);
			const sinceLookMs = stopwatch(clock);
			if (signal?.aborted || (await this.#store.count()) !== this.found) throw new Taken();
			if (sinceMs() > quietMs) throw new StatementLate();
			sinceMs = sinceLookMs;
		}
		return sinceMs;
	}

	/** Whether nothing was seen for so long that another run may own the state, or have closed it. */
	get isLate(): boolean {
		return this.#sinceSeenMs() > this.timing.takeoverMs;
	}

	/** Whether no other run can have taken over, nor can before a request has started. */
	get isHeld(): boolean {
		return !this.isTaken && this.#sinceWrittenMs() < this.timing.heldMs;
	}

	/** Whether what it has added can be taken back without holding up the process. */
	get canTakeBack(): boolean {
		const pairs = this.#added.size * (this.found + this.#added.size);
		return this.#opened === undefined && pairs <= MOST_TAKEN_BACK;
	}

	/** Which of the entries were there before this run. To ask is to record, and takes the right to. */
	async ask(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const questions = this.found === 0 ? [] : entries.filter((entry) => !this.#answers.has(entry));
		if (questions.length > 0) {
			await this.own();
			const there = await this.#write(questions);
			for (const question of questions) this.#answers.set(question, there.has(question));
		}
		return new Set(entries.filter((entry) => this.#answers.get(entry) === true));
	}

	/** The same under a mark. @returns undefined where another run has asked it and died */
	async askOnce(mark: string, entries: readonly string[]): Promise<ReadonlySet<string> | undefined> {
		const there = await this.ask([mark, ...entries]);
		return there.has(mark) ? undefined : there;
	}

	/** Waits until it is alone with its claim: who claimed at the same moment has written, and who only passed is gone. */
	async beAlone(): Promise<void> {
		if (this.#isOwned) return;
		const { settleMs } = this.timing;
		for (let waitedMs = ALONE_MS; waitedMs < settleMs; waitedMs += LOOK_MS) {
			await this.#waitSinceClaim(waitedMs);
			if (await this.#isAlone()) return;
		}
		await this.#waitSinceClaim(settleMs);
		await this.#lookTwice();
	}

	/** From now on the state is this run's, if its token is there: see the next write. */
	async own(): Promise<void> {
		if (this.#isOwned) return;
		await this.#waitSinceClaim(this.timing.settleMs);
		await this.#lookTwice();
		if (this.#settings.signal?.aborted) throw new Taken();
		this.#isOwned = true;
	}

	async #waitSinceClaim(ms: number): Promise<void> {
		await this.#settings.clock.sleep(Math.max(0, ms - this.#sinceClaimMs()), this.#settings.signal);
	}

	async beat(): Promise<void> {
		if (this.#beat === undefined) await this.#lookTwice();
		await this.#write([]);
	}

	/**
	 * Leaves the state that it found as it was, but for entries that take the place of others of their kind, of which there are
	 * as many: an empty one stays empty.
	 * @returns whether it has as many entries as before
	 */
	async takeBack(replacement?: Record<'kind' | 'entries', readonly string[]>): Promise<boolean> {
		const { kind, entries } = replacement ?? { kind: [], entries: [] };
		await this.beAlone();
		this.#checkHeld();
		const removed = new Set([...this.#added, ...kind]);
		for (const entry of entries) removed.delete(entry);
		const before = this.#expected;
		await this.#forget([...removed]);
		let count = await this.#store.count();
		if (count === before && removed.size > 0) {
			// One that passed has brought all of it back.
			await this.#settings.clock.sleep(PASSING_MS);
			await this.#forget([...removed]);
			count = await this.#store.count();
		}
		return count === this.found;
	}

	/** After a failure: takes back what it knows to have added. @returns whether the state is known to be as it was found */
	async undo(): Promise<boolean> {
		if (this.#token === '') return true;
		if (this.isTaken || this.isLate || !this.canTakeBack) return false;
		await this.#forget([...this.#added, this.#token]);
		return (await this.#store.count()) === this.found;
	}

	/**
	 * Puts a small state in progress in the place of the one that it found, in one UPDATE: there is no moment without a baseline.
	 * @param baseline by which the next run judges its rows if this one dies
	 * @param isNew whether no entry of the baseline can be there: what is there already would be cut off
	 */
	async open(baseline: readonly string[], others: readonly string[], isNew: boolean): Promise<void> {
		await this.own();
		await this.#seeToken();
		if (!isNew) await this.#forget(baseline);
		const sinceMs = stopwatch(this.#settings.clock);
		const tokens = this.#tokensFor(baseline.length);
		const first = [...tokens, ...baseline];
		const there = await this.#store.record([this.#token, ...first], first.length);
		this.#checkToken(there);
		this.#token = tokens[0]!;
		this.#added.clear();
		this.#opened = first.length;
		this.#sinceWrittenMs = this.#sinceSeenMs = sinceMs;
		// A run that passed may have brought something back.
		await this.#write([...baseline.filter((entry) => there.has(entry)), ...others]);
	}

	/** Closes the state: the entries replace all that was there, within the fence. */
	async close(entries: readonly string[]): Promise<Left> {
		await this.own();
		const passedMs = stopwatch(this.#settings.clock);
		await this.#seeToken();
		return await this.#store.close(entries, passedMs);
	}

	/** Its last write has found the token: a look is enough then. */
	async #seeToken(): Promise<void> {
		await (this.isHeld ? this.#lookTwice() : this.beat());
	}

	/** Records entries, with a heartbeat: whoever does not own the state sees only that its number of entries moves. */
	async #write(entries: readonly string[]): Promise<ReadonlySet<string>> {
		this.#checkHeld();
		const sinceMs = stopwatch(this.#settings.clock);
		// All of it may be new.
		this.#beat ??= this.#tokensFor(this.#expected + entries.length);
		const there = await this.#add([this.#token, ...this.#beat, ...entries]);
		for (const token of this.#beat) this.#added.add(token);
		this.#beat = undefined;
		if (!there.has(this.#token))
			await this.#forget([this.#token, ...entries].filter((entry) => !there.has(entry)));
		this.#checkToken(there);
		this.#checkHeld();
		this.#sinceWrittenMs = this.#sinceSeenMs = sinceMs;
		if (this.#expected % CLOSED_MULTIPLE === 0) await this.#add([this.#newToken()]);
		return there;
	}

	#checkHeld(): void {
		if (this.isTaken) throw new Taken();
		if (this.isLate) throw new StatementLate();
	}

	#checkToken(there: ReadonlySet<string>): void {
		if (there.has(this.#token)) return;
		this.isTaken = true;
		throw new Taken();
	}

	/** Counts; where somebody else is there, once more when one that only passes is gone. */
	async #lookTwice(): Promise<void> {
		if (await this.#isAlone()) return;
		await this.#settings.clock.sleep(PASSING_MS);
		if (await this.#isAlone()) return;
		this.isTaken = true;
		throw new Taken();
	}

	async #isAlone(): Promise<boolean> {
		this.#checkHeld();
		const sinceMs = stopwatch(this.#settings.clock);
		const isAlone = (await this.#store.count()) === this.#expected;
		if (isAlone && !this.isLate) this.#sinceSeenMs = sinceMs;
		return isAlone;
	}

	get #expected(): number {
		return (this.#opened ?? this.found) + this.#added.size;
	}

	async #add(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.#store.record(entries);
		for (const entry of entries) if (!there.has(entry)) this.#added.add(entry);
		return there;
	}

	/** In pieces, of which n8n stands still for half a second each. The claim comes last: until then somebody is there. */
	async #forget(entries: readonly string[]): Promise<void> {
		const left = entries.toReversed();
		while (left.length > 0) {
			const piece = left.splice(0, Math.ceil(PAIRS_AT_ONCE / Math.max(1, this.#expected)));
			for (const entry of piece) this.#added.delete(entry);
			await this.#store.forget(piece);
		}
	}
}
