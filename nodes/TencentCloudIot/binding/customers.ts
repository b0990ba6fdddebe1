import type { DeviceInfo, NamedDevices } from '../service/devices';
import { because, type Finding, type Why, PLACES } from '../messages/findings';
import { short } from '../input/text';
import { NotSendable, notSent } from '../service/outcome';
import { eachCompound } from './readings';
import { type EmptyIds, EmptyIdResolver } from './emptyIds';
import { odditiesOf } from './oddities';
import { OwnerIndex } from './owners';
import { forEachPausing, type Pausing } from '../input/pausing';
import { type EmptyProductNames, productOf, ProductNames } from './productNames';
import type { IdCandidate } from './readings';
import { candidatesOf, isOnlyNameless, isWithoutDevice, withFindings, type Row } from './row';
import { ofRows } from '../messages/text';

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

/** A row that describes a device of its customer otherwise than the row before. */
interface Contradiction {
	device: CustomerDevice;
	itemIndex: number;
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
	named: () => Pausing<NamedDevices>;
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
	readonly #contradictions: Contradiction[] = [];
	readonly #emptyIds: EmptyIdResolver;
	readonly #productNames: ProductNames;
	/** Rows that lack a ProductName and nothing else. */
	readonly #nameless: Row[] = [];
	/** Rows without a device that are left out, unless other rows name their customer. */
	readonly #withoutDevice: Row[] = [];
	readonly #leavesOut: boolean;

	constructor(
		emptyIds: EmptyIds,
		rowsWithoutDevice: 'leaveOut' | 'refuse' = 'refuse',
		emptyProductNames: EmptyProductNames = 'refuse',
	) {
		this.#productNames = new ProductNames(emptyProductNames);
		this.#emptyIds = new EmptyIdResolver(emptyIds);
		this.#leavesOut = rowsWithoutDevice === 'leaveOut';
	}

	add(row: Row): void {
		this.#productNames.add(row);
		const ownCustomer = this.#emptyIds.add(row);
		if (ownCustomer !== undefined) {
			this.#group(ownCustomer);
		}
	}

	#group(row: Row): void {
		if (this.#leavesOut && isWithoutDevice(row)) {
			this.#withoutDevice.push(row);
			return;
		}
		if (!isOnlyNameless(row)) {
			this.#place(row);
			return;
		}
		this.#nameless.push(row);
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
		const namedBefore = first?.customer === customer ? first : first?.owners?.get(customer);
		if (namedBefore === undefined) {
			const named = { customer, info: device, itemIndex, repeats: undefined, owners: undefined };
			customer.devices.push(named);
			if (first === undefined) {
				this.#devices.set(device.DeviceId, named);
			} else {
				first.owners ??= new Map([[first.customer, first]]);
				first.owners.set(customer, named);
			}
		} else if (isSameDevice(namedBefore.info, device)) {
			namedBefore.repeats ??= [];
			namedBefore.repeats.push(itemIndex);
		} else {
			this.#contradictions.push({ device: namedBefore, itemIndex });
		}
	}

	/** The customer of an id; a new one where there is none. */
	#customerOf(customerId: string): Customer {
		const existing = this.#customers.get(customerId);
		if (existing !== undefined) {
			return existing;
		}
		const customer: Customer = { customerId, devices: [], badItemIndexes: [], findings: [] };
		this.#customers.set(customerId, customer);
		return customer;
	}

	/**
	 * What the rows say together, in passes over all of them. A customer is sent as a whole or not at all, and what a row says of it may be
	 * contradicted by the very last one.
	 * @param sharedDevices what to do with a device under several customers, at each of them
	 * @throws NotSendable when many different ids are broken: the file was decoded wrongly
	 */
	*finish(sharedDevices: 'refuse' | 'allow'): Pausing<GroupedRows> {
		const haveWaited = yield* this.#groupWaiting();
		// First of all: a customer that is withheld here may have no other rows than some without a device, and these are then not left out.
		yield* this.#withholdCompounds();
		const leftOut = new Map<string, number[]>();
		yield* forEachPausing(this.#withoutDevice, (row) => this.#leaveOut(row, leftOut));
		if (haveWaited || this.#withoutDevice.length > 0) {
			// Those that had to wait stand behind the others.
			this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		}
		// Once all customers are known: an invalid row may belong to any of them.
		const invalid = yield* this.#withholdInvalid();
		yield* forEachPausing(this.#contradictions, (contradiction) => this.#refuseContradiction(contradiction));
		yield* this.#refuseSpellings();
		if (sharedDevices === 'refuse') {
			yield* this.#refuseAllShared(invalid);
		}
		// Last: each refused device takes the others of its rows with it.
		yield* this.#dropAllRefused();
		const ownerless: Row[] = [];
		yield* forEachPausing(invalid.rows, ({ row, first }) => {
			if (first === undefined) {
				ownerless.push(row);
			}
		});
		const oddities = yield* odditiesOf(this.#customers, this.#devices);
		const ofEmptyIds = yield* this.#emptyIds.remarks();
		const remarks = [...ofEmptyIds, ...this.#productNames.remarks(), ...oddities];
		const customers = [...this.#customers.values()];
		return { customers, ownerless, leftOut, remarks, named: () => this.#named() };
	}

	/**
	 * Groups the rows whose CustomerId or ProductName is that of other rows, which are known now.
	 * @returns whether there are any
	 */
	*#groupWaiting(): Pausing<boolean> {
		let haveWaited = this.#nameless.length > 0;
		yield* this.#emptyIds.finish((row) => {
			haveWaited = true;
			this.#group(row);
		});
		yield* forEachPausing(this.#nameless, (row) => {
			for (const filled of this.#productNames.fill(row)) {
				this.#place(filled);
			}
		});
		if (haveWaited) {
			// Each device is sent in the order of its row.
			yield* forEachPausing(this.#customers.values(), ({ devices }) => {
				devices.sort((a, b) => a.itemIndex - b.itemIndex);
			});
		}
		return haveWaited;
	}

	/** A row without a device is left out, unless other rows name its customer. */
	#leaveOut(row: Row, leftOut: Map<string, number[]>): void {
		const id = row.customerId!;
		const itemIndexes = leftOut.get(id);
		if (this.#customers.has(id)) {
			this.#invalidRows.push(row);
		} else if (itemIndexes === undefined) {
			leftOut.set(id, [row.itemIndex]);
		} else {
			itemIndexes.push(row.itemIndex);
		}
	}

	/** Withholds each customer whose id holds that of another one, and the other one: `KH0001_2` may be a second row of `KH0001`. */
	*#withholdCompounds(): Pausing {
		const ids = new Set(this.#customers.keys());
		yield* forEachPausing(this.#withoutDevice, ({ customerId = '' }) => ids.add(customerId));
		// A row that an option would make usable names a customer as well: 138-0013-8000.
		yield* forEachPausing(this.#invalidRows, (row) => {
			const [id] = optionForId(row) === undefined ? [] : row.candidates().flatMap(idOf);
			if (id !== undefined) {
				ids.add(id);
			}
		});
		let invalid: Map<string, Row[]> | undefined;
		yield* eachCompound(ids, (compound, part) => {
			const customer = this.#customers.get(compound);
			if (customer !== undefined) {
				invalid ??= byCustomer(this.#invalidRows);
				this.#withholdBoth(customer, this.#customerOf(part), invalid.get(compound) ?? []);
			}
		});
	}

	/** @param invalid the rows of the compound that cannot be sent in any case */
	#withholdBoth(compound: Customer, part: Customer, invalid: readonly Row[]): void {
		const why = because('otherCustomer', { customer: ofRows(part.customerId) });
		const itemIndexes = new Set(compound.devices.flatMap(itemIndexesOf));
		for (const itemIndex of itemIndexes) {
			const finding = { itemIndex, field: 'CustomerId', value: compound.customerId, ...why };
			compound.findings.push(finding);
			compound.badItemIndexes.push(itemIndex);
			if (part.findings.length < MOST_SHARED_FINDINGS) {
				part.findings.push(finding);
			}
		}
		for (const { findings } of invalid) {
			if (part.findings.length < MOST_SHARED_FINDINGS) {
				part.findings.push(...findings);
			}
		}
		for (const device of compound.devices) {
			this.#refusedDevices.add(device);
		}
	}

	*#named(): Pausing<NamedDevices> {
		const nameOfInvalid = new Map<string, string>();
		let unnamed = 0;
		yield* forEachPausing(this.#invalidRows, (row) => {
			unnamed += row.claimed.length === 0 ? 1 : 0;
			for (const { device, claimed } of row.parts ?? [row]) {
				for (const id of [device.DeviceId, ...claimed]) {
					if (id !== '' && !this.#devices.has(id)) {
						nameOfInvalid.set(id, nameOfInvalid.get(id) || device.ProductName);
					}
				}
			}
		});
		const products = new Map<string, number>();
		const count = (name: string) => products.set(name, (products.get(name) ?? 0) + 1);
		yield* forEachPausing(this.#devices.values(), ({ info }) => count(info.ProductName));
		yield* forEachPausing(nameOfInvalid.values(), count);
		const devices = this.#devices.size + nameOfInvalid.size;
		return { devices, products, unnamed, invalid: nameOfInvalid.keys() };
	}

	/** Finds the rows that an option would leave out, so that their finding can name it: rows without a device of customers without others. */
	*#leaveOutAdviser(): Pausing<(row: Row) => Row> {
		const namedByOthers = new Set<string | undefined>();
		yield* forEachPausing(this.#invalidRows, (row) => {
			if (!isWithoutDevice(row)) {
				namedByOthers.add(row.customerId);
			}
		});
		const isAlone = (row: Row) =>
			isWithoutDevice(row) &&
			!namedByOthers.has(row.customerId) &&
			this.#customers.get(row.customerId!)?.devices.length === 0;
		return (row) => (isAlone(row) ? withFindings(row, { mend: 'leaveOut' }) : row);
	}

	/** Withholds the invalid rows: their owners are only known after the last row. */
	*#withholdInvalid(): Pausing<InvalidRows> {
		const brokenForms = new Set<string>();
		// Customers whom only invalid rows name join them below, and own none of the others.
		const index = new OwnerIndex(this.#invalidRows.length > 0 ? new Map(this.#customers) : this.#customers);
		const adviseLeaveOut = yield* this.#leaveOutAdviser();
		const mixed = yield* this.#mixedIds();
		let lastCandidates: Row['candidates'] | undefined;
		yield* forEachPausing(this.#invalidRows, (row) => {
			if (row.candidates === lastCandidates) {
				return;
			}
			lastCandidates = row.candidates;
			const candidates = candidatesOf(row);
			for (const form of brokenFormsOf(candidates)) {
				brokenForms.add(form);
			}
			if (brokenForms.size > MOST_BROKEN) {
				throw new NotSendable(BROKEN_IDS);
			}
			index.want(candidates);
		});
		yield* index.lookUp();
		const invalid = new InvalidRows(index);
		yield* forEachPausing(this.#invalidRows.keys(), (at) => {
			const row = withoutAllow(adviseLeaveOut(this.#invalidRows[at]!), mixed);
			// In its place: a copy of many rows would stay in memory beside them.
			this.#invalidRows[at] = row;
			invalid.add(row, () => this.#likeliestOwner(row));
		});
		return invalid;
	}

	/**
	 * Finds ids that the option Allow would not make usable, since one contains the other, as `KH0001_VIP` contains `KH0001`: under Allow both
	 * customers would be withheld.
	 * @returns the other id of each
	 */
	*#mixedIds(): Pausing<ReadonlyMap<string, string>> {
		const mendable = new Set<string>();
		let isAllowAdvised = false;
		yield* forEachPausing(this.#invalidRows, (row) => {
			const advised = optionForId(row);
			const [id] = advised === undefined ? [] : row.candidates().flatMap(idOf);
			if (id !== undefined) {
				mendable.add(id);
				isAllowAdvised ||= advised === 'allow';
			}
		});
		const mixed = new Map<string, string>();
		if (isAllowAdvised) {
			const ids = new Set([...this.#customers.keys(), ...mendable]);
			yield* eachCompound(ids, (compound, part) => mixed.set(compound, part).set(part, compound));
		}
		return mixed;
	}

	/** The customer of the likeliest id of a row that names nobody else's, if it shows one. */
	#likeliestOwner(row: Row): Customer | undefined {
		const [likeliest] = row.kind === 'between' ? [] : row.candidates().flatMap(idOf);
		return likeliest === undefined ? undefined : this.#customerOf(likeliest);
	}

	/** Which of the rows is right cannot be decided here. */
	#refuseContradiction({ device, itemIndex }: Contradiction): void {
		const unlike = (row: number) => because('described', { other: PLACES.row(row) });
		refuseRow(device, itemIndex, unlike(device.itemIndex));
		this.#refuse(device, unlike(itemIndex));
	}

	/** ProductIds that differ only in case: all but the most frequent one are refused. */
	*#refuseSpellings(): Pausing {
		const products = yield* this.#productNames.spellings();
		if (products.length === 0) {
			return;
		}
		const bySpelling = new Map<string, CustomerDevice[]>();
		yield* forEachPausing(products, (spellings) => {
			for (const spelling of spellings) {
				bySpelling.set(spelling, []);
			}
		});
		yield* forEachPausing(this.#customers.values(), ({ devices }) => {
			for (const device of devices) {
				bySpelling.get(productOf(device.info.DeviceId))?.push(device);
			}
		});
		for (const spellings of products) {
			const named = spellings.map((spelling) => bySpelling.get(spelling) ?? []);
			yield* this.#refuseAllButMostFrequent(named);
			yield;
		}
	}

	/** @param bySpelling the devices of each spelling of one ProductId */
	*#refuseAllButMostFrequent(bySpelling: CustomerDevice[][]): Pausing {
		const byFrequency = bySpelling.sort((a, b) => b.length - a.length);
		const [most = [], second = []] = byFrequency;
		const refused = most.length === second.length ? byFrequency : byFrequency.slice(1);
		yield* forEachPausing(refused, (devices) => {
			const [other] = devices === most ? second : most;
			if (other === undefined) {
				return;
			}
			const product = productOf(other.info.DeviceId).slice(0, -1);
			const why = because('spelling', { product: ofRows(product), row: PLACES.row(other.itemIndex) });
			for (const device of devices) {
				this.#refuse(device, why);
			}
		});
	}

	/** Refuses each device that several customers have, at each of them, be it in rows that can be sent or in invalid ones. */
	*#refuseAllShared(invalid: InvalidRows): Pausing {
		for (const { owners } of this.#devices.values()) {
			if (owners !== undefined) {
				yield* this.#refuseShared(owners);
				// Many devices of two owners each are many passes, each too short to pause.
				yield;
			}
		}
		yield* forEachPausing(invalid.rows, (row) => this.#refuseSharedWith(row, invalid));
	}

	/** @param owners the devices of the different customers of one DeviceId */
	*#refuseShared(owners: ReadonlyMap<Customer, CustomerDevice>): Pausing {
		const [first, second] = owners.values();
		yield* forEachPausing(owners.values(), (device) => {
			const other = device === first ? second! : first!;
			this.#refuse(device, alsoUnder(other.customer, other.itemIndex));
		});
	}

	/** An invalid row claims the devices that it names, too. */
	#refuseSharedWith({ row, first: claimant }: InvalidRow, invalid: InvalidRows): void {
		const { claimed, itemIndex } = row;
		if (claimant === undefined) {
			return;
		}
		const otherDevices: CustomerDevice[] = [];
		for (const id of claimed) {
			const device = this.#devices.get(id);
			const other = device && ownerBesides(invalid.ownersOf({ row, first: claimant }), device);
			if (other !== undefined) {
				otherDevices.push(other);
			}
		}
		for (const other of otherDevices) {
			this.#refuse(other, alsoUnder(claimant, itemIndex));
		}
		const [first] = otherDevices;
		if (first !== undefined) {
			claimant.findings.push(ofDevice(first, itemIndex, alsoUnder(first.customer, first.itemIndex)));
		}
	}

	/** Withholds a device and all its rows, unless it is withheld already. */
	#refuse(device: CustomerDevice, why: Why): void {
		if (this.#refusedDevices.has(device)) {
			return;
		}
		this.#refusedDevices.add(device);
		for (const itemIndex of itemIndexesOf(device)) {
			refuseRow(device, itemIndex, why);
		}
	}

	*#dropAllRefused(): Pausing {
		for (const customer of this.#customers.values()) {
			if (customer.findings.length > 0) {
				yield* this.#dropRefused(customer);
				// Most customers have few devices: as many passes, each too short to pause.
				yield;
			}
		}
	}

	/**
	 * A row that lists devices is sent with all of them or not at all: a device of a row that cannot be sent takes its other rows with it,
	 * and each of these its other devices.
	 */
	*#dropRefused(customer: Customer): Pausing {
		const devicesOf = new Map<number, CustomerDevice[]>();
		yield* forEachPausing(customer.devices, (device) => {
			for (const itemIndex of itemIndexesOf(device)) {
				const ofRow = devicesOf.get(itemIndex);
				if (ofRow === undefined) {
					devicesOf.set(itemIndex, [device]);
				} else {
					ofRow.push(device);
				}
			}
		});
		// The loop below adds to this set, and visits what it adds.
		const badRows = new Set(customer.badItemIndexes);
		yield* forEachPausing(badRows, (badRow) => {
			for (const device of devicesOf.get(badRow) ?? []) {
				this.#refusedDevices.add(device);
				for (const itemIndex of itemIndexesOf(device)) {
					if (!badRows.has(itemIndex)) {
						badRows.add(itemIndex);
						refuseRow(device, itemIndex, because('beside', { row: PLACES.row(badRow) }));
					}
				}
			}
		});
		customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
	}
}

/** All rows that name a device. */
export function itemIndexesOf({ itemIndex, repeats = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeats];
}

/** Why a device is refused that is another customer's as well. */
function alsoUnder({ customerId }: Customer, row: number): Why {
	return because('shared', { customer: ofRows(customerId), row: PLACES.row(row) });
}

/** Marks a row as invalid because of a device that it names. */
function refuseRow(device: CustomerDevice, itemIndex: number, why: Why): void {
	const { badItemIndexes, findings } = device.customer;
	badItemIndexes.push(itemIndex);
	findings.push(ofDevice(device, itemIndex, why));
}

/** A row may list many devices, so the finding quotes the one that it is about. */
function ofDevice({ info }: CustomerDevice, itemIndex: number, why: Why): Finding {
	return { itemIndex, field: 'DeviceId', value: short(info.DeviceId), ...why };
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

/** The row; where Allow is advised for its id, and that would not do, with what it holds or is held by instead. */
function withoutAllow(row: Row, mixed: ReadonlyMap<string, string>): Row {
	if (mixed.size === 0 || optionForId(row) !== 'allow') {
		return row;
	}
	const [id] = row.candidates().flatMap(idOf);
	const other = id === undefined ? undefined : mixed.get(id);
	if (id === undefined || other === undefined) {
		return row;
	}
	const isWhole = other.length < id.length;
	const why = because(isWhole ? 'otherCustomer' : 'withinCustomer', { customer: ofRows(other) });
	const findings = row.findings.map((finding): Finding => {
		const { itemIndex, field, value, mend } = finding;
		return mend === 'allow' ? { itemIndex, field, value: value ?? short(id), ...why } : finding;
	});
	return { ...row, findings };
}

/** Rows by the id of their customer. */
function byCustomer(rows: readonly Row[]): Map<string, Row[]> {
	const byId = new Map<string, Row[]>();
	for (const row of rows) {
		const { customerId = '' } = row;
		const ofCustomer = byId.get(customerId);
		if (ofCustomer === undefined) {
			byId.set(customerId, [row]);
		} else {
			ofCustomer.push(row);
		}
	}
	return byId;
}

/** The option under which the CustomerId of a row could be used. */
function optionForId({ findings }: Row): Finding['mend'] {
	return findings.find(({ field }) => field === 'CustomerId')?.mend;
}

/** A row that cannot be sent. */
interface InvalidRow {
	row: Row;
	/** The customer that it is counted for. */
	first: Customer | undefined;
}

/**
 * The rows that cannot be sent, each counted for its first owner. Their possible owners are found anew each time that they
 * are asked for: a row may have hundreds of them.
 */
class InvalidRows {
	readonly rows: InvalidRow[] = [];
	readonly #index: OwnerIndex<Customer>;
	/** By the owners of a candidate, for how many rows they got findings. */
	readonly #times = new Map<ReadonlySet<Customer>, number>();
	/** What gave the candidates of the last row, and the owners of these. */
	#last: { candidates: Row['candidates']; owners: Owners } | undefined;

	constructor(index: OwnerIndex<Customer>) {
		this.#index = index;
	}

	/**
	 * Withholds a row: it counts for its first owner, and the other possible owners get its findings.
	 * @param likeliestOwner gives a new customer, where no valid row names one that the row may belong to
	 */
	add(row: Row, likeliestOwner: () => Customer | undefined): void {
		const owners = this.#ownersIn(row);
		const first = owners.length === 0 ? likeliestOwner() : firstOf(owners);
		this.rows.push({ row, first });
		first?.badItemIndexes.push(row.itemIndex);
		first?.findings.push(...row.findings);
		for (const ofCandidate of owners) {
			const times = this.#times.get(ofCandidate) ?? 0;
			if (times < MOST_SHARED_FINDINGS) {
				this.#times.set(ofCandidate, times + 1);
				withholdOthers(ofCandidate, first, row);
			}
		}
	}

	/** For each candidate of the row that has any, its owners; at least the one that the row counts for. */
	ownersOf({ row, first }: InvalidRow): Owners {
		const owners = this.#ownersIn(row);
		return owners.length === 0 && first !== undefined ? [new Set([first])] : owners;
	}

	#ownersIn(row: Row): Owners {
		if (row.customerId !== undefined) {
			return this.#index.find(candidatesOf(row));
		}
		if (this.#last?.candidates !== row.candidates) {
			this.#last = { candidates: row.candidates, owners: this.#index.find(row.candidates()) };
		}
		return this.#last.owners;
	}
}

/** None of the sets is empty; rows with the same candidates share the same sets. */
type Owners = ReadonlyArray<ReadonlySet<Customer>>;

function firstOf([ofLikeliest]: Owners): Customer | undefined {
	const [first] = ofLikeliest ?? [];
	return first;
}

/** Gives the findings of a row to the customers that it may belong to as well. */
function withholdOthers(owners: ReadonlySet<Customer>, first: Customer | undefined, row: Row): void {
	for (const owner of owners) {
		const isOpen =
			owner.findings.length < MOST_SHARED_FINDINGS && owner.findings.at(-1)?.itemIndex !== row.itemIndex;
		if (owner !== first && isOpen) {
			owner.findings.push(...row.findings);
		}
	}
}

function idOf(candidate: IdCandidate): string[] {
	return 'id' in candidate ? [candidate.id] : [];
}

/** The forms of those candidates of which some characters could not be decoded. */
function brokenFormsOf(candidates: readonly IdCandidate[]): string[] {
	return candidates.flatMap((candidate) =>
		'form' in candidate && candidate.isBroken ? [candidate.form] : [],
	);
}

/** The first of a device's owners to whom the row cannot belong; undefined also where very many own the device. */
function ownerBesides(ofRow: Owners, first: CustomerDevice): CustomerDevice | undefined {
	let compared = 0;
	for (const device of first.owners?.values() ?? [first]) {
		if (!ofRow.some((owners) => owners.has(device.customer))) {
			return device;
		}
		compared += 1;
		if (compared === MOST_SHARED_FINDINGS) {
			return undefined;
		}
	}
	return undefined;
}
