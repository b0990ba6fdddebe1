import { because, type Finding, type Why } from '../messages/findings';
import { NotSendable, notSent } from '../service/outcome';
import { OwnerIndex } from './ids';
import { EmptyIdResolver } from './emptyIds';
import { productOf, ProductNames } from './productNames';
import {
	candidatesOf,
	isOnlyNameless,
	isWithoutDevice,
	withFindings,
	type DeviceInfo,
	type Row,
} from './row';

/** A device to push for a customer, and the rows that name it. */
interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	/** The first row that names it. */
	itemIndex: number;
	/** The other rows, where the export repeats the device; undefined for the many devices with one row, to save memory. */
	repeats: number[] | undefined;
	/** At its first owner, the device of each owner, where there are several. */
	owners: Map<Customer, CustomerDevice> | undefined;
}

/** A customer as the rows of a run describe it. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The rows that cannot be sent. */
	badItemIndexes: number[];
	/** Findings of these rows, and of invalid rows that may belong to this customer. */
	findings: Finding[];
}

interface GroupedRows {
	/** In first-seen order; last those that only damaged ids name. */
	customers: Customer[];
	/** Rows without an owner: their CustomerId cannot be used and is no customer's. */
	ownerless: Row[];
	/** The rows of those that are left out because they have no device. */
	leftOut: Map<string, number[]>;
	/** What was assumed of rows, and for how many, e.g. "row 3 without a CustomerId is nobody's". */
	remarks: string[];
	/** Counts what all rows name, valid or not. */
	named: () => NamedDevices;
}

/** The different DeviceIds that rows name, and how many of them have each ProductName; the empty one where it cannot be used. */
export interface NamedDevices {
	devices: number;
	products: ReadonlyMap<string, number>;
	/** How many invalid rows name no device that can be read. */
	unnamed?: number;
}

/** Groups checked rows by CustomerId, in one pass. */
export class CustomerGroups {
	/** In first-seen order. Ids come from users, so they are only ever keys of a Map. */
	readonly #customers = new Map<string, Customer>();
	/** By DeviceId, each device of its first owner. */
	readonly #devices = new Map<string, CustomerDevice>();
	readonly #invalidRows: Row[] = [];
	/** The devices that are withheld, with all their rows. */
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Array<{ device: CustomerDevice; itemIndex: number }> = [];
	readonly #emptyIds: EmptyIdResolver;
	readonly #productNames: ProductNames;
	/** Rows that lack a ProductName and nothing else, or whose id has signs within: a part of it may be another customer. */
	readonly #unsettled: Row[] = [];
	/** Rows without a device that are left out, unless other rows name their customer. */
	readonly #withoutDevice: Row[] = [];
	readonly #leavesOut: boolean;

	constructor(
		emptyIds: ConstructorParameters<typeof EmptyIdResolver>[0],
		rowsWithoutDevice: 'leaveOut' | 'refuse' = 'refuse',
		emptyProductNames: ConstructorParameters<typeof ProductNames>[0] = 'refuse',
	) {
		this.#productNames = new ProductNames(emptyProductNames);
		this.#emptyIds = new EmptyIdResolver(emptyIds);
		this.#leavesOut = rowsWithoutDevice === 'leaveOut';
	}

	add(row: Row): void {
		this.#productNames.add(row);
		const own = this.#emptyIds.add(row);
		if (own !== undefined) this.#group(own);
	}

	#group(row: Row): void {
		if (this.#leavesOut && isWithoutDevice(row)) return void this.#withoutDevice.push(row);
		const isCompound = row.candidates.length > 0 && row.findings.length === 0;
		if (!isCompound && !isOnlyNameless(row)) return this.#place(row);
		this.#unsettled.push(row);
		// In first-seen order.
		this.#customerOf(row.customerId!);
	}

	#place(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		const customer = customerId === undefined ? undefined : this.#customerOf(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#invalidRows.push(row);
			return;
		}
		const first = this.#devices.get(device.DeviceId);
		const known = first?.customer === customer ? first : first?.owners?.get(customer);
		if (known === undefined) {
			const own = { customer, info: device, itemIndex, repeats: undefined, owners: undefined };
			customer.devices.push(own);
			if (first === undefined) this.#devices.set(device.DeviceId, own);
			else (first.owners ??= new Map([[first.customer, first]])).set(customer, own);
		} else if (isSameDevice(known.info, device)) {
			(known.repeats ??= []).push(itemIndex);
		} else {
			this.#contradictions.push({ device: known, itemIndex });
		}
	}

	/** The customer of an id; a new one where there is none. */
	#customerOf(customerId: string): Customer {
		const known = this.#customers.get(customerId);
		if (known !== undefined) return known;
		const customer = { customerId, devices: [], badItemIndexes: [], findings: [] };
		this.#customers.set(customerId, customer);
		return customer;
	}

	/**
	 * @param sharedDevices what to do with a device under several customers, at each of them
	 * @throws NotSendable when many different ids are broken: the file was decoded wrongly
	 */
	finish(sharedDevices: 'refuse' | 'allow'): GroupedRows {
		for (const row of this.#emptyIds.finish()) this.#group(row);
		const settled = this.#unsettled.flatMap((row) => this.#productNames.fill(row));
		for (const row of settled) this.#place(this.#unlessSeveral(row));
		// What had to wait for other rows is sent in its place.
		for (const { devices } of this.#customers.values()) devices.sort((a, b) => a.itemIndex - b.itemIndex);
		const leftOut = new Map<string, number[]>();
		for (const row of this.#withoutDevice) {
			const id = row.customerId!;
			if (this.#customers.has(id)) this.#invalidRows.push(row);
			else leftOut.set(id, [...(leftOut.get(id) ?? []), row.itemIndex]);
		}
		this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		const invalid = this.#findOwners(this.#withLeaveOut(this.#invalidRows));
		withhold(invalid);
		this.#refuseContradictions();
		for (const spellings of this.#productNames.spellings()) this.#refuseSpellings(spellings);
		if (sharedDevices === 'refuse') {
			for (const { owners } of this.#devices.values()) if (owners) this.#refuseShared([...owners.values()]);
			for (const one of invalid) this.#refuseSharedWith(one);
		}
		this.#dropRefused();
		const ownerless = invalid.filter(({ first }) => first === undefined).map(({ row }) => row);
		const remarks = [...this.#emptyIds.remarks(), ...this.#productNames.remarks()];
		const customers = [...this.#customers.values()];
		return { customers, ownerless, leftOut, remarks, named: () => this.#named() };
	}

	/** The row, unless a part of its id is another customer. */
	#unlessSeveral(row: Row): Row {
		const { itemIndex, customerId: value = '', device } = row;
		const other = row.candidates.find((one) => 'id' in one && this.#customers.has(one.id));
		if (other === undefined || !('id' in other)) return row;
		const why = because('otherCustomer', { customer: other.id });
		const findings = [{ itemIndex, field: 'CustomerId', value, ...why }];
		const candidates = [{ id: value }, ...row.candidates];
		return { ...row, customerId: undefined, candidates, claimed: [device.DeviceId], findings };
	}

	#named(): NamedDevices {
		const invalid = new Map<string, string>();
		for (const { device, claimed } of this.#invalidRows.flatMap((row) => row.parts ?? row)) {
			for (const id of [device.DeviceId, ...claimed]) {
				if (id !== '' && !this.#devices.has(id)) invalid.set(id, invalid.get(id) || device.ProductName);
			}
		}
		const unnamed = this.#invalidRows.filter(({ claimed }) => claimed.length === 0).length;
		const products = new Map<string, number>();
		const valid = Array.from(this.#devices.values(), ({ info }) => info.ProductName);
		const names = [...valid, ...invalid.values()];
		for (const name of names) products.set(name, (products.get(name) ?? 0) + 1);
		return { devices: names.length, products, unnamed };
	}

	/** Names the option that would leave rows out: those of customers that have no others. */
	#withLeaveOut(rows: readonly Row[]): readonly Row[] {
		const ofOthers = new Set(rows.map((row) => (isWithoutDevice(row) ? undefined : row.customerId)));
		const isAlone = (row: Row) =>
			isWithoutDevice(row) &&
			!ofOthers.has(row.customerId) &&
			this.#customers.get(row.customerId!)?.devices.length === 0;
		return rows.map((row) => (isAlone(row) ? withFindings(row, { mend: 'leaveOut' }) : row));
	}

	/** The owners of invalid rows are only known after the last row. */
	#findOwners(rows: readonly Row[]): InvalidRow[] {
		const all = rows.flatMap(({ candidates }) => candidates);
		const broken = new Set(all.flatMap((one) => ('form' in one && one.isBroken ? one.form : [])));
		if (broken.size > MOST_BROKEN) throw new NotSendable(BROKEN_IDS);
		const index = new OwnerIndex(new Map(this.#customers), all);
		return rows.map((row) => {
			const owners = index.find(candidatesOf(row));
			const likeliest = row.candidates.find((candidate) => 'id' in candidate);
			if (owners.length === 0 && row.kind !== 'between' && likeliest !== undefined)
				owners.push(new Set([this.#customerOf(likeliest.id)]));
			const [first] = owners[0] ?? [];
			return { row, first, owners };
		});
	}

	/** Which of the rows is right cannot be decided here. */
	#refuseContradictions(): void {
		const unlike = (row: number) => because('described', { other: because('ofRow', { row }) });
		for (const { device, itemIndex } of this.#contradictions) {
			refuseRow(device.customer, itemIndex, unlike(device.itemIndex));
			this.#refuse(device, unlike(itemIndex));
		}
	}

	/** ProductIds that differ only in case: all but the most frequent one are refused. */
	#refuseSpellings(spellings: readonly string[]): void {
		const devices = [...this.#customers.values()].flatMap((customer) => customer.devices);
		const bySpelling = spellings
			.map((spelling) => devices.filter(({ info }) => info.DeviceId.startsWith(spelling)))
			.sort((a, b) => b.length - a.length);
		const [most = [], second = []] = bySpelling;
		for (const same of bySpelling.slice(most.length === second.length ? 0 : 1)) {
			const [other] = same === most ? second : most;
			if (other === undefined) continue;
			const product = productOf(other.info.DeviceId).slice(0, -1);
			const why = because('spelling', { product, row: other.itemIndex });
			for (const device of same) this.#refuse(device, why);
		}
	}

	#refuseShared(owners: readonly CustomerDevice[]): void {
		const [first, second] = owners;
		for (const device of owners) {
			const other = device === first ? second! : first!;
			this.#refuse(device, alsoUnder(other.customer, other.itemIndex));
		}
	}

	/** An invalid row claims the devices that it names, too. */
	#refuseSharedWith(invalid: InvalidRow): void {
		const { row, first: claimant } = invalid;
		const { claimed, itemIndex } = row;
		if (claimant === undefined) return;
		const others = claimed.flatMap((id) => ownerBesides(invalid, this.#devices.get(id)) ?? []);
		for (const other of others) this.#refuse(other, alsoUnder(claimant, itemIndex));
		const [first] = others;
		if (first) claimant.findings.push(ofDevice(itemIndex, alsoUnder(first.customer, first.itemIndex)));
	}

	/** Withholds a device and all its rows, unless it is withheld already. */
	#refuse(device: CustomerDevice, why: Why): void {
		if (this.#refusedDevices.has(device)) return;
		this.#refusedDevices.add(device);
		for (const itemIndex of itemIndexesOf(device)) refuseRow(device.customer, itemIndex, why);
	}

	/** A row that lists devices is sent with all of them or not at all. */
	#dropRefused(): void {
		for (const customer of this.#customers.values()) {
			if (customer.findings.length === 0) continue;
			const bad = new Set(customer.badItemIndexes);
			for (const device of customer.devices) {
				const isWithBad = itemIndexesOf(device).some((itemIndex) => bad.has(itemIndex));
				if (isWithBad) this.#refuse(device, because('beside'));
			}
			customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
		}
	}
}

/** All rows that name a device. */
export function itemIndexesOf({ itemIndex, repeats = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeats];
}

/** Why a device is refused that is another customer's as well. */
function alsoUnder({ customerId }: Customer, row: number): Why {
	return because('shared', { customer: customerId, row });
}

/** Marks a row as invalid because of its device. */
function refuseRow(customer: Customer, itemIndex: number, why: Why): void {
	customer.badItemIndexes.push(itemIndex);
	customer.findings.push(ofDevice(itemIndex, why));
}

function ofDevice(itemIndex: number, why: Why): Finding {
	return { itemIndex, field: 'DeviceId', ...why };
}

/** Whether two rows describe a device alike. */
function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}

/** The most findings of other customers' rows that a customer gets: in a garbled column each row may be anybody's. */
const MOST_SHARED_FINDINGS = 20;

/** Each broken CustomerId is compared with all ids. More different ones mean that the file was decoded wrongly. */
const MOST_BROKEN = 20;
const BROKEN_IDS = notSent('BROKEN_CUSTOMER_IDS', { most: MOST_BROKEN });

/** A row that cannot be sent, and its possible owners for each candidate of its CustomerId. */
interface InvalidRow {
	row: Row;
	/** The customer that it is counted for. */
	first: Customer | undefined;
	/** None is empty; rows with the same candidates share the same sets. */
	owners: ReadonlyArray<ReadonlySet<Customer>>;
}

/** The first of a device's owners to whom the row cannot belong; undefined also where very many own the device. */
function ownerBesides({ owners }: InvalidRow, first: CustomerDevice | undefined): CustomerDevice | undefined {
	let compared = 0;
	for (const device of first?.owners?.values() ?? (first ? [first] : [])) {
		if (!owners.some((candidates) => candidates.has(device.customer))) return device;
		if (++compared === MOST_SHARED_FINDINGS) return undefined;
	}
	return undefined;
}

/** Withholds rows: each counts for its first owner, and the other possible owners get its findings. */
function withhold(invalid: readonly InvalidRow[]): void {
	const shared = new Map<ReadonlySet<Customer>, number>();
	for (const { row, first, owners: all } of invalid) {
		const { itemIndex, findings } = row;
		first?.badItemIndexes.push(itemIndex);
		first?.findings.push(...findings);
		for (const owners of all) {
			const times = shared.get(owners) ?? 0;
			if (times === MOST_SHARED_FINDINGS) continue;
			shared.set(owners, times + 1);
			for (const owner of owners) {
				const isOpen =
					owner.findings.length < MOST_SHARED_FINDINGS && owner.findings.at(-1)?.itemIndex !== itemIndex;
				if (owner !== first && isOpen) owner.findings.push(...findings);
			}
		}
	}
}
