import type { DeviceInfo, NamedDevices } from '../../service/devices';
import type { Failure } from '../../service/outcome';
import type { LastReport } from '../health';
import type { LockHost } from '../lock/lock';
import { expectedProducts, type RowCounts } from '../safetyChecks';
import type { SyncOptions } from '../session';
import type { StateHashes } from './hashes';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The hash of its id, from `StateHashes.customer`. */
	key: string;
	/** The fingerprint of what is to be sent, from `StateHashes.fingerprint`. */
	fingerprint: string;
	devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId' | 'ProductName'>>;
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
	/** The ids of those of `customers` that have also rows which cannot be sent: their devices are not all known. */
	partlyWithheld: ReadonlySet<string>;
	/** Whether several customers may have the same device. Then a device that turns up at another customer may still belong to the first. */
	mayShareDevices?: boolean;
	/** How many devices and which product names the rows have: the safety checks compare them. */
	namedDevices: NamedDevices;
	/** Whether the run only shows its plan: it sends nothing, and leaves the sync state as it is. */
	dryRun: boolean;
	/** When the run got its rows, Unix milliseconds. It may have waited for its turn between that and reading the state. */
	beganMs: number;
	/** The last report, where the sync state could not keep it. */
	reportedBefore?: LastReport | undefined;
	/** Why no row can be sent at all, e.g. no credential. The run then writes its report and nothing else. */
	refusal?: Failure | undefined;
	/** Whether the run writes receipts while it sends, and calls `receiptsStand` for them. */
	writesReceipts?: boolean;
	/** Whether somebody runs the workflow by hand in the editor. */
	isManual: boolean;
	/** Gives a random integer, `min` included, `max` not. */
	random?: ((min: number, max: number) => number) | undefined;
}

/**
 * Counts the rows, for the safety checks of the next run.
 * @param presumedWithheld how many customers count as withheld though no row names them: see `StartFacts.presumedWithheld`
 */
export function countsOf(
	{ customers, withheld, leftOut, namedDevices }: SyncSettings,
	presumedWithheld = 0,
): RowCounts {
	return {
		customers: customers.length + withheld.length + leftOut.length + presumedWithheld,
		withheld: withheld.length + presumedWithheld,
		leftOut: leftOut.length,
		devices: namedDevices.devices,
		products: expectedProducts(namedDevices.products).length,
	};
}

/** Minutes since 1970. */
export function minuteOf(unixMs: number): number {
	return Math.floor(unixMs / 60_000);
}
