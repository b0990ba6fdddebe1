import type { DeviceInfo } from './fields.mts';

/** What became of one customer. */
export interface CustomerResult {
	readonly customerId: string;
	/** `READY`: would be sent, in a dry run. The others are the node's outcomes. */
	readonly status: 'OK' | 'READY' | 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';
	/** How many devices the request has; undefined when none was put together. */
	readonly devices: number | undefined;
	/** The devices themselves, in a dry run. */
	readonly deviceInfos?: readonly DeviceInfo[] | undefined;
	readonly requestId?: string | undefined;
	readonly attempts: number;
	/** From 1, ascending. */
	readonly rows: readonly number[];
	/** What happened, whether anything was stored, and what to do. */
	readonly message?: string | undefined;
}

/** Why a row cannot be used. A row with several reasons is there once for each. */
export interface RefusedRow {
	/** From 1, without the column names. */
	readonly row: number;
	/** Undefined where the row has no usable one. */
	readonly customerId: string | undefined;
	readonly field: string;
	/** e.g. "is empty: fill this column". */
	readonly reason: string;
}

/** What a run of the node ended with. */
export interface PushResult {
	/** Those that were pushed first, in the order of the file. */
	readonly customers: readonly CustomerResult[];
	/** Ascending by row. */
	readonly refusedRows: readonly RefusedRow[];
	/** What kept the whole run from starting. */
	readonly runFailures: readonly string[];
	/** The numbers of the rows that the output reports. */
	readonly seenRows: ReadonlySet<number>;
	/** The node's own words above its output. */
	readonly hints: readonly string[];
}
