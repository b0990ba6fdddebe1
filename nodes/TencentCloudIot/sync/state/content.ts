import { hash } from 'node:crypto';

import { forEachPausingByCount, type Pause } from '../../input/pausing';
import type { RowCounts } from '../safetyChecks';
import { HASH_BYTES, hashAt } from './hashes';

/**
 * What the state says of a customer.
 * - `accepted`: Tencent accepted exactly these devices last, and nothing was sent for it since
 * - `waiting`: the last run did not send it
 * - `failed`: the last run sent it, and has no proof that Tencent accepted it
 * - `withheld`: its rows could not be sent
 * - `withoutDevice`: its rows have no device, so it was left out
 * - `doubt`: a run was about to send it, and has not written yet what became of it
 * - `gone`: no row names it any more. Only an addition has this status: it deletes the record that an earlier part has
 * - `left`: no row names it any more, but devices that it had may still turn up at another customer
 *
 * A run writes `doubt` before it sends a customer, `accepted` in a heartbeat, and the other statuses at its end. A run that finds `doubt`
 * sends the customer again. A part stores a status by its place in this list, so a new status goes to the end.
 */
const CUSTOMER_STATUSES = [
	'accepted',
	'waiting',
	'failed',
	'withheld',
	'withoutDevice',
	'doubt',
	'gone',
	'left',
] as const;
type CustomerStatus = (typeof CUSTOMER_STATUSES)[number];

/**
 * The format of a part:
 *
 *     byte 0         FORMAT_NUMBER
 *     4 bytes        length of the header
 *     header         JSON: all members of `PartContent` except `records`
 *     per customer   8 bytes   hash of the CustomerId
 *                    8 bytes   fingerprint; zeros if it is not known
 *                    1 byte    status and flags
 *                    4 bytes   minute when Tencent last accepted the customer
 *                    4 bytes   number of devices
 *                    8 bytes   for each device: its hash
 *                    if `RECOVERED_MINUTE_FLAG` is set:
 *                    4 bytes   minute when the customer recovered
 *                    if `LEFT_DEVICES_FLAG` is set:
 *                    4 bytes   number of devices that have left the customer
 *                    12 bytes  for each of these devices: its hash, and the minute when it left
 *     8 bytes        checksum of everything before
 *
 * A part is written as base64. A version of this package that changes the format must change `FORMAT_NUMBER`. A part with an unknown number is
 * neither read nor deleted: another version may still need it.
 */
const FORMAT_NUMBER = 1;

/** What the state has of one customer. All hashes are made by `StateHashes`. */
export interface CustomerRecord {
	status: CustomerStatus;
	/** Whether a report has said that the customer fails, and no report has said since that it has recovered. */
	isFailureReported: boolean;
	/** Whether the customer has failed and no report has said so yet. */
	isFailureUnreported?: boolean | undefined;
	/** When the customer last recovered from a failure, minutes since 1970; undefined if that was more than a day ago. */
	recoveredMinute?: number | undefined;
	/** The fingerprint of the customer's full set in the last run's rows; empty if its rows could not be sent. */
	fingerprint: string;
	/** When Tencent last accepted the customer, minutes since 1970; 0 if never. */
	acceptedMinute: number;
	/**
	 * The hashes of the devices in the customer's last request, 8 bytes each, as a latin1 text: each character is a byte. A Buffer for each customer
	 * would take twice the memory.
	 */
	deviceHashes: string;
	/**
	 * The devices that have left the customer and whose new owner no report has named: the hash of each, and the minute since 1970 when it left.
	 */
	leftDevices?: ReadonlyMap<string, number> | undefined;
}

/** Whether the rows of the last run named a customer, as its record shows. */
export function wasCustomerInLastRows(record: CustomerRecord | undefined): record is CustomerRecord {
	return record !== undefined && record.status !== 'left';
}

/**
 * Whether the last run left a customer out, because its rows had no device. Until a report has named the loss of the devices, the record of such
 * a customer says `waiting`, without a fingerprint.
 */
export function wasLeftOut(record: CustomerRecord | undefined): boolean {
	return record?.status === 'withoutDevice' || (record?.status === 'waiting' && record.fingerprint === '');
}

/** A failure within this time after the customer recovered is not news: otherwise it would be reported again and again. Minutes. */
const JUST_RECOVERED_MINUTES = 1440;

/**
 * Whether a customer recovered less than a day ago, so that a new failure is not news. A recovery in the future was dated by a wrong clock.
 * @param nowMinute now, minutes since 1970
 */
export function hasJustRecovered({ recoveredMinute }: CustomerRecord, nowMinute: number): boolean {
	if (recoveredMinute === undefined) {
		return false;
	}
	return recoveredMinute <= nowMinute && nowMinute - recoveredMinute < JUST_RECOVERED_MINUTES;
}

/** The content of a part: a whole state, or an addition to one. */
export interface PartContent {
	/** `StateHashes.accountHash`: names the account with its App Secret. */
	account: string;
	/** A hash of App Key and endpoint, without the App Secret (`StateHashes.applicationHash`): it stays the same if the secret changes. */
	application: string;
	/** Whether the state has a record of each customer that the rows name. False until a first run has finished. */
	isComplete: boolean;
	/** What the rows of the last run added up to, e.g. how many customers and devices. */
	counts: RowCounts;
	/** The largest counts of each of the last 14 days on which a run has sent: the day (days since 1970), customers, devices. */
	normal?: ReadonlyArray<readonly [day: number, customers: number, devices: number]>;
	/** The hashes of product names that the next run expects to find again: see `frequentProductNames`. */
	products: readonly string[];
	/** The record of each customer, by the customer's hash. */
	records: Map<string, CustomerRecord>;
}

/** A hash of zeros, as text: in a part it stands for a fingerprint that is not known. */
const ZERO_HASH = Buffer.alloc(HASH_BYTES).toString('base64url');
/** Bits of the byte for status and flags. Each of the upper four bits is a flag; the lower four are the status. */
const FAILURE_REPORTED_FLAG = 0x80;
const LEFT_DEVICES_FLAG = 0x40;
const FAILURE_UNREPORTED_FLAG = 0x20;
const RECOVERED_MINUTE_FLAG = 0x10;
const STATUS_MASK = 0x0f;
const NUMBER_BYTES = 4;
const CHECKSUM_BYTES = 8;
/** The length of a customer's record without its devices, bytes: id, fingerprint, status and flags, minute, number of devices. */
const RECORD_BYTES = HASH_BYTES + HASH_BYTES + 1 + NUMBER_BYTES + NUMBER_BYTES;
/** The length of one entry of `leftDevices`, bytes. */
const LEFT_DEVICE_BYTES = HASH_BYTES + NUMBER_BYTES;

/** Writes the content of a part as text, reads such a text, merges the contents of two parts, and finds how two states differ. */
export const statePart = {
	async write({ records, ...headerFacts }: PartContent, pause: Pause): Promise<string> {
		const header = Buffer.from(JSON.stringify(headerFacts));
		const pieces: Buffer[] = [Buffer.from([FORMAT_NUMBER]), bytesOfNumber(header.length), header];
		await forEachPausingByCount(records, pause, ([key, record]) => {
			const { deviceHashes } = record;
			const recordBytes = Buffer.alloc(RECORD_BYTES + deviceHashes.length);
			recordBytes.write(key, 0, 'base64url');
			recordBytes.write(record.fingerprint, HASH_BYTES, 'base64url');
			let position = 2 * HASH_BYTES;
			position = recordBytes.writeUInt8(CUSTOMER_STATUSES.indexOf(record.status) | flagsOf(record), position);
			position = recordBytes.writeUInt32LE(record.acceptedMinute, position);
			position = recordBytes.writeUInt32LE(deviceHashes.length / HASH_BYTES, position);
			recordBytes.write(deviceHashes, position, 'latin1');
			pieces.push(recordBytes);
			if (record.recoveredMinute !== undefined) {
				pieces.push(bytesOfNumber(record.recoveredMinute));
			}
			if (record.leftDevices !== undefined) {
				pieces.push(bytesOfNumber(record.leftDevices.size));
				for (const [deviceHash, minute] of record.leftDevices) {
					pieces.push(Buffer.from(deviceHash, 'base64url'), bytesOfNumber(minute));
				}
			}
		});
		const bytes = Buffer.concat(pieces);
		return Buffer.concat([bytes, checksumOf(bytes)]).toString('base64');
	},

	/** Reads the content of a part. @returns undefined if the text has another format, or is incomplete or edited, as its checksum shows */
	async read(partText: string, pause: Pause): Promise<PartContent | undefined> {
		const allBytes = Buffer.from(partText, 'base64');
		const checkedBytes = allBytes.subarray(0, -CHECKSUM_BYTES);
		if (
			checkedBytes[0] !== FORMAT_NUMBER ||
			!checksumOf(checkedBytes).equals(allBytes.subarray(-CHECKSUM_BYTES))
		) {
			return undefined;
		}
		const headerEnd = 1 + NUMBER_BYTES + checkedBytes.readUInt32LE(1);
		const headerFacts = JSON.parse(checkedBytes.toString('utf8', 1 + NUMBER_BYTES, headerEnd)) as Omit<
			PartContent,
			'records'
		>;
		const records = new Map<string, CustomerRecord>();
		await forEachPausingByCount(recordsIn(checkedBytes, headerEnd), pause, ([key, record]) => {
			records.set(key, record);
		});
		return { ...headerFacts, records };
	},

	/** Merges two successive parts of one account. The records go into the map of the earlier part, which changes; all else is as in the later part. */
	async merge(earlier: PartContent, later: PartContent, pause: Pause): Promise<PartContent> {
		const { records } = earlier;
		await forEachPausingByCount(later.records, pause, ([key, record]) => {
			if (record.status === 'gone') {
				records.delete(key);
			} else {
				records.set(key, record);
			}
		});
		return { ...later, records };
	},

	/** Finds the records that an addition needs to turn `recordsBefore` into `recordsAfter`, by the hashes of customers. */
	async findChanges(
		recordsBefore: ReadonlyMap<string, CustomerRecord>,
		recordsAfter: ReadonlyMap<string, CustomerRecord>,
		pause: Pause,
	): Promise<Map<string, CustomerRecord>> {
		const changedRecords = new Map<string, CustomerRecord>();
		await forEachPausingByCount(recordsAfter, pause, ([key, record]) => {
			const recordBefore = recordsBefore.get(key);
			if (recordBefore === undefined || !isSameRecord(recordBefore, record)) {
				changedRecords.set(key, record);
			}
		});
		await forEachPausingByCount(recordsBefore, pause, ([key, record]) => {
			if (!recordsAfter.has(key)) {
				const { fingerprint, acceptedMinute, isFailureReported } = record;
				changedRecords.set(key, {
					status: 'gone',
					isFailureReported,
					fingerprint,
					acceptedMinute,
					deviceHashes: NO_DEVICE_HASHES,
				});
			}
		});
		return changedRecords;
	},

	/** Estimates how many characters a part with these records has. Header and checksum are not counted: they are small. */
	estimateLength(records: ReadonlyMap<string, CustomerRecord>): number {
		let byteCount = 0;
		for (const { deviceHashes, leftDevices, recoveredMinute } of records.values()) {
			byteCount += RECORD_BYTES + deviceHashes.length;
			byteCount += leftDevices === undefined ? 0 : NUMBER_BYTES + leftDevices.size * LEFT_DEVICE_BYTES;
			byteCount += recoveredMinute === undefined ? 0 : NUMBER_BYTES;
		}
		return Math.ceil(byteCount / 3) * 4;
	},
};

function flagsOf({
	isFailureReported,
	isFailureUnreported,
	recoveredMinute,
	leftDevices,
}: CustomerRecord): number {
	let flags = isFailureReported ? FAILURE_REPORTED_FLAG : 0;
	if (isFailureUnreported === true) {
		flags |= FAILURE_UNREPORTED_FLAG;
	}
	if (recoveredMinute !== undefined) {
		flags |= RECOVERED_MINUTE_FLAG;
	}
	if (leftDevices !== undefined) {
		flags |= LEFT_DEVICES_FLAG;
	}
	return flags;
}

function* recordsIn(bytes: Buffer, recordsStart: number): Iterable<[string, CustomerRecord]> {
	let position = recordsStart;
	while (position < bytes.length) {
		const devicesStart = position + RECORD_BYTES;
		const devicesEnd = devicesStart + HASH_BYTES * bytes.readUInt32LE(devicesStart - NUMBER_BYTES);
		const statusAndFlags = bytes.readUInt8(position + 2 * HASH_BYTES);
		const fingerprint = hashAt(bytes, position + HASH_BYTES);
		const record: CustomerRecord = {
			// The checksum has shown that this package wrote the byte, so its lower four bits always name a status.
			status: CUSTOMER_STATUSES[statusAndFlags & STATUS_MASK] ?? 'doubt',
			isFailureReported: (statusAndFlags & FAILURE_REPORTED_FLAG) !== 0,
			fingerprint: fingerprint === ZERO_HASH ? '' : fingerprint,
			acceptedMinute: bytes.readUInt32LE(devicesStart - 2 * NUMBER_BYTES),
			deviceHashes: bytes.toString('latin1', devicesStart, devicesEnd),
		};
		const key = hashAt(bytes, position);
		position = devicesEnd;
		if ((statusAndFlags & FAILURE_UNREPORTED_FLAG) !== 0) {
			record.isFailureUnreported = true;
		}
		if ((statusAndFlags & RECOVERED_MINUTE_FLAG) !== 0) {
			record.recoveredMinute = bytes.readUInt32LE(position);
			position += NUMBER_BYTES;
		}
		if ((statusAndFlags & LEFT_DEVICES_FLAG) !== 0) {
			const leftDeviceCount = bytes.readUInt32LE(position);
			record.leftDevices = readLeftDevices(bytes, position + NUMBER_BYTES, leftDeviceCount);
			position += NUMBER_BYTES + leftDeviceCount * LEFT_DEVICE_BYTES;
		}
		yield [key, record];
	}
}

function readLeftDevices(bytes: Buffer, start: number, leftDeviceCount: number): Map<string, number> {
	const leftDevices = new Map<string, number>();
	for (let index = 0; index < leftDeviceCount; index++) {
		const position = start + index * LEFT_DEVICE_BYTES;
		leftDevices.set(hashAt(bytes, position), bytes.readUInt32LE(position + HASH_BYTES));
	}
	return leftDevices;
}

/** `CustomerRecord.deviceHashes` of a customer that has no devices, or whose devices are not known. */
export const NO_DEVICE_HASHES = '';

/** Whether two records of a customer are equal in all members. */
export function isSameRecord(a: CustomerRecord, b: CustomerRecord): boolean {
	if (a === b) {
		return true;
	}
	return (
		a.status === b.status &&
		a.isFailureReported === b.isFailureReported &&
		a.isFailureUnreported === b.isFailureUnreported &&
		a.recoveredMinute === b.recoveredMinute &&
		a.fingerprint === b.fingerprint &&
		a.acceptedMinute === b.acceptedMinute &&
		a.deviceHashes === b.deviceHashes &&
		haveSameLeftDevices(a.leftDevices, b.leftDevices)
	);
}

function haveSameLeftDevices(a: CustomerRecord['leftDevices'], b: CustomerRecord['leftDevices']): boolean {
	if (a === b) {
		return true;
	}
	return a?.size === b?.size && [...(a ?? [])].every(([deviceHash, minute]) => b?.get(deviceHash) === minute);
}

/** The hashes of the devices in a customer's last request, each as base64url; empty if the state does not know the customer. */
export function deviceHashesOf(record: Pick<CustomerRecord, 'deviceHashes'> | undefined): string[] {
	const bytes = Buffer.from(record?.deviceHashes ?? NO_DEVICE_HASHES, 'latin1');
	return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) => hashAt(bytes, index * HASH_BYTES));
}

function bytesOfNumber(value: number): Buffer {
	const bytes = Buffer.alloc(NUMBER_BYTES);
	bytes.writeUInt32LE(value);
	return bytes;
}

function checksumOf(bytes: Buffer): Buffer {
	return hash('sha256', bytes, 'buffer').subarray(0, CHECKSUM_BYTES);
}
