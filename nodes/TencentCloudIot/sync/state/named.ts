import { type CustomerRecord, forEachWithPauses, type Pause } from './content';
import type { SyncCustomer, SyncSettings } from './settings';

/** A customer that the rows name. */
export interface NamedCustomer {
	customerId: string;
	/** The hash of its id. */
	key: string;
	/** Its record in the state; undefined where it has none. */
	recordBefore: CustomerRecord | undefined;
}

/** A customer whose rows can be sent. */
export interface SendableCustomer extends NamedCustomer, SyncCustomer {}

/** All customers that the rows name, in the order of `SyncSettings`. */
export interface NamedCustomers {
	customers: readonly SendableCustomer[];
	withheld: readonly NamedCustomer[];
	leftOut: readonly NamedCustomer[];
}

/**
 * Finds the record of each customer that the rows name. The ids of customers whose rows cannot be sent are hashed here: 100,000 take 0.3 s
 * of a core.
 * @param records those of the state, by the hashes of customers
 */
export async function nameCustomers(
	{ hashes, customers, withheld, leftOut }: SyncSettings,
	records: ReadonlyMap<string, CustomerRecord>,
	pause: Pause,
): Promise<NamedCustomers> {
	const nameAll = async (ids: readonly string[]) => {
		const named: NamedCustomer[] = [];
		await forEachWithPauses(ids, pause, (customerId) => {
			const key = hashes.customer(customerId);
			named.push({ customerId, key, recordBefore: records.get(key) });
		});
		return named;
	};
	const sendable: SendableCustomer[] = [];
	await forEachWithPauses(customers, pause, (customer) => {
		const { customerId, key, fingerprint } = customer;
		sendable.push({
			customerId,
			key,
			fingerprint,
			recordBefore: records.get(key),
			// Read only for customers that are sent: those are few.
			get devices() {
				return customer.devices;
			},
		});
	});
	return { customers: sendable, withheld: await nameAll(withheld), leftOut: await nameAll(leftOut) };
}
