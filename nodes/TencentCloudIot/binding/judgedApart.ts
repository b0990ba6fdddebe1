import type { DeviceInfo } from '../service/devices';
import { productOf } from './productNames';

/** A customer whose rows are clean. */
interface JudgedCustomer {
	id: string;
	devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId' | 'CustomerDeviceNo'>>;
}

/**
 * Customers whose rows were judged without those of others. Nothing is found or assumed of the rows together as long as no other customer has
 * one of these in common with them; else all rows have to be judged together:
 *
 *     CustomerId, whatever its case    two customers may be one (oddities.ts)
 *     DeviceId, whatever its case      a device of two customers is refused (customers.ts), or they may have one lock (oddities.ts)
 *     ProductId in another case        one of the spellings is refused (customers.ts)
 *     CustomerDeviceNo                 may be a copied row (oddities.ts)
 *
 * Ids that hold another one are told by `eachCompound`. Whoever lets rows of different customers depend on each other in one more way has to
 * add it here.
 */
export class JudgedApart {
	readonly #ids = new Set<string>();
	readonly #deviceIds = new Set<string>();
	readonly #numbers = new Set<string>();
	/** By a ProductId with its slash in lower case: how it is written. */
	readonly #spellings = new Map<string, string>();
	/** The ProductIds, with their slash, of other customers that are written as here, or are not here at all. */
	readonly #otherProducts = new Set<string>();

	constructor(customers: Iterable<JudgedCustomer>) {
		for (const { id, devices } of customers) {
			this.#ids.add(id.toLowerCase());
			for (const { DeviceId, CustomerDeviceNo } of devices) {
				const product = productOf(DeviceId);
				this.#spellings.set(product.toLowerCase(), product);
				this.#deviceIds.add(DeviceId.toLowerCase());
				this.#numbers.add(CustomerDeviceNo);
			}
		}
	}

	/** Whether there may be this customer, by the id of another one. */
	hasCustomer(id: string): boolean {
		return this.#ids.has(id.toLowerCase());
	}

	/** Whether there is this device of another customer, or one that has something in common with it. */
	hasDevice(deviceId: string, number: string): boolean {
		return (
			this.#numbers.has(number) ||
			this.#deviceIds.has(deviceId.toLowerCase()) ||
			this.#hasOtherSpelling(productOf(deviceId))
		);
	}

	#hasOtherSpelling(product: string): boolean {
		if (this.#otherProducts.has(product)) {
			return false;
		}
		const spelling = this.#spellings.get(product.toLowerCase());
		if (spelling !== undefined && spelling !== product) {
			return true;
		}
		this.#otherProducts.add(product);
		return false;
	}
}
