import type { Customer } from './customer';

/** Customers in first-seen order. Ids come from users, so they are only ever keys of a Map. */
export class CustomersById {
	readonly #all = new Map<string, Customer>();
	/** The last row's customer: rows of a customer often follow each other. */
	#latest: Customer | undefined;

	get all(): ReadonlyMap<string, Customer> {
		return this.#all;
	}

	/** The customer of an id; a new one where there is none. */
	of(customerId: string): Customer {
		if (this.#latest?.customerId === customerId) return this.#latest;
		let customer = this.#all.get(customerId);
		if (customer === undefined) {
			customer = { customerId, devices: [], badItemIndexes: [], findings: [] };
			this.#all.set(customerId, customer);
		}
		this.#latest = customer;
		return customer;
	}
}
