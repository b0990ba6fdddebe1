import { type CustomerRecord, forEachWithPauses, type Pause } from './content';
import type { SyncCustomer, SyncSettings } from './settings';

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

/**
 * Finds the record of each customer that the rows name. It hashes the ids of the withheld customers and of those left out: 100,000 ids take
 * 0.3 s of a core.
 * @param records the records of the state, by the hashes of customers
 */
export async function findNamedCustomers(
	{ hashes, customers, withheldIds, leftOutIds }: SyncSettings,
	records: ReadonlyMap<string, CustomerRecord>,
	pause: Pause,
): Promise<NamedCustomers> {
	const withRecords = async (ids: readonly string[]) => {
		const namedCustomers: NamedCustomer[] = [];
		await forEachWithPauses(ids, pause, (customerId) => {
			const key = hashes.customerHash(customerId);
			namedCustomers.push({ customerId, key, recordBefore: records.get(key) });
		});
		return namedCustomers;
	};
	const sendableCustomers: SendableCustomer[] = [];
	await forEachWithPauses(customers, pause, (customer) => {
		sendableCustomers.push({ ...customer, recordBefore: records.get(customer.key) });
	});
	return {
		customers: sendableCustomers,
		withheld: await withRecords(withheldIds),
		leftOut: await withRecords(leftOutIds),
	};
}
