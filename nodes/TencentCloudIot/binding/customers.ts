import { rowNumber } from '../input/finding';
import { OwnerIndex } from './ids/ownerIndex';
import {
	alsoUnder,
	firstRow,
	isSameDevice,
	ofDevice,
	refuseRow,
	type Customer,
	type CustomerDevice,
} from './customer';
import { CustomersById } from './customersById';
import { DeviceOwners } from './deviceOwners';
import { EmptyIdResolver, type EmptyIds } from './emptyIds';
import { BrokenIdCounter, firstOwner, ownerBesides, withhold, type InvalidRow } from './invalidRow';
import { RefusedDevices } from './refusedDevices';
import type { Row } from './row';

export interface GroupedRows {
	/** In first-seen order; last those that only damaged ids name. */
	customers: Customer[];
	/** Rows without an owner: their CustomerId cannot be used and is no customer's. */
	ownerless: Row[];
	/** What was assumed of rows, and for how many, e.g. "2 blank rows left out". */
	remarks: string[];
}

/** Groups checked rows by CustomerId, in one pass. */
export class CustomerGroups {
	readonly #customers = new CustomersById();
	readonly #deviceOwners = new DeviceOwners();
	readonly #invalidRows: Row[] = [];
	readonly #brokenIds = new BrokenIdCounter();
	readonly #refusedDevices = new RefusedDevices();
	readonly #contradictions: Array<{ device: CustomerDevice; itemIndex: number }> = [];
	readonly #emptyIds: EmptyIdResolver;

	constructor(emptyIds: EmptyIds) {
		this.#emptyIds = new EmptyIdResolver(emptyIds);
	}

	/** @throws NotSendable when the ids of many rows are broken */
	add(row: Row): void {
		const own = this.#emptyIds.add(row);
		if (own !== undefined) this.#group(own);
	}

	#group(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		const customer = customerId === undefined ? undefined : this.#customers.of(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#brokenIds.add(row);
			this.#invalidRows.push(row);
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

	/** @param sharedDevices what to do with a device under several customers, at each of them */
	finish(sharedDevices: 'refuse' | 'allow'): GroupedRows {
		for (const row of this.#emptyIds.finish()) this.#group(row);
		this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		const invalid = this.#findOwners();
		withhold(invalid);
		this.#refuseContradictions();
		if (sharedDevices === 'refuse') {
			for (const owners of this.#deviceOwners.shared()) this.#refuseShared(owners);
			for (const one of invalid) this.#refuseSharedWith(one);
		}
		this.#refusedDevices.drop(this.#customers.all.values());
		const ownerless = invalid.filter(({ owners }) => owners.length === 0).map(({ row }) => row);
		return { customers: [...this.#customers.all.values()], ownerless, remarks: this.#emptyIds.remarks() };
	}

	/** The owners of invalid rows are only known after the last row. */
	#findOwners(): InvalidRow[] {
		if (this.#invalidRows.length === 0) return [];
		const index = new OwnerIndex(
			new Map(this.#customers.all),
			this.#invalidRows.flatMap(({ candidates }) => candidates),
		);
		return this.#invalidRows.map((row) => {
			const { customerId, candidates } = row;
			const owners = index.find(customerId === undefined ? candidates : [{ id: customerId }]);
			const likeliest = candidates.find((candidate) => 'id' in candidate);
			const isOfNobodyElse = owners.length === 0 && likeliest !== undefined;
			return { row, owners: isOfNobodyElse ? [new Set([this.#customers.of(likeliest.id)])] : owners };
		});
	}

	/** Which of the rows is right cannot be decided here. */
	#refuseContradictions(): void {
		const text = (row: string) => `names a device that ${row} describes differently: keep one of them`;
		for (const { device, itemIndex } of this.#contradictions) {
			refuseRow(device.customer, itemIndex, text(firstRow(device)));
			this.#refusedDevices.add(device, text(`row ${rowNumber(itemIndex)}`));
		}
	}

	#refuseShared(owners: readonly CustomerDevice[]): void {
		const [first, second] = owners;
		for (const device of owners) {
			const other = device === first ? second! : first!;
			this.#refusedDevices.add(device, alsoUnder(other.customer, firstRow(other)));
		}
	}

	/** An invalid row claims its device, too. */
	#refuseSharedWith(invalid: InvalidRow): void {
		const { device, itemIndex } = invalid.row;
		const claimant = firstOwner(invalid);
		if (claimant === undefined || device.DeviceId === '') return;
		const other = ownerBesides(invalid, this.#deviceOwners.all(device.DeviceId));
		if (other === undefined) return;
		this.#refusedDevices.add(other, alsoUnder(claimant, `row ${rowNumber(itemIndex)}`));
		claimant.findings.push(ofDevice(itemIndex, alsoUnder(other.customer, firstRow(other))));
	}
}
