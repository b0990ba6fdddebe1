import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Failure } from '../../service/outcome';
import type { Reported } from '../health';
import type { LockHost } from '../lock/lock';
import { missedProducts, type RowCounts } from '../safetyChecks';
import type { SyncOptions } from '../session';
import type { StateHashes } from './hashes';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The hash of its id, from `StateHashes.customer`. */
	key: string;
	/** The fingerprint of what is to be sent, from `StateHashes.fingerprint`. */
	fingerprint: string;
	devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId'>>;
}

/** What a run of Sync is to do. */
export interface SyncSettings
	extends Omit<SyncOptions, 'longestRunMinutes' | 'isReplacing' | 'expectChangesDays'>,
		LockHost {
	hashes: StateHashes;
	/** The customers whose rows can be sent, in the order of the rows; none of them twice. */
	customers: readonly SyncCustomer[];
	/** Those of `customers`, by index, that an earlier attempt of the execution has settled: no request is made for them. */
	settled?: ReadonlySet<number> | undefined;
	/** Those whose rows cannot be sent, none of them twice and none among `customers`. */
	withheld: readonly string[];
	/** Those that are left out because they have no device. */
	leftOut: readonly string[];
	/** Those of `customers` of which some rows cannot be sent. */
	inPart: ReadonlySet<string>;
	/** Whether several customers may have the same device. */
	isSharing?: boolean;
	/** How many devices and which product names the rows have: the safety checks compare them. */
	rows: NamedDevices;
	/** Nothing will be sent, and the sync state must stay as it is. */
	dryRun: boolean;
	/** When the run got its rows: it may have waited for its turn since. Unix milliseconds. */
	beganMs: number;
	/** The last report, where the sync state could not keep it. */
	reportedBefore?: Reported | undefined;
	/** Why there is nothing to send, for a reason of all rows: the run only leaves how it ended. */
	refusal?: Failure | undefined;
	/** Whether the run writes receipts while it sends, and says so by `receiptsStand`. */
	writesReceipts?: boolean;
	/** Whether somebody runs the workflow by hand in the editor. */
	isManual: boolean;
	/** Gives a random integer, `min` included, `max` not. */
	random?: ((min: number, max: number) => number) | undefined;
}

/**
 * What a run leaves of its rows to the next one.
 * @param unnamed how many customers are withheld whose rows do not name them
 */
export function countsOf({ customers, withheld, leftOut, rows }: SyncSettings, unnamed = 0): RowCounts {
	return {
		customers: customers.length + withheld.length + leftOut.length + unnamed,
		withheld: withheld.length + unnamed,
		leftOut: leftOut.length,
		devices: rows.devices,
		products: missedProducts(rows.products).length,
	};
}

/** Minutes since 1970. */
export function minuteOf(unixMs: number): number {
	return Math.floor(unixMs / 60_000);
}
