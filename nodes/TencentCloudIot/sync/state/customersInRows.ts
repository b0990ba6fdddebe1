/** The customers that a run's rows name, each with its record in the state. */
import type { Pause } from '../../input/pausing';
import type { CustomerRecord } from './content';
import type { FoundState } from './readState';
import type { SyncCustomer, SyncSettings } from './settings';

/** A customer that the rows name. */
export interface CustomerInRows {
	customerId: string;
	/** The hash of the CustomerId. */
	key: string;
	/** The customer's record in the state that this run has found; undefined if the state does not know the customer. */
	recordBefore: CustomerRecord | undefined;
}

/** A customer whose rows can be sent. */
export interface SendableCustomer extends CustomerInRows, SyncCustomer {}

/**
 * All customers that the rows name, with their records in the state. The lists have the order of `customers`, `withheldIds` and `leftOutIds` in
 * `SyncSettings`.
 */
export interface CustomersInRows {
	/** The customers with at least one row that can be sent. */
	sendable: readonly SendableCustomer[];
	/** The customers without any row that can be sent. */
	withheld: readonly CustomerInRows[];
	/** The customers without a device. */
	leftOut: readonly CustomerInRows[];
}

/** A run, and the state that its rows are compared with. */
export interface ComparedRun {
	settings: SyncSettings;
	customersInRows: CustomersInRows;
	foundState: FoundState;
	/** When this run began, minutes since 1970. */
	beganMinute: number;
	pause: Pause;
}

export function idsOf(customers: readonly CustomerInRows[]): string[] {
	return customers.map(({ customerId }) => customerId);
}
