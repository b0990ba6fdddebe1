import type { Customer, CustomerDevice } from './customer';

/** Who has which device. Most devices have one owner, which costs one entry of a map. */
export class DeviceOwners {
	/** Each device as its first owner has it, by its DeviceId. */
	readonly #first = new Map<string, CustomerDevice>();
	/** A device that has more than one owner as each of them has it, by its DeviceId and by customer. */
	readonly #shared = new Map<string, Map<Customer, CustomerDevice>>();

	/** A device as its first owner has it. */
	first(deviceId: string): CustomerDevice | undefined {
		return this.#first.get(deviceId);
	}

	/** A device that somebody has, as this customer has it. */
	ownOf(customer: Customer, first: CustomerDevice): CustomerDevice | undefined {
		if (first.customer === customer) return first;
		return this.#shared.get(first.info.DeviceId)?.get(customer);
	}

	/** @param first the same device as its first owner has it, if this is another one */
	add(device: CustomerDevice, first: CustomerDevice | undefined): void {
		const { customer, info } = device;
		if (first === undefined) {
			this.#first.set(info.DeviceId, device);
			return;
		}
		const owners = this.#shared.get(info.DeviceId) ?? new Map([[first.customer, first]]);
		this.#shared.set(info.DeviceId, owners.set(customer, device));
	}

	/** A device as each of its owners has it. */
	*all(deviceId: string): Iterable<CustomerDevice> {
		const shared = this.#shared.get(deviceId);
		if (shared !== undefined) yield* shared.values();
		else if (this.#first.has(deviceId)) yield this.#first.get(deviceId)!;
	}

	/** Each device with several owners, as each of them has it. */
	*shared(): Iterable<CustomerDevice[]> {
		for (const owners of this.#shared.values()) yield [...owners.values()];
	}
}
