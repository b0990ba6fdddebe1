import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Failure } from '../../service/outcome';
import type { UnstoredReport } from '../lastReport';
import type { LockHost } from '../lock/lock';
import { frequentProductNames, type RowCounts } from '../safetyChecks';
import type { SyncOptions } from '../session';
import type { StateHashes } from './hashes';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The hash of the CustomerId, from `StateHashes.customerHash`. The state knows a customer by this hash only. */
	key: string;
	/** The fingerprint of the customer's full set, from `StateHashes.fingerprint`. */
	fingerprint: string;
	/** All devices of the customer. If its rows are clean, the devices are made when `devices` is read, so read it only if needed. */
	fullSet: { readonly devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId' | 'ProductName'>> };
}

/** What a run of Sync needs: the rows, what the user chose, and the host. */
export interface SyncSettings
	extends Omit<SyncOptions, 'longestRunMinutes' | 'isReplacing' | 'expectChangesDays'>,
		LockHost {
	hashes: StateHashes;
	/** The customers whose rows can be sent, each once, in the order of the rows. A customer's index is its position in this list. */
	customers: readonly SyncCustomer[];
	/** Indexes of the customers that an earlier attempt of the execution has settled: this attempt does not send them. */
	settledIndexes?: ReadonlySet<number> | undefined;
	/** The ids of the customers without any row that can be sent, each once. They are not in `customers`. */
	withheldIds: readonly string[];
	/** The ids of customers that are left out because they have no device. */
	leftOutIds: readonly string[];
	/** The ids of those `customers` that also have rows which cannot be sent. Those rows may name devices that look missing. */
	partlyWithheldIds: ReadonlySet<string>;
	/** Whether several customers may have the same device. Then a device that turns up at another customer may still belong to the first. */
	mayShareDevices?: boolean;
	/** How many devices and which product names all rows have, for the safety checks. */
	namedDevices: NamedDevices;
	/** Whether the run only shows its plan. It then sends nothing, and leaves the state as it is. */
	dryRun: boolean;
	/** When the run received its rows, Unix milliseconds. While it waited to start, a run with newer rows may have sent. */
	rowsReceivedMs: number;
	/** The last report of the node, if only this process has it because the lock row could not keep it: see `unstoredReport`. */
	unstoredReport?: UnstoredReport | undefined;
	/** Why no row can be sent at all, e.g. because the credential is missing. The run then only writes a report. */
	refusal?: Failure | undefined;
	/** Whether the run writes receipts, and so calls `noteReceiptsWritten`. */
	writesReceipts?: boolean;
	/** Whether somebody runs the workflow by hand in the editor. */
	isManual: boolean;
	/** Gives a random integer, `min` included, `max` not. Tests replace it. */
	random?: ((min: number, max: number) => number) | undefined;
}

/**
 * Counts the rows: the safety checks compare these counts with those of the last run.
 * @param presumedWithheldCount how many customers count as withheld although no row names them: see `StartFacts.presumedWithheldKeys`
 */
export function countsOf(
	{ customers, withheldIds, leftOutIds, namedDevices }: SyncSettings,
	presumedWithheldCount = 0,
): RowCounts {
	return {
		customers: customers.length + withheldIds.length + leftOutIds.length + presumedWithheldCount,
		withheld: withheldIds.length + presumedWithheldCount,
		leftOut: leftOutIds.length,
		devices: namedDevices.deviceCount,
		products: frequentProductNames(namedDevices.deviceCountByProduct).length,
	};
}

/** Converts Unix milliseconds to minutes since 1970. The state keeps minutes: they fit into 4 bytes. */
export function minuteOf(unixMs: number): number {
	return Math.floor(unixMs / 60_000);
}
