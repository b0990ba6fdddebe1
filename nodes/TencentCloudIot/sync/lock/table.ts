/**
 * What Sync needs of a database: two small tables, in a real run two of n8n's Data Tables.
 *
 *     tencent_iot_sync                                tencent_iot_state
 *     one lock row for each Sync node                 the parts of its state
 *     ┌───────────────────────────────────────┐       ┌───────────────────────────────────────────┐
 *     │ owner     who may send, or `nobody`   │       │ name   random, never used again           │
 *     │ stamp     new after each change       │   ┌──▶│ after  the part that it adds to           │──┐
 *     │ stateName the newest part             │───┘   │ content                                   │  │
 *     │ quietMs, closedBy, last               │       ├───────────────────────────────────────────┤  │
 *     └───────────────────────────────────────┘       │ name … after '' : a whole state           │◀─┘
 *                                                     ├───────────────────────────────────────────┤
 *                                                     │ kind `late`: nobody points to it          │
 *                                                     └───────────────────────────────────────────┘
 *
 * Parts are inserted and deleted, never changed. The lock row is changed by one `UPDATE … WHERE id = … AND stamp = …` alone.
 */

/** The table of the lock rows, by its name. */
export const SYNC_TABLE = 'tencent_iot_sync';
/** The table of the states. */
export const STATE_TABLE = 'tencent_iot_state';

/** What `owner` holds while no run owns the row. */
export const NOBODY = 'nobody';

/** The row that says who may send, and where the state is. There is one for each Sync node. Empty cells are `''` and `0`. */
export interface LockRow {
	id: number;
	/** The run that may send; or `NOBODY`. */
	owner: string;
	/** New after each change, so a change that names it was made by a run that saw the row as it is. The first word is `free` or `held`. */
	stamp: string;
	/** The name of the newest part of the state; `''` where there is no state. */
	stateName: string;
	/** How long the stamp must stand still before its owner counts as dead, milliseconds: see `quietMsOf`. */
	quietMs: number;
	/** The run that released the row last. A run whose answer was lost learns from it that its release took effect. */
	closedBy: string;
	/** Everything else that is small, as JSON: see `last.ts`. New members go in there, since n8n's node cannot add a column. */
	last: string;
}

/** A whole state, or what was added to one. Inserted once, never changed. */
export interface Part {
	/** Random, so that a pointer or a late DELETE can never meet another part. */
	name: string;
	/** The name of the part that this one adds to; `''` for a whole state. */
	after: string;
	/** `late`: it names whom a run may have sent after it had lost the lock. No row points to it; the next run takes it up. */
	kind: 'part' | 'late';
	/** From `partFormat`: base64. */
	content: string;
}

/** The rows of one Sync node. */
export interface Rows {
	/** One row; more only where several first runs have met. */
	locks: LockRow[];
	/** In any order; some may belong to runs that have died. */
	parts: Part[];
}

/**
 * The port to the rows of one Sync node. A method may reject whether or not it takes effect, and it may take effect long after it has
 * rejected, or twice. With `TableUnusable` (tables/dataTables.ts) it rejects if it would reject again: an attempt more would be in vain.
 *
 * An implementation finds its tables by their exact names in each call. So a run that sends notices a table that somebody renames.
 */
export interface SyncTable {
	/** Reads all rows of the node: first the lock rows, then the parts. Creates the tables where there are none. */
	read(): Promise<Rows>;
	/** Reads the lock rows alone: parts may be large. */
	readLocks(): Promise<LockRow[]>;
	insertLock(row: Omit<LockRow, 'id'>): Promise<void>;
	/** Deletes a lock row if it still has the stamp that was seen. @returns whether it had */
	removeLock(seen: Pick<LockRow, 'id' | 'stamp'>): Promise<boolean>;
	/**
	 * Inserts `part`, if there is one, and then changes the lock row if it still has the stamp that was seen: one call of the host.
	 * @returns the row as it is then; undefined where it has another stamp, or is gone
	 */
	change(
		seen: Pick<LockRow, 'id' | 'stamp'>,
		set: Partial<Omit<LockRow, 'id'>>,
		part?: Part,
	): Promise<LockRow | undefined>;
	insertPart(part: Part): Promise<void>;
	/** Deletes parts by their names. */
	removeParts(names: readonly string[]): Promise<void>;
	/**
	 * How many entries the node has in n8n's deduplication store: none, one from `noteState`, or more from a version of this package
	 * that kept its state there.
	 */
	countEntries(): Promise<number>;
	/** Makes sure that there is exactly one entry there. It tells a lost state from a first run. */
	noteState(): Promise<void>;
}
