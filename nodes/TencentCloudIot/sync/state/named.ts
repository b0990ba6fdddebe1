import type { CustomerRecord } from './content';
import type { SyncCustomer } from './settings';

/** A customer that the rows name. */
export interface NamedCustomer {
	customerId: string;
	/** The hash of the CustomerId. */
	key: string;
	/** The customer's record in the state that this run has found; undefined if the state does not know the customer. */
	recordBefore: CustomerRecord | undefined;
}

/** A customer whose rows can be sent. */
export interface SendableCustomer extends NamedCustomer, SyncCustomer {}

/** All customers that the rows name, with their records in the state. The order is that of the same lists in `SyncSettings`. */
export interface NamedCustomers {
	customers: readonly SendableCustomer[];
	withheld: readonly NamedCustomer[];
	leftOut: readonly NamedCustomer[];
}
