import type { NamedDevices } from '../../service/devices';

/**
 * What the last Sync of a node in this process found in clean rows: they are not judged again while they stay as they are. A new version of
 * this package runs in a new process, so it judges them once by its own rules. It takes 44 bytes for each customer.
 */
interface CleanSheet {
	/** Names the account, where the fields stand, the options of 'Row Handling', and all cells of the fields. */
	digest: string;
	/** What the rows name, for the safety checks. */
	named: NamedDevices;
	/** The hashes of the customers, in order, one after the other: `SyncCustomer.key`. */
	keys: string;
	/** Their fingerprints in the same way. */
	fingerprints: string;
	/** What an execution keeps of their sets in the same way. */
	sets: string;
}

/** Clean rows that a run has planned. */
export interface PlannedSheet extends Pick<CleanSheet, 'digest'> {
	/** What an earlier run of the same rows has left; undefined where they were judged by this one. */
	remembered: CleanSheet | undefined;
	/** What the execution keeps of their sets. */
	sets?: string;
}

/** By what names workflow and node. */
export const cleanSheets = new Map<string, CleanSheet>();

/** Texts of the same length that stand one after the other. */
export function cutEvenly(joined: string, length: number): string[] {
	return Array.from({ length: joined.length / length }, (_, index) =>
		joined.slice(index * length, (index + 1) * length),
	);
}
