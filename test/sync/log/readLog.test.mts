import { beforeEach, describe, expect, test } from '@jest/globals';
import { LogTables } from '../../../nodes/TencentCloudIot/sync/log/logTables';
import { LogWriter } from '../../../nodes/TencentCloudIot/sync/log/logWriter';
import { ReceiptLog } from '../../../nodes/TencentCloudIot/sync/log/readLog';
import {
	type LogRow,
	type Receipt,
	type RunRow,
	markFormat,
	receiptFormat,
	repeatEndFormat,
	runFormat,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';
import { OngoingFailures } from '../../../nodes/TencentCloudIot/sync/log/repeats';
import { readLogMemory, RunLogRows } from '../../../nodes/TencentCloudIot/sync/log/runLog';
import { MemoryTables } from './memoryTables.mts';

type ReceiptQuery = Parameters<ReceiptLog['findReceipts']>[0];

const LIMITS = { keepMonths: 13, largestMb: 40 };

/** Writes rows to the log as they are. */
async function writeRows(rows: LogRow[], nowMs: number): Promise<void> {
	await new LogWriter(tables, LIMITS).write(
		{ receipts: [], rowsOfReceipt: () => [], makeClosingRows: () => rows },
		nowMs,
	);
}

const OCTOBER = Date.UTC(2026, 9, 31, 15, 59);
const NOVEMBER = Date.UTC(2026, 10, 15);

const QUERY: ReceiptQuery = {
	accountHash: 'a',
	customerId: '',
	device: '',
	mostReceipts: 50,
	nowMs: NOVEMBER,
};

function receipt(customerId: string, atMs: number, more: Partial<Receipt> = {}): Receipt {
	const devices = [
		{ DeviceId: `P/${customerId}`, CustomerDeviceNo: `SN-${customerId}`, ProductName: 'Lock' },
	];
	return { customerId, atMs, outcome: 'OK', nodeKey: 'w n', devices, requestId: `r${atMs}`, ...more };
}

function deviceNamed(name: string): Pick<Receipt, 'devices'> {
	return { devices: [{ DeviceId: `P/${name}`, CustomerDeviceNo: `SN-${name}`, ProductName: 'Lock' }] };
}

let tables: MemoryTables;

async function write(receipts: readonly Receipt[], nowMs: number, account = 'a'): Promise<void> {
	const rows = receipts.map((written) => receiptFormat.write(account, written));
	await writeRows(rows, nowMs);
}

beforeEach(async () => {
	tables = new MemoryTables();
	await writeRows([markFormat.write('a', { nodeKey: 'w n', atMs: OCTOBER, kind: 'first' })], OCTOBER);
	await write([receipt('KH1', OCTOBER), receipt('KH2', OCTOBER)], OCTOBER);
	await write([receipt('KH1', NOVEMBER), receipt('kh3', NOVEMBER)], NOVEMBER);
	await write([receipt('KH1', NOVEMBER)], NOVEMBER, 'another account');
});

describe('Receipts', () => {
	test('of a customer and its proof take one call of n8n, and a second one if there are earlier months', async () => {
		tables.calls.length = 0;
		await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1' });
		expect(tables.calls).toEqual(['list read read', 'read read']);
		tables = new MemoryTables();
		await write([receipt('KH1', NOVEMBER)], NOVEMBER);
		tables.calls.length = 0;
		const { receipts } = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1' });
		expect(receipts).toHaveLength(1);
		expect(tables.calls).toEqual(['list read read']);
	});

	test('are read from earlier months if the current one has no table yet', async () => {
		const december = Date.UTC(2026, 11, 1);
		const question = { ...QUERY, customerId: 'KH1', nowMs: december };
		const { receipts, proof } = await new ReceiptLog(tables).findReceipts(question);
		expect(receipts.map(({ atMs }) => atMs)).toEqual([NOVEMBER, OCTOBER]);
		expect(proof).toMatchObject({ missing: 0, runningNodeKeys: [] });
		expect(proof?.completeFromMs).toBeUndefined();
	});

	test('of all customers come newest first, and only those of this account', async () => {
		const { receipts, isListCut } = await new ReceiptLog(tables).findReceipts(QUERY);
		expect(receipts.map(({ customerId, atMs }) => [customerId, atMs])).toEqual([
			['kh3', NOVEMBER],
			['KH1', NOVEMBER],
			['KH2', OCTOBER],
			['KH1', OCTOBER],
		]);
		expect(isListCut).toBe(false);
	});

	test('are at most as many as requested, and the result says whether there are more', async () => {
		const { receipts, isListCut } = await new ReceiptLog(tables).findReceipts({ ...QUERY, mostReceipts: 3 });
		expect([receipts.length, isListCut]).toEqual([3, true]);
		const ofOne = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1', mostReceipts: 1 });
		expect([ofOne.receipts.length, ofOne.isListCut]).toEqual([1, true]);
		const whole = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1', mostReceipts: 2 });
		expect([whole.receipts.length, whole.isListCut]).toEqual([2, false]);
	});

	test('of a period are those from its start to its end', async () => {
		const inOctober = await new ReceiptLog(tables).findReceipts({ ...QUERY, untilMs: NOVEMBER });
		expect(inOctober.receipts.map(({ customerId }) => customerId)).toEqual(['KH2', 'KH1']);
		const since = await new ReceiptLog(tables).findReceipts({ ...QUERY, fromMs: OCTOBER + 1 });
		expect(since.receipts).toHaveLength(2);
	});

	test.each(['P/KH2', 'p/kh2', 'KH2', 'SN-KH2', 'sn-kh2'])(
		'of the device %s are those that sent it',
		async (device) => {
			const { receipts } = await new ReceiptLog(tables).findReceipts({ ...QUERY, device });
			expect(receipts.map(({ customerId }) => customerId)).toEqual(['KH2']);
		},
	);

	test.each([
		['by its name', 'lock_1'],
		['by its DeviceId', 'P/lock_1'],
		['by its serial number', 'SN-lock_1'],
	])(
		'of a device, %s, are found even if there are newer ones of devices with the same prefix',
		async (_, device) => {
			await write([receipt('KH9', OCTOBER, deviceNamed('lock_1'))], NOVEMBER);
			const alike = Array.from({ length: 20 }, (__, index) => `lock_1${index}`);
			await write(
				alike.map((name, index) => receipt(`KH${index + 20}`, NOVEMBER + index, deviceNamed(name))),
				NOVEMBER,
			);
			const { receipts, isListCut } = await new ReceiptLog(tables).findReceipts({
				...QUERY,
				device,
				mostReceipts: 5,
			});
			expect([receipts.map(({ customerId }) => customerId), isListCut]).toEqual([['KH9'], false]);
		},
	);

	test('of a customer are all in the list, even if one month has thousands of them', async () => {
		await write(
			Array.from({ length: 2_500 }, (_, index) => receipt('KH7', NOVEMBER + index)),
			NOVEMBER,
		);
		const { receipts, isListCut } = await new ReceiptLog(tables).findReceipts({
			...QUERY,
			customerId: 'KH7',
			mostReceipts: 3_000,
		});
		expect([receipts.length, receipts.at(-1)?.atMs, isListCut]).toEqual([2_500, NOVEMBER, false]);
	});

	test('of a period have no gap where rows of other kinds take up what was read', async () => {
		const failed = { outcome: 'REFUSED', code: 'X', devices: [] } as const;
		const alternating = Array.from({ length: 30 }, (_, index) => [
			receiptFormat.write('a', receipt('KH7', NOVEMBER + 10 * index, failed)),
			repeatEndFormat.write('a', {
				customerId: 'KH7',
				nodeKey: 'w n',
				lastMetMs: NOVEMBER + 10 * index + 1,
			}),
			receiptFormat.write('a', receipt('KH7', NOVEMBER + 10 * index + 2)),
		]);
		await writeRows(alternating.flat(), NOVEMBER);
		const { receipts, isListCut } = await new ReceiptLog(tables).findReceipts(QUERY);
		expect([receipts.length, isListCut]).toEqual([50, true]);
		expect(receipts.filter(({ customerId }) => customerId !== 'KH7')).toEqual([]);
	});

	test('of a period are read in calls of at most 1,000 rows, which n8n reads as a whole', async () => {
		await write(
			Array.from({ length: 2_500 }, (_, index) => receipt(`many${index}`, NOVEMBER + index)),
			NOVEMBER,
		);
		tables.calls.length = 0;
		const { receipts } = await new ReceiptLog(tables).findReceipts({ ...QUERY, mostReceipts: 2_000 });
		expect(receipts.map(({ customerId }) => customerId).slice(-1)).toEqual(['many500']);
		expect(tables.calls).toEqual(['list', 'read', 'read', 'read']);
	});

	test('are not found by a part of a device name', async () => {
		expect((await new ReceiptLog(tables).findReceipts({ ...QUERY, device: 'H2' })).receipts).toEqual([]);
	});
});

describe('What is known of a customer', () => {
	test('is what was accepted last, even if hundreds of unclear requests came later', async () => {
		const unclear = Array.from({ length: 1_500 }, (_, index) => {
			return receipt('KH1', NOVEMBER + 1 + index, { outcome: 'UNKNOWN', ...deviceNamed('new') });
		});
		await write(unclear, NOVEMBER);
		const { proof } = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1' });
		expect([proof?.kind, proof?.accepted?.atMs]).toEqual(['acceptedThenUnclear', NOVEMBER]);
	});

	test('at the end of a period is what was accepted until then', async () => {
		const then = await new ReceiptLog(tables).findReceipts({
			...QUERY,
			customerId: 'KH1',
			fromMs: OCTOBER - 9,
			untilMs: OCTOBER + 9,
		});
		expect([then.proof?.kind, then.proof?.accepted?.atMs]).toEqual(['accepted', OCTOBER]);
		const now = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH1' });
		expect(now.proof?.accepted?.atMs).toBe(NOVEMBER);
	});

	test('on a day without a receipt is what was accepted before', async () => {
		const dayMs = 24 * 3_600_000;
		const asked = { ...QUERY, customerId: 'KH1', fromMs: NOVEMBER - 2 * dayMs, untilMs: NOVEMBER - dayMs };
		const read = await new ReceiptLog(tables).findReceipts(asked);
		expect(read.receipts).toEqual([]);
		expect([read.proof?.kind, read.proof?.accepted?.atMs]).toEqual(['accepted', OCTOBER]);
	});

	test('is nothing for an unknown CustomerId, and other spellings of it are named', async () => {
		expect(await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH3' })).toMatchObject({
			proof: { kind: 'neverSent' },
			otherSpellings: ['kh3'],
		});
		// An id that has receipts only after the period is not another spelling of itself.
		expect(
			await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'kh3', untilMs: OCTOBER - 999 }),
		).toMatchObject({ proof: { kind: 'neverSent' }, otherSpellings: [] });
		// Ids that contain this one are not other spellings of it.
		for (const customerId of ['KH9', 'KH', 'h3']) {
			expect(await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId })).toMatchObject({
				proof: { kind: 'neverSent' },
				otherSpellings: [],
			});
		}
	});

	test('names another spelling of an id even if many newer ids contain that id', async () => {
		await write(
			Array.from({ length: 600 }, (_, index) => receipt(`KH3${index}`, NOVEMBER)),
			NOVEMBER,
		);
		const { otherSpellings } = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH3' });
		expect(otherSpellings).toEqual(['kh3']);
	});

	test("is not 'never sent' when the log begins later, lacks receipts or was deleted", async () => {
		const kindOf = async () =>
			(await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH9' })).proof?.kind;
		expect(await kindOf()).toBe('neverSent');
		const gap = markFormat.write('a', { nodeKey: 'w n', atMs: NOVEMBER, kind: 'gap', missing: 2 });
		await writeRows([gap], NOVEMBER);
		expect(await kindOf()).toBe('beforeLog');
		tables.byName.delete('tencent_iot_log_2026_11');
		expect(await kindOf()).toBe('neverSent');
		const unwritten = { gaps: [{ atMs: NOVEMBER, missing: 2 }], runningNodeKeys: [] };
		const unmarked = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH9', unwritten });
		expect(unmarked.proof?.kind).toBe('beforeLog');
		const begin = markFormat.write('a', { nodeKey: 'w other', atMs: NOVEMBER, kind: 'begin' });
		await writeRows([begin], NOVEMBER);
		const late = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH9' });
		expect([late.proof?.kind, late.proof?.completeFromMs]).toEqual(['beforeLog', NOVEMBER]);
		tables.byName.delete('tencent_iot_log_2026_10');
		expect(await kindOf()).toBe('beforeLog');
		tables.byName.clear();
		const first = markFormat.write('a', { nodeKey: 'w n', atMs: OCTOBER, kind: 'first' });
		const dropped = markFormat.write('a', { nodeKey: 'w n', atMs: NOVEMBER, kind: 'dropped' });
		await writeRows([first, dropped], NOVEMBER);
		expect(await kindOf()).toBe('beforeLog');
		tables.byName.clear();
		const none = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH9' });
		expect([none.proof?.kind, none.proof?.completeFromMs]).toEqual(['beforeLog', NOVEMBER]);
	});
});

test('After months were dropped, the log is complete since the oldest month that it keeps', async () => {
	const december = Date.UTC(2026, 11, 3);
	const run: RunRow = {
		nodeKey: 'w n',
		atMs: december,
		sinceMs: december,
		runs: 1,
		health: 'ok',
		code: '',
		receipts: 0,
		missing: 0,
		summary: '',
		summaryZh: '',
	};
	const closing = { run, logMemory: readLogMemory({ isBegun: true }), isFirstRun: false, receiptCount: 0 };
	const logRows = new RunLogRows('a', new OngoingFailures([]));
	await new LogWriter(tables, { ...LIMITS, keepMonths: 2 }).write(
		{
			receipts: [],
			rowsOfReceipt: () => [],
			makeClosingRows: (facts) => logRows.makeClosingRows(closing, facts),
		},
		december,
	);
	expect(tables.names).toEqual(['tencent_iot_log_2026_11', 'tencent_iot_log_2026_12']);
	const { proof } = await new ReceiptLog(tables).findReceipts({
		...QUERY,
		customerId: 'KH9',
		nowMs: december,
	});
	expect([proof?.kind, proof?.completeFromMs]).toEqual(['beforeLog', Date.UTC(2026, 10)]);
});

test('After the oldest month was dropped for the state, another node that began later does not make the log complete', async () => {
	const first = markFormat.write('a', { nodeKey: 'w other', atMs: NOVEMBER, kind: 'first' });
	await writeRows([first], NOVEMBER);
	await new LogTables(tables).dropOldest();
	expect(tables.names).toEqual(['tencent_iot_log_2026_11']);
	const { proof } = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'KH2' });
	expect([proof?.kind, proof?.completeFromMs]).toEqual(['beforeLog', Date.UTC(2026, 10)]);
});

test('The runs of a node come newest first, from as many months as needed', async () => {
	const run = (atMs: number, nodeKey = 'w n'): RunRow => ({
		nodeKey,
		atMs,
		sinceMs: atMs,
		runs: 1,
		health: 'ok',
		code: '',
		receipts: 0,
		missing: 0,
		summary: '',
		summaryZh: '',
	});
	for (const atMs of [OCTOBER - 2, OCTOBER - 1, NOVEMBER]) {
		const rows = [runFormat.write('a', run(atMs)), runFormat.write('a', run(atMs, 'other'))];
		await writeRows(rows, atMs);
	}
	const times = (await new ReceiptLog(tables).readLastRuns('a', 'w n', 2)).map(({ atMs }) => atMs);
	expect(times).toEqual([NOVEMBER, OCTOBER - 1]);
});

describe('Customers that left the rows', () => {
	const keyOf = (customerId: string) => `hash of ${customerId}`;
	const hashesOf = (...customerIds: string[]) => new Set(customerIds.map(keyOf));
	const namesOf = (gone: Awaited<ReturnType<ReceiptLog['findLastReceipts']>>) => {
		return Array.from(gone.values(), ({ customerId }) => customerId);
	};

	test('are named if any month of the log has them', async () => {
		const gone = await new ReceiptLog(tables).findLastReceipts('a', hashesOf('KH2', 'kh3', 'KH9'), { keyOf });
		expect(namesOf(gone).sort()).toEqual(['KH2', 'kh3']);
	});

	test('are only those of this account', async () => {
		expect(
			namesOf(await new ReceiptLog(tables).findLastReceipts('nobody', hashesOf('KH1'), { keyOf })),
		).toEqual([]);
	});

	test('cost no call when no customer has left', async () => {
		tables.calls.length = 0;
		expect(namesOf(await new ReceiptLog(tables).findLastReceipts('a', new Set(), { keyOf }))).toEqual([]);
		expect(tables.calls).toEqual([]);
	});

	test('are looked up page by page until all are found', async () => {
		const many = Array.from({ length: 2500 }, (_, index) => receipt(`many${index}`, NOVEMBER));
		await write(many, NOVEMBER);
		tables.calls.length = 0;
		expect(
			namesOf(await new ReceiptLog(tables).findLastReceipts('a', hashesOf('many2499'), { keyOf })),
		).toEqual(['many2499']);
		expect(tables.calls).toEqual(['list', 'read']);
		tables.calls.length = 0;
		expect(
			namesOf(await new ReceiptLog(tables).findLastReceipts('a', hashesOf('many2499', 'many0'), { keyOf })),
		).toEqual(['many2499', 'many0']);
		expect(tables.calls).toEqual(['list', 'read', 'read', 'read']);
		tables.calls.length = 0;
		expect(namesOf(await new ReceiptLog(tables).findLastReceipts('a', hashesOf('KH9'), { keyOf }))).toEqual(
			[],
		);
		// Three pages of November, one of October.
		expect(tables.calls).toEqual(['list', 'read', 'read', 'read', 'read']);
	});

	test('are returned with their last receipt that is not GONE', async () => {
		const gone: Receipt = { ...receipt('KH2', NOVEMBER + 3), outcome: 'GONE', devices: [] };
		await write([receipt('KH2', NOVEMBER + 1), receipt('KH2', NOVEMBER + 2), gone], NOVEMBER + 3);
		const found = await new ReceiptLog(tables).findLastReceipts('a', hashesOf('KH2'), { keyOf });
		expect([...found]).toEqual([[keyOf('KH2'), expect.objectContaining({ atMs: NOVEMBER + 2 })]]);
	});

	test('are looked up only until enough are found', async () => {
		await write(
			['x', 'y', 'z'].map((id) => receipt(id, NOVEMBER)),
			NOVEMBER,
		);
		const found = await new ReceiptLog(tables).findLastReceipts('a', hashesOf('x', 'y', 'z'), {
			keyOf,
			mostCustomers: 2,
		});
		expect(namesOf(found).length).toBeGreaterThanOrEqual(2);
		tables.calls.length = 0;
		await new ReceiptLog(tables).findLastReceipts('a', hashesOf('x', 'unknown'), {
			keyOf,
			mostCustomers: 1,
		});
		expect(tables.calls).toEqual(['list', 'read']);
	});

	test('are looked up only in the newest 20,000 receipts', async () => {
		const many = Array.from({ length: 20_500 }, (_, index) => receipt(`many${index}`, NOVEMBER));
		await write(many, NOVEMBER);
		expect(
			namesOf(await new ReceiptLog(tables).findLastReceipts('a', hashesOf('many500', 'many499'), { keyOf })),
		).toEqual(['many500']);
	});
});

test('A receipt that cannot be read after an edit is left out, and counts as missing; all others are read', async () => {
	const table = tables.byName.get('tencent_iot_log_2026_11')!;
	table.rows = table.rows.map((row) => (row['customer'] === 'kh3' ? { ...row, receipt: 'edited' } : row));
	const ofAll = await new ReceiptLog(tables).findReceipts(QUERY);
	expect(ofAll.receipts.map(({ customerId }) => customerId)).toEqual(['KH1', 'KH2', 'KH1']);
	const ofOne = await new ReceiptLog(tables).findReceipts({ ...QUERY, customerId: 'kh3' });
	expect([ofOne.receipts, ofOne.proof?.kind, ofOne.proof?.missing]).toEqual([[], 'beforeLog', 1]);
});
