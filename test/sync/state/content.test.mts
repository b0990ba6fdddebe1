import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
	type PartContent,
	type CustomerRecord,
	deviceHashesOf,
	statePart,
} from '../../../nodes/TencentCloudIot/sync/state/content';
import { joinHashes } from '../../../nodes/TencentCloudIot/sync/state/hashes';

type Status = CustomerRecord['status'];

const noPause = async () => await Promise.resolve();

const hash = fc
	.uint8Array({ minLength: 8, maxLength: 8 })
	.map((bytes) => Buffer.from(bytes).toString('base64url'));
const statuses: Status[] = [
	'accepted',
	'waiting',
	'failed',
	'withheld',
	'withoutDevice',
	'doubt',
	'gone',
	'left',
];
const NONE = Buffer.alloc(8).toString('base64url');

const record: fc.Arbitrary<CustomerRecord> = fc.record({
	status: fc.constantFrom(...statuses),
	isFailureReported: fc.boolean(),
	fingerprint: fc.oneof(
		fc.constant(''),
		hash.filter((text) => text !== NONE),
	),
	acceptedMinute: fc.nat(),
	deviceHashes: fc
		.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 4 })
		.map((hashes) => Buffer.concat(hashes).toString('latin1')),
	isFailureUnreported: fc.constantFrom(true, undefined),
	recoveredMinute: fc.option(fc.nat(), { nil: undefined }),
	leftDevices: fc.option(
		fc.array(fc.tuple(hash, fc.nat()), { minLength: 1, maxLength: 3 }).map((entries) => new Map(entries)),
		{ nil: undefined },
	),
});
const recordsOf = (records: fc.Arbitrary<CustomerRecord>) =>
	fc.array(fc.tuple(hash, records), { maxLength: 30 }).map((entries) => new Map(entries));
const content: fc.Arbitrary<PartContent> = fc.record({
	account: hash,
	application: hash,
	isComplete: fc.boolean(),
	counts: fc.record({
		customers: fc.nat(),
		withheld: fc.nat(),
		leftOut: fc.nat(),
		devices: fc.nat(),
		products: fc.nat(),
	}),
	products: fc.array(hash),
	records: recordsOf(record),
});

describe('A part of a state', () => {
	test('is read as it was written', async () => {
		await fc.assert(
			fc.asyncProperty(content, async (written) => {
				expect(await statePart.read(await statePart.write(written, noPause), noPause)).toEqual(written);
			}),
		);
	});

	test('that was cut anywhere is rejected', async () => {
		await fc.assert(
			fc.asyncProperty(content, fc.double({ min: 0, max: 0.999, noNaN: true }), async (written, share) => {
				const bytes = Buffer.from(await statePart.write(written, noPause), 'base64');
				const cut = bytes.subarray(0, Math.floor(share * bytes.length));
				expect(await statePart.read(cut.toString('base64'), noPause)).toBeUndefined();
			}),
		);
	});

	test('in which any byte was changed is rejected', async () => {
		await fc.assert(
			fc.asyncProperty(content, fc.nat(), fc.integer({ min: 1, max: 255 }), async (written, at, by) => {
				const bytes = Buffer.from(await statePart.write(written, noPause), 'base64');
				bytes[at % bytes.length]! ^= by;
				expect(await statePart.read(bytes.toString('base64'), noPause)).toBeUndefined();
			}),
		);
	});

	test('that is any other text is rejected without an error', async () => {
		await fc.assert(
			fc.asyncProperty(fc.oneof(fc.string(), fc.base64String()), async (text) => {
				expect(await statePart.read(text, noPause)).toBeUndefined();
			}),
		);
	});

	test('of another format is rejected, even if it is intact', async () => {
		const bytes = Buffer.from([2, 0, 0, 0, 0]);
		const { createHash } = await import('node:crypto');
		const checksum = createHash('sha256').update(bytes).digest().subarray(0, 8);
		expect(
			await statePart.read(Buffer.concat([bytes, checksum]).toString('base64'), noPause),
		).toBeUndefined();
	});

	test('is as long as estimateLength says, apart from its header', async () => {
		await fc.assert(
			fc.asyncProperty(content, async (written) => {
				const without = await statePart.write({ ...written, records: new Map() }, noPause);
				const { length } = await statePart.write(written, noPause);
				expect(Math.abs(length - without.length - statePart.estimateLength(written.records))).toBeLessThan(8);
			}),
		);
	});

	test('is written and read with pauses for the event loop: 40 for 100,000 customers', async () => {
		const many = new Map(
			Array.from({ length: 100_000 }, (_, index): [string, CustomerRecord] => [
				Buffer.from(String(index).padStart(8, '0')).toString('base64url'),
				{
					status: 'accepted',
					isFailureReported: false,
					fingerprint: 'AAAAAAAAAAE',
					acceptedMinute: 1,
					deviceHashes: '\0'.repeat(40),
				},
			]),
		);
		let pauses = 0;
		const pause = async () => {
			pauses++;
			await Promise.resolve();
		};
		const [written] = fc.sample(content, 1);
		const text = await statePart.write({ ...written!, records: many }, pause);
		expect(text.length / 100_000).toBeLessThan(90);
		expect(pauses).toBe(20);
		expect((await statePart.read(text, pause))?.records.size).toBe(100_000);
		expect(pauses).toBe(40);
	});
});

test('The difference of two states turns the first into the second', async () => {
	const kept = record.filter(({ status }) => status !== 'gone');
	await fc.assert(
		fc.asyncProperty(content, recordsOf(kept), recordsOf(kept), async (facts, before, after) => {
			// Half of the records stay as they were.
			const later = new Map([...after, ...[...before].slice(0, before.size / 2)]);
			const records = await statePart.findChanges(before, later, noPause);
			const earlier = { ...facts, records: new Map(before) };
			const read = (await statePart.read(await statePart.write({ ...facts, records }, noPause), noPause))!;
			expect((await statePart.merge(earlier, read, noPause)).records).toEqual(later);
			for (const [customer, record] of records) {
				expect(before.get(customer)).not.toEqual(record);
			}
		}),
	);
});

test.each<[string, Partial<CustomerRecord>]>([
	['its status', { status: 'failed' }],
	['that its failure was reported', { isFailureReported: true }],
	['that its failure is not reported', { isFailureUnreported: true }],
	['when it recovered', { recoveredMinute: 6 }],
	['its fingerprint', { fingerprint: 'other' }],
	['when it was accepted', { acceptedMinute: 6 }],
	['its devices', { deviceHashes: 'other...' }],
	['a device that left it', { leftDevices: new Map([['device', 5]]) }],
	['that no device has left it', { leftDevices: undefined }],
	['when a device left it', { leftDevices: new Map([['left', 6]]) }],
	['which device left it', { leftDevices: new Map([['device', 5]]) }],
])('A record differs by %s', async (_, change) => {
	const record: CustomerRecord = {
		status: 'accepted',
		isFailureReported: false,
		fingerprint: 'fingerprint',
		acceptedMinute: 5,
		deviceHashes: 'device..',
		leftDevices: new Map([['left', 5]]),
	};
	const changed = { ...record, ...change };
	const before = new Map([
		['same', record],
		['changed', record],
	]);
	const after = new Map([
		['same', { ...record, leftDevices: new Map(record.leftDevices) }],
		['changed', changed],
	]);
	expect(await statePart.findChanges(before, after, noPause)).toEqual(new Map([['changed', changed]]));
});

test('The device hashes of a customer are read as they were joined', () => {
	fc.assert(
		fc.property(fc.array(hash), (hashes) => {
			expect(deviceHashesOf({ deviceHashes: joinHashes(hashes) })).toEqual(hashes);
		}),
	);
});
