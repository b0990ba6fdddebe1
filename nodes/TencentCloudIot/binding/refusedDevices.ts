import { itemIndexesOf, refuseRow, type Customer, type CustomerDevice } from './customer';

/** The devices that are withheld, with all their rows. */
export class RefusedDevices {
	readonly #devices = new Set<CustomerDevice>();

	/** Withholds a device and all its rows, unless it is withheld already. */
	add(device: CustomerDevice, text: string): void {
		if (this.#devices.has(device)) return;
		this.#devices.add(device);
		for (const itemIndex of itemIndexesOf(device)) refuseRow(device.customer, itemIndex, text);
	}

	/** Takes them out of what their customers have, with all that stands in the same rows. */
	drop(customers: Iterable<Customer>): void {
		if (this.#devices.size === 0) return;
		for (const customer of customers) {
			if (customer.findings.length === 0) continue;
			this.#addRestOfRows(customer);
			customer.devices = customer.devices.filter((device) => !this.#devices.has(device));
		}
	}

	/** A row that lists devices is sent with all of them or not at all. */
	#addRestOfRows({ devices, badItemIndexes }: Customer): void {
		const bad = new Set(badItemIndexes);
		for (const device of devices) {
			const isWithBad = itemIndexesOf(device).some((itemIndex) => bad.has(itemIndex));
			if (isWithBad) this.add(device, 'is in a row in which another device is refused');
		}
	}
}
