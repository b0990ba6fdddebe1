import type { NamedDevices } from '../../service/devices';

/**
 * What the last Sync of a node in this process found in clean rows, i.e. rows without a finding or an assumption. While they stay as they
 * are the next runs neither check nor hash them again. A new version of this package runs in a new process, so it checks them once by its
 * own rules. A sheet takes 44 bytes for each customer.
 */
interface CleanSheet {
	/** A digest of all that the findings depend on: the account, the columns of the fields, the options of 'Row Handling', all their cells. */
	digest: string;
	/** The devices and product names of the rows, for the safety checks. */
	named: NamedDevices;
	/** `SyncCustomer.key` of all customers, in the order of the rows, joined: see `cutEvenly`. */
	keys: string;
	/** Their fingerprints, joined in the same way. */
	fingerprints: string;
	/** What an execution keeps of each customer's full set, joined in the same way. */
	sets: string;
}

/** Clean rows that a run has planned. */
export interface PlannedSheet extends Pick<CleanSheet, 'digest'> {
	/** What an earlier run has remembered of exactly these rows; undefined where this run has checked them. */
	remembered: CleanSheet | undefined;
	/** What the execution keeps of each customer's full set, joined. Set where the sheet is to be remembered. */
	sets?: string;
}

/** By the key of a node, which names workflow and node. */
export const cleanSheets = new Map<string, CleanSheet>();

/** Cuts a joined text into its parts, which all have the same length. */
export function cutEvenly(joined: string, length: number): string[] {
	return Array.from({ length: joined.length / length }, (_, index) =>
		joined.slice(index * length, (index + 1) * length),
	);
}
