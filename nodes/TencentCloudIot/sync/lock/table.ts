/**
 * What Sync needs of a database: two tables. In n8n they are two Data Tables.
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
 *                                                     │ kind `late`: no row or part leads to it   │
 *                                                     └───────────────────────────────────────────┘
 *
 * Parts are inserted and deleted, never changed. Only one statement changes the lock row: `UPDATE … WHERE id = … AND stamp = …`.
 */

/** The name of the table with the lock rows. */
export const SYNC_TABLE = 'tencent_iot_sync';
/** The name of the table with the parts of the states. */
export const STATE_TABLE = 'tencent_iot_state';

/** What `owner` holds while no run owns the row. */
export const NOBODY = 'nobody';

/** How the stamp of a lock row begins while no run owns it (`free`), and while a run or *Forget* does (`held`). The rest is random. */
export const STAMP_STARTS = { free: 'free ', held: 'held ' } as const;

/** The row that says who may send, and where the state is. There is one for each Sync node. Empty cells are `''` and `0`. */
export interface LockRow {
	id: number;
	/** The id of the run that may send, or `NOBODY`. */
	owner: string;
	/**
	 * One of `STAMP_STARTS`, and a random text that is new after each change. So a change that names the stamp can only come from a run that saw the row
	 * as it is.
	 */
	stamp: string;
	/** The name of the newest part of the state; `''` if there is no state. */
	stateName: string;
	/** How long the stamp must not change before the owner counts as dead, milliseconds: see `quietMsOf`. */
	quietMs: number;
	/**
	 * The ids of the last runs that released the row, the newest first, separated by commas. If a run's release got no response, its id here
	 * shows that the release took effect.
	 */
	closedBy: string;
	/** All else that a run leaves to the next one, as JSON: see `last.ts`. New values go into this cell: n8n's Data Table node cannot add a column. */
	last: string;
}

/** A whole state, or an addition to one. Inserted once, never changed. */
export interface Part {
	/** A random name that is never used again, so a lock row or a late DELETE that names a part can never mean another part. */
	name: string;
	/** The name of the part that this part adds to; `''` for a whole state. */
	after: string;
	/**
	 * `late` if the part names customers that a run may have sent after it had lost the lock row. No lock row leads to a late part; the next
	 * run reads it after the parts that the row leads to.
	 */
	kind: 'part' | 'late';
	/** The text that `statePart` writes: base64. */
	content: string;
}

/** What the two tables have of one Sync node. */
export interface NodeRows {
	/** The lock rows: one, or several if first runs began at the same moment. */
	lockRows: LockRow[];
	/** The parts, in any order. Some may be of runs that have died. */
	parts: Part[];
}

/**
 * The port to the rows of one Sync node. A method may reject and still take effect, perhaps long after that, or twice. If it rejects with
 * `TableUnusable` (tables/dataTables.ts) another attempt would reject, too.
 *
 * An implementation finds its tables by their exact names in each call. So a run that sends notices when somebody renames a table.
 */
export interface SyncTable {
	/**
	 * Reads all rows of the node, the lock rows before the parts: a run inserts a part before its lock row leads to it, so the parts read here
	 * include those that the lock row led to, unless they were deleted meanwhile. Creates the tables if they do not exist.
	 */
	read(): Promise<NodeRows>;
	/** Reads the lock rows only: the parts may be megabytes long. */
	readLockRows(): Promise<LockRow[]>;
	/** Inserts a lock row, even if the node has one. */
	insertLockRow(row: Omit<LockRow, 'id'>): Promise<void>;
	/** Deletes a lock row if it still has the stamp of `seenRow`. @returns whether it was deleted */
	removeLockRow(seenRow: Pick<LockRow, 'id' | 'stamp'>): Promise<boolean>;
	/**
	 * Inserts `part`, if there is one, and then changes the lock row if it still has the stamp of `seenRow`. One call of the host.
	 * @returns the row after the change; undefined if it has another stamp, or is gone, and was not changed
	 */
	changeLockRow(
		seenRow: Pick<LockRow, 'id' | 'stamp'>,
		newCells: Partial<Omit<LockRow, 'id'>>,
		part?: Part,
	): Promise<LockRow | undefined>;
	insertPart(part: Part): Promise<void>;
	/** Deletes parts by their names. */
	removeParts(partNames: readonly string[]): Promise<void>;
	/**
	 * How many entries the node has in n8n's deduplication store: none, one from `ensureStoreEntry`, or more from a version of this package
	 * that kept its state there.
	 */
	countStoreEntries(): Promise<number>;
	/**
	 * Makes sure that the node has one entry in n8n's deduplication store. The entry survives if somebody deletes the tables, so the next run sees
	 * a lost state and not a first run.
	 */
	ensureStoreEntry(): Promise<void>;
}
