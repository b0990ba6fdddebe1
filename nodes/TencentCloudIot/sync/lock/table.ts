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
	/** New after each change. Who names it in a change has seen the row as it is. One that a release has written begins with `free `. */
	stamp: string;
	/** The name of the newest part of the state; `''` where there is no state. */
	stateName: string;
	/** How long a stamp must stand still before this owner counts as dead, milliseconds: it depends on its *Timeout (Seconds)*. */
	quietMs: number;
	/** The run that released the row last. A run whose answer was lost learns from it that its release took effect. */
	closedBy: string;
	/** All else that is small, as JSON: see `last.ts`. Whatever may grow goes in there, since n8n's node cannot add a column. */
	last: string;
}

/** A whole state, or what was added to one. Inserted once, never changed. */
export interface Part {
	/** Random, so that a pointer or a late DELETE can never meet another part. */
	name: string;
	/** The name of the part that this one adds to; `''` for a whole state. */
	after: string;
	/** `late`: a run that had lost the lock says whom it may have sent. Nobody points to it, and whoever runs next takes it up. */
	kind: 'part' | 'late';
	/** From `partFormat`: base64. */
	content: string;
}

/** The rows of one Sync node. */
export interface Rows {
	/** One; more only where several first runs met. */
	locks: LockRow[];
	/** In any order; some may belong to runs that have died. */
	parts: Part[];
}

/**
 * The rows of one Sync node. A function may reject at any time, whether or not it takes effect, and may take effect long after it
 * has rejected, or twice. Any of them may reject with `TableUnusable`
 * (tables/dataTables.ts), and will again then.
 *
 * An implementation finds its tables by their exact names in each call: a table that somebody has renamed is gone for a run that sends.
 */
export interface SyncTable {
	/** All rows of the node, read one after the other: the lock rows first. Creates the tables where there are none. */
	read(): Promise<Rows>;
	/** The lock rows alone, for parts may be large. */
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
	/** Leaves exactly one entry there: a state that is lost is no first run. */
	noteState(): Promise<void>;
}
