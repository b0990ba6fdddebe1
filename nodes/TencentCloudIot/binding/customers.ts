import type { DeviceInfo, NamedDevices } from '../service/devices';
import { because, type Finding, type Why, ELSEWHERE } from '../messages/findings';
import { shorten } from '../input/text';
import { NotSendable, notSent } from '../service/outcome';
import { visitCompoundIds } from './readings';
import { type EmptyIdMode, EmptyIdResolver } from './emptyIds';
import { odditiesOf } from './oddities';
import { OwnerIndex } from './owners';
import { forEachPausing, type Pausing } from '../input/pausing';
import { type EmptyProductNameMode, productOf, ProductNameIndex } from './productNames';
import type { IdCandidate } from './readings';
import { candidatesOf, lacksOnlyProductName, isWithoutDevice, withFindings, type Row } from './row';
import { ofRows } from '../messages/text';

/** A device to push for a customer, and the rows that name it. */
interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	/** The first row that names the device. */
	itemIndex: number;
	/** Further rows that name the device. Most devices have none, and undefined saves their memory. */
	repeatRows: number[] | undefined;
	/** For a DeviceId that several customers have: the device of each of them. Only the device of the first of these customers has this map. */
	deviceByOwner: Map<Customer, CustomerDevice> | undefined;
}

/** A customer as the rows of a run describe it. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The customer's rows that cannot be sent. */
	invalidItemIndexes: number[];
	/** Findings of these rows, and of other invalid rows that may belong to this customer. */
	findings: Finding[];
}

/** A row that gives a device another CustomerDeviceNo or ProductName than the customer's earlier row with that device. */
interface Contradiction {
	device: CustomerDevice;
	itemIndex: number;
}

interface GroupedRows {
	/** In first-seen order; customers that only damaged ids name come last. */
	customers: Customer[];
	/** Rows whose CustomerId cannot be used and shows no customer to whom they could belong. */
	ownerlessRows: Row[];
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
	/** By DeviceId, the device of the first customer that has it. Its `deviceByOwner` leads to the devices of the other customers. */
	readonly #devices = new Map<string, CustomerDevice>();
	readonly #invalidRows: Row[] = [];
	/** The devices that were refused. Each row that names one of them is invalid. */
	readonly #refusedDevices = new Set<CustomerDevice>();
	readonly #contradictions: Contradiction[] = [];
	readonly #emptyIdResolver: EmptyIdResolver;
	readonly #productNames: ProductNameIndex;
	/** Rows that lack a ProductName and nothing else. */
	readonly #rowsWithoutProductName: Row[] = [];
	/** Rows without a device that are left out, unless other rows name their customer. */
	readonly #rowsWithoutDevice: Row[] = [];
	readonly #leavesOutRows: boolean;

	constructor(
		emptyIdMode: EmptyIdMode,
		modeWithoutDevice: 'leaveOut' | 'refuse' = 'refuse',
		emptyProductNameMode: EmptyProductNameMode = 'refuse',
	) {
		this.#productNames = new ProductNameIndex(emptyProductNameMode);
		this.#emptyIdResolver = new EmptyIdResolver(emptyIdMode);
		this.#leavesOutRows = modeWithoutDevice === 'leaveOut';
	}

	add(row: Row): void {
		this.#productNames.add(row);
		const decidedRow = this.#emptyIdResolver.add(row);
		if (decidedRow !== undefined) {
			this.#group(decidedRow);
		}
	}

	#group(row: Row): void {
		if (this.#leavesOutRows && isWithoutDevice(row)) {
			this.#rowsWithoutDevice.push(row);
			return;
		}
		if (!lacksOnlyProductName(row)) {
			this.#addToCustomer(row);
			return;
		}
		this.#rowsWithoutProductName.push(row);
		// Creates the customer now, so that it keeps this row's place in the first-seen order although the row itself waits.
		this.#ensureCustomer(row.customerId!);
	}

	#addToCustomer(row: Row): void {
		const { customerId, device, itemIndex, findings } = row;
		const customer = customerId === undefined ? undefined : this.#ensureCustomer(customerId);
		if (customer === undefined || findings.length > 0) {
			this.#invalidRows.push(row);
			return;
		}
		const firstDevice = this.#devices.get(device.DeviceId);
		const earlierDevice =
			firstDevice?.customer === customer ? firstDevice : firstDevice?.deviceByOwner?.get(customer);
		if (earlierDevice === undefined) {
			const newDevice = {
				customer,
				info: device,
				itemIndex,
				repeatRows: undefined,
				deviceByOwner: undefined,
			};
			customer.devices.push(newDevice);
			if (firstDevice === undefined) {
				this.#devices.set(device.DeviceId, newDevice);
			} else {
				firstDevice.deviceByOwner ??= new Map([[firstDevice.customer, firstDevice]]);
				firstDevice.deviceByOwner.set(customer, newDevice);
			}
		} else if (isDescribedAlike(earlierDevice.info, device)) {
			earlierDevice.repeatRows ??= [];
			earlierDevice.repeatRows.push(itemIndex);
		} else {
			this.#contradictions.push({ device: earlierDevice, itemIndex });
		}
	}

	/** Gives the customer with this id, and creates it if there is none. */
	#ensureCustomer(customerId: string): Customer {
		const existing = this.#customers.get(customerId);
		if (existing !== undefined) {
			return existing;
		}
		const customer: Customer = { customerId, devices: [], invalidItemIndexes: [], findings: [] };
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
		const haveRowsWaited = yield* this.#groupWaitingRows();
		// Before rows without a device are left out: if their customer is withheld here, they stay in the output as invalid rows.
		yield* this.#withholdCompounds();
		const leftOut = new Map<string, number[]>();
		yield* forEachPausing(this.#rowsWithoutDevice, (row) => this.#leaveOut(row, leftOut));
		if (haveRowsWaited || this.#rowsWithoutDevice.length > 0) {
			// Rows that waited were added behind rows that stand below them.
			this.#invalidRows.sort((a, b) => a.itemIndex - b.itemIndex);
		}
		// Once all customers are known: an invalid row may belong to any of them.
		const invalidRows = yield* this.#withholdInvalidRows();
		yield* forEachPausing(this.#contradictions, (contradiction) => this.#refuseContradiction(contradiction));
		yield* this.#refuseSpellings();
		if (sharedDevices === 'refuse') {
			yield* this.#refuseSharedDevices(invalidRows);
		}
		// After all refusals: each makes rows invalid, and none of the devices that an invalid row lists is sent.
		yield* this.#dropDevicesOfInvalidRows();
		const ownerlessRows: Row[] = [];
		yield* forEachPausing(invalidRows.rows, ({ row, likeliestOwner }) => {
			if (likeliestOwner === undefined) {
				ownerlessRows.push(row);
			}
		});
		const oddities = yield* odditiesOf(this.#customers, this.#devices);
		const emptyIdRemarks = yield* this.#emptyIdResolver.remarks();
		const remarks = [...emptyIdRemarks, ...this.#productNames.remarks(), ...oddities];
		const customers = [...this.#customers.values()];
		return { customers, ownerlessRows, leftOut, remarks, countNamedDevices: () => this.#countNamedDevices() };
	}

	/**
	 * Groups the rows that waited for all others: those that lack a CustomerId or a ProductName, which other rows may give them.
	 * @returns whether any row waited
	 */
	*#groupWaitingRows(): Pausing<boolean> {
		let haveRowsWaited = this.#rowsWithoutProductName.length > 0;
		yield* this.#emptyIdResolver.finish((row) => {
			haveRowsWaited = true;
			this.#group(row);
		});
		yield* forEachPausing(this.#rowsWithoutProductName, (row) => {
			for (const filledRow of this.#productNames.fill(row)) {
				this.#addToCustomer(filledRow);
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

	/** Leaves out a row without a device. If other rows name its customer, the row is invalid instead. */
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
			const [id] = optionForId(row) === undefined ? [] : row.candidates().flatMap(certainIdOf);
			if (id !== undefined) {
				ids.add(id);
			}
		});
		let invalidRowsById: Map<string, Row[]> | undefined;
		yield* visitCompoundIds(ids, (compoundId, partId) => {
			const compound = this.#customers.get(compoundId);
			if (compound !== undefined) {
				invalidRowsById ??= groupByCustomer(this.#invalidRows);
				this.#withholdBoth(compound, this.#ensureCustomer(partId), invalidRowsById.get(compoundId) ?? []);
			}
		});
	}

	/**
	 * Withholds the compound, a customer whose id contains another one, and its part, the customer with the other id.
	 * @param invalidRows the rows of the compound that other rules have refused already
	 */
	#withholdBoth(compound: Customer, part: Customer, invalidRows: readonly Row[]): void {
		const why = because('otherCustomer', { customer: ofRows(part.customerId) });
		const itemIndexes = new Set(compound.devices.flatMap(itemIndexesOf));
		for (const itemIndex of itemIndexes) {
			const finding = { itemIndex, field: 'CustomerId', value: compound.customerId, ...why };
			compound.findings.push(finding);
			compound.invalidItemIndexes.push(itemIndex);
			if (part.findings.length < MOST_SHARED_FINDINGS) {
				part.findings.push(finding);
			}
		}
		for (const { findings } of invalidRows) {
			if (part.findings.length < MOST_SHARED_FINDINGS) {
				part.findings.push(...findings);
			}
		}
		for (const device of compound.devices) {
			this.#refusedDevices.add(device);
		}
	}

	*#countNamedDevices(): Pausing<NamedDevices> {
		const productByInvalidDevice = new Map<string, string>();
		let unreadableRowCount = 0;
		yield* forEachPausing(this.#invalidRows, (row) => {
			unreadableRowCount += row.claimedDeviceIds.length === 0 ? 1 : 0;
			for (const { device, claimedDeviceIds } of row.deviceRows ?? [row]) {
				for (const deviceId of [device.DeviceId, ...claimedDeviceIds]) {
					if (deviceId !== '' && !this.#devices.has(deviceId)) {
						productByInvalidDevice.set(deviceId, productByInvalidDevice.get(deviceId) || device.ProductName);
					}
				}
			}
		});
		const products = new Map<string, number>();
		const countProduct = (name: string) => products.set(name, (products.get(name) ?? 0) + 1);
		yield* forEachPausing(this.#devices.values(), ({ info }) => countProduct(info.ProductName));
		yield* forEachPausing(productByInvalidDevice.values(), countProduct);
		const deviceCount = this.#devices.size + productByInvalidDevice.size;
		return { deviceCount, products, unreadableRowCount, invalidDeviceIds: productByInvalidDevice.keys() };
	}

	/**
	 * Returns a function that names the option *Leave Out* in the findings of the rows that it would leave out: rows without a device, of
	 * customers that have no other rows.
	 */
	*#leaveOutAdviser(): Pausing<(row: Row) => Row> {
		const idsNamedByOthers = new Set<string | undefined>();
		yield* forEachPausing(this.#invalidRows, (row) => {
			if (!isWithoutDevice(row)) {
				idsNamedByOthers.add(row.customerId);
			}
		});
		const wouldBeLeftOut = (row: Row) =>
			isWithoutDevice(row) &&
			!idsNamedByOthers.has(row.customerId) &&
			this.#customers.get(row.customerId!)?.devices.length === 0;
		return (row) => (wouldBeLeftOut(row) ? withFindings(row, { mend: 'leaveOut' }) : row);
	}

	/** Withholds the customers to whom invalid rows may belong. Only after the last row all these customers are known. */
	*#withholdInvalidRows(): Pausing<InvalidRows> {
		const brokenTexts = new Set<string>();
		// A copy: the loop below adds customers that only invalid rows name, and these are no owners of other rows.
		const ownerIndex = new OwnerIndex(
			this.#invalidRows.length > 0 ? new Map(this.#customers) : this.#customers,
		);
		const adviseLeaveOut = yield* this.#leaveOutAdviser();
		const overlappingIds = yield* this.#overlappingIds();
		let lastCandidates: Row['candidates'] | undefined;
		yield* forEachPausing(this.#invalidRows, (row) => {
			if (row.candidates === lastCandidates) {
				return;
			}
			lastCandidates = row.candidates;
			const candidates = candidatesOf(row);
			for (const text of brokenTextsOf(candidates)) {
				brokenTexts.add(text);
			}
			if (brokenTexts.size > MOST_BROKEN_IDS) {
				throw new NotSendable(TOO_MANY_BROKEN);
			}
			ownerIndex.announce(candidates);
		});
		yield* ownerIndex.lookUp();
		const invalidRows = new InvalidRows(ownerIndex);
		yield* forEachPausing(this.#invalidRows.keys(), (invalidIndex) => {
			const row = withoutAllowAdvice(adviseLeaveOut(this.#invalidRows[invalidIndex]!), overlappingIds);
			// Replaced in place: a second array of many rows would take memory.
			this.#invalidRows[invalidIndex] = row;
			invalidRows.add(row, () => this.#createOwner(row));
		});
		return invalidRows;
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
			const advisedOption = optionForId(row);
			const [id] = advisedOption === undefined ? [] : row.candidates().flatMap(certainIdOf);
			if (id !== undefined) {
				mendableIds.add(id);
				isAllowAdvised ||= advisedOption === 'allow';
			}
		});
		const overlappingIds = new Map<string, string>();
		if (isAllowAdvised) {
			const ids = new Set([...this.#customers.keys(), ...mendableIds]);
			yield* visitCompoundIds(ids, (id, partId) => overlappingIds.set(id, partId).set(partId, id));
		}
		return overlappingIds;
	}

	/** Gives an invalid row that belongs to no known customer the customer of the likeliest id that the row may stand for, created if needed. */
	#createOwner(row: Row): Customer | undefined {
		const [likeliestId] = row.kind === 'between' ? [] : row.candidates().flatMap(certainIdOf);
		return likeliestId === undefined ? undefined : this.#ensureCustomer(likeliestId);
	}

	/** Refuses the device with both rows, since nothing shows which of them is right. */
	#refuseContradiction({ device, itemIndex }: Contradiction): void {
		const whyContradicted = (otherIndex: number) =>
			because('described', { other: ELSEWHERE.row(otherIndex) });
		refuseRow(device, itemIndex, whyContradicted(device.itemIndex));
		this.#refuse(device, whyContradicted(itemIndex));
	}

	/** Refuses devices whose ProductIds differ only in case, but for the most frequent spelling. */
	*#refuseSpellings(): Pausing {
		const spellingsOfProducts = yield* this.#productNames.spellings();
		if (spellingsOfProducts.length === 0) {
			return;
		}
		const devicesBySpelling = new Map<string, CustomerDevice[]>();
		yield* forEachPausing(spellingsOfProducts, (spellings) => {
			for (const spelling of spellings) {
				devicesBySpelling.set(spelling, []);
			}
		});
		yield* forEachPausing(this.#customers.values(), ({ devices }) => {
			for (const device of devices) {
				devicesBySpelling.get(productOf(device.info.DeviceId))?.push(device);
			}
		});
		for (const spellings of spellingsOfProducts) {
			const devicesOfSpellings = spellings.map((spelling) => devicesBySpelling.get(spelling) ?? []);
			yield* this.#refuseAllButMostFrequent(devicesOfSpellings);
			yield;
		}
	}

	/**
	 * Refuses the devices of all spellings of one ProductId except the most frequent one. If two spellings are the most frequent, none is spared.
	 * @param devicesOfSpellings the devices of each spelling
	 */
	*#refuseAllButMostFrequent(devicesOfSpellings: CustomerDevice[][]): Pausing {
		const mostFrequentFirst = devicesOfSpellings.sort((a, b) => b.length - a.length);
		const [mostFrequent = [], secondMost = []] = mostFrequentFirst;
		const refusedSpellings =
			mostFrequent.length === secondMost.length ? mostFrequentFirst : mostFrequentFirst.slice(1);
		yield* forEachPausing(refusedSpellings, (devices) => {
			const [other] = devices === mostFrequent ? secondMost : mostFrequent;
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

	/** Refuses each DeviceId that several customers have, for all of these customers. The DeviceIds that invalid rows name count, too. */
	*#refuseSharedDevices(invalidRows: InvalidRows): Pausing {
		for (const { deviceByOwner } of this.#devices.values()) {
			if (deviceByOwner !== undefined) {
				yield* this.#refuseForAllOwners(deviceByOwner);
				// A pass over the owners of one device is too short to pause by itself, and there may be many such devices.
				yield;
			}
		}
		yield* forEachPausing(invalidRows.rows, (row) => this.#refuseSharedWithRow(row, invalidRows));
	}

	/**
	 * Refuses one DeviceId for all customers that have it.
	 * @param deviceByOwner the device of each of these customers
	 */
	*#refuseForAllOwners(deviceByOwner: ReadonlyMap<Customer, CustomerDevice>): Pausing {
		const [first, second] = deviceByOwner.values();
		yield* forEachPausing(deviceByOwner.values(), (device) => {
			const otherDevice = device === first ? second! : first!;
			this.#refuse(device, whyShared(otherDevice.customer, otherDevice.itemIndex));
		});
	}

	/**
	 * An invalid row may name a device of a customer to whom the row cannot belong. Then the device is refused for that customer, and the
	 * customer that reports the row gets a finding.
	 */
	#refuseSharedWithRow({ row, likeliestOwner }: InvalidRow, invalidRows: InvalidRows): void {
		const { claimedDeviceIds, itemIndex } = row;
		if (likeliestOwner === undefined) {
			return;
		}
		const otherDevices: CustomerDevice[] = [];
		for (const deviceId of claimedDeviceIds) {
			const device = this.#devices.get(deviceId);
			const otherDevice = device && deviceOfOtherOwner(invalidRows.ownersOf({ row, likeliestOwner }), device);
			if (otherDevice !== undefined) {
				otherDevices.push(otherDevice);
			}
		}
		for (const otherDevice of otherDevices) {
			this.#refuse(otherDevice, whyShared(likeliestOwner, itemIndex));
		}
		const [first] = otherDevices;
		if (first !== undefined) {
			likeliestOwner.findings.push(findingOn(first, itemIndex, whyShared(first.customer, first.itemIndex)));
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

	*#dropDevicesOfInvalidRows(): Pausing {
		for (const customer of this.#customers.values()) {
			if (customer.findings.length > 0) {
				yield* this.#dropInvalidDevicesOf(customer);
				// The pass over one customer is too short to pause by itself, and there may be many customers.
				yield;
			}
		}
	}

	/**
	 * Drops the devices of the customer's invalid rows. A row that lists devices is sent with all of them or not at all. So if a dropped device
	 * stands in further rows, these become invalid as well, and their devices are dropped, too.
	 */
	*#dropInvalidDevicesOf(customer: Customer): Pausing {
		const devicesByRow = new Map<number, CustomerDevice[]>();
		yield* forEachPausing(customer.devices, (device) => {
			for (const itemIndex of itemIndexesOf(device)) {
				const devicesOfRow = devicesByRow.get(itemIndex);
				if (devicesOfRow === undefined) {
					devicesByRow.set(itemIndex, [device]);
				} else {
					devicesOfRow.push(device);
				}
			}
		});
		// The loop below adds to this set, and visits what it adds.
		const invalidItemIndexes = new Set(customer.invalidItemIndexes);
		yield* forEachPausing(invalidItemIndexes, (invalidItemIndex) => {
			for (const device of devicesByRow.get(invalidItemIndex) ?? []) {
				this.#refusedDevices.add(device);
				for (const itemIndex of itemIndexesOf(device)) {
					if (!invalidItemIndexes.has(itemIndex)) {
						invalidItemIndexes.add(itemIndex);
						refuseRow(device, itemIndex, because('beside', { row: ELSEWHERE.row(invalidItemIndex) }));
					}
				}
			}
		});
		customer.devices = customer.devices.filter((device) => !this.#refusedDevices.has(device));
	}
}

/** The item indexes of all rows that name a device. */
export function itemIndexesOf({ itemIndex, repeatRows = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeatRows];
}

/** Why a device is refused that another customer has as well. */
function whyShared({ customerId }: Customer, itemIndex: number): Why {
	return because('shared', { customer: ofRows(customerId), row: ELSEWHERE.row(itemIndex) });
}

/** Marks a row as invalid because of a device that it names. */
function refuseRow(device: CustomerDevice, itemIndex: number, why: Why): void {
	const { invalidItemIndexes, findings } = device.customer;
	invalidItemIndexes.push(itemIndex);
	findings.push(findingOn(device, itemIndex, why));
}

/** A finding about one device of a row. It quotes the DeviceId, because the row may list many. */
function findingOn({ info }: CustomerDevice, itemIndex: number, why: Why): Finding {
	return { itemIndex, field: 'DeviceId', value: shorten(info.DeviceId), ...why };
}

/** Whether two rows describe a device alike. */
function isDescribedAlike(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}

/**
 * A customer gets at most this many findings of rows that may belong to it. In a garbled column each row may belong to every customer, and
 * rows times customers would fill the memory.
 */
const MOST_SHARED_FINDINGS = 20;

/**
 * If the rows have more broken CustomerIds than this, the file was decoded wrongly, and the run is blocked. Equal ones count once. Each is
 * compared with all ids, which takes time.
 */
const MOST_BROKEN_IDS = 20;
const TOO_MANY_BROKEN = notSent('BROKEN_CUSTOMER_IDS', { most: MOST_BROKEN_IDS });

/**
 * Removes the advice to choose *Allow* from a row whose id contains another one, or is contained in it. The option would not make the row
 * usable, so the finding names the other id instead.
 */
function withoutAllowAdvice(row: Row, overlappingIds: ReadonlyMap<string, string>): Row {
	if (overlappingIds.size === 0 || optionForId(row) !== 'allow') {
		return row;
	}
	const [id] = row.candidates().flatMap(certainIdOf);
	const otherId = id === undefined ? undefined : overlappingIds.get(id);
	if (id === undefined || otherId === undefined) {
		return row;
	}
	const containsOther = otherId.length < id.length;
	const why = because(containsOther ? 'otherCustomer' : 'withinCustomer', { customer: ofRows(otherId) });
	const findingsWithoutAdvice = row.findings.map((finding): Finding => {
		const { itemIndex, field, value, mend } = finding;
		return mend === 'allow' ? { itemIndex, field, value: value ?? shorten(id), ...why } : finding;
	});
	return { ...row, findings: findingsWithoutAdvice };
}

/** Groups rows by CustomerId. */
function groupByCustomer(rows: readonly Row[]): Map<string, Row[]> {
	const rowsById = new Map<string, Row[]>();
	for (const row of rows) {
		const { customerId = '' } = row;
		const rowsOfCustomer = rowsById.get(customerId);
		if (rowsOfCustomer === undefined) {
			rowsById.set(customerId, [row]);
		} else {
			rowsOfCustomer.push(row);
		}
	}
	return rowsById;
}

/** The option that would make the CustomerId of a row usable; undefined if none would. */
function optionForId({ findings }: Row): Finding['mend'] {
	return findings.find(({ field }) => field === 'CustomerId')?.mend;
}

/** A row that cannot be sent, with the customer that reports it in the output. */
interface InvalidRow {
	row: Row;
	/** The customer with whom the output shows the row: the likeliest of those to whom it may belong. Undefined if there is none. */
	likeliestOwner: Customer | undefined;
}

/**
 * The rows that cannot be sent. Each row withholds its owners, i.e. all customers to whom it may belong. The output shows it with one of them,
 * the likeliest. The owners are looked up each time: a row may have hundreds, and keeping those of all rows would take memory.
 */
class InvalidRows {
	readonly rows: InvalidRow[] = [];
	readonly #ownerIndex: OwnerIndex<Customer>;
	/** By set of owners: how many rows have given their findings to these owners. After `MOST_SHARED_FINDINGS` rows, further ones give none. */
	readonly #rowCountByOwners = new Map<ReadonlySet<Customer>, number>();
	/** The owners of the last row, for the rows behind it that share its `candidates` function. */
	#lastMatch: { candidates: Row['candidates']; owners: OwnerSets } | undefined;

	constructor(ownerIndex: OwnerIndex<Customer>) {
		this.#ownerIndex = ownerIndex;
	}

	/**
	 * Withholds a row: its likeliest owner gets the row and its findings, the other owners get the findings only.
	 * @param createOwner creates a customer for a row that has no owner among the known ones; undefined if the row shows no id
	 */
	add(row: Row, createOwner: () => Customer | undefined): void {
		const owners = this.#findOwners(row);
		const likeliestOwner = owners.length === 0 ? createOwner() : likeliestOwnerOf(owners);
		this.rows.push({ row, likeliestOwner });
		likeliestOwner?.invalidItemIndexes.push(row.itemIndex);
		likeliestOwner?.findings.push(...row.findings);
		for (const ownersOfCandidate of owners) {
			const rowCount = this.#rowCountByOwners.get(ownersOfCandidate) ?? 0;
			if (rowCount < MOST_SHARED_FINDINGS) {
				this.#rowCountByOwners.set(ownersOfCandidate, rowCount + 1);
				withholdOthers(ownersOfCandidate, likeliestOwner, row);
			}
		}
	}

	/** The owners of the row: a set for each of its id candidates that has any; without such a set, the likeliest owner. */
	ownersOf({ row, likeliestOwner }: InvalidRow): OwnerSets {
		const owners = this.#findOwners(row);
		return owners.length === 0 && likeliestOwner !== undefined ? [new Set([likeliestOwner])] : owners;
	}

	#findOwners(row: Row): OwnerSets {
		if (row.customerId !== undefined) {
			return this.#ownerIndex.findOwners(candidatesOf(row));
		}
		if (this.#lastMatch?.candidates !== row.candidates) {
			this.#lastMatch = { candidates: row.candidates, owners: this.#ownerIndex.findOwners(row.candidates()) };
		}
		return this.#lastMatch.owners;
	}
}

/** The customers to whom a row may belong: a set for each of its id candidates, none empty. Equal candidates share one set. */
type OwnerSets = ReadonlyArray<ReadonlySet<Customer>>;

/** The first of the owners that the likeliest id candidate gives. */
function likeliestOwnerOf([likeliestOwners]: OwnerSets): Customer | undefined {
	const [first] = likeliestOwners ?? [];
	return first;
}

/** Gives the findings of a row to its owners besides the likeliest one. */
function withholdOthers(owners: ReadonlySet<Customer>, likeliestOwner: Customer | undefined, row: Row): void {
	for (const owner of owners) {
		const hasFindingsOfRow = owner.findings.at(-1)?.itemIndex === row.itemIndex;
		if (owner !== likeliestOwner && !hasFindingsOfRow && owner.findings.length < MOST_SHARED_FINDINGS) {
			owner.findings.push(...row.findings);
		}
	}
}

/** The id for which a candidate stands in any case, as a list for `flatMap`; an empty list for all other candidates. */
function certainIdOf(candidate: IdCandidate): string[] {
	return 'id' in candidate ? [candidate.id] : [];
}

/** The `lossKind` of each candidate with characters that could not be decoded: every text of that sort has a kind of its own. */
function brokenTextsOf(candidates: readonly IdCandidate[]): string[] {
	return candidates.flatMap((candidate) =>
		'lossKind' in candidate && candidate.hasBrokenCharacters ? [candidate.lossKind] : [],
	);
}

/**
 * Finds, among the devices with one DeviceId, the first whose customer cannot own the row. Only `MOST_SHARED_FINDINGS` devices are compared, because
 * comparing all of them for each row would take long.
 * @param firstDevice the device of the first customer that has this DeviceId
 */
function deviceOfOtherOwner(ownersOfRow: OwnerSets, firstDevice: CustomerDevice): CustomerDevice | undefined {
	let comparedCount = 0;
	for (const device of firstDevice.deviceByOwner?.values() ?? [firstDevice]) {
		if (!ownersOfRow.some((owners) => owners.has(device.customer))) {
			return device;
		}
		comparedCount += 1;
		if (comparedCount === MOST_SHARED_FINDINGS) {
			return undefined;
		}
	}
	return undefined;
}
