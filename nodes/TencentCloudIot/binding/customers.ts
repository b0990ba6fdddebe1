import type { DeviceInfo, Finding, Row } from './row';

/** A device to push for a customer, and the rows that name it: more than one when the export repeats it. */
export interface CustomerDevice {
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

interface Owner {
	customer: Customer;
	device: CustomerDevice;
}

type Owned = [Customer, CustomerDevice];

/** Groups checked rows by CustomerId, in one pass. Ids come from users, so they are only ever keys of a Map. */
export class CustomerGroups {
	readonly #customers = new Map<string, Customer>();
	/** Who had a device first, by its DeviceId. */
	readonly #firstOwners = new Map<string, Owner>();
	/** Where a device has more than one owner: all of them, by its DeviceId and by customer. */
	readonly #sharedDevices = new Map<string, Map<Customer, CustomerDevice>>();
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Array<Owner & { itemIndex: number }> = [];
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
		const known = this.#find(customer, device.DeviceId);
		if (known === undefined) {
			this.#own(customer, { info: device, itemIndexes: [itemIndex] });
		} else if (isSameDevice(known.info, device)) {
			known.itemIndexes.push(itemIndex);
		} else {
			this.#contradictions.push({ customer, device: known, itemIndex });
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

	#find(customer: Customer, deviceId: string): CustomerDevice | undefined {
		const first = this.#firstOwners.get(deviceId);
		if (first?.customer === customer) return first.device;
		return first && this.#sharedDevices.get(deviceId)?.get(customer);
	}

	#own(customer: Customer, device: CustomerDevice): void {
		const { DeviceId } = device.info;
		customer.devices.push(device);
		const first = this.#firstOwners.get(DeviceId);
		if (first === undefined) {
			this.#firstOwners.set(DeviceId, { customer, device });
			return;
		}
		const owners = this.#sharedDevices.get(DeviceId) ?? new Map([[first.customer, first.device]]);
		this.#sharedDevices.set(DeviceId, owners.set(customer, device));
	}

	/** Which of the rows is right is not ours to say. */
	#refuseContradictions(): void {
		const text = (row: string) => `names a device that ${row} describes differently: keep one of them`;
		for (const { customer, device, itemIndex } of this.#contradictions) {
			refuseRow(customer, itemIndex, text(firstRow(device)));
			this.#refuseDevice(customer, device, text(`row ${rowNumber(itemIndex)}`));
		}
	}

	#refuseSharedDevices(): void {
		for (const owners of this.#sharedDevices.values()) {
			const [first, second] = [...owners] as [Owned, Owned, ...Owned[]];
			for (const [customer, device] of owners) {
				const [otherCustomer, otherDevice] = customer === first[0] ? second : first;
				const where = `customer '${otherCustomer.customerId}' in ${firstRow(otherDevice)}`;
				this.#refuseDevice(customer, device, `is also under ${where}: keep one of them`);
			}
		}
	}

	/** Takes a device and all its rows out of what is sent, if that has not been done for another reason. */
	#refuseDevice(customer: Customer, device: CustomerDevice, text: string): void {
		if (this.#refusedDevices.has(device)) return;
		this.#refusedDevices.add(device);
		for (const itemIndex of device.itemIndexes) refuseRow(customer, itemIndex, text);
	}

	#dropRefusedDevices(): void {
		if (this.#refusedDevices.size === 0) return;
		for (const customer of this.#customers.values()) {
			if (customer.findings.length === 0) continue;
			customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
		}
	}
}

/** Rows are counted from 1, as a table shows them. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
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
