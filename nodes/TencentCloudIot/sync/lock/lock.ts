/**
 * The lock: it decides which run of a Sync node may send. The node has one lock row, and one statement (`writeLockRow`) changes it:
 *
 *     UPDATE … SET stamp = <new>, owner = …, … WHERE id = … AND stamp = <as this run saw it>
 *
 * If two runs make this statement at the same moment, the database carries it out for one of them. Each change writes a new random stamp, so the
 * statement takes effect only for a run that has seen the row as it is.
 *
 * THE STATES OF THE ROW
 *
 * | state | how it looks                                  | who may leave it, and how                                            |
 * | ----- | --------------------------------------------- | -------------------------------------------------------------------- |
 * | free  | owner `nobody` and a stamp `free …`           | any run: `claim` (→ owned), `report` (→ free)                        |
 * | owned | owner is a run, stamp `held …`                | that run alone: `keepLock` (→ owned), `release` (→ free)             |
 * | dead  | owned, and the stamp stood still for quietMs  | a run that watched it: `claim` (→ owned), `report` (→ free)          |
 * | odd   | anything else: a person has edited the row    | as dead, once a run has watched it: another may still be sending     |
 *
 * CLAIM      A run owns the row once its UPDATE has taken effect. Before the UPDATE, the same call inserts the part that names the first customers.
 * HELD       The owner starts requests only while its last successful change began less than HELD_MS ago. It changes the row every HEARTBEAT_MS.
 * DEAD       A run that has watched the same stamp for quietMs takes over. That is longer than HELD_MS plus the longest request.
 * LATE       A statement that the database carries out late, or twice, names a stamp that the row no longer has. So it changes nothing.
 * LOST       If a statement gets no response, the run looks up the row. `stepsAfterAttempt.ts` says what the run does then.
 *
 * The transport checks `Sending.mayLeave` once more as late as it can. But a process may stand still even after that, and send when it wakes. Its next
 * statement shows that another run owns the row. Then it inserts a part of kind `late` for the next run (`SendingRun`): an INSERT needs no
 * lock.
 */
import { randomUUID } from 'node:crypto';

import { type Clock, stopwatch } from '../../service/transport/clock';
import { type ChangeLastCell, makeLastCell, readLastCell, writeLastCell } from '../last';
import { TableUnusable } from '../../tables/dataTables';
import { type AttemptResult, STEPS_AFTER_ATTEMPT } from './stepsAfterAttempt';
import { type LockRow, NOBODY, type Part, type NodeRows, STAMP_STARTS, type SyncTable } from './table';

/**
 * The time between two heartbeats, i.e. changes of the lock row by its owner. A call of n8n takes 30 to 90 ms of processor time (n8n 2.41), so
 * a heartbeat every 8 s takes about 1 % of a core. A longer time would leave more customers in doubt: a killed run leaves the customers of two
 * heartbeats in doubt, and of three if it writes receipts, since a receipt is written before its customer counts as accepted.
 */
export const HEARTBEAT_MS = 8000;

/**
 * The owner of the lock row starts no request if its last successful change of the row began longer ago than this. So a heartbeat may take up
 * to 12 s before the owner has to pause: long enough for a statement that gets no response within RESPONSE_LIMIT_MS, and a second attempt.
 */
export const HELD_MS = 20_000;

/** A request leaves at most this long after `isHeld` allowed it. Signing takes milliseconds, but the event loop may be busy for seconds. */
const LEAVE_DELAY_MS = 3000;

/**
 * How long a lock row must not change before its owner counts as dead, milliseconds. When a waiting run first sees the row, a dead owner
 * has already made its last change. So the last request of that owner leaves HELD_MS + LEAVE_DELAY_MS later at the latest, and ends within the
 * timeout. If the waiting run sent before that, the older request could arrive after the newer one, and Tencent would have the older devices.
 * @param timeoutMs 'Timeout (Seconds)' of the owner's requests, milliseconds
 */
export function quietMsOf(timeoutMs: number): number {
	return HELD_MS + LEAVE_DELAY_MS + timeoutMs + 1;
}

/** No run waits longer than this for a dead owner, whatever a person has written into `quietMs`: the wait for the longest 'Timeout (Seconds)'. */
const LONGEST_QUIET_MS = quietMsOf(600_000);

/** A run waits this long for the response to a statement, which may still take effect later. With a tenth of a core a call takes about 1 s. */
const RESPONSE_LIMIT_MS = 8000;

/** A run waits this long for the lock row with all parts: the parts of 100,000 customers have 10 MB. */
const READ_LIMIT_MS = 30_000;

/** The pause before each attempt of any change but a release, milliseconds. Two attempts are enough: the next heartbeat makes up for a failed one. */
const FEW_ATTEMPTS_PAUSES_MS = [0, 500];
/** The pause before each attempt of a release, milliseconds. It has many attempts, since no later statement writes the result of the run. */
const MANY_ATTEMPTS_PAUSES_MS = [0, 500, 1000, 2000, 4000, 8000];
/** Once the execution has ended, e.g. by its timeout, n8n carries out one more statement and no second: a single attempt, without a pause. */
const ONE_ATTEMPT_PAUSES_MS = [0];

/**
 * The cell `closedBy` names this many runs that released the row last. A run may wait a minute for the response to its release, while other
 * runs claim and release the row. It then looks for its own id in the cell.
 */
const MOST_RELEASING_RUNS = 5;

/** A run sends nothing if it took longer than this to read the lock row: a run with newer rows may have come and gone in that time. */
const INPUT_ROWS_TOO_OLD_MS = 10_000;

/** Thrown if another run owns the lock row or has changed it, or the row is gone: this run must not send. */
export class RowTaken extends Error {}

/**
 * Thrown if no attempt of a statement got a response: the statement may have taken effect, or may still do so. `claim` also throws it, without an
 * attempt, if the rows to send may be older than those of another run: see `INPUT_ROWS_TOO_OLD_MS`.
 */
class NoResponse extends Error {}

/** What a run wants to do with the lock row: see the head of this file. */
type ChangeIntent = keyof typeof STEPS_AFTER_ATTEMPT;

/** What a change of the lock row writes besides owner and stamp. */
interface LockRowChange {
	/** Gives the new cell `last`; undefined to leave the cell as it is. */
	changeLastCell?: ChangeLastCell | undefined;
	/** A part to insert before the row is changed; the row then leads to it. */
	addition?: { content: string; isWholeState: boolean } | undefined;
	/** The name of an earlier part to which the row leads again, if no part is inserted. */
	stateName?: string | undefined;
}

/** What the lock needs of its host. */
export interface LockHost {
	clock: Clock;
	/** The signal of the execution: when it is aborted the run stops waiting. */
	signal: AbortSignal | undefined;
	/** The key of the node: it names workflow and node by their ids. */
	nodeKey: string;
	/** 'Timeout (Seconds)' of this run's requests, milliseconds. */
	timeoutMs: number;
	/** Makes random ids; tests replace it. */
	makeId?: (() => string) | undefined;
	/** Called before the run waits to see whether the owner of the row is dead. `longestWaitMs` is the longest time that the run may wait, milliseconds. */
	onWait?: ((longestWaitMs: number) => void) | undefined;
}

/** The lock row of a Sync node as one run sees it. */
export class Lock {
	/** The row as this run saw it last. */
	row: LockRow;
	/** All parts of the state that the table had when this run read the row, including those to which the row does not lead. */
	readonly partsAtRead: readonly Part[];
	/** Whether this run knows that another run owns the row, or that the row is gone. */
	isTakenByOther = false;
	/** The `stateName` that the row had when this run read it. */
	readonly stateNameAtRead: string;
	readonly #runId: string;
	readonly #table: SyncTable;
	readonly #host: LockHost;
	/** Whether reading the lock row took so long that this run must not send the rows that it got before: see `INPUT_ROWS_TOO_OLD_MS`. */
	readonly #areInputRowsTooOld: boolean;
	/**
	 * All parts that the table had, and all that this run has inserted or tried to insert: from these, `removeUnusedParts` deletes those that
	 * the row does not lead to.
	 */
	readonly #partLinks: PartLink[];
	/** The error of the last attempt to change the row, if the tables cannot be used; else undefined. */
	#tableError: TableUnusable | undefined;
	/**
	 * Milliseconds since the last successful `claim` or `keepLock` began. That is when its first attempt began: a waiting run may have seen the
	 * change from then on.
	 */
	#msSinceChange: () => number = () => Infinity;
	/** Settles when the last change is over. Changes are made one after the other, since each names the stamp of the one before. */
	#previousChange: Promise<unknown> = Promise.resolve();
	#turnOffHeartbeats: (() => void) | undefined;

	private constructor(
		table: SyncTable,
		host: LockHost,
		{ parts }: NodeRows,
		row: LockRow,
		areInputRowsTooOld: boolean,
	) {
		this.row = row;
		this.partsAtRead = parts;
		this.stateNameAtRead = row.stateName;
		this.#partLinks = parts.map(linkOf);
		this.#areInputRowsTooOld = areInputRowsTooOld;
		this.#table = table;
		this.#host = host;
		this.#runId = makeIdBy(host);
	}

	/**
	 * Reads the rows of the node, and inserts a lock row if there is none. This is the first thing that a run does.
	 * @param firstStateNumber `LastCell.stateNumber` of a new lock row
	 */
	static async readOrCreate(table: SyncTable, host: LockHost, firstStateNumber: number): Promise<Lock> {
		const { clock } = host;
		const msSinceReadBegan = stopwatch(clock);
		let nodeRows = await responseInTime(clock, table.read(), READ_LIMIT_MS);
		if (nodeRows.lockRows.length === 0) {
			await responseInTime(clock, table.insertLockRow(makeFreeRow(host, firstStateNumber)));
			nodeRows = await responseInTime(clock, table.read(), READ_LIMIT_MS);
		}
		const [row, ...otherRows] = nodeRows.lockRows.toSorted(compareByWorth);
		if (row === undefined) {
			throw new NoResponse();
		}
		const areInputRowsTooOld = msSinceReadBegan() > INPUT_ROWS_TOO_OLD_MS;
		const lock = new Lock(table, host, nodeRows, row, areInputRowsTooOld);
		await lock.#removeOtherRows(otherRows);
		return lock;
	}

	/**
	 * Deletes all lock rows but one if several first runs have each inserted a row: with two rows two runs could send. A row is deleted only with
	 * the stamp that this run saw, so a run that has claimed the row meanwhile keeps it, and this run gives up. A run that wants to claim a
	 * deleted row finds it gone.
	 * @param otherRows all rows of the node but the one to keep
	 * @throws RowTaken if another run owned one of `otherRows`, even if that run is dead: then the next run finds a single row
	 */
	async #removeOtherRows(otherRows: readonly LockRow[]): Promise<void> {
		const ownedRow = otherRows.find((row) => !isFree(row));
		if (ownedRow !== undefined) {
			// The run that owns this row took it for the only one, and may be sending. So `ownedRow` is deleted only once that run counts as dead.
			await this.#waitUntilDead(ownedRow);
			await this.#removeRow(ownedRow);
			throw new RowTaken();
		}
		for (const row of otherRows) {
			await this.#removeRow(row);
		}
	}

	/** Removes a lock row. @throws RowTaken if another run has changed it meanwhile */
	async #removeRow(row: LockRow): Promise<void> {
		const { clock } = this.#host;
		const isRemoved = await responseInTime(clock, this.#table.removeLockRow(row));
		if (!isRemoved && (await responseInTime(clock, this.#lookUpRow(row.id))) !== 'gone') {
			throw new RowTaken();
		}
	}

	/** Waits until the owner of the row counts as dead. @throws RowTaken as soon as the row changes, or the execution is cancelled */
	async waitUntilOwnerDead(): Promise<void> {
		await this.#waitUntilDead(this.row);
	}

	async #waitUntilDead({ id, stamp, quietMs }: LockRow): Promise<void> {
		const { clock, signal, nodeKey, timeoutMs, onWait } = this.#host;
		// A person may have written anything into `quietMs`.
		const ownerQuietMs = Number.isFinite(quietMs) ? Math.min(quietMs, LONGEST_QUIET_MS) : 0;
		const waitMs = Math.max(quietMsOf(timeoutMs), ownerQuietMs);
		const lastWatchedRow = lastWatchedRowByNodeKey.get(nodeKey);
		// Only the monotonic clock counts: setting the wall clock ahead must not end the wait.
		const firstSeenMs =
			lastWatchedRow?.id === id && lastWatchedRow.stamp === stamp
				? lastWatchedRow.firstSeenMs
				: clock.elapsedMs();
		lastWatchedRowByNodeKey.set(nodeKey, { id, stamp, firstSeenMs });
		const remainingMs = () => waitMs - (clock.elapsedMs() - firstSeenMs);
		if (remainingMs() > 0) {
			onWait?.(remainingMs());
		}
		while (remainingMs() > 0) {
			await clock.sleep(Math.min(remainingMs(), HEARTBEAT_MS), signal);
			if (signal?.aborted) {
				throw new RowTaken();
			}
			const rowNow = await this.#responseIfAny(this.#lookUpRow(id));
			// A look-up without a response proves nothing and does no harm: the claim names the stamp, and fails if the row has changed.
			const hasChanged = rowNow === 'gone' || rowNow?.stamp !== stamp;
			if (rowNow !== undefined && hasChanged) {
				throw new RowTaken();
			}
		}
	}

	/**
	 * Takes the right to send.
	 * @throws RowTaken if the row is not as this run saw it; NoResponse if no attempt got a response. NoResponse also if this run's rows are too
	 *   old: then no attempt was made
	 */
	async claim(change: LockRowChange): Promise<void> {
		if (this.#areInputRowsTooOld) {
			throw new NoResponse();
		}
		await this.#changeRow('claim', change);
	}

	/** Starts the heartbeats: the first HEARTBEAT_MS from now, each further one HEARTBEAT_MS after the end of the one before. @param makeHeartbeat never rejects */
	startHeartbeats(makeHeartbeat: () => Promise<unknown>): void {
		const onHeartbeatTime = () => {
			void makeHeartbeat().then(() => {
				if (this.#turnOffHeartbeats !== undefined) {
					this.startHeartbeats(makeHeartbeat);
				}
			});
		};
		this.#turnOffHeartbeats = this.#host.clock.alarm(HEARTBEAT_MS, onHeartbeatTime);
	}

	stopHeartbeats(): void {
		this.#turnOffHeartbeats?.();
		this.#turnOffHeartbeats = undefined;
	}

	/** Keeps the right to send: makes a heartbeat, which also writes what the run has learned since the last one. */
	async keepLock(change: LockRowChange): Promise<void> {
		await this.#changeRow('keep', change);
	}

	/** Gives the right to send back, and writes what the run leaves to the next one. */
	async release(change: LockRowChange): Promise<void> {
		this.stopHeartbeats();
		await this.#changeRow('release', change, MANY_ATTEMPTS_PAUSES_MS);
	}

	/** Writes a report without owning the row. The row becomes free: a dead owner loses it, so the next run need not wait. */
	async report(changeLastCell: ChangeLastCell): Promise<void> {
		await this.#changeRow('report', { changeLastCell });
	}

	/** Gives the right to send back after a failure before the first request. The state stays as the claim has written it. Never rejects. */
	async releaseAfterFailure(): Promise<void> {
		if (this.row.owner === this.#runId && !this.isTakenByOther) {
			await this.#changeRow('release', {}).catch(() => undefined);
		}
	}

	/** Whether the row shows that another run may be sending. */
	get mayBeOwnedByOther(): boolean {
		return !isFree(this.row) && this.row.owner !== this.#runId;
	}

	/** Whether this run may start a request: no other run can have taken over by now. */
	get isHeld(): boolean {
		return !this.isTakenByOther && this.#msSinceChange() < HELD_MS;
	}

	/** Looks up whether the row still has the stamp that this run saw. */
	async isRowUnchanged(): Promise<boolean> {
		const rowNow = await responseInTime(this.#host.clock, this.#lookUpRow(this.row.id));
		return rowNow !== 'gone' && rowNow.stamp === this.row.stamp;
	}

	/** The parts that the row leads to, from the whole state to the newest addition; undefined if one of them is missing. */
	get partChain(): readonly PartLink[] | undefined {
		const linksByName = new Map(this.#partLinks.map((link) => [link.name, link]));
		const chain: PartLink[] = [];
		let partName = this.row.stateName;
		while (partName !== '') {
			const link = linksByName.get(partName);
			// A chain longer than the list leads back to itself. Names are never used twice, so a person must have edited it.
			if (link === undefined || chain.length === linksByName.size) {
				return undefined;
			}
			chain.unshift(link);
			partName = link.after;
		}
		return chain;
	}

	/**
	 * Deletes all parts that the row does not lead to, such as those that killed runs have left. If that fails, the next run deletes them.
	 * @param keptPartNames the names of parts that stay although the row does not lead to them
	 */
	async removeUnusedParts(keptPartNames: readonly string[]): Promise<void> {
		const { partChain } = this;
		if (partChain === undefined) {
			return;
		}
		const usedPartNames = new Set([...keptPartNames, ...partChain.map(({ name }) => name)]);
		const unusedPartNames = this.#partLinks
			.map(({ name }) => name)
			.filter((name) => !usedPartNames.has(name));
		if (unusedPartNames.length > 0) {
			await this.#responseIfAny(this.#table.removeParts(unusedPartNames));
		}
	}

	/** Inserts a part of kind `late` for the next run: an INSERT needs no lock. @returns whether the table responded in time */
	async insertLatePart(content: string): Promise<boolean> {
		const part: Part = { name: makeIdBy(this.#host), after: '', kind: 'late', content };
		const insertion = this.#table.insertPart(part).then(() => true);
		return (await this.#responseIfAny(insertion)) ?? false;
	}

	/**
	 * Makes a change of the lock row, once the change before it is over.
	 * @throws RowTaken if another run owns the row; TableUnusable or NoResponse if it is not known whether the change took effect
	 */
	async #changeRow(
		intent: ChangeIntent,
		change: LockRowChange,
		wantedPausesMs = FEW_ATTEMPTS_PAUSES_MS,
	): Promise<void> {
		const pausesMs = this.#host.signal?.aborted ? ONE_ATTEMPT_PAUSES_MS : wantedPausesMs;
		const thisChange = this.#previousChange.then(
			async () => await this.#changeRowNow(intent, change, pausesMs),
		);
		this.#previousChange = thisChange.catch(() => undefined);
		await thisChange;
	}

	async #changeRowNow(
		intent: ChangeIntent,
		change: LockRowChange,
		pausesMs: readonly number[],
	): Promise<void> {
		// `isHeld` counts from the first attempt, whichever attempt takes effect: a waiting run may have seen the change from then on.
		const msSinceFirstAttempt = stopwatch(this.#host.clock);
		let update = this.#makeUpdate(intent, change);
		for (const pauseMs of pausesMs) {
			await this.#host.clock.sleep(pauseMs);
			const rowNow = await this.#attemptUpdate(update);
			const nextStep = STEPS_AFTER_ATTEMPT[intent][this.#resultOf(rowNow, update.cells.stamp)];
			if (nextStep === 'taken') {
				this.isTakenByOther = true;
				throw new RowTaken();
			}
			if (typeof rowNow === 'object') {
				this.row = rowNow;
			}
			if (nextStep === 'adopt') {
				update = this.#makeUpdate(intent, change);
			}
			if (nextStep === 'done') {
				if (intent === 'claim' || intent === 'keep') {
					this.#msSinceChange = msSinceFirstAttempt;
				}
				return;
			}
		}
		throw this.#tableError ?? new NoResponse();
	}

	/** Makes what one change writes. All attempts of the change write the same, so only one of them can take effect. */
	#makeUpdate(intent: ChangeIntent, { changeLastCell, addition, stateName }: LockRowChange): RowUpdate {
		const ownsRowAfter = intent === 'claim' || intent === 'keep';
		const stamp = STAMP_STARTS[ownsRowAfter ? 'held' : 'free'] + makeIdBy(this.#host);
		const cells: RowUpdate['cells'] = { stamp, owner: ownsRowAfter ? this.#runId : NOBODY };
		if (intent === 'claim') {
			cells.quietMs = quietMsOf(this.#host.timeoutMs);
		}
		if (intent === 'release') {
			cells.closedBy = [this.#runId, ...releasingRunIds(this.row)].slice(0, MOST_RELEASING_RUNS).join(',');
		}
		if (changeLastCell !== undefined) {
			cells.last = writeLastCell(changeLastCell(readLastCell(this.row.last)));
		}
		if (stateName !== undefined) {
			cells.stateName = stateName;
		}
		if (addition === undefined) {
			return { cells, part: undefined };
		}
		const { content, isWholeState } = addition;
		const name = makeIdBy(this.#host);
		const part: Part = { name, after: isWholeState ? '' : this.row.stateName, kind: 'part', content };
		this.#partLinks.push(linkOf(part));
		return { cells: { ...cells, stateName: name }, part };
	}

	/** Makes one attempt of a change. @returns the row after it; undefined if neither the attempt nor the look-up of the row got a response */
	async #attemptUpdate({ cells, part }: RowUpdate): Promise<LockRow | 'gone' | undefined> {
		this.#tableError = undefined;
		try {
			const { clock } = this.#host;
			const changedRow = await responseInTime(clock, this.#table.changeLockRow(this.row, cells, part));
			if (changedRow !== undefined) {
				return changedRow;
			}
		} catch (cause) {
			this.#tableError = cause instanceof TableUnusable ? cause : undefined;
		}
		// The change got no response, or the row does not have the stamp that this run saw.
		return await this.#responseIfAny(this.#lookUpRow(this.row.id));
	}

	/** Says what the row shows after an attempt. @param newStamp the stamp that the attempt wrote */
	#resultOf(row: LockRow | 'gone' | undefined, newStamp: string): AttemptResult {
		if (row === undefined) {
			return 'noResponse';
		}
		if (row === 'gone') {
			return 'gone';
		}
		if (row.stamp === newStamp) {
			return 'changed';
		}
		if (row.stamp === this.row.stamp) {
			return 'asBefore';
		}
		if (row.owner === this.#runId) {
			return 'mine';
		}
		return releasingRunIds(row).includes(this.#runId) ? 'releasedByMe' : 'notMine';
	}

	async #lookUpRow(id: number): Promise<LockRow | 'gone'> {
		const rows = await this.#table.readLockRows();
		return rows.find((row) => row.id === id) ?? 'gone';
	}

	/** Waits for a response for at most RESPONSE_LIMIT_MS. @returns undefined if none came in that time, or the statement failed */
	async #responseIfAny<Result>(response: Promise<Result>): Promise<Result | undefined> {
		return await responseInTime(this.#host.clock, response).catch(() => undefined);
	}
}

/** A link of the chain of parts: a part without its content, which may be megabytes long. */
interface PartLink extends Pick<Part, 'name' | 'after'> {
	/** The length of the part's content, characters. */
	contentLength: number;
}

function linkOf({ name, after, content }: Part): PartLink {
	return { name, after, contentLength: content.length };
}

/** What one change writes: `part` is inserted first, then the lock row gets `cells`. */
interface RowUpdate {
	cells: Partial<Omit<LockRow, 'id'>> & Pick<LockRow, 'stamp' | 'owner'>;
	part: Part | undefined;
}

/** Whether no run owns the row. The owner alone proves nothing: a person may have written `nobody` into the row of a run that sends. */
function isFree({ owner, stamp }: LockRow): boolean {
	return owner === NOBODY && stamp.startsWith(STAMP_STARTS.free);
}

function makeFreeRow(host: LockHost, firstStateNumber: number): Omit<LockRow, 'id'> {
	return {
		owner: NOBODY,
		stamp: STAMP_STARTS.free + makeIdBy(host),
		stateName: '',
		quietMs: quietMsOf(host.timeoutMs),
		closedBy: '',
		last: writeLastCell(makeLastCell(firstStateNumber)),
	};
}

/** The ids of the runs that released the row last, the newest first. */
function releasingRunIds({ closedBy }: LockRow): string[] {
	return closedBy.split(',').filter((runId) => runId !== '');
}

/** Compares two lock rows for sorting. The one to keep comes first: one that leads to a state, then a free one, then the oldest. */
function compareByWorth(a: LockRow, b: LockRow): number {
	const stateRank = (row: LockRow) => Number(row.stateName !== '');
	const freeRank = (row: LockRow) => Number(isFree(row));
	return stateRank(b) - stateRank(a) || freeRank(b) - freeRank(a) || a.id - b.id;
}

function makeIdBy({ makeId = randomUUID }: LockHost): string {
	return makeId();
}

/**
 * The lock row that this process watched last, by the key of the node, and when it first saw the row with that stamp. So if n8n ends each
 * execution after a few seconds, the next one goes on waiting where the last one stopped.
 */
const lastWatchedRowByNodeKey = new Map<string, { id: number; stamp: string; firstSeenMs: number }>();

/**
 * Waits for the response to a statement for at most `limitMs`.
 * @throws TableUnusable if the statement rejected with it; NoResponse if the response is late, or the statement failed in any other way
 */
export async function responseInTime<Result>(
	clock: Clock,
	response: Promise<Result>,
	limitMs = RESPONSE_LIMIT_MS,
): Promise<Result> {
	let turnOffAlarm = () => {};
	const timeLimit = new Promise<never>((_, reject) => {
		turnOffAlarm = clock.alarm(limitMs, () => reject(new NoResponse()));
	});
	try {
		return await Promise.race([response, timeLimit]);
	} catch (cause) {
		throw cause instanceof TableUnusable ? cause : new NoResponse('', { cause });
	} finally {
		turnOffAlarm();
	}
}
