import { hash } from 'node:crypto';

import type { RowCounts } from '../safetyChecks';
import { HASH_BYTES } from './hashes';

/** The format of what is below. Another one cannot be read by this version, and is not lost either. */
const FORMAT = 1;

/**
 * What is known of a customer.
 * - `accepted`: exactly this was accepted last, and nothing has been sent since
 * - `waiting`: it was not sent
 * - `failed`: it was sent, and is not known to be accepted
 * - `withheld`: its rows could not be sent
 * - `withoutDevice`: it was left out
 * - `doubt`: a run was about to send it, and has not told what became of it
 */
const STATUSES = ['accepted', 'waiting', 'failed', 'withheld', 'withoutDevice', 'doubt'] as const;
export type Status = (typeof STATUSES)[number];

/** A customer in a state. Hashes are those of `StateHashes`. */
export interface CustomerRecord {
	status: Status;
	/** Whether it was reported that it fails, and not that this is over. */
	isReported: boolean;
	/** The fingerprint of its devices in the last rows; empty where they could not be read. */
	fingerprint: string;
	/** The hashes of the devices that were sent last, 8 bytes each. */
	devices: Buffer;
}

/** A state, or what a run adds to one while it sends. */
export interface Content {
	account: string;
	application: string;
	/** What the rows had. */
	counts: RowCounts;
	/** The hashes of the names of products that are missed when they are gone. */
	products: readonly string[];
	/** By the hash of the customer. */
	customers: ReadonlyMap<string, CustomerRecord>;
}

const NO_HASH = Buffer.alloc(HASH_BYTES);
const REPORTED = 0x80;
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 8;

/** Writes a content as base64: a format byte, a header of JSON, the customers one after the other, and a checksum. */
export function encode({ customers, ...others }: Content): string {
	const header = Buffer.from(JSON.stringify(others));
	const parts: Buffer[] = [Buffer.from([FORMAT]), lengthOf(header.length), header];
	for (const [customer, { status, isReported, fingerprint, devices }] of customers) {
		parts.push(
			Buffer.from(customer, 'base64url'),
			fingerprint === '' ? NO_HASH : Buffer.from(fingerprint, 'base64url'),
			Buffer.from([STATUSES.indexOf(status) + (isReported ? REPORTED : 0)]),
			lengthOf(devices.length),
			devices,
		);
	}
	const bytes = Buffer.concat(parts);
	return Buffer.concat([bytes, checksumOf(bytes)]).toString('base64');
}

/** @returns undefined where it is of another format, or somebody has changed it */
export function decode(text: string): Content | undefined {
	const all = Buffer.from(text, 'base64');
	const bytes = all.subarray(0, -CHECKSUM_BYTES);
	if (bytes[0] !== FORMAT || !checksumOf(bytes).equals(all.subarray(-CHECKSUM_BYTES))) return undefined;
	let position = 1;
	const take = (length: number) => bytes.subarray(position, (position += length));
	const takeHash = () => take(HASH_BYTES).toString('base64url');
	const takeLength = () => take(LENGTH_BYTES).readUInt32LE();
	const header = JSON.parse(take(takeLength()).toString()) as Omit<Content, 'customers'>;
	const customers = new Map<string, CustomerRecord>();
	const none = NO_HASH.toString('base64url');
	while (position < bytes.length) {
		const customer = takeHash();
		const fingerprint = takeHash();
		const flags = take(1)[0]!;
		customers.set(customer, {
			status: STATUSES[flags & ~REPORTED]!,
			isReported: (flags & REPORTED) !== 0,
			fingerprint: fingerprint === none ? '' : fingerprint,
			devices: take(takeLength()),
		});
	}
	return { ...header, customers };
}

/** A state and what an interrupted run has added to it. */
export function fold(state: Content | undefined, added: Content): Content {
	return { ...added, customers: new Map([...(state?.customers ?? []), ...added.customers]) };
}

function lengthOf(length: number): Buffer {
	const bytes = Buffer.alloc(LENGTH_BYTES);
	bytes.writeUInt32LE(length);
	return bytes;
}

function checksumOf(bytes: Buffer): Buffer {
	return hash('sha256', bytes, 'buffer').subarray(0, CHECKSUM_BYTES);
}
