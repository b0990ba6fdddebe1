/** The customers of a run with their devices, as its rows describe them. */
import type { Finding } from '../messages/findings';
import type { DeviceInfo } from '../service/devices';

/** A device to push for a customer, and the rows that name it. */
export interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	/** The first row that names the device. */
	itemIndex: number;
	/** Further rows that name the device. Most devices have none, and undefined saves their memory. */
	repeatRows: number[] | undefined;
	/** For a DeviceId that several customers have: the device of each of them. Only the device of the first of these customers has this map. */
	deviceByOwner: Map<Customer, CustomerDevice> | undefined;
}

/** The item indexes of all rows that name a device. */
export function itemIndexesOf({ itemIndex, repeatRows = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeatRows];
}

/** A customer as the rows of a run describe it. */
export class Customer {
	/**
	 * A customer gets at most this many findings of rows that may belong to it. In a garbled column each row may belong to every customer, and
	 * rows times customers would fill the memory.
	 */
	static readonly MOST_SHARED_FINDINGS = 20;
	readonly customerId: string;
	/** The devices to push, in the order in which the rows first name them. */
	devices: CustomerDevice[] = [];
	/** The customer's rows that cannot be sent. */
	readonly invalidItemIndexes: number[] = [];
	/** Findings of the rows in `invalidItemIndexes`, and of other invalid rows that may belong to this customer. */
	readonly findings: Finding[] = [];

	constructor(customerId: string) {
		this.customerId = customerId;
	}

	/** Adds the findings of a row that may belong to this customer, unless the customer has many findings already. */
	shareFindings(findings: readonly Finding[]): void {
		if (this.findings.length < Customer.MOST_SHARED_FINDINGS) {
			this.findings.push(...findings);
		}
	}
}

/** The customers of a run by CustomerId, in first-seen order. A Map, not an object: ids come from users, and `__proto__` would not work as a key. */
export class Customers extends Map<string, Customer> {
	/** Gives the customer with this id; creates the customer if there is none. */
	getOrCreate(customerId: string): Customer {
		let customer = this.get(customerId);
		if (customer === undefined) {
			customer = new Customer(customerId);
			this.set(customerId, customer);
		}
		return customer;
	}
}
