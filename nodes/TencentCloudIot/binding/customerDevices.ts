/** The devices of the customers of a run, and those that are refused because rows do not agree about them. */
import { addToList } from '../input/listsByKey';
import { forEachPausing, type Pausing } from '../input/pausing';
import { shorten } from '../input/text';
import { because, ELSEWHERE, type Finding, type Why } from '../messages/findings';
import { ofRows } from '../messages/text';
import type { DeviceInfo } from '../service/devices';
import { type Customer, type CustomerDevice, itemIndexesOf } from './customer';
import type { InvalidRow, InvalidRows } from './invalidRows';
import { productOf } from './productNames';
import type { Row } from './row';

/** A row that gives a device another CustomerDeviceNo or ProductName than the customer's earlier row with that device. */
interface Contradiction {
	/** The device as the earlier row describes it. */
	device: CustomerDevice;
	/** The row that describes the device differently. */
	itemIndex: number;
}

/**
 * The devices of all customers of a run. First `add` takes the device of each row, then the `refuse…` methods judge all devices, and
 * `dropDevicesOfInvalidRows` comes last. A device is
 *
 *     named      by one row of a customer, or by several that describe it alike
 *     refused    once a rule finds that rows do not agree about it. Each row that names it is invalid. The first reason counts
 *     dropped    if it is refused, or is in a row that is invalid for another reason: it is not sent
 */
export class CustomerDevices {
	/** By DeviceId, the device of the first customer that has it. Its `deviceByOwner` leads to the devices of the other customers. */
	readonly byId = new Map<string, CustomerDevice>();
	readonly #contradictions: Contradiction[] = [];
	/** The devices that are not sent: a rule has refused them, or `dropDevicesOfInvalidRows` has found them in an invalid row. */
	readonly #unsentDevices = new Set<CustomerDevice>();

	/** Adds the device of a row to the row's customer. */
	add(customer: Customer, { device, itemIndex }: Row): void {
		const firstDevice = this.byId.get(device.DeviceId);
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
				this.byId.set(device.DeviceId, newDevice);
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

	/**
	 * Withholds the compound, a customer whose id contains another one, and its part, the customer with the other id.
	 * @param invalidRows the rows of the compound that other rules have refused already
	 */
	withholdCompoundAndPart(compound: Customer, part: Customer, invalidRows: readonly Row[]): void {
		const why = because('otherCustomer', { customer: ofRows(part.customerId) });
		const itemIndexes = new Set(compound.devices.flatMap(itemIndexesOf));
		for (const itemIndex of itemIndexes) {
			const finding = { itemIndex, field: 'CustomerId', value: compound.customerId, ...why };
			compound.findings.push(finding);
			compound.invalidItemIndexes.push(itemIndex);
			part.shareFindings([finding]);
		}
		for (const { findings } of invalidRows) {
			part.shareFindings(findings);
		}
		for (const device of compound.devices) {
			this.#unsentDevices.add(device);
		}
	}

	/** Refuses each device that two rows describe differently, and both rows: nothing shows which of the two is right. */
	*refuseContradictions(): Pausing {
		yield* forEachPausing(this.#contradictions, ({ device, itemIndex }) => {
			refuseRow(device, itemIndex, whyContradicted(device.itemIndex));
			this.#refuse(device, whyContradicted(itemIndex));
		});
	}

	/** If ProductIds differ only in case, refuses the devices of all spellings but the most frequent one. */
	*refuseProductSpellings(
		productSpellingGroups: readonly string[][],
		customers: Iterable<Customer>,
	): Pausing {
		if (productSpellingGroups.length === 0) {
			return;
		}
		const devicesBySpelling = new Map<string, CustomerDevice[]>();
		yield* forEachPausing(productSpellingGroups, (productSpellings) => {
			for (const productSpelling of productSpellings) {
				devicesBySpelling.set(productSpelling, []);
			}
		});
		yield* forEachPausing(customers, ({ devices }) => {
			for (const device of devices) {
				devicesBySpelling.get(productOf(device.info.DeviceId))?.push(device);
			}
		});
		for (const productSpellings of productSpellingGroups) {
			const devicesOfSpellings = productSpellings.map(
				(productSpelling) => devicesBySpelling.get(productSpelling) ?? [],
			);
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
		const devicesOfRefusedSpellings =
			mostFrequent.length === secondMost.length ? mostFrequentFirst : mostFrequentFirst.slice(1);
		yield* forEachPausing(devicesOfRefusedSpellings, (devices) => {
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

	/** Refuses each DeviceId that several customers have, for each of them. The DeviceIds that invalid rows name count, too. */
	*refuseSharedDevices(invalidRows: InvalidRows): Pausing {
		for (const { deviceByOwner } of this.byId.values()) {
			if (deviceByOwner !== undefined) {
				yield* this.#refuseForAllOwners(deviceByOwner);
				// A pass over the owners of one device is too short to pause by itself, and there may be many such devices.
				yield;
			}
		}
		yield* forEachPausing(invalidRows.rows, (invalidRow) =>
			this.#refuseSharedWithRow(invalidRow, invalidRows),
		);
	}

	/**
	 * Refuses one DeviceId for all customers that have it.
	 * @param deviceByOwner the device of each customer that has the DeviceId
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
	#refuseSharedWithRow(invalidRow: InvalidRow, invalidRows: InvalidRows): void {
		const { row, likeliestOwner } = invalidRow;
		const { namedDeviceIds, itemIndex } = row;
		if (likeliestOwner === undefined) {
			return;
		}
		const otherDevices: CustomerDevice[] = [];
		for (const deviceId of namedDeviceIds) {
			const device = this.byId.get(deviceId);
			const otherDevice = device && invalidRows.deviceOfOtherOwner(invalidRow, device);
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

	/** Refuses a device and makes each row that names it invalid, unless the device was refused already. */
	#refuse(device: CustomerDevice, why: Why): void {
		if (this.#unsentDevices.has(device)) {
			return;
		}
		this.#unsentDevices.add(device);
		for (const itemIndex of itemIndexesOf(device)) {
			refuseRow(device, itemIndex, why);
		}
	}

	/** Drops the devices of invalid rows, which are not sent. Comes after all refusals, because each refusal makes rows invalid. */
	*dropDevicesOfInvalidRows(customers: Iterable<Customer>): Pausing {
		for (const customer of customers) {
			if (customer.findings.length > 0) {
				yield* this.#dropInvalidDevicesOf(customer);
				// The pass over one customer is too short to pause by itself, and there may be many customers.
				yield;
			}
		}
	}

	/**
	 * Drops the devices of the customer's invalid rows. A row that lists devices is sent with all of them or not at all. So if a dropped device
	 * is in further rows, these become invalid as well, and their devices are dropped, too.
	 */
	*#dropInvalidDevicesOf(customer: Customer): Pausing {
		const devicesByItemIndex = new Map<number, CustomerDevice[]>();
		yield* forEachPausing(customer.devices, (device) => {
			for (const itemIndex of itemIndexesOf(device)) {
				addToList(devicesByItemIndex, itemIndex, device);
			}
		});
		// The loop below adds to this set, and visits what it adds.
		const invalidItemIndexes = new Set(customer.invalidItemIndexes);
		yield* forEachPausing(invalidItemIndexes, (invalidItemIndex) => {
			for (const device of devicesByItemIndex.get(invalidItemIndex) ?? []) {
				this.#unsentDevices.add(device);
				for (const itemIndex of itemIndexesOf(device)) {
					if (!invalidItemIndexes.has(itemIndex)) {
						invalidItemIndexes.add(itemIndex);
						refuseRow(
							device,
							itemIndex,
							because('alsoInInvalidRow', { row: ELSEWHERE.row(invalidItemIndex) }),
						);
					}
				}
			}
		});
		customer.devices = customer.devices.filter((device) => !this.#unsentDevices.has(device));
	}
}

/** Why a device is refused: the given customer has it, too. @param itemIndex the item index of that customer's row */
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

/** Why a device is refused: two rows describe it differently. @param otherItemIndex the item index of the other row */
function whyContradicted(otherItemIndex: number): Why {
	return because('described', { other: ELSEWHERE.row(otherItemIndex) });
}

/** Whether two rows describe a device alike. */
function isDescribedAlike(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
