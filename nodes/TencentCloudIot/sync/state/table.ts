/** Nobody has the lock. */
export const NOBODY = 'nobody';

/** The row that says who may send, and where the state is. There is one for each Sync node. */
export interface LockRow {
	id: number;
	/** The id of the run that may send; or `NOBODY`. */
	owner: string;
	/** New after each change of the row: who names it in a change has seen the row as it is. */
	stamp: string;
	/** The id of the row with the state; 0 for none. */
	stateId: number;
	/** The id of the row with those that a run may have sent since; 0 for none. */
	doubtId: number;
	/** What was reported last, as JSON. */
	last: string;
}

/** A content that is to be inserted in front of a change, which then points to it. */
export interface NewContent {
	column: 'stateId' | 'doubtId';
	text: string;
}

/** The rows of one Sync node. */
export interface Rows {
	/** One, and more only where several first runs met. */
	locks: LockRow[];
	/** By their ids. Some may belong to runs that have died. */
	contents: ReadonlyMap<number, string>;
}

/**
 * The rows of one Sync node in a table; in a real run one of n8n's Data Tables. Ids only ever grow. A function may reject at any
 * time, whether or not it takes effect, and may take effect long after it has rejected.
 *
 * Contents are inserted and never overwritten. The lock row is changed by a compare-and-set alone, so that a late or repeated
 * change does nothing.
 */
export interface SyncTable {
	/** All rows of the node, as they are at one moment. */
	all(): Promise<Rows>;
	/** The lock rows alone: the contents may be large. */
	locks(): Promise<LockRow[]>;
	addLockRow(row: Omit<LockRow, 'id'>): Promise<void>;
	/** Removes a lock row that is as it was seen. */
	removeLockRow(seen: LockRow): Promise<void>;
	/**
	 * Changes the lock row if it still has the stamp that was seen.
	 * @returns the row as it is then; undefined where it has another stamp
	 */
	change(seen: LockRow, set: Partial<LockRow>, content?: NewContent): Promise<LockRow | undefined>;
	/**
	 * Removes the contents with lower ids, but for one. Who has just made the lock row point to a content may remove all older ones: whoever
	 * has inserted one of them has seen another stamp, so that the row can never point to it.
	 */
	removeContents(below: number, except: number): Promise<void>;
	/** Whether the node is known to have had a state before; `otherFormat` for one of an older version of this package. */
	hadState(): Promise<'never' | 'had' | 'otherFormat'>;
	/** Notes that the node has a state, outside the table: a state that is lost is no first run. */
	noteState(): Promise<void>;
}

/** This n8n has no table for the state. */
export class NoTable extends Error {}
