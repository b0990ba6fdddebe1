import type { Customer, CustomerDevice } from './customer';

/** Owners by device. Most devices have one, which costs one entry of a map. */
export class DeviceOwners {
	/** By DeviceId, each device of its first owner. */
	readonly #first = new Map<string, CustomerDevice>();
	/** By DeviceId and customer, the devices that have more than one owner. */
	readonly #shared = new Map<string, Map<Customer, CustomerDevice>>();

	/** The device of its first owner. */
	first(deviceId: string): CustomerDevice | undefined {
		return this.#first.get(deviceId);
	}

	/** This customer's own entry of a device that has an owner. */
	ownOf(customer: Customer, first: CustomerDevice): CustomerDevice | undefined {
		if (first.customer === customer) return first;
		return this.#shared.get(first.info.DeviceId)?.get(customer);
	}

	/** @param first the entry of the first owner, if this is another one */
	add(device: CustomerDevice, first: CustomerDevice | undefined): void {
		const { customer, info } = device;
		if (first === undefined) {
			this.#first.set(info.DeviceId, device);
			return;
		}
		const owners = this.#shared.get(info.DeviceId) ?? new Map([[first.customer, first]]);
		this.#shared.set(info.DeviceId, owners.set(customer, device));
	}

	/** The entries of all owners of a device. */
	*all(deviceId: string): Iterable<CustomerDevice> {
		const shared = this.#shared.get(deviceId);
		if (shared !== undefined) yield* shared.values();
		else if (this.#first.has(deviceId)) yield this.#first.get(deviceId)!;
	}

	/** For each device with several owners, their entries. */
	*shared(): Iterable<CustomerDevice[]> {
		for (const owners of this.#shared.values()) yield [...owners.values()];
	}
}
