import type { DeviceInfo, Finding, Row } from './row';

/** A device to push for a customer, and the rows that name it: more than one when the export repeats it. */
export interface CustomerDevice {
	info: DeviceInfo;
	itemIndexes: number[];
}

/** All that a run's rows say about one customer. */
export interface Customer {
	customerId: string;
	/** By DeviceId, in first-seen order. */
	devices: Map<string, CustomerDevice>;
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

/** Groups checked rows by CustomerId, in one pass. Ids come from users, so they are only ever keys of a Map. */
export class CustomerGroups {
	readonly #customers = new Map<string, Customer>();
	/** Who has a device, by its DeviceId. */
	readonly #owners = new Map<string, Owner[]>();
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
		const known = customer.devices.get(device.DeviceId);
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
		return { customers: [...this.#customers.values()], ownerless: this.#ownerless };
	}

	#customerOf(customerId: string): Customer {
		const known = this.#customers.get(customerId);
		if (known !== undefined) return known;
		const customer: Customer = { customerId, devices: new Map(), badItemIndexes: [], findings: [] };
		this.#customers.set(customerId, customer);
		return customer;
	}

	#own(customer: Customer, device: CustomerDevice): void {
		const { DeviceId } = device.info;
		customer.devices.set(DeviceId, device);
		const owners = this.#owners.get(DeviceId);
		if (owners === undefined) this.#owners.set(DeviceId, [{ customer, device }]);
		else owners.push({ customer, device });
	}

	/** Which of the rows is right is not ours to say. */
	#refuseContradictions(): void {
		const text = (row: string) => `names a device that ${row} describes differently: keep one of them`;
		for (const { customer, device, itemIndex } of this.#contradictions) {
			refuseRow(customer, itemIndex, text(firstRow(device)));
			refuseDevice(customer, device, text(`row ${rowNumber(itemIndex)}`));
		}
	}

	#refuseSharedDevices(): void {
		for (const owners of this.#owners.values()) {
			const [first, second] = owners;
			if (first === undefined || second === undefined) continue;
			for (const { customer, device } of owners) {
				const other = customer === first.customer ? second : first;
				const where = `customer '${other.customer.customerId}' in ${firstRow(other.device)}`;
				refuseDevice(customer, device, `is also under ${where}: keep one of them`);
			}
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

/** Takes a device and all its rows out of what is sent, if that has not been done for another reason. */
function refuseDevice(customer: Customer, device: CustomerDevice, text: string): void {
	if (!customer.devices.delete(device.info.DeviceId)) return;
	for (const itemIndex of device.itemIndexes) refuseRow(customer, itemIndex, text);
}

function refuseRow(customer: Customer, itemIndex: number, text: string): void {
	customer.badItemIndexes.push(itemIndex);
	customer.findings.push({ itemIndex, field: 'DeviceId', text });
}

function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
