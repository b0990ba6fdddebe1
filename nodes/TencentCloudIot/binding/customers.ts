import { rowNumber, type Finding } from '../input/finding';
import type { DeviceInfo, Row } from './row';

/** A device to push for a customer, and the rows that name it: more than one when the export repeats it. */
export interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	itemIndexes: number[];
}

/** All that a run's rows say about one customer. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The rows that cannot be sent, and why. */
	badItemIndexes: number[];
	findings: Finding[];
}

export interface GroupedRows {
	/** In first-seen order. */
	customers: Customer[];
	/** Rows that belong to nobody, because their CustomerId cannot be used. */
	ownerless: Row[];
}

/** Groups checked rows by CustomerId, in one pass. Ids come from users, so they are only ever keys of a Map. */
export class CustomerGroups {
	readonly #customers = new Map<string, Customer>();
	/** Each device as its first owner has it, by its DeviceId. */
	readonly #firstOwned = new Map<string, CustomerDevice>();
	/** A device that has more than one owner as each of them has it, by its DeviceId and by customer. */
	readonly #sharedDevices = new Map<string, Map<Customer, CustomerDevice>>();
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Array<{ device: CustomerDevice; itemIndex: number }> = [];
	readonly #ownerless: Row[] = [];

	add(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		if (customerId === undefined) {
			this.#ownerless.push(row);
			return;
		}
		const customer = this.#customerOf(customerId);
		if (findings.length > 0) {
			customer.badItemIndexes.push(itemIndex);
			customer.findings.push(...findings);
			return;
		}
		const first = this.#firstOwned.get(device.DeviceId);
		const known = first && this.#ownOf(customer, first);
		if (known === undefined) {
			this.#own({ customer, info: device, itemIndexes: [itemIndex] }, first);
		} else if (isSameDevice(known.info, device)) {
			known.itemIndexes.push(itemIndex);
		} else {
			this.#contradictions.push({ device: known, itemIndex });
		}
	}

	/**
	 * What came together.
	 * @param sharedDevices what a device under several customers is: refused at each of them, or sent for each
	 */
	finish(sharedDevices: 'refuse' | 'allow'): GroupedRows {
		this.#refuseContradictions();
		if (sharedDevices === 'refuse') this.#refuseSharedDevices();
		this.#dropRefusedDevices();
		return { customers: [...this.#customers.values()], ownerless: this.#ownerless };
	}

	#customerOf(customerId: string): Customer {
		const known = this.#customers.get(customerId);
		if (known !== undefined) return known;
		const customer: Customer = { customerId, devices: [], badItemIndexes: [], findings: [] };
		this.#customers.set(customerId, customer);
		return customer;
	}

	/** A device that somebody has, as this customer has it. */
	#ownOf(customer: Customer, first: CustomerDevice): CustomerDevice | undefined {
		if (first.customer === customer) return first;
		return this.#sharedDevices.get(first.info.DeviceId)?.get(customer);
	}

	/** @param first the same device as its first owner has it, if this is another one */
	#own(device: CustomerDevice, first: CustomerDevice | undefined): void {
		const { customer, info } = device;
		customer.devices.push(device);
		if (first === undefined) {
			this.#firstOwned.set(info.DeviceId, device);
			return;
		}
		const owners = this.#sharedDevices.get(info.DeviceId) ?? new Map([[first.customer, first]]);
		this.#sharedDevices.set(info.DeviceId, owners.set(customer, device));
	}

	/** Which of the rows is right is not ours to say. */
	#refuseContradictions(): void {
		const text = (row: string) => `names a device that ${row} describes differently: keep one of them`;
		for (const { device, itemIndex } of this.#contradictions) {
			refuseRow(device.customer, itemIndex, text(firstRow(device)));
			this.#refuseDevice(device, text(`row ${rowNumber(itemIndex)}`));
		}
	}

	#refuseSharedDevices(): void {
		for (const owners of this.#sharedDevices.values()) {
			const [first, second] = owners.values();
			for (const device of owners.values()) {
				const other = device === first ? second! : first!;
				const where = `customer '${other.customer.customerId}' in ${firstRow(other)}`;
				this.#refuseDevice(device, `is also under ${where}: keep one of them`);
			}
		}
	}

	/** Takes a device and all its rows out of what is sent, if that has not been done for another reason. */
	#refuseDevice(device: CustomerDevice, text: string): void {
		if (this.#refusedDevices.has(device)) return;
		this.#refusedDevices.add(device);
		for (const itemIndex of device.itemIndexes) refuseRow(device.customer, itemIndex, text);
	}

	#dropRefusedDevices(): void {
		if (this.#refusedDevices.size === 0) return;
		for (const customer of this.#customers.values()) {
			if (customer.findings.length === 0) continue;
			customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
		}
	}
}

function firstRow({ itemIndexes: [itemIndex = 0] }: CustomerDevice): string {
	return `row ${rowNumber(itemIndex)}`;
}

function refuseRow(customer: Customer, itemIndex: number, text: string): void {
	customer.badItemIndexes.push(itemIndex);
	customer.findings.push({ itemIndex, field: 'DeviceId', text });
}

function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
