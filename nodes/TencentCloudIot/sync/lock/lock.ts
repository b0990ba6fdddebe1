/**
 * Who may send: one row a Sync node, and one statement that changes it.
 *
 *     UPDATE … SET stamp = <new>, owner = …, … WHERE id = … AND stamp = <as I saw it>
 *
 * The database carries that out as a whole, for one run or for the other. Each change writes a new random stamp, so it succeeds
 * only for a run that has seen the row exactly as it is.
 *
 * THE STATES OF THE ROW
 *
 * | state | how it looks                                  | who may leave it, and how                                            |
 * | ----- | --------------------------------------------- | -------------------------------------------------------------------- |
 * | free  | owner `nobody` and a stamp `free …`           | any run: `claim` (→ owned), `report` (→ free)                        |
 * | owned | owner is a run, stamp `held …`                | that run alone: `keep` (→ owned), `release` (→ free)                 |
 * | dead  | owned, and the stamp stood still for quietMs  | whoever watched it: `claim` (→ owned), `report` (→ free)             |
 * | odd   | anything else: a person has edited the row    | as dead, once it was watched: a run may still be sending             |
 *
 * CLAIM      A run owns the row once its UPDATE succeeded. The same call has first inserted the customers that it sends first.
 * HELD       The owner starts requests only while its last successful change began less than HELD_MS ago. It makes one every BEAT_MS.
 * DEAD       A run that has watched the same stamp for QUIET_MS takes over. QUIET_MS is longer than HELD_MS plus the longest request.
 * LATE       A statement that arrives late, or twice, names a stamp that is gone. It matches no row, whichever run made it.
 * LOST       If an answer is lost the run looks at the row: `AFTER_ATTEMPT` says what follows from each sight.
 *
 * The transport asks `isHeld` once more as late as it can, but a process may stand still even after that, and send when it wakes. Such a run
 * finds out with its next statement, and inserts a part of kind `late` for the next run (`SendingRun`): an INSERT needs no lock.
 */
import { randomUUID } from 'node:crypto';

import type { Clock } from '../../service/transport/clock';
import { type LastCell, newLast, readLast, writeLast } from '../last';
import { TableUnusable } from '../../tables/dataTables';
import { type LockRow, NOBODY, type Part, type Rows, type SyncTable } from './table';

/**
 * The owner changes the row this often. A call of n8n costs 30 to 90 ms of processor time (n8n 2.41), so a beat every 8 s costs at most
 * 1 % of a core. A run that is killed leaves in doubt the customers of two beats; with receipts those of a third one, since a receipt is
 * written before its customer counts as accepted.
 */
export const BEAT_MS = 8000;

/**
 * The owner starts no request if its last successful change began longer ago than this. After BEAT_MS that leaves 12 s for a beat that is
 * slow or fails: a statement that takes ANSWER_MS, and its second attempt.
 */
export const HELD_MS = 20_000;

/** The longest time from `isHeld` to the moment when the request leaves: signing takes milliseconds, a busy event loop seconds. */
const START_MS = 3000;

/**
 * How long a row must stand still before its owner counts as dead. The last change of an owner was in the row when the watcher first
 * saw it, so that owner starts its last request HELD_MS + START_MS after that at the latest, and it ends within its timeout. Only then
 * may another run send: an older request would arrive after a newer one otherwise.
 * @param timeoutMs 'Timeout (Seconds)' of the owner's requests
 */
export function quietMsOf(timeoutMs: number): number {
	return HELD_MS + START_MS + timeoutMs + 1;
}

/** For the longest 'Timeout (Seconds)' that can be set. No run waits longer, whatever somebody has written into the row. */
const LONGEST_QUIET_MS = quietMsOf(600_000);

/** A statement is given up after this time; it may still take effect. With a tenth of a core a call takes about a second. */
const ANSWER_MS = 8000;

/** Reading all parts is given up after this time: those of 100,000 customers are 10 MB. */
const READ_MS = 30_000;

/** The pause before each attempt of a change. Few attempts for a beat, as the next one writes the same; many where the result is at stake. */
const FEW_ATTEMPTS = [0, 500];
const MANY_ATTEMPTS = [0, 500, 1000, 2000, 4000, 8000];
/** Once the execution is over, e.g. after its timeout, n8n does not answer any more, but still carries out one statement. */
const LAST_ATTEMPT = [0];

/** A run sends nothing if it read the row later than this after its begin: a run with newer rows may have begun and ended in between. */
const ROWS_OLD_MS = 10_000;

/** Another run has the row, or the row is gone. */
export class Taken extends Error {}

/** No attempt was answered: it is not known whether the change took effect, or ever will. */
class NoAnswer extends Error {}

/** What a run wants of the row. */
type Intent = 'claim' | 'keep' | 'release' | 'report';

/**
 * What the row shows after an attempt.
 * - `changed`: the new stamp, so it took effect
 * - `asBefore`: the stamp that the attempt named, so it did not take effect, or not yet
 * - `mine`: this run still owns the row, with a stamp that it did not expect: an earlier change took effect after all, or another operation
 *   has changed `last`
 * - `closedByMe`: this run's release took effect, and other runs have changed the row since
 * - `others`: another run owns it, or a person has edited it
 * - `gone`: there is no such row
 * - `noAnswer`: neither the change nor the look at the row was answered
 */
type Sight = 'changed' | 'asBefore' | 'mine' | 'closedByMe' | 'others' | 'gone' | 'noAnswer';

/**
 * What to do after an attempt: `again` names the same stamp and writes the same new one, so only one attempt can take effect. `adopt` takes
 * over the row as it is seen, and changes that.
 */
type Next = 'done' | 'again' | 'adopt' | 'taken';

/** What follows from an attempt to change a row that this run owns, or wants to own. */
const AS_OWNER: Readonly<Record<Sight, Next>> = {
	changed: 'done',
	asBefore: 'again',
	mine: 'adopt',
	closedByMe: 'taken',
	others: 'taken',
	gone: 'taken',
	noAnswer: 'again',
};

/** What follows from an attempt. */
export const AFTER_ATTEMPT: Readonly<Record<Intent, Readonly<Record<Sight, Next>>>> = {
	claim: AS_OWNER,
	keep: AS_OWNER,
	release: { ...AS_OWNER, closedByMe: 'done' },
	// A run that only reports has never owned the row.
	report: { ...AS_OWNER, mine: 'taken' },
};

/** What is to be written besides owner and stamp. */
interface Change {
	/** Gives the new `last` from the row's: see `ChangeLast`. */
	last?: ((before: LastCell) => LastCell) | undefined;
	/** A part that is inserted first; the row then points to it. */
	addition?: { content: string; isWhole: boolean } | undefined;
	/** The part that the row is to point to, where none is inserted. */
	stateName?: string | undefined;
}

/** What the lock needs of its host. */
export interface LockHost {
	clock: Clock;
	signal: AbortSignal | undefined;
	/** Names workflow and node. */
	node: string;
	/** 'Timeout (Seconds)' of this run's requests, milliseconds. */
	timeoutMs: number;
	newId?: (() => string) | undefined;
	/** Called before the run waits, with how long, milliseconds. */
	onWait?: ((ms: number) => void) | undefined;
}

/** The lock row of a Sync node as one run sees it. */
export class Lock {
	/** The row as this run saw it last. */
	row: LockRow;
	/** The parts that stood in the table when the row was first seen. */
	readonly parts: readonly Part[];
	/** Whether this run knows that another one has the row, or that it is gone. */
	isTaken = false;
	/** The part that the row pointed to when it was first seen. */
	readonly foundStateName: string;
	readonly #runId: string;
	readonly #table: SyncTable;
	readonly #host: LockHost;
	/** Whether the rows of this run are too old to be sent. */
	readonly #areRowsOld: boolean;
	/** All parts that were in the table, and all that this run has inserted, whether or not the row ever pointed to them. */
	readonly #links: Link[];
	/** Why the table could not be used in the last attempt. */
	#unusable: TableUnusable | undefined;
	/** The time since the last `claim` or `keep` that succeeded: since its first attempt, as a watcher may have seen it from then on. */
	#sinceChangeMs: () => number = () => Infinity;
	/** Settles with the last change: they are made one after the other. */
	#changing: Promise<unknown> = Promise.resolve();
	#turnOffBeats: (() => void) | undefined;

	private constructor(opened: {
		row: LockRow;
		rows: Rows;
		areRowsOld: boolean;
		table: SyncTable;
		host: LockHost;
	}) {
		const { row, rows, areRowsOld, table, host } = opened;
		this.row = row;
		this.parts = rows.parts;
		this.foundStateName = row.stateName;
		this.#links = rows.parts.map(linkOf);
		this.#areRowsOld = areRowsOld;
		this.#table = table;
		this.#host = host;
		this.#runId = newIdOf(host);
	}

	/**
	 * Reads the rows of the node, as the first thing that a run does; inserts a lock row where there is none.
	 * @param stateNumber of a row that is inserted
	 */
	static async open(table: SyncTable, host: LockHost, stateNumber: number): Promise<Lock> {
		const { clock } = host;
		const passedMs = stopwatch(clock);
		let rows = await inTime(clock, table.read(), READ_MS);
		if (rows.locks.length === 0) {
			await inTime(clock, table.insertLock(newRow(host, stateNumber)));
			rows = await inTime(clock, table.read(), READ_MS);
		}
		const [row, ...otherRows] = rows.locks.toSorted(byWorth);
		if (row === undefined) {
			throw new NoAnswer();
		}
		const areRowsOld = passedMs() > ROWS_OLD_MS;
		const lock = new Lock({ row, rows, areRowsOld, table, host });
		await lock.#removeOtherRows(otherRows);
		return lock;
	}

	/**
	 * Several first runs may have inserted a row each. Of two such runs the one that reads last sees both rows. It keeps one, and removes the
	 * other one if it still has the stamp that it saw. If the first run has not claimed that row yet, it will find it gone. If it has, the row
	 * stays, and this run gives up.
	 */
	async #removeOtherRows(otherRows: readonly LockRow[]): Promise<void> {
		const owned = otherRows.find((row) => !isFree(row));
		if (owned !== undefined) {
			// Its owner believes that this is the only row, so it is watched like any owner before the row is removed.
			await this.#watchRow(owned);
			await this.#removeRow(owned);
			throw new Taken();
		}
		for (const row of otherRows) {
			await this.#removeRow(row);
		}
	}

	/** @throws Taken where another run has changed the row meanwhile */
	async #removeRow(row: LockRow): Promise<void> {
		const { clock } = this.#host;
		const isRemoved = await inTime(clock, this.#table.removeLock(row));
		if (!isRemoved && (await inTime(clock, this.#lookUpRow(row.id))) !== 'gone') {
			throw new Taken();
		}
	}

	/** The parts that the row leads to, from the whole state to the newest addition; undefined where one is missing. */
	get chain(): readonly Link[] | undefined {
		const byName = new Map(this.#links.map((link) => [link.name, link]));
		const chain: Link[] = [];
		let name = this.row.stateName;
		while (name !== '') {
			const link = byName.get(name);
			// Names are never used twice, so only a person can have made a chain that leads back to itself.
			if (link === undefined || chain.length === byName.size) {
				return undefined;
			}
			chain.unshift(link);
			name = link.after;
		}
		return chain;
	}

	/** Whether another run may be sending, as far as the row shows. */
	get mayBeOwned(): boolean {
		return !isFree(this.row) && this.row.owner !== this.#runId;
	}

	/** Whether this run may start a request: no other run can have taken over by now. */
	get isHeld(): boolean {
		return !this.isTaken && this.#sinceChangeMs() < HELD_MS;
	}

	/** Waits until the owner of the row counts as dead. @throws Taken as soon as the row moves, or when the execution is cancelled */
	async watch(): Promise<void> {
		await this.#watchRow(this.row);
	}

	async #watchRow({ id, stamp, quietMs }: LockRow): Promise<void> {
		const { clock, signal, node, timeoutMs, onWait } = this.#host;
		// A person may have written anything into `quietMs`.
		const ownerQuietMs = Number.isFinite(quietMs) ? Math.min(quietMs, LONGEST_QUIET_MS) : 0;
		const waitMs = Math.max(quietMsOf(timeoutMs), ownerQuietMs);
		const before = sightings.get(node);
		// By the monotonic clock alone: setting the wall clock ahead must not end the wait.
		const seenMs = before?.id === id && before.stamp === stamp ? before.seenMs : clock.elapsedMs();
		sightings.set(node, { id, stamp, seenMs });
		const leftMs = () => waitMs - (clock.elapsedMs() - seenMs);
		if (leftMs() > 0) {
			onWait?.(leftMs());
		}
		while (leftMs() > 0) {
			await clock.sleep(Math.min(leftMs(), BEAT_MS), signal);
			if (signal?.aborted) {
				throw new Taken();
			}
			const seen = await this.#answerIfAny(this.#lookUpRow(id));
			// A look that is not answered proves nothing, and does no harm: the claim names the stamp in any case.
			if (seen !== undefined && (seen === 'gone' || seen.stamp !== stamp)) {
				throw new Taken();
			}
		}
	}

	/**
	 * Takes the right to send.
	 * @throws Taken where the row is not as this run saw it; NoAnswer where nothing was answered, and where this run's rows are too old
	 */
	async claim(change: Change): Promise<void> {
		if (this.#areRowsOld) {
			throw new NoAnswer();
		}
		await this.#change('claim', change);
	}

	/** Calls `beat` every BEAT_MS from now on, one after the other. @param beat makes one change */
	startBeats(beat: () => Promise<unknown>): void {
		const beatOnce = () => {
			void beat().then(() => {
				if (this.#turnOffBeats !== undefined) {
					this.startBeats(beat);
				}
			});
		};
		this.#turnOffBeats = this.#host.clock.alarm(BEAT_MS, beatOnce);
	}

	stopBeats(): void {
		this.#turnOffBeats?.();
		this.#turnOffBeats = undefined;
	}

	/** Keeps the right to send: a heartbeat, with what has become known since the last one. */
	async keep(change: Change): Promise<void> {
		await this.#change('keep', change);
	}

	/** Gives the right to send back, and writes what the run leaves. */
	async release(change: Change): Promise<void> {
		this.stopBeats();
		await this.#change('release', change, MANY_ATTEMPTS);
	}

	/** Writes a report without owning the row. If the owner is dead the row becomes free, so the next run need not watch it again. */
	async report(last: (before: LastCell) => LastCell): Promise<void> {
		await this.#change('report', { last });
	}

	/** Gives the right to send back after a failure before the first request. The state stays as the claim has left it. Never rejects. */
	async giveUp(): Promise<void> {
		if (this.row.owner === this.#runId && !this.isTaken) {
			await this.#change('release', {}).catch(() => undefined);
		}
	}

	/** Looks at the row: whether it still has the stamp that this run saw. */
	async isAsSeen(): Promise<boolean> {
		const seen = await inTime(this.#host.clock, this.#lookUpRow(this.row.id));
		return seen !== 'gone' && seen.stamp === this.row.stamp;
	}

	/**
	 * Deletes all parts that the row does not lead to: killed runs leave some. If that fails the next run does it.
	 * @param keep the names of further parts that stay
	 */
	async removeUnused(keep: readonly string[]): Promise<void> {
		const { chain } = this;
		if (chain === undefined) {
			return;
		}
		const used = new Set([...keep, ...chain.map(({ name }) => name)]);
		const unused = this.#links.map(({ name }) => name).filter((name) => !used.has(name));
		if (unused.length > 0) {
			await this.#answerIfAny(this.#table.removeParts(unused));
		}
	}

	/** Inserts a part of kind `late`, which the next run takes up. That needs no ownership of the row. @returns whether it was answered */
	async insertLatePart(content: string): Promise<boolean> {
		const part: Part = { name: newIdOf(this.#host), after: '', kind: 'late', content };
		const inserted = this.#table.insertPart(part).then(() => true);
		return (await this.#answerIfAny(inserted)) ?? false;
	}

	async #change(intent: Intent, change: Change, pauses = FEW_ATTEMPTS): Promise<void> {
		const attempts = this.#host.signal?.aborted ? LAST_ATTEMPT : pauses;
		const changed = this.#changing.then(async () => await this.#changeNow(intent, change, attempts));
		this.#changing = changed.catch(() => undefined);
		await changed;
	}

	async #changeNow(intent: Intent, change: Change, attempts: readonly number[]): Promise<void> {
		// Whichever attempt takes effect, the change counts from the first one: a watcher may have seen it from then on.
		const sinceMs = stopwatch(this.#host.clock);
		let update = this.#updateFor(intent, change);
		for (const pauseMs of attempts) {
			await this.#host.clock.sleep(pauseMs);
			const { sight, row } = await this.#attempt(update);
			const next = AFTER_ATTEMPT[intent][sight];
			if (next === 'taken') {
				this.isTaken = true;
				throw new Taken();
			}
			if (row !== undefined && next !== 'again') {
				this.row = row;
			}
			if (next === 'adopt') {
				update = this.#updateFor(intent, change);
			}
			if (next === 'done') {
				if (intent === 'claim' || intent === 'keep') {
					this.#sinceChangeMs = sinceMs;
				}
				return;
			}
		}
		throw this.#unusable ?? new NoAnswer();
	}

	/** What one change writes: the same in each of its attempts. */
	#updateFor(intent: Intent, { last, addition, stateName }: Change): RowUpdate {
		const isOwner = intent === 'claim' || intent === 'keep';
		const stamp = `${isOwner ? HELD : FREE}${newIdOf(this.#host)}`;
		const set: RowUpdate['set'] = { stamp, owner: isOwner ? this.#runId : NOBODY };
		if (intent === 'claim') {
			set.quietMs = quietMsOf(this.#host.timeoutMs);
		}
		if (intent === 'release') {
			set.closedBy = this.#runId;
		}
		if (last !== undefined) {
			set.last = writeLast(last(readLast(this.row.last)));
		}
		if (stateName !== undefined) {
			set.stateName = stateName;
		}
		if (addition === undefined) {
			return { set, part: undefined };
		}
		const { content, isWhole } = addition;
		const name = newIdOf(this.#host);
		const part: Part = { name, after: isWhole ? '' : this.row.stateName, kind: 'part', content };
		this.#links.push(linkOf(part));
		return { set: { ...set, stateName: name }, part };
	}

	async #attempt({ set, part }: RowUpdate): Promise<{ sight: Sight; row?: LockRow }> {
		this.#unusable = undefined;
		try {
			const { clock } = this.#host;
			const changed = await inTime(clock, this.#table.change(this.row, set, part));
			if (changed !== undefined) {
				return { sight: 'changed', row: changed };
			}
		} catch (cause) {
			this.#unusable = cause instanceof TableUnusable ? cause : undefined;
		}
		// No answer, or the row is not as it was seen.
		const row = await this.#answerIfAny(this.#lookUpRow(this.row.id));
		if (row === undefined) {
			return { sight: 'noAnswer' };
		}
		if (row === 'gone') {
			return { sight: 'gone' };
		}
		return { sight: this.#sightOf(row, set.stamp), row };
	}

	#sightOf({ stamp, owner, closedBy }: LockRow, newStamp: string): Sight {
		if (stamp === newStamp) {
			return 'changed';
		}
		if (stamp === this.row.stamp) {
			return 'asBefore';
		}
		if (owner === this.#runId) {
			return 'mine';
		}
		return closedBy === this.#runId ? 'closedByMe' : 'others';
	}

	async #lookUpRow(id: number): Promise<LockRow | 'gone'> {
		const rows = await this.#table.readLocks();
		return rows.find((row) => row.id === id) ?? 'gone';
	}

	/** Waits for an answer. @returns undefined where there was none */
	async #answerIfAny<Result>(answer: Promise<Result>): Promise<Result | undefined> {
		return await inTime(this.#host.clock, answer).catch(() => undefined);
	}
}

/** A part without its content: a link of the chain. */
interface Link extends Pick<Part, 'name' | 'after'> {
	/** The length of its content, characters. */
	length: number;
}

function linkOf({ name, after, content }: Part): Link {
	return { name, after, length: content.length };
}

/** What one change writes. */
interface RowUpdate {
	set: Partial<Omit<LockRow, 'id'>> & Pick<LockRow, 'stamp' | 'owner'>;
	part: Part | undefined;
}

/** The first word of a stamp; what follows is random. */
const FREE = 'free ';
const HELD = 'held ';

/** Needs both: only a run writes the stamp, while a person may have put `nobody` into the row of a run that sends. */
function isFree({ owner, stamp }: LockRow): boolean {
	return owner === NOBODY && stamp.startsWith(FREE);
}

function newRow(host: LockHost, stateNumber: number): Omit<LockRow, 'id'> {
	return {
		owner: NOBODY,
		stamp: FREE + newIdOf(host),
		stateName: '',
		quietMs: quietMsOf(host.timeoutMs),
		closedBy: '',
		last: writeLast(newLast(stateNumber)),
	};
}

/** Sorts the row that counts first: one that leads to a state comes before one that does not, then a free row, then the oldest. */
function byWorth(a: LockRow, b: LockRow): number {
	const hasState = (row: LockRow) => Number(row.stateName !== '');
	const isClosed = (row: LockRow) => Number(isFree(row));
	return hasState(b) - hasState(a) || isClosed(b) - isClosed(a) || a.id - b.id;
}

function newIdOf({ newId = randomUUID }: LockHost): string {
	return newId();
}

/**
 * By the key of a node: the row of another run that this process saw last, and when it first saw it with that stamp. So executions that n8n
 * ends after a few seconds each add up their waiting.
 */
const sightings = new Map<string, { id: number; stamp: string; seenMs: number }>();

/**
 * Starts to measure milliseconds, by the monotonic clock or the wall clock, whichever shows more: while a virtual machine is paused the
 * monotonic clock stands still.
 */
export function stopwatch(clock: Pick<Clock, 'elapsedMs' | 'nowMs'>): () => number {
	const startedMs = clock.elapsedMs();
	const startedAtMs = clock.nowMs();
	return () => Math.max(clock.elapsedMs() - startedMs, clock.nowMs() - startedAtMs);
}

/** Waits for an answer, but not for ever. @throws NoAnswer for anything but a table that cannot be used */
export async function inTime<Result>(
	clock: Clock,
	answer: Promise<Result>,
	limitMs = ANSWER_MS,
): Promise<Result> {
	let turnOffAlarm = () => {};
	const timeLimit = new Promise<never>((_, reject) => {
		turnOffAlarm = clock.alarm(limitMs, () => reject(new NoAnswer()));
	});
	try {
		return await Promise.race([answer, timeLimit]);
	} catch (cause) {
		throw cause instanceof TableUnusable ? cause : new NoAnswer('', { cause });
	} finally {
		turnOffAlarm();
	}
}

/** The keys of nodes of which a run is under way in this process. */
const runningNodes = new Set<string>();

/**
 * Lets one run of each node at a time go on in this process. That costs no statement.
 * @param node names workflow and node
 * @returns lets the next run go on; undefined while another one is under way
 */
export function claimInProcess(node: string): (() => void) | undefined {
	if (runningNodes.has(node)) {
		return undefined;
	}
	runningNodes.add(node);
	return () => {
		runningNodes.delete(node);
	};
}
