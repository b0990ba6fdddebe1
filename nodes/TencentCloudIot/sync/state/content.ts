import { hash } from 'node:crypto';

import type { RowCounts } from '../safetyChecks';
import { HASH_BYTES } from './hashes';

/**
 * What the state says of a customer.
 * - `accepted`: exactly these devices were accepted last, and nothing has been sent since
 * - `waiting`: it was not sent
 * - `failed`: it was sent, and is not known to be accepted
 * - `withheld`: its rows could not be sent
 * - `withoutDevice`: its rows have no device, so it was left out
 * - `doubt`: a run was about to send it, and has not written what became of it
 * - `gone`: no row names it any more. Only an addition has this: it removes the record of an earlier part
 * - `left`: no row names it any more, but some of its devices may still turn up at another customer
 *
 * A run writes `doubt` before it sends a customer, `accepted` in a beat, and at its end each other status. A run that finds `doubt` sends the
 * customer again.
 */
const STATUSES = [
	'accepted',
	'waiting',
	'failed',
	'withheld',
	'withoutDevice',
	'doubt',
	'gone',
	'left',
] as const;
type Status = (typeof STATUSES)[number];

/**
 * The format of a part:
 *
 *     byte 0         FORMAT
 *     4 bytes        length of the header
 *     header         JSON: all members of `Content` except `customers`
 *     per customer   8 bytes   keyed id
 *                    8 bytes   keyed fingerprint; zeros where it is not known
 *                    1 byte    status and flags
 *                    4 bytes   minute of the last acceptance
 *                    4 bytes   how many devices
 *                    8 bytes   keyed id of each device
 *                    where the flag `RECOVERED` is set:
 *                    4 bytes   minute of its recovery
 *                    where the flag `LEFT` is set:
 *                    4 bytes   how many devices have left it
 *                    12 bytes  keyed id of each of them, and the minute when it left
 *     8 bytes        checksum of everything before
 *
 * All of it is written as base64. A version of this package that changes the format changes this number. A part with an unknown number is
 * neither read nor deleted: a newer version may still need it.
 */
const FORMAT = 1;

/** What the state has of one customer. All hashes are made by `StateHashes`. */
export interface CustomerRecord {
	status: Status;
	/** Whether a report has said that it fails, and none that it has recovered. */
	isFailureReported: boolean;
	/** Whether it has failed, and no report has said so yet. */
	isFailureUnreported?: boolean | undefined;
	/** When it last recovered from a failure, minutes since 1970; left out where that is long ago. */
	recovered?: number | undefined;
	/** The fingerprint of its devices in the rows of the last run; empty where these could not be sent. */
	fingerprint: string;
	/** When it was accepted last, minutes since 1970; 0 where it never was. */
	minute: number;
	/** The hashes of the devices that were sent last, 8 bytes each. */
	devices: Buffer;
	/** The devices that have left it and whose new owner no report has named: the hash of each, and the minute when it left. */
	leftDevices?: ReadonlyMap<string, number> | undefined;
}

/** The content of a part of a state: the whole state, or what was added to it. */
export interface Content {
	/** Hashes that name the account, with its App Secret and without. */
	account: string;
	application: string;
	/** Whether the state knows all customers of the rows: not before the end of a first run. */
	isComplete: boolean;
	/** The counts of the last run's rows. */
	counts: RowCounts;
	/** The largest numbers of each of the last days on which a run has sent: the day since 1970, customers, devices. */
	normal?: ReadonlyArray<readonly [day: number, customers: number, devices: number]>;
	/** The hashes of product names that the next run expects to find again: see `expectedProducts`. */
	products: readonly string[];
	/** By the hash of a customer. */
	customers: Map<string, CustomerRecord>;
}

/** Lets n8n's event loop do something else. */
export type Pause = () => Promise<void>;

/** The number of entries between two pauses. They take 10 to 20 ms of a core. */
const ENTRIES_AT_ONCE = 5000;

/** Calls `act` for each entry, with a pause after every few thousand. */
export async function forEachWithPauses<Entry>(
	entries: Iterable<Entry>,
	pause: Pause,
	act: (entry: Entry) => void,
): Promise<void> {
	let count = 0;
	for (const entry of entries) {
		act(entry);
		count++;
		if (count % ENTRIES_AT_ONCE === 0) {
			await pause();
		}
	}
}

const NO_HASH = Buffer.alloc(HASH_BYTES);
const NO_HASH_TEXT = NO_HASH.toString('base64url');
const FAILURE_REPORTED_FLAG = 0x80;
const LEFT_DEVICES_FLAG = 0x40;
const FAILURE_UNREPORTED_FLAG = 0x20;
const RECOVERED_FLAG = 0x10;
const STATUS_MASK = 0x0f;
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 8;
/** The length of a customer's record without its devices. Bytes. */
const RECORD_BYTES = HASH_BYTES + HASH_BYTES + 1 + LENGTH_BYTES + LENGTH_BYTES;
/** The length of one entry of `leftDevices`. Bytes. */
const LEFT_DEVICE_BYTES = HASH_BYTES + LENGTH_BYTES;

/** About how many characters a part with these customers has. Header and checksum are not counted: they are small. */
export function lengthOf(customers: ReadonlyMap<string, CustomerRecord>): number {
	let bytes = 0;
	for (const { devices, leftDevices, recovered } of customers.values()) {
		bytes += RECORD_BYTES + devices.length;
		bytes += leftDevices === undefined ? 0 : LENGTH_BYTES + leftDevices.size * LEFT_DEVICE_BYTES;
		bytes += recovered === undefined ? 0 : LENGTH_BYTES;
	}
	return Math.ceil(bytes / 3) * 4;
}

/** Writes a part as the text that stands in its row, and reads it. */
export const partFormat = {
	/** Writes a part as text. */
	async write({ customers, ...facts }: Content, pause: Pause): Promise<string> {
		const header = Buffer.from(JSON.stringify(facts));
		const pieces: Buffer[] = [Buffer.from([FORMAT]), bytesOfNumber(header.length), header];
		await forEachWithPauses(customers, pause, ([customer, record]) => {
			const piece = Buffer.alloc(RECORD_BYTES);
			piece.write(customer, 0, 'base64url');
			piece.write(record.fingerprint, HASH_BYTES, 'base64url');
			let position = 2 * HASH_BYTES;
			position = piece.writeUInt8(STATUSES.indexOf(record.status) | flagsOf(record), position);
			position = piece.writeUInt32LE(record.minute, position);
			piece.writeUInt32LE(record.devices.length / HASH_BYTES, position);
			pieces.push(piece, record.devices);
			if (record.recovered !== undefined) {
				pieces.push(bytesOfNumber(record.recovered));
			}
			if (record.leftDevices !== undefined) {
				pieces.push(bytesOfNumber(record.leftDevices.size));
				for (const [device, minute] of record.leftDevices) {
					pieces.push(Buffer.from(device, 'base64url'), bytesOfNumber(minute));
				}
			}
		});
		const bytes = Buffer.concat(pieces);
		return Buffer.concat([bytes, checksumOf(bytes)]).toString('base64');
	},

	/** @returns undefined for a text of another format, or one that is incomplete or edited */
	async read(text: string, pause: Pause): Promise<Content | undefined> {
		const whole = Buffer.from(text, 'base64');
		const bytes = whole.subarray(0, -CHECKSUM_BYTES);
		if (bytes[0] !== FORMAT || !checksumOf(bytes).equals(whole.subarray(-CHECKSUM_BYTES))) {
			return undefined;
		}
		const headerEnd = 1 + LENGTH_BYTES + bytes.readUInt32LE(1);
		const facts = JSON.parse(bytes.toString('utf8', 1 + LENGTH_BYTES, headerEnd)) as Omit<
			Content,
			'customers'
		>;
		const customers = new Map<string, CustomerRecord>();
		await forEachWithPauses(recordsIn(bytes, headerEnd), pause, ([customer, record]) => {
			customers.set(customer, record);
		});
		return { ...facts, customers };
	},
};

function flagsOf({ isFailureReported, isFailureUnreported, recovered, leftDevices }: CustomerRecord): number {
	let flags = isFailureReported ? FAILURE_REPORTED_FLAG : 0;
	if (isFailureUnreported === true) {
		flags |= FAILURE_UNREPORTED_FLAG;
	}
	if (recovered !== undefined) {
		flags |= RECOVERED_FLAG;
	}
	if (leftDevices !== undefined) {
		flags |= LEFT_DEVICES_FLAG;
	}
	return flags;
}

function* recordsIn(bytes: Buffer, start: number): Iterable<[string, CustomerRecord]> {
	let position = start;
	while (position < bytes.length) {
		const devicesStart = position + RECORD_BYTES;
		const devicesEnd = devicesStart + HASH_BYTES * bytes.readUInt32LE(devicesStart - LENGTH_BYTES);
		const flags = bytes.readUInt8(position + 2 * HASH_BYTES);
		const fingerprint = hashAt(bytes, position + HASH_BYTES);
		const record: CustomerRecord = {
			// The checksum has proved that this package wrote it, so each number is that of a status.
			status: STATUSES[flags & STATUS_MASK] ?? 'doubt',
			isFailureReported: (flags & FAILURE_REPORTED_FLAG) !== 0,
			fingerprint: fingerprint === NO_HASH_TEXT ? '' : fingerprint,
			minute: bytes.readUInt32LE(devicesStart - 2 * LENGTH_BYTES),
			devices: bytes.subarray(devicesStart, devicesEnd),
		};
		const customer = hashAt(bytes, position);
		position = devicesEnd;
		if ((flags & FAILURE_UNREPORTED_FLAG) !== 0) {
			record.isFailureUnreported = true;
		}
		if ((flags & RECOVERED_FLAG) !== 0) {
			record.recovered = bytes.readUInt32LE(position);
			position += LENGTH_BYTES;
		}
		if ((flags & LEFT_DEVICES_FLAG) !== 0) {
			const count = bytes.readUInt32LE(position);
			record.leftDevices = leftDevicesIn(bytes, position + LENGTH_BYTES, count);
			position += LENGTH_BYTES + count * LEFT_DEVICE_BYTES;
		}
		yield [customer, record];
	}
}

function leftDevicesIn(bytes: Buffer, start: number, count: number): Map<string, number> {
	const left = new Map<string, number>();
	for (let index = 0; index < count; index++) {
		const position = start + index * LEFT_DEVICE_BYTES;
		left.set(hashAt(bytes, position), bytes.readUInt32LE(position + HASH_BYTES));
	}
	return left;
}

/** Adds a later part of the same account to an earlier one. Changes the earlier one. */
export async function mergeParts(earlier: Content, later: Content, pause: Pause): Promise<Content> {
	const { customers } = earlier;
	await forEachWithPauses(later.customers, pause, ([customer, record]) => {
		if (record.status === 'gone') {
			customers.delete(customer);
		} else {
			customers.set(customer, record);
		}
	});
	return { ...later, customers };
}

/** The records that an addition must have so that `before` becomes `after`, by the hashes of customers. */
export async function difference(
	before: ReadonlyMap<string, CustomerRecord>,
	after: ReadonlyMap<string, CustomerRecord>,
	pause: Pause,
): Promise<Map<string, CustomerRecord>> {
	const changed = new Map<string, CustomerRecord>();
	await forEachWithPauses(after, pause, ([customer, record]) => {
		const earlier = before.get(customer);
		if (earlier === undefined || !isSameRecord(earlier, record)) {
			changed.set(customer, record);
		}
	});
	await forEachWithPauses(before, pause, ([customer, record]) => {
		if (!after.has(customer)) {
			const { fingerprint, minute, isFailureReported } = record;
			changed.set(customer, { status: 'gone', isFailureReported, fingerprint, minute, devices: NO_DEVICES });
		}
	});
	return changed;
}

/** The devices of a customer that has none, or whose devices are not known. */
export const NO_DEVICES = Buffer.alloc(0);

function isSameRecord(a: CustomerRecord, b: CustomerRecord): boolean {
	return (
		a.status === b.status &&
		a.isFailureReported === b.isFailureReported &&
		a.isFailureUnreported === b.isFailureUnreported &&
		a.recovered === b.recovered &&
		a.fingerprint === b.fingerprint &&
		a.minute === b.minute &&
		a.devices.equals(b.devices) &&
		haveSameLeftDevices(a.leftDevices, b.leftDevices)
	);
}

function haveSameLeftDevices(a: CustomerRecord['leftDevices'], b: CustomerRecord['leftDevices']): boolean {
	if (a === b) {
		return true;
	}
	return a?.size === b?.size && [...(a ?? [])].every(([device, minute]) => b?.get(device) === minute);
}

/** The hashes of the devices in a customer's last request; none for a customer that the state does not have. */
export function devicesOf(record: CustomerRecord | undefined): string[] {
	return record === undefined ? [] : devicesIn(record.devices);
}

/** Reads the hashes of devices, which stand in a buffer one after the other. */
export function devicesIn(devices: Buffer): string[] {
	return Array.from({ length: devices.length / HASH_BYTES }, (_, index) =>
		hashAt(devices, index * HASH_BYTES),
	);
}

/** Reads one hash. */
export function hashAt(bytes: Buffer, start: number): string {
	return bytes.toString('base64url', start, start + HASH_BYTES);
}

function bytesOfNumber(value: number): Buffer {
	const bytes = Buffer.alloc(LENGTH_BYTES);
	bytes.writeUInt32LE(value);
	return bytes;
}

function checksumOf(bytes: Buffer): Buffer {
	return hash('sha256', bytes, 'buffer').subarray(0, CHECKSUM_BYTES);
}
