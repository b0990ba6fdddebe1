import { BitSet } from '../input/bitSet';
import { namedRows } from '../messages/rows';
import { forEachPausing, type Pausing } from '../input/pausing';

/** A device of a customer, as its first row names it. */
interface NamedDevice {
	/** The customer that has the device. Two devices have the same customer if these objects are identical. */
	customer: object;
	info: { CustomerDeviceNo: string; DeviceId: string };
	itemIndex: number;
}

/** A customer as the rows name it. */
interface NamedCustomer {
	customerId: string;
	devices: ReadonlyArray<{ itemIndex: number }>;
}

/**
 * Remarks on what is odd about customers and devices, but no error by itself:
 * - two CustomerIds that differ only in case or in leading zeros: they may be one customer
 * - two customers whose DeviceIds differ only in case: they may have the same lock
 * - two devices with one CustomerDeviceNo: one of the rows may be a copy
 * @param devices by DeviceId
 * @returns remarks, e.g. "rows 1 and 2 name DeviceIds that differ from another customer's only in case"
 */
export function* odditiesOf(
	customers: ReadonlyMap<string, NamedCustomer>,
	devices: ReadonlyMap<string, NamedDevice>,
): Pausing<string[]> {
	const rowsOfAlikeIds = yield* findRowsOfAlikeIds(customers);
	const repeatedDeviceIds = new RepeatedTexts(devices.size);
	const repeatedDeviceNumbers = new RepeatedTexts(devices.size);
	yield* forEachPausing(devices.values(), ({ info }) => {
		repeatedDeviceIds.add(info.DeviceId);
		repeatedDeviceNumbers.add(info.CustomerDeviceNo);
	});
	const deviceByLowerCaseId = new Map<string, NamedDevice>();
	const deviceByNumber = new Map<string, NamedDevice>();
	const rowsOfIdsDifferingInCase = new Set<number>();
	const rowsWithSharedNumber = new Set<number>();
	yield* forEachPausing(devices.values(), (device) => {
		const { customer, info, itemIndex } = device;
		const deviceAlike =
			repeatedDeviceIds.mayRepeat(info.DeviceId) &&
			getOrInsert(deviceByLowerCaseId, info.DeviceId.toLowerCase(), device);
		if (deviceAlike && deviceAlike.customer !== customer) {
			rowsOfIdsDifferingInCase.add(deviceAlike.itemIndex).add(itemIndex);
		}
		const deviceOfSameNumber =
			repeatedDeviceNumbers.mayRepeat(info.CustomerDeviceNo) &&
			getOrInsert(deviceByNumber, info.CustomerDeviceNo, device);
		if (deviceOfSameNumber && deviceOfSameNumber !== device) {
			rowsWithSharedNumber.add(deviceOfSameNumber.itemIndex).add(itemIndex);
		}
	});
	return [
		...remarkOn(rowsOfAlikeIds.differingInCase, 'name CustomerIds that differ only in case'),
		...remarkOn(rowsOfAlikeIds.differingInZeros, 'name CustomerIds that differ only in leading zeros'),
		...remarkOn(rowsOfIdsDifferingInCase, "name DeviceIds that differ from another customer's only in case"),
		...remarkOn(rowsWithSharedNumber, 'give several devices the same CustomerDeviceNo'),
	];
}

/** The form in which two spellings of one CustomerId are equal: in lower case; a number without its leading zeros, since spreadsheets drop them. */
export function commonFormOf(id: string): string {
	return NUMBER_WITH_LEADING_ZERO.test(id) ? id.replace(LEADING_ZEROS, '') : id.toLowerCase();
}
const NUMBER_WITH_LEADING_ZERO = /^0\d+$/;
const LEADING_ZEROS = /^0+(?=\d)/;

/**
 * Finds the first row of each customer whose id differs from another customer's only in case, or only in leading zeros. Skips customers
 * without a device, which are not pushed.
 * @returns the item indexes of these rows
 */
function* findRowsOfAlikeIds(
	customers: ReadonlyMap<string, NamedCustomer>,
): Pausing<Record<'differingInCase' | 'differingInZeros', Set<number>>> {
	const repeatedForms = new RepeatedTexts(customers.size);
	yield* forEachPausing(customers.keys(), (id) => repeatedForms.add(commonFormOf(id)));
	const customerByForm = new Map<string, NamedCustomer>();
	const rowsOfAlikeIds = { differingInCase: new Set<number>(), differingInZeros: new Set<number>() };
	yield* forEachPausing(customers.values(), (customer) => {
		const [device] = customer.devices;
		const form = commonFormOf(customer.customerId);
		if (device === undefined || !repeatedForms.mayRepeat(form)) {
			return;
		}
		const customerAlike = getOrInsert(customerByForm, form, customer);
		const [deviceOfAlike] = customerAlike.devices;
		if (customerAlike !== customer && deviceOfAlike !== undefined) {
			const differsInLength = customerAlike.customerId.length !== customer.customerId.length;
			const itemIndexes = differsInLength ? rowsOfAlikeIds.differingInZeros : rowsOfAlikeIds.differingInCase;
			itemIndexes.add(deviceOfAlike.itemIndex).add(device.itemIndex);
		}
	});
	return rowsOfAlikeIds;
}

/** Returns the entry under `key`. If there is none, puts `entry` there and returns it. */
function getOrInsert<Entry>(entryByKey: Map<string, Entry>, key: string, entry: Entry): Entry {
	const existingEntry = entryByKey.get(key);
	if (existingEntry === undefined) {
		entryByKey.set(key, entry);
	}
	return existingEntry ?? entry;
}

function remarkOn(itemIndexes: ReadonlySet<number>, remark: string): string[] {
	const ascendingIndexes = [...itemIndexes].sort((a, b) => a - b);
	return ascendingIndexes.length === 0 ? [] : [`${namedRows(ascendingIndexes)} ${remark}`];
}

/** Bits for each text. With 32, one in 32 texts that occur once looks like a repeated one, and is looked up for nothing. */
const BITS_PER_TEXT = 32;

/**
 * Finds out which of many texts may occur twice, in whatever case. Nearly all texts occur once, and a map of 100,000 texts takes longer
 * than reading their rows. So each text sets one bit, chosen by its hash. A text that finds its bit set may be a repetition.
 */
class RepeatedTexts {
	readonly #mask: number;
	/** The bits of all texts. `#bitsAgain` has only the bits that a further text found set already. */
	readonly #bitsOnce: BitSet;
	readonly #bitsAgain: BitSet;

	/** @param textCount how many texts there are */
	constructor(textCount: number) {
		const bitCount = 2 ** Math.ceil(Math.log2(Math.max(textCount, 1) * BITS_PER_TEXT));
		this.#mask = bitCount - 1;
		this.#bitsOnce = new BitSet(bitCount);
		this.#bitsAgain = new BitSet(bitCount);
	}

	add(text: string): void {
		const bit = this.#bitOf(text);
		if (this.#bitsOnce.has(bit)) {
			this.#bitsAgain.add(bit);
		} else {
			this.#bitsOnce.add(bit);
		}
	}

	mayRepeat(text: string): boolean {
		return this.#bitsAgain.has(this.#bitOf(text));
	}

	/** The bit of a text, from a 32-bit FNV-1a hash. The shift mixes the upper bits of the hash into the lower ones, which the mask keeps. */
	#bitOf(text: string): number {
		let hash = 0x811c9dc5;
		for (let index = 0; index < text.length; index++) {
			hash = Math.imul(hash ^ (text.charCodeAt(index) | CASE_BIT), 0x01000193);
		}
		return (hash ^ (hash >>> 15)) & this.#mask;
	}
}

/** The bit that is set in lower-case ASCII letters and not in upper-case ones. */
const CASE_BIT = 0x20;
