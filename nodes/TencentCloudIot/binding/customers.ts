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
import { BrokenIds, firstOwner, ownerBesides, withhold, type FaultyRow } from './faultyRows';
import type { DeviceInfo, Row } from './row';

export interface GroupedRows {
	/** In first-seen order; last those of whom no row has a usable id. */
	customers: Customer[];
	/** Rows that belong to nobody, because their CustomerId cannot be used and means no customer. */
	ownerless: Row[];
}

/** Groups checked rows by CustomerId, in one pass. Ids come from users, so they are only ever keys of a Map. */
export class CustomerGroups {
	readonly #customers = new Map<string, Customer>();
	/** That of the last row: the rows of a customer often follow each other. */
	#latest: Customer | undefined;
	readonly #deviceOwners = new DeviceOwners();
	readonly #faulty: Row[] = [];
	readonly #brokenIds = new BrokenIds();
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Array<{ device: CustomerDevice; itemIndex: number }> = [];

	/** @throws NotSendable when the ids of many rows are broken */
	add(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		const customer = customerId === undefined ? undefined : this.#customerOf(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#brokenIds.add(row);
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
		withhold(faulty);
		this.#refuseContradictions();
		if (sharedDevices === 'refuse') {
			for (const owners of this.#deviceOwners.shared()) this.#refuseShared(owners);
			for (const one of faulty) this.#refuseSharedWith(one);
		}
		this.#dropRefusedDevices();
		const ownerless = faulty.filter(({ owners }) => owners.length === 0).map(({ row }) => row);
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
		const bearers = new Bearers(
			new Map(this.#customers),
			this.#faulty.flatMap(({ meanings }) => meanings),
		);
		return this.#faulty.map((row) => {
			const { customerId, meanings } = row;
			const owners = bearers.find(customerId === undefined ? meanings : [{ id: customerId }]);
			const [likeliest] = meanings;
			const isOfNobodyElse = owners.length === 0 && likeliest !== undefined && 'id' in likeliest;
			return { row, owners: isOfNobodyElse ? [new Set([this.#customerOf(likeliest.id)])] : owners };
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
	#refuseSharedWith(faulty: FaultyRow): void {
		const { device, itemIndex } = faulty.row;
		const claimant = firstOwner(faulty);
		if (claimant === undefined || device.DeviceId === '') return;
		// Where there are several others, the device was refused to each of them before.
		const other = ownerBesides(faulty, this.#deviceOwners.all(device.DeviceId));
		if (other === undefined) return;
		this.#refuseDevice(other, alsoUnder(claimant, `row ${rowNumber(itemIndex)}`));
		claimant.findings.push(ofDevice(itemIndex, alsoUnder(other.customer, firstRow(other))));
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

function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
