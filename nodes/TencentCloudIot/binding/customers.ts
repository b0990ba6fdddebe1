import type { DeviceInfo, NamedDevices } from '../service/devices';
import { because, type Finding, type Why, ELSEWHERE } from '../messages/findings';
import { shorten } from '../input/text';
import { NotSendable, notSent } from '../service/outcome';
import { visitCompoundIds } from './readings';
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
	/** The first row that names the device. */
	itemIndex: number;
	/** Further rows that name the device. Most devices have none, and undefined saves their memory. */
	repeats: number[] | undefined;
	/** For a DeviceId that several customers have: the device of each of them. Only the device of the first of these customers has this map. */
	owners: Map<Customer, CustomerDevice> | undefined;
}

/** A customer as the rows of a run describe it. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The customer's rows that cannot be sent. */
	badItemIndexes: number[];
	/** Findings of these rows, and of other invalid rows that may belong to this customer. */
	findings: Finding[];
}

/** A row that gives a device another serial number or product name than the customer's earlier row with that device. */
interface Contradiction {
	device: CustomerDevice;
	itemIndex: number;
}

interface GroupedRows {
	/** In first-seen order; customers that only damaged ids name come last. */
	customers: Customer[];
	/** Rows whose CustomerId cannot be used and shows no customer to whom they could belong. */
	ownerless: Row[];
	/** By CustomerId, the rows of the customers that are left out because they have no device. */
	leftOut: Map<string, number[]>;
	/** Sentences about what was assumed of which rows, e.g. "row 3 without a CustomerId is nobody's". */
	remarks: string[];
	/** Counts the devices that all rows name, valid or not. */
	countNamedDevices: () => Pausing<NamedDevices>;
}

/** Groups checked rows by CustomerId, in one pass. */
export class CustomerGroups {
	/** In first-seen order. A Map and no object, since ids come from users: `__proto__` would be no key of an object. */
	readonly #customers = new Map<string, Customer>();
	/** By DeviceId, the device of the first customer that has it. Its `owners` leads to the devices of the other customers. */
	readonly #devices = new Map<string, CustomerDevice>();
	readonly #invalidRows: Row[] = [];
	/** The devices that were refused. Each row that names one of them is invalid. */
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Contradiction[] = [];
	readonly #emptyIds: EmptyIdResolver;
	readonly #productNames: ProductNames;
	/** Rows that lack a ProductName and nothing else. */
	readonly #namelessRows: Row[] = [];
	/** Rows without a device that are left out, unless other rows name their customer. */
	readonly #rowsWithoutDevice: Row[] = [];
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
			this.#rowsWithoutDevice.push(row);
			return;
		}
		if (!isOnlyNameless(row)) {
			this.#place(row);
			return;
		}
		this.#namelessRows.push(row);
		// Creates the customer now, so that it keeps this row's place in the first-seen order although the row itself waits.
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
			const newDevice = { customer, info: device, itemIndex, repeats: undefined, owners: undefined };
			customer.devices.push(newDevice);
			if (first === undefined) {
				this.#devices.set(device.DeviceId, newDevice);
			} else {
				first.owners ??= new Map([[first.customer, first]]);
				first.owners.set(customer, newDevice);
			}
		} else if (isSameDevice(namedBefore.info, device)) {
			namedBefore.repeats ??= [];
			namedBefore.repeats.push(itemIndex);
		} else {
			this.#contradictions.push({ device: namedBefore, itemIndex });
		}
	}

	/** The customer with this id, which is created if there is none. */
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
	 * Judges all rows together, after the last one: a customer is sent as a whole or not at all, and the very last row may contradict any
	 * other.
	 * @param sharedDevices whether a DeviceId that several customers have is refused for each of them
	 * @throws NotSendable when many different ids are broken: the file was decoded wrongly
	 */
	*finish(sharedDevices: 'refuse' | 'allow'): Pausing<GroupedRows> {
		const haveRowsWaited = yield* this.#groupWaiting();
		// Before rows without a device are left out: a customer that is withheld here keeps its rows, even if none of them has a device.
		yield* this.#withholdCompounds();
		const leftOut = new Map<string, number[]>();
		yield* forEachPausing(this.#rowsWithoutDevice, (row) => this.#leaveOut(row, leftOut));
		if (haveRowsWaited || this.#rowsWithoutDevice.length > 0) {
			// Rows that waited were added behind rows that stand below them.
			this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		}
		// Once all customers are known: an invalid row may belong to any of them.
		const invalid = yield* this.#withholdInvalid();
		yield* forEachPausing(this.#contradictions, (contradiction) => this.#refuseContradiction(contradiction));
		yield* this.#refuseSpellings();
		if (sharedDevices === 'refuse') {
			yield* this.#refuseAllShared(invalid);
		}
		// After all refusals: each makes rows bad, and none of the devices that a bad row lists is sent.
		yield* this.#dropDevicesOfBadRows();
		const ownerless: Row[] = [];
		yield* forEachPausing(invalid.rows, ({ row, claimant }) => {
			if (claimant === undefined) {
				ownerless.push(row);
			}
		});
		const oddities = yield* odditiesOf(this.#customers, this.#devices);
		const ofEmptyIds = yield* this.#emptyIds.remarks();
		const remarks = [...ofEmptyIds, ...this.#productNames.remarks(), ...oddities];
		const customers = [...this.#customers.values()];
		return { customers, ownerless, leftOut, remarks, countNamedDevices: () => this.#countNamedDevices() };
	}

	/**
	 * Groups the rows that waited for all others: those that lack a CustomerId or a ProductName, which other rows may give them.
	 * @returns whether any row waited
	 */
	*#groupWaiting(): Pausing<boolean> {
		let haveRowsWaited = this.#namelessRows.length > 0;
		yield* this.#emptyIds.finish((row) => {
			haveRowsWaited = true;
			this.#group(row);
		});
		yield* forEachPausing(this.#namelessRows, (row) => {
			for (const filled of this.#productNames.fill(row)) {
				this.#place(filled);
			}
		});
		if (haveRowsWaited) {
			// Devices are sent in the order of their rows.
			yield* forEachPausing(this.#customers.values(), ({ devices }) => {
				devices.sort((a, b) => a.itemIndex - b.itemIndex);
			});
		}
		return haveRowsWaited;
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

	/** If an id contains another one, both customers are withheld: `KH0001_2` (the compound) may be a second row of `KH0001` (its part). */
	*#withholdCompounds(): Pausing {
		const ids = new Set(this.#customers.keys());
		yield* forEachPausing(this.#rowsWithoutDevice, ({ customerId = '' }) => ids.add(customerId));
		// An id that only an option would make usable, such as 138-0013-8000, names a customer as well.
		yield* forEachPausing(this.#invalidRows, (row) => {
			const [id] = optionForId(row) === undefined ? [] : row.candidates().flatMap(idOf);
			if (id !== undefined) {
				ids.add(id);
			}
		});
		let invalid: Map<string, Row[]> | undefined;
		yield* visitCompoundIds(ids, (compoundId, partId) => {
			const compound = this.#customers.get(compoundId);
			if (compound !== undefined) {
				invalid ??= byCustomer(this.#invalidRows);
				this.#withholdBoth(compound, this.#customerOf(partId), invalid.get(compoundId) ?? []);
			}
		});
	}

	/**
	 * Withholds the compound, a customer whose id contains another one, and its part, the customer with the other id.
	 * @param invalid the rows of the compound that other rules have refused already
	 */
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

	*#countNamedDevices(): Pausing<NamedDevices> {
		const nameOfInvalid = new Map<string, string>();
		let unreadableRowCount = 0;
		yield* forEachPausing(this.#invalidRows, (row) => {
			unreadableRowCount += row.claimedDeviceIds.length === 0 ? 1 : 0;
			for (const { device, claimedDeviceIds } of row.parts ?? [row]) {
				for (const deviceId of [device.DeviceId, ...claimedDeviceIds]) {
					if (deviceId !== '' && !this.#devices.has(deviceId)) {
						nameOfInvalid.set(deviceId, nameOfInvalid.get(deviceId) || device.ProductName);
					}
				}
			}
		});
		const products = new Map<string, number>();
		const count = (name: string) => products.set(name, (products.get(name) ?? 0) + 1);
		yield* forEachPausing(this.#devices.values(), ({ info }) => count(info.ProductName));
		yield* forEachPausing(nameOfInvalid.values(), count);
		const devices = this.#devices.size + nameOfInvalid.size;
		return { devices, products, unreadableRowCount, invalidDeviceIds: nameOfInvalid.keys() };
	}

	/**
	 * Returns a function that names the option *Leave Out* in the findings of the rows that it would leave out: rows without a device, of
	 * customers that have no other rows.
	 */
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

	/** Withholds the customers to whom invalid rows may belong. Only after the last row all these customers are known. */
	*#withholdInvalid(): Pausing<InvalidRows> {
		const brokenForms = new Set<string>();
		// A copy: the loop below adds customers that only invalid rows name, and these are no owners of other rows.
		const index = new OwnerIndex(this.#invalidRows.length > 0 ? new Map(this.#customers) : this.#customers);
		const adviseLeaveOut = yield* this.#leaveOutAdviser();
		const overlapping = yield* this.#overlappingIds();
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
			const row = withoutAllow(adviseLeaveOut(this.#invalidRows[at]!), overlapping);
			// Replaced in place: a second array of many rows would take memory.
			this.#invalidRows[at] = row;
			invalid.add(row, () => this.#likeliestOwner(row));
		});
		return invalid;
	}

	/**
	 * Finds ids that the option *Allow* would not make usable, since one contains the other, as `KH0001_VIP` contains `KH0001`: with *Allow*
	 * both customers would be withheld.
	 * @returns for each such id the other one
	 */
	*#overlappingIds(): Pausing<ReadonlyMap<string, string>> {
		const mendableIds = new Set<string>();
		let isAllowAdvised = false;
		yield* forEachPausing(this.#invalidRows, (row) => {
			const advised = optionForId(row);
			const [id] = advised === undefined ? [] : row.candidates().flatMap(idOf);
			if (id !== undefined) {
				mendableIds.add(id);
				isAllowAdvised ||= advised === 'allow';
			}
		});
		const overlapping = new Map<string, string>();
		if (isAllowAdvised) {
			const ids = new Set([...this.#customers.keys(), ...mendableIds]);
			yield* visitCompoundIds(ids, (id, partId) => overlapping.set(id, partId).set(partId, id));
		}
		return overlapping;
	}

	/** For an invalid row that may belong to no known customer: the customer of the likeliest id that it may stand for, created if needed. */
	#likeliestOwner(row: Row): Customer | undefined {
		const [likeliest] = row.kind === 'between' ? [] : row.candidates().flatMap(idOf);
		return likeliest === undefined ? undefined : this.#customerOf(likeliest);
	}

	/** Refuses the device with both rows, since nothing shows which of them is right. */
	#refuseContradiction({ device, itemIndex }: Contradiction): void {
		const whyUnlike = (row: number) => because('described', { other: ELSEWHERE.row(row) });
		refuseRow(device, itemIndex, whyUnlike(device.itemIndex));
		this.#refuse(device, whyUnlike(itemIndex));
	}

	/** Refuses devices whose ProductIds differ only in case, but for the most frequent spelling. */
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
			const devicesOfSpellings = spellings.map((spelling) => bySpelling.get(spelling) ?? []);
			yield* this.#refuseAllButMostFrequent(devicesOfSpellings);
			yield;
		}
	}

	/**
	 * Refuses the devices of all spellings of one ProductId except the most frequent one. If two spellings are the most frequent, none is spared.
	 * @param bySpelling the devices of each spelling
	 */
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
			const why = because('spelling', { product: ofRows(product), row: ELSEWHERE.row(other.itemIndex) });
			for (const device of devices) {
				this.#refuse(device, why);
			}
		});
	}

	/** Refuses each DeviceId that several customers have, for each of them. The DeviceIds of invalid rows count, too. */
	*#refuseAllShared(invalid: InvalidRows): Pausing {
		for (const { owners } of this.#devices.values()) {
			if (owners !== undefined) {
				yield* this.#refuseShared(owners);
				// A pass over the owners of one device is too short to pause by itself, and there may be many such devices.
				yield;
			}
		}
		yield* forEachPausing(invalid.rows, (row) => this.#refuseSharedWith(row, invalid));
	}

	/**
	 * Refuses one DeviceId for all customers that have it.
	 * @param owners the device of each of these customers
	 */
	*#refuseShared(owners: ReadonlyMap<Customer, CustomerDevice>): Pausing {
		const [first, second] = owners.values();
		yield* forEachPausing(owners.values(), (device) => {
			const otherDevice = device === first ? second! : first!;
			this.#refuse(device, whyShared(otherDevice.customer, otherDevice.itemIndex));
		});
	}

	/** Refuses the devices that an invalid row names, where they belong to a customer to whom the row cannot belong. */
	#refuseSharedWith({ row, claimant }: InvalidRow, invalid: InvalidRows): void {
		const { claimedDeviceIds, itemIndex } = row;
		if (claimant === undefined) {
			return;
		}
		const otherDevices: CustomerDevice[] = [];
		for (const deviceId of claimedDeviceIds) {
			const device = this.#devices.get(deviceId);
			const otherDevice = device && deviceOfOtherCustomer(invalid.ownersOf({ row, claimant }), device);
			if (otherDevice !== undefined) {
				otherDevices.push(otherDevice);
			}
		}
		for (const otherDevice of otherDevices) {
			this.#refuse(otherDevice, whyShared(claimant, itemIndex));
		}
		const [first] = otherDevices;
		if (first !== undefined) {
			claimant.findings.push(findingAbout(first, itemIndex, whyShared(first.customer, first.itemIndex)));
		}
	}

	/** Refuses a device and makes each row that names it invalid, unless that has been done already. */
	#refuse(device: CustomerDevice, why: Why): void {
		if (this.#refusedDevices.has(device)) {
			return;
		}
		this.#refusedDevices.add(device);
		for (const itemIndex of itemIndexesOf(device)) {
			refuseRow(device, itemIndex, why);
		}
	}

	*#dropDevicesOfBadRows(): Pausing {
		for (const customer of this.#customers.values()) {
			if (customer.findings.length > 0) {
				yield* this.#dropBadRowsOf(customer);
				// The pass over one customer is too short to pause by itself, and there may be many customers.
				yield;
			}
		}
	}

	/**
	 * Drops the devices of the customer's bad rows. A row that lists devices is sent with all of them or not at all. So if a dropped device
	 * stands in further rows, these become bad as well, and their devices are dropped, too.
	 */
	*#dropBadRowsOf(customer: Customer): Pausing {
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
						refuseRow(device, itemIndex, because('beside', { row: ELSEWHERE.row(badRow) }));
					}
				}
			}
		});
		customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
	}
}

/** The item indexes of all rows that name a device. */
export function itemIndexesOf({ itemIndex, repeats = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeats];
}

/** Why a device is refused that another customer has as well. */
function whyShared({ customerId }: Customer, row: number): Why {
	return because('shared', { customer: ofRows(customerId), row: ELSEWHERE.row(row) });
}

/** Marks a row as invalid because of a device that it names. */
function refuseRow(device: CustomerDevice, itemIndex: number, why: Why): void {
	const { badItemIndexes, findings } = device.customer;
	badItemIndexes.push(itemIndex);
	findings.push(findingAbout(device, itemIndex, why));
}

/** A finding about one device of a row. It quotes the DeviceId, because the row may list many. */
function findingAbout({ info }: CustomerDevice, itemIndex: number, why: Why): Finding {
	return { itemIndex, field: 'DeviceId', value: shorten(info.DeviceId), ...why };
}

/** Whether two rows describe a device alike. */
function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}

/**
 * A customer gets at most this many findings of rows that may belong to it. In a garbled column each row may belong to every customer, and
 * rows times customers would fill the memory.
 */
const MOST_SHARED_FINDINGS = 20;

/** With more different broken CustomerIds the file was decoded wrongly. Each is compared with all ids, which takes time. */
const MOST_BROKEN = 20;
const BROKEN_IDS = notSent('BROKEN_CUSTOMER_IDS', { most: MOST_BROKEN });

/**
 * The row without the advice of the option *Allow*, where its id overlaps with another one: the option would not make the row usable, so
 * its finding names the other id instead.
 */
function withoutAllow(row: Row, overlapping: ReadonlyMap<string, string>): Row {
	if (overlapping.size === 0 || optionForId(row) !== 'allow') {
		return row;
	}
	const [id] = row.candidates().flatMap(idOf);
	const otherId = id === undefined ? undefined : overlapping.get(id);
	if (id === undefined || otherId === undefined) {
		return row;
	}
	const containsOther = otherId.length < id.length;
	const why = because(containsOther ? 'otherCustomer' : 'withinCustomer', { customer: ofRows(otherId) });
	const findings = row.findings.map((finding): Finding => {
		const { itemIndex, field, value, mend } = finding;
		return mend === 'allow' ? { itemIndex, field, value: value ?? shorten(id), ...why } : finding;
	});
	return { ...row, findings };
}

/** Groups rows by CustomerId. */
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

/** The option that would make the CustomerId of a row usable; undefined if none would. */
function optionForId({ findings }: Row): Finding['mend'] {
	return findings.find(({ field }) => field === 'CustomerId')?.mend;
}

/** A row that cannot be sent, with the customer that reports it in the output. */
interface InvalidRow {
	row: Row;
	/** The customer with whom the output shows the row: the likeliest of those to whom it may belong. Undefined if there is none. */
	claimant: Customer | undefined;
}

/**
 * The rows that cannot be sent. Each row withholds its owners, i.e. all customers to whom it may belong. The output shows it with one of them,
 * its claimant. The owners are looked up each time: a row may have hundreds, and keeping those of all rows would take memory.
 */
class InvalidRows {
	readonly rows: InvalidRow[] = [];
	readonly #index: OwnerIndex<Customer>;
	/** By set of owners: how many rows have given these owners their findings, up to `MOST_SHARED_FINDINGS`. */
	readonly #sharedRows = new Map<ReadonlySet<Customer>, number>();
	/** The owners of the last row, for the rows behind it that share its `candidates` function. */
	#last: { candidates: Row['candidates']; owners: Owners } | undefined;

	constructor(index: OwnerIndex<Customer>) {
		this.#index = index;
	}

	/**
	 * Withholds a row: its claimant gets the row and its findings, the other owners get the findings only.
	 * @param likeliestOwner gives the claimant of a row that has no owner among the known customers, and creates this customer
	 */
	add(row: Row, likeliestOwner: () => Customer | undefined): void {
		const owners = this.#ownersIn(row);
		const claimant = owners.length === 0 ? likeliestOwner() : claimantOf(owners);
		this.rows.push({ row, claimant });
		claimant?.badItemIndexes.push(row.itemIndex);
		claimant?.findings.push(...row.findings);
		for (const ofCandidate of owners) {
			const rows = this.#sharedRows.get(ofCandidate) ?? 0;
			if (rows < MOST_SHARED_FINDINGS) {
				this.#sharedRows.set(ofCandidate, rows + 1);
				withholdOthers(ofCandidate, claimant, row);
			}
		}
	}

	/** The owners of the row, a set for each of its id candidates that has any; at least its claimant. */
	ownersOf({ row, claimant }: InvalidRow): Owners {
		const owners = this.#ownersIn(row);
		return owners.length === 0 && claimant !== undefined ? [new Set([claimant])] : owners;
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

/** The customers to whom a row may belong: a set for each of its id candidates, none empty. Equal candidates share one set. */
type Owners = ReadonlyArray<ReadonlySet<Customer>>;

/** The first of the owners that the likeliest id candidate gives. */
function claimantOf([likeliestOwners]: Owners): Customer | undefined {
	const [first] = likeliestOwners ?? [];
	return first;
}

/** Gives the findings of a row to its owners besides the claimant. */
function withholdOthers(owners: ReadonlySet<Customer>, claimant: Customer | undefined, row: Row): void {
	for (const owner of owners) {
		const hasRowAlready = owner.findings.at(-1)?.itemIndex === row.itemIndex;
		if (owner !== claimant && !hasRowAlready && owner.findings.length < MOST_SHARED_FINDINGS) {
			owner.findings.push(...row.findings);
		}
	}
}

/** The id for which a candidate stands in any case, as a list for `flatMap`; an empty list for all other candidates. */
function idOf(candidate: IdCandidate): string[] {
	return 'id' in candidate ? [candidate.id] : [];
}

/** How characters were lost (`Loss.form`) in each candidate with characters that could not be decoded. */
function brokenFormsOf(candidates: readonly IdCandidate[]): string[] {
	return candidates.flatMap((candidate) =>
		'form' in candidate && candidate.isBroken ? [candidate.form] : [],
	);
}

/**
 * Of the devices with one DeviceId, the first whose customer cannot own the row. Only `MOST_SHARED_FINDINGS` devices are compared, because
 * comparing all of them for each row would take long.
 * @param first the device of the first customer that has this DeviceId
 */
function deviceOfOtherCustomer(ownersOfRow: Owners, first: CustomerDevice): CustomerDevice | undefined {
	let compared = 0;
	for (const device of first.owners?.values() ?? [first]) {
		if (!ownersOfRow.some((owners) => owners.has(device.customer))) {
			return device;
		}
		compared += 1;
		if (compared === MOST_SHARED_FINDINGS) {
			return undefined;
		}
	}
	return undefined;
}
