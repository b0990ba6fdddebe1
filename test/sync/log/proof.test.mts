import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Coverage, proofOf } from '../../../nodes/TencentCloudIot/sync/log/proof';
import {
	type Receipt,
	receiptFormat,
	runFormat,
	type RunRow,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';

const WHOLE: Coverage = { completeFromMs: undefined, gaps: [], runningNodeKeys: [] };

/** A receipt from three characters: `OA1` is OK, of the set of devices A, written by node 1 (`p` for Push, set `-` for none). */
function receipt(text: string, atMs: number): Receipt {
	const [outcome = '', set = '', nodeKey = ''] = text;
	const outcomes = { O: 'OK', R: 'REFUSED', N: 'NOT_SENT', U: 'UNKNOWN', G: 'GONE' } as const;
	const devices = set === '-' ? [] : [{ DeviceId: `P/${set}`, CustomerDeviceNo: set, ProductName: 'Lock' }];
	return {
		customerId: 'c1',
		atMs,
		outcome: outcomes[outcome as keyof typeof outcomes],
		nodeKey,
		isPush: nodeKey === 'p',
		devices,
		requestId: outcome === 'N' || outcome === 'G' ? undefined : `r${atMs}`,
	};
}

function receipts(texts: string): Receipt[] {
	return texts === '' ? [] : texts.split(' ').map((text, index) => receipt(text, index + 1));
}

describe('What is known of a customer', () => {
	const cases: ReadonlyArray<[receipts: string, kind: string, accepted: string, unclear: string]> = [
		['', 'neverSent', '', ''],
		['RA1', 'neverSent', '', ''],
		['N-1 N-1', 'neverSent', '', ''],
		['OA1', 'accepted', 'A', ''],
		['OA1 OB1', 'accepted', 'B', ''],
		['OA1 OB1 OA1', 'accepted', 'A', ''],
		['OA1 RB1', 'accepted', 'A', ''],
		['OA1 UB1', 'acceptedThenUnclear', 'A', 'B'],
		['OA1 UB1 UC1', 'acceptedThenUnclear', 'A', 'BC'],
		['OA1 UB1 UB1', 'acceptedThenUnclear', 'A', 'B'],
		['OA1 UB1 RB1', 'acceptedThenUnclear', 'A', 'B'],
		['OA1 UB1 OB1', 'accepted', 'B', ''],
		['OA1 UB1 UA1', 'acceptedThenUnclear', 'A', 'B'],
		['OA1 UA1', 'accepted', 'A', ''],
		['UA1', 'unclear', '', 'A'],
		['UA1 RA1', 'unclear', '', 'A'],
		['OA1 OBp', 'accepted', 'B', ''],
		['OA1 UBp', 'acceptedThenUnclear', 'A', 'B'],
		['OA1 G-1', 'accepted', 'A', ''],
	];

	test.each(cases)('%s: %s', (texts, kind, accepted, unclear) => {
		const customer = proofOf(receipts(texts), WHOLE);
		expect(customer.kind).toBe(kind);
		expect(customer.accepted?.devices.map(({ CustomerDeviceNo }) => CustomerDeviceNo).join('') ?? '').toBe(
			accepted,
		);
		expect(customer.unclearSets.map(({ devices }) => devices[0]!.CustomerDeviceNo).join('')).toBe(unclear);
	});

	test('The order in which receipts are read does not matter', () => {
		const events = fc.array(fc.constantFrom('OA1', 'OB1', 'UA1', 'UB1', 'RA1', 'G-1', 'OBp', 'OA2', 'G-2'), {
			maxLength: 8,
		});
		fc.assert(
			fc.property(events, fc.nat(), (texts, seed) => {
				const list = receipts(texts.join(' '));
				const turned = [...list.slice(seed % (list.length + 1)), ...list.slice(0, seed % (list.length + 1))];
				expect(proofOf(turned, WHOLE)).toEqual(proofOf(list, WHOLE));
			}),
		);
	});

	test('A set is the same whatever the order of its devices', () => {
		const devices = [
			{ DeviceId: 'P/1', CustomerDeviceNo: '1', ProductName: 'x' },
			{ DeviceId: 'P/2', CustomerDeviceNo: '2', ProductName: 'x' },
		];
		const accepted = { ...receipt('OA1', 1), devices };
		const unclear = { ...receipt('UA1', 2), devices: devices.toReversed() };
		expect(proofOf([accepted, unclear], WHOLE).kind).toBe('accepted');
	});
});

describe('The Syncs that no longer have a customer', () => {
	const cases: ReadonlyArray<[receipts: string, formerSyncs: string, currentSyncs: string]> = [
		['OA1', '', '1'],
		['OA1 G-1', '1', ''],
		['OA1 G-1 OA1', '', '1'],
		// Another node that still has the customer, such as a copy of the workflow, does not hide that it is gone from node 1.
		['OA1 OA2 G-1', '1', '2'],
		['OA1 OA2 G-2', '2', '1'],
		['OA1 OA2 G-1 G-2', '12', ''],
		['OA1 G-1 OBp', '1', ''],
		['OAp', '', ''],
	];

	test.each(cases)('%s: gone from %j, still in %j', (texts, formerSyncs, currentSyncs) => {
		const customer = proofOf(receipts(texts), WHOLE);
		expect(customer.formerSyncs.map(({ nodeKey }) => nodeKey).join('')).toBe(formerSyncs);
		expect(customer.currentSyncs.map(({ nodeKey }) => nodeKey).join('')).toBe(currentSyncs);
	});
});

describe('What the log lacks is reported', () => {
	test('A log that begins later does not prove that the customer was never sent', () => {
		const unknownCustomer = proofOf([], { ...WHOLE, completeFromMs: 5 });
		expect([unknownCustomer.kind, unknownCustomer.completeFromMs]).toEqual(['beforeLog', 5]);
		expect(proofOf(receipts('RA1'), { ...WHOLE, completeFromMs: 1 }).kind).toBe('beforeLog');
	});

	test('Receipts that are missing since the last accepted one are counted, earlier ones are not', () => {
		const gaps = [
			{ atMs: 1, missing: 7 },
			{ atMs: 9, missing: 4 },
		];
		expect(proofOf(receipts('N-1 OA1'), { ...WHOLE, gaps }).missing).toBe(4);
		// One of the same millisecond may be newer.
		const atOnce = [{ atMs: 2, missing: 3 }];
		expect(proofOf(receipts('N-1 OA1'), { ...WHOLE, gaps: atOnce }).missing).toBe(3);
		const never = proofOf([], { ...WHOLE, gaps });
		expect([never.kind, never.missing]).toEqual(['beforeLog', 11]);
	});

	test('An unclear request since then does not rule out a missing receipt', () => {
		const gaps = [{ atMs: 2, missing: 1 }];
		expect(proofOf(receipts('OA1 UB3'), { ...WHOLE, gaps }).missing).toBe(1);
		expect(proofOf(receipts('UB3'), { ...WHOLE, gaps }).missing).toBe(1);
	});

	test('While a run is under way, or after it was killed, no customer counts as never sent', () => {
		const { kind, runningNodeKeys } = proofOf([], { ...WHOLE, runningNodeKeys: ['w n'] });
		expect([kind, runningNodeKeys]).toEqual(['beforeLog', ['w n']]);
	});
});

describe('Rows of the log', () => {
	const devices = [
		{ DeviceId: 'P/d"1', CustomerDeviceNo: '={{ $env.x }}', ProductName: '锁\n' },
		{ DeviceId: 'P/2', CustomerDeviceNo: '', ProductName: '' },
	];

	test('A receipt is read as it was written', () => {
		const full: Receipt = {
			...receipt('RA1', 1_764_460_800_123),
			isPush: true,
			code: 'X',
			reason: 'no',
			devices,
		};
		const row = receiptFormat.write('account', full);
		expect(row.at).toBe('2025-11-30T00:00:00.123Z');
		expect(receiptFormat.read({ id: 7, ...row })).toEqual(full);
		const plain = { ...receipt('OA1', 1), isPush: false, code: undefined, reason: undefined };
		expect(receiptFormat.read(receiptFormat.write('account', plain))).toEqual(plain);
	});

	test('The row of a run is read as it was written', () => {
		const run: RunRow = {
			nodeKey: 'w n',
			atMs: 5_000,
			sinceMs: 1_000,
			runs: 3,
			health: 'ok',
			code: '',
			receipts: 2,
			missing: 1,
			summary: 'Sync is ok.',
			summaryZh: '正常',
		};
		const row = runFormat.write('account', run);
		expect(row.account).toBe('account runs');
		expect(runFormat.read(row)).toEqual(run);
	});

	test.each(['', 'null', '[]', '{}', '{"o":"SOLD","d":[]}', '{"o":"OK"}', '{"o":"OK","d":5}'])(
		'%j is not a receipt',
		(text) => {
			const row = { account: 'a', customer: 'c', at: '2026-11-30T00:00:00Z', receipt: text };
			expect([receiptFormat.read(row), runFormat.read(row)]).toEqual([undefined, undefined]);
		},
	);

	test('A row without a time is not a receipt', () => {
		const row = { ...receiptFormat.write('account', receipt('OA1', 1)), at: 'yesterday' };
		expect(receiptFormat.read(row)).toBeUndefined();
	});
});

test('A request without a clear response is not a failure, because Tencent may have accepted it', () => {
	const unclear = { ...receipt('UB2', 20), code: 'CONNECTION_RESET', reason: 'Lost.' };
	const proof = proofOf([unclear, receipt('RB1', 10)], WHOLE);
	expect(proof.kind).toBe('unclear');
	expect(proof.lastFailure).toBeUndefined();
});

test('The newest failure is the one that occurred last, even if it first occurred before another node was accepted', () => {
	const repeated = { ...receipt('RB1', 10), lastMetMs: 50 };
	const accepted = receipt('OA2', 30);
	expect(proofOf([accepted, repeated], WHOLE)).toMatchObject({ kind: 'accepted', lastFailure: repeated });
	const endedEarlier = { ...repeated, lastMetMs: 20 };
	expect(proofOf([accepted, endedEarlier], WHOLE).lastFailure).toBeUndefined();
});
