import { rowNumber } from '../input/finding';
import { Bearers } from './bearers';
import {
	alsoUnder,
	firstRow,
	itemIndexesOf,
	ofDevice,
	refuseRow,
	type Customer,
	type CustomerDevice,
} from './customer';
import { DeviceOwners } from './deviceOwners';
import type { DeviceInfo, Row } from './row';

export interface GroupedRows {
	/** In first-seen order; last those of whom no row has a usable id. */
	customers: Customer[];
	/** Rows that belong to nobody, because their CustomerId cannot be used and means no customer. */
	ownerless: Row[];
}

/** A row that cannot be sent, and whose it is: the first one's, where it may be that of several. */
interface FaultyRow {
	row: Row;
	owners: ReadonlySet<Customer>;
}

/** A customer hears of so many rows of others: a column that was garbled as a whole may mean everybody in every row. */
const MOST_HEARD_OF = 20;

/** Groups checked rows by CustomerId, in one pass. Ids come from users, so they are only ever keys of a Map. */
export class CustomerGroups {
	readonly #customers = new Map<string, Customer>();
	/** That of the last row: the rows of a customer often follow each other. */
	#latest: Customer | undefined;
	readonly #deviceOwners = new DeviceOwners();
	readonly #faulty: Row[] = [];
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Array<{ device: CustomerDevice; itemIndex: number }> = [];

	add(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		const customer = customerId === undefined ? undefined : this.#customerOf(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#faulty.push(row);
			return;
		}
		const first = this.#deviceOwners.first(device.DeviceId);
		const known = first && this.#deviceOwners.ownOf(customer, first);
		if (known === undefined) {
			const own: CustomerDevice = { customer, info: device, itemIndex, repeats: undefined };
			customer.devices.push(own);
			this.#deviceOwners.add(own, first);
		} else if (isSameDevice(known.info, device)) {
			(known.repeats ??= []).push(itemIndex);
		} else {
			this.#contradictions.push({ device: known, itemIndex });
		}
	}

	/**
	 * What came together.
	 * @param sharedDevices what a device under several customers is: refused at each of them, or sent for each
	 */
	finish(sharedDevices: 'refuse' | 'allow'): GroupedRows {
		const faulty = this.#findOwners();
		for (const one of faulty) holdBack(one);
		this.#refuseContradictions();
		if (sharedDevices === 'refuse') {
			for (const owners of this.#deviceOwners.shared()) this.#refuseShared(owners);
			for (const one of faulty) this.#refuseSharedWith(one);
		}
		this.#dropRefusedDevices();
		const ownerless = faulty.filter(({ owners }) => owners.size === 0).map(({ row }) => row);
		return { customers: [...this.#customers.values()], ownerless };
	}

	#customerOf(customerId: string): Customer {
		if (this.#latest?.customerId === customerId) return this.#latest;
		let customer = this.#customers.get(customerId);
		if (customer === undefined) {
			customer = { customerId, devices: [], badItemIndexes: [], findings: [] };
			this.#customers.set(customerId, customer);
		}
		this.#latest = customer;
		return customer;
	}

	/** Whom a row means is only known when all customers are: without it the set of any of them may be incomplete. */
	#findOwners(): FaultyRow[] {
		if (this.#faulty.length === 0) return [];
		const bearers = new Bearers(new Map(this.#customers));
		return this.#faulty.map((row) => {
			const { customerId, meanings } = row;
			const owners = bearers.find(customerId === undefined ? meanings : [{ id: customerId }]);
			const [likeliest] = meanings;
			const isOfNobodyElse = owners.size === 0 && likeliest !== undefined && 'id' in likeliest;
			return { row, owners: isOfNobodyElse ? new Set([this.#customerOf(likeliest.id)]) : owners };
		});
	}

	/** Which of the rows is right is not ours to say. */
	#refuseContradictions(): void {
		const text = (row: string) => `names a device that ${row} describes differently: keep one of them`;
		for (const { device, itemIndex } of this.#contradictions) {
			refuseRow(device.customer, itemIndex, text(firstRow(device)));
			this.#refuseDevice(device, text(`row ${rowNumber(itemIndex)}`));
		}
	}

	#refuseShared(owners: readonly CustomerDevice[]): void {
		const [first, second] = owners;
		for (const device of owners) {
			const other = device === first ? second! : first!;
			this.#refuseDevice(device, alsoUnder(other.customer, firstRow(other)));
		}
	}

	/** A row tells whose a device is, whatever else is wrong with it. */
	#refuseSharedWith({ row: { device, itemIndex }, owners }: FaultyRow): void {
		const [claimant] = owners;
		if (claimant === undefined || device.DeviceId === '') return;
		const others = this.#deviceOwners.all(device.DeviceId).filter(({ customer }) => !owners.has(customer));
		for (const other of others) this.#refuseDevice(other, alsoUnder(claimant, `row ${rowNumber(itemIndex)}`));
		const [first] = others;
		if (first) claimant.findings.push(ofDevice(itemIndex, alsoUnder(first.customer, firstRow(first))));
	}

	/** Takes a device and all its rows out of what is sent, if that has not been done for another reason. */
	#refuseDevice(device: CustomerDevice, text: string): void {
		if (this.#refusedDevices.has(device)) return;
		this.#refusedDevices.add(device);
		for (const itemIndex of itemIndexesOf(device)) refuseRow(device.customer, itemIndex, text);
	}

	#dropRefusedDevices(): void {
		if (this.#refusedDevices.size === 0) return;
		for (const customer of this.#customers.values()) {
			if (customer.findings.length === 0) continue;
			customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
		}
	}
}

/** The row is one of its first owner's; the others only hear of it. */
function holdBack({ row: { itemIndex, findings }, owners }: FaultyRow): void {
	const [first] = owners;
	first?.badItemIndexes.push(itemIndex);
	for (const owner of owners) {
		if (owner === first || owner.findings.length < MOST_HEARD_OF) owner.findings.push(...findings);
	}
}

function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
