import { randomUUID } from 'node:crypto';

import type { Clock } from '../../service/transport/clock';
import { type LockRow, NOBODY, type NewContent, NoTable, type Rows, type SyncTable } from './table';

/**
 * An owner gives a sign of life this often, and starts no request when the last one that succeeded began `HELD_MS` ago. Whoever
 * finds the row unchanged for `QUIET_MS` takes over. The row that he saw was written before he saw it, so the owner starts nothing
 * `HELD_MS` after that at the latest: before the other one can begin there are `QUIET_MS - HELD_MS` = 8 s for requests under way.
 * One statement in three may fail or take 7 s (`HELD_MS - BEAT_MS`) and the owner still goes on.
 */
export const BEAT_MS = 5000;
export const HELD_MS = 12_000;
export const QUIET_MS = 20_000;

/** Nobody waits longer for an answer. It may still take effect. */
const ANSWER_MS = 8000;

/** Between the attempts of a change: a few for one that the run can do without, more for its end. Milliseconds. */
const FEW_ATTEMPTS = [0, 500];
const MANY_ATTEMPTS = [0, 500, 1000, 2000, 4000, 8000];

/** The rows of a run are too old to be sent when it has not seen the lock so long after its begin. Milliseconds. */
const ROWS_OLD_MS = 10_000;

/** Another run has the state. */
export class Taken extends Error {}

/** The table did not answer. */
export class NoAnswer extends Error {}

/** What of a run's settings the lock needs. */
export interface LockHost {
	clock: Clock;
	signal: AbortSignal | undefined;
	/** Names workflow and node. */
	node: string;
	newStamp?: (() => string) | undefined;
	/** Called before the run waits, with how long, milliseconds. */
	onWait?: ((ms: number) => void) | undefined;
}

/**
 * Milliseconds from now on, by the monotonic clock or the wall clock, whichever says more. A virtual machine that is paused stops
 * the first one.
 */
export function stopwatch(clock: Pick<Clock, 'elapsedMs' | 'nowMs'>): () => number {
	const [now, elapsed] = [clock.nowMs(), clock.elapsedMs()];
	return () => Math.max(clock.elapsedMs() - elapsed, clock.nowMs() - now);
}

/** The lock row of a Sync node, and the right of one run to send. */
export class Lock {
	/** As it was last seen. */
	row: LockRow;
	/** What stood in the table when the row was first seen. */
	readonly contents: Rows['contents'];
	/** Whether another run is known to have it. */
	isTaken = false;
	readonly #me: string;
	readonly #table: SyncTable;
	readonly #host: LockHost;
	/** There were others: of several first runs at once each may have added a row. */
	readonly #isCrowded: boolean;
	/** Since the begin of the last change that succeeded while this run was the owner. */
	#sinceChangeMs: () => number = () => Infinity;
	/** One change follows the other. */
	#changing: Promise<unknown> = Promise.resolve();
	#turnOff: (() => void) | undefined;

	private constructor(row: LockRow, contents: Rows['contents'], isCrowded: boolean, table: SyncTable, host: LockHost) {
		this.row = row;
		this.contents = contents;
		this.#isCrowded = isCrowded;
		this.#table = table;
		this.#host = host;
		this.#me = (host.newStamp ?? randomUUID)();
	}

	/** Reads the lock row; adds it, where there is none. @param last of a row that is added @param passedMs since the run began */
	static async open(table: SyncTable, host: LockHost, last: string, passedMs: () => number): Promise<Lock> {
		const newStamp = host.newStamp ?? randomUUID;
		let rows = await inTime(host.clock, () => table.all());
		let isCrowded = rows.locks.length > 1;
		if (rows.locks.length === 0) {
			const first = { owner: NOBODY, stamp: newStamp(), stateId: 0, doubtId: 0, last };
			await inTime(host.clock, () => table.addLockRow(first));
			rows = await inTime(host.clock, () => table.all());
			isCrowded = true;
		}
		// Before anything is decided: other runs may have come and gone since the rows were read.
		if (passedMs() > ROWS_OLD_MS) throw new NoAnswer();
		// The one that has a state counts, or those in doubt, or else the oldest.
		const [row, ...others] = rows.locks.toSorted(
			(a, b) => b.stateId - a.stateId || b.doubtId - a.doubtId || a.id - b.id,
		);
		if (row === undefined) throw new NoAnswer();
		const taken = others.find(({ owner }) => owner !== NOBODY);
		// Its owner takes it for the only one: it is watched in the place of the right one.
		if (taken !== undefined) {
			const lock = new Lock(taken, rows.contents, isCrowded, table, host);
			await lock.watch();
			await inTime(host.clock, () => table.removeLockRow(taken));
			throw new Taken();
		}
		for (const other of others) await inTime(host.clock, () => table.removeLockRow(other));
		return new Lock(row, rows.contents, isCrowded, table, host);
	}

	/** Whether another run has it, as far as it was seen. */
	get hasOwner(): boolean {
		return this.row.owner !== NOBODY && this.row.owner !== this.#me;
	}

	/** Whether no other run can have taken over, nor can before a request has started. */
	get isHeld(): boolean {
		return !this.isTaken && this.#sinceChangeMs() < HELD_MS;
	}

	/** Waits for the row of another run to stand still. It leaves as soon as that moves; that it has not, the claim itself proves. */
	async watch(): Promise<void> {
		const { clock, signal, node, onWait } = this.#host;
		// The monotonic clock alone: a wall clock that is set ahead is no waiting.
		const seen = sightings.get(node);
		const seenMs = seen?.stamp === this.row.stamp ? seen.atMs : clock.elapsedMs();
		sightings.set(node, { stamp: this.row.stamp, atMs: seenMs });
		const leftMs = () => QUIET_MS - (clock.elapsedMs() - seenMs);
		if (leftMs() > 0) onWait?.(leftMs());
		while (leftMs() > 0) {
			await clock.sleep(Math.min(leftMs(), BEAT_MS), signal);
			if (signal?.aborted) throw new Taken();
			const isSame = await this.#look().then(
				(row) => row?.stamp === this.row.stamp,
				() => true,
			);
			if (!isSame) throw new Taken();
		}
	}

	/** Takes the right to send. @throws Taken where the row is not as it was seen */
	async claim(set: Partial<LockRow>, content?: NewContent): Promise<void> {
		const { stateId, doubtId } = this.row;
		await this.change({ ...set, owner: this.#me }, content);
		if (this.#isCrowded) {
			const rows = await inTime(this.#host.clock, () => this.#table.locks());
			if (rows.length > 1) {
				await this.change({ owner: NOBODY, stateId, doubtId });
				throw new Taken();
			}
		}
		this.#live();
	}

	/** Gives the right back. Tries for a while, since nothing is kept otherwise. */
	async release(set: Partial<LockRow>, content?: NewContent): Promise<void> {
		this.stop();
		// Once n8n has ended the execution no answer may come any more.
		const attempts = this.#host.signal?.aborted ? FEW_ATTEMPTS : MANY_ATTEMPTS;
		await this.change({ ...set, owner: NOBODY }, content, attempts);
	}

	/** After a failure before anything was sent. */
	async giveUp(): Promise<void> {
		this.stop();
		if (this.row.owner === this.#me && !this.isTaken)
			await this.change({ owner: NOBODY }).catch(() => undefined);
	}

	/** A sign of life. One that fails counts as none. */
	async beat(): Promise<void> {
		if (!this.isTaken) await this.change({}).catch(() => undefined);
	}

	/** No further sign of life is given. */
	stop(): void {
		this.#turnOff?.();
		this.#turnOff = undefined;
	}

	/** Changes the row if it is as this run last saw it or left it. */
	async change(set: Partial<LockRow>, content?: NewContent, attempts = FEW_ATTEMPTS): Promise<void> {
		const changed = this.#changing.then(async () => await this.#change(set, content, attempts));
		this.#changing = changed.catch(() => undefined);
		await changed;
	}

	async #change(set: Partial<LockRow>, content: NewContent | undefined, attempts: number[]): Promise<void> {
		const { clock, newStamp = randomUUID } = this.#host;
		const wanted = { ...set, stamp: newStamp() };
		// The first attempt may be the one that takes effect.
		const sinceMs = stopwatch(clock);
		for (const pauseMs of attempts) {
			await clock.sleep(pauseMs);
			const isDone = (row: LockRow) => {
				this.row = row;
				if (row.owner === this.#me) this.#sinceChangeMs = sinceMs;
			};
			const changed = await this.#try(() => this.#table.change(this.row, wanted, content));
			if (changed) return isDone(changed);
			// No answer, or the row is not as it was seen: what has become of it?
			const now = await this.#try(async () => (await this.#look()) ?? 'gone');
			if (now === undefined) continue;
			if (now !== 'gone' && now.stamp === wanted.stamp) return isDone(now);
			if (now !== 'gone' && now.stamp === this.row.stamp) continue;
			if (now === 'gone' || now.owner !== this.#me) {
				this.isTaken = true;
				throw new Taken();
			}
			// An earlier change of this run has taken effect after all.
			this.row = now;
		}
		throw new NoAnswer();
	}

	async #look(): Promise<LockRow | undefined> {
		const rows = await inTime(this.#host.clock, () => this.#table.locks());
		return rows.find(({ id }) => id === this.row.id);
	}

	/** @returns undefined where there was no answer, too */
	async #try<Result>(begin: () => Promise<Result>): Promise<Result | undefined> {
		return await inTime(this.#host.clock, begin).catch(() => undefined);
	}

	#live(): void {
		const passedMs = stopwatch(this.#host.clock);
		const next = (ms: number) => {
			this.#turnOff = this.#host.clock.alarm(ms, () => {
				void this.beat().then(() => this.#turnOff && this.#live());
			});
		};
		next(Math.max(0, BEAT_MS - passedMs()));
	}
}

/** Of each node the row of another run that was seen last in this process, and when first: runs that n8n ends soon wait together. */
const sightings = new Map<string, { stamp: string; atMs: number }>();

/** Waits for an answer, but not for ever. */
export async function inTime<Result>(clock: Clock, begin: () => Promise<Result>): Promise<Result> {
	let turnOff = () => {};
	const late = new Promise<never>((_, reject) => {
		turnOff = clock.alarm(ANSWER_MS, () => reject(new NoAnswer()));
	});
	try {
		return await Promise.race([begin(), late]);
	} catch (cause) {
		throw cause instanceof NoTable ? cause : new NoAnswer('', { cause });
	} finally {
		turnOff();
	}
}
