import { expect, test } from '@jest/globals';
import { LogTables, tableNameAt, logTablesIn } from '../../../nodes/TencentCloudIot/sync/log/logTables';
import { LogWriter } from '../../../nodes/TencentCloudIot/sync/log/logWriter';
import {
	LOG_COLUMNS,
	type LogRow,
	receiptFormat,
	type Receipt,
	runFormat,
	type RunRow,
	markFormat,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';
import { TableUnusable } from '../../../nodes/TencentCloudIot/tables/dataTables';
import { MemoryTables } from './memoryTables.mts';

type LogLimits = ConstructorParameters<typeof LogWriter>[1];

const NOVEMBER = Date.UTC(2026, 10, 30, 23, 59);
const DECEMBER = Date.UTC(2026, 11, 1);
const LIMITS = { keepMonths: 13, largestMb: 40 };
const RECEIPT: Receipt = { customerId: 'c', atMs: NOVEMBER, outcome: 'OK', nodeKey: 'w n', devices: [] };

test('A table has the receipts of its month, from its first moment to the beginning of the next month', () => {
	const months = Array.from({ length: 30 }, (_, month) => Date.UTC(2026, month));
	const listed = months.map((ms) => ({ id: tableNameAt(ms), name: tableNameAt(ms), columns: [] }));
	const otherNames = ['tencent_iot_log_2026_1', 'my_tencent_iot_log_2026_11', 'tencent_iot_log_2026_11_old'];
	const tables = logTablesIn([
		...listed.toReversed(),
		...otherNames.map((name) => ({ id: name, name, columns: [] })),
	]);
	expect(tables.map(({ fromMs }) => fromMs)).toEqual(months);
	expect(tables.map(({ untilMs }) => untilMs)).toEqual([...months.slice(1), Date.UTC(2026, 30)]);
	expect(tables.map(({ fromMs }) => tableNameAt(fromMs))).toEqual(tables.map(({ name }) => name));
	expect(tables.map(({ untilMs }) => tableNameAt(untilMs - 1))).toEqual(tables.map(({ name }) => name));
});

/** Writes one receipt per row, without closing rows. */
async function writeLog(...[tables, written, nowMs, limits]: [MemoryTables, LogRow[], number, LogLimits]) {
	return await writeRows(new LogWriter(tables, limits), written, nowMs);
}

async function writeRows(writer: LogWriter, written: readonly LogRow[], nowMs: number) {
	const rowOfReceipt = new Map(written.map((row) => [{ ...RECEIPT }, row]));
	const receipts = [...rowOfReceipt.keys()];
	const rowsOfReceipt = (receipt: Receipt) => [rowOfReceipt.get(receipt)!];
	const {
		areClosingRowsWritten: _areClosingRowsWritten,
		tableId: _tableId,
		isTableLost: _isLost,
		...result
	} = await writer.write({ receipts, rowsOfReceipt }, nowMs);
	return result;
}

function rows(count: number, bytes = 300): LogRow[] {
	return Array.from({ length: count }, (_, index) => {
		return { account: 'a', customer: `c${index}`, at: '2026-11-30T00:00:00Z', receipt: 'x'.repeat(bytes) };
	});
}

test('Each month has its own table with four columns', async () => {
	const tables = new MemoryTables();
	expect(await writeLog(tables, rows(2), NOVEMBER, LIMITS)).toEqual({ writtenCount: 2, missing: 0 });
	await writeLog(tables, rows(1), DECEMBER, LIMITS);
	expect(tables.names).toEqual(['tencent_iot_log_2026_11', 'tencent_iot_log_2026_12']);
	expect(tables.byName.get('tencent_iot_log_2026_11')!.columns).toEqual([
		'account',
		'customer',
		'at',
		'receipt',
	]);
	expect(tables.rowsOf('tencent_iot_log_2026_11')).toHaveLength(2);
});

test('A run with receipts takes two calls, the first one of a month three; 12,000 receipts are inserted by three calls', async () => {
	const tables = new MemoryTables();
	await writeLog(tables, rows(2), NOVEMBER, LIMITS);
	expect(tables.calls).toEqual(['list read', 'create', 'list insert']);
	tables.calls.length = 0;
	await writeLog(tables, rows(12_000, 100), NOVEMBER, LIMITS);
	expect(tables.calls).toEqual(['list read', ...Array<string>(3).fill('list insert')]);
	expect(tables.rowsOf(tableNameAt(NOVEMBER))).toHaveLength(12_002);
});

test('A run that writes repeatedly looks up the tables once, and again in the next month or after a failure', async () => {
	const tables = new MemoryTables();
	const writer = new LogWriter(tables, LIMITS);
	const LOOK_UP_AND_INSERT = ['list read', 'list insert'];
	await writeRows(writer, rows(2), NOVEMBER);
	await writeRows(writer, rows(2), NOVEMBER);
	expect(tables.calls).toEqual(['list read', 'create', 'list insert', 'list insert']);
	tables.calls.length = 0;
	await writeRows(writer, rows(2), DECEMBER);
	// There is one more month to measure.
	expect(tables.calls).toEqual(['list read', 'read', 'create', 'list insert']);
	tables.failure = new Error('Connection terminated');
	expect(await writeRows(writer, rows(2), DECEMBER)).toMatchObject({ missing: 2, why: 'notUsable' });
	tables.failure = undefined;
	tables.calls.length = 0;
	expect(await writeRows(writer, rows(2), DECEMBER)).toEqual({ writtenCount: 2, missing: 0 });
	expect(tables.calls).toEqual(LOOK_UP_AND_INSERT);
});

test('Months that are too old are dropped, but no other table', async () => {
	const tables = new MemoryTables();
	for (const month of ['2026_10', '2025_12', '2025_11']) {
		await tables.run([{ do: 'create', name: `tencent_iot_log_${month}`, columns: {} }]);
	}
	for (const name of [
		'my tencent_iot_log_2020_01',
		'tencent_iot_log_2020_01 copy',
		'tencent_iot_log_2020_1',
	]) {
		await tables.run([{ do: 'create', name, columns: {} }]);
	}
	await writeLog(tables, rows(1), NOVEMBER, LIMITS);
	expect(tables.names.filter((name) => /^tencent_iot_log_\d{4}_\d\d$/.test(name))).toEqual([
		'tencent_iot_log_2025_11',
		'tencent_iot_log_2025_12',
		'tencent_iot_log_2026_10',
		'tencent_iot_log_2026_11',
	]);
	await writeLog(tables, rows(1), NOVEMBER, { ...LIMITS, keepMonths: 1 });
	expect(tables.names).toEqual([
		'my tencent_iot_log_2020_01',
		'tencent_iot_log_2020_01 copy',
		'tencent_iot_log_2020_1',
		'tencent_iot_log_2026_11',
	]);
});

test('Before the log grows too large its oldest month is dropped; without an older month nothing is written until the next one', async () => {
	const tables = new MemoryTables();
	const limits = { keepMonths: 13, largestMb: 1 };
	const piece = rows(1_000, 275);
	await writeLog(tables, piece, Date.UTC(2026, 8), limits);
	await writeLog(tables, piece, Date.UTC(2026, 9), limits);
	expect(tables.bytes).toBeGreaterThan(700_000);
	await writeLog(tables, piece, NOVEMBER, limits);
	expect(tables.names).toEqual(['tencent_iot_log_2026_10', 'tencent_iot_log_2026_11']);
	expect(await writeLog(tables, piece, NOVEMBER, limits)).toEqual({ writtenCount: 1_000, missing: 0 });
	expect(tables.names).toEqual(['tencent_iot_log_2026_11']);
	expect(await writeLog(tables, piece, NOVEMBER, limits)).toEqual({
		writtenCount: 0,
		missing: 1_000,
		why: 'tooLarge',
	});
	expect(tables.bytes).toBeLessThan(1_000_000);
	expect(await writeLog(tables, piece, DECEMBER, limits)).toEqual({ writtenCount: 1_000, missing: 0 });
});

test('If there are too many receipts, those that fit are written and the others are counted', async () => {
	const tables = new MemoryTables();
	const written = await writeLog(tables, rows(12_000, 100), NOVEMBER, { keepMonths: 13, largestMb: 2 });
	expect(written).toEqual({ writtenCount: 5_000, missing: 7_000, why: 'tooLarge' });
});

test('If receipts do not fit, the closing rows of their run are still written, with the number of missing receipts', async () => {
	const tables = new MemoryTables();
	const [closing] = rows(1, 10);
	let missing = 0;
	const result = await new LogWriter(tables, { keepMonths: 13, largestMb: 0.01 }).write(
		{
			receipts: [RECEIPT],
			rowsOfReceipt: () => rows(100),
			makeClosingRows: (facts) => {
				missing = facts.missing;
				return [closing!];
			},
		},
		NOVEMBER,
	);
	expect(result).toMatchObject({ writtenCount: 0, missing: 1, why: 'tooLarge', areClosingRowsWritten: true });
	expect(missing).toBe(1);
	expect(tables.rowsOf('tencent_iot_log_2026_11')).toMatchObject([{ customer: closing!.customer }]);
});

test('If n8n has no space, an older month is dropped; without one the receipts are counted as missing', async () => {
	const tables = new MemoryTables();
	await writeLog(tables, rows(100), Date.UTC(2026, 9), LIMITS);
	tables.limitBytes = tables.bytes;
	expect(await writeLog(tables, rows(10), NOVEMBER, LIMITS)).toEqual({ writtenCount: 10, missing: 0 });
	expect(tables.names).toEqual(['tencent_iot_log_2026_11']);
	tables.limitBytes = tables.bytes;
	expect(await writeLog(tables, rows(10), NOVEMBER, LIMITS)).toEqual({
		writtenCount: 0,
		missing: 10,
		why: 'full',
	});
	expect(tables.rowsOf('tencent_iot_log_2026_11')).toHaveLength(10);
});

test('A database that does not respond costs receipts and nothing else', async () => {
	const tables = new MemoryTables();
	tables.failure = new Error('Connection terminated');
	expect(await writeLog(tables, rows(10), NOVEMBER, LIMITS)).toEqual({
		writtenCount: 0,
		missing: 10,
		why: 'notUsable',
	});
});

test('Where somebody has renamed a column of the table, the run says that it is the columns', async () => {
	const tables = new MemoryTables();
	tables.failure = new TableUnusable('otherColumns');
	expect(await writeLog(tables, rows(10), NOVEMBER, LIMITS)).toEqual({
		writtenCount: 0,
		missing: 10,
		why: 'otherColumns',
	});
});

test('A table that somebody deleted or renamed between two writes of a run is created again', async () => {
	const tables = new MemoryTables();
	const writer = new LogWriter(tables, LIMITS);
	const name = tableNameAt(NOVEMBER);
	await writeRows(writer, rows(1), NOVEMBER);
	tables.byName.clear();
	expect(await writeRows(writer, rows(2), NOVEMBER)).toEqual({ writtenCount: 2, missing: 0 });
	expect(tables.rowsOf(name)).toHaveLength(2);
	tables.byName.set('kept by somebody', tables.byName.get(name)!);
	tables.byName.delete(name);
	expect(await writeRows(writer, rows(3), NOVEMBER)).toEqual({ writtenCount: 3, missing: 0 });
	expect(tables.rowsOf(name)).toHaveLength(3);
});

test('If n8n never lists the table that rows were inserted into, they are inserted at most three times', async () => {
	const tables = new MemoryTables();
	const writer = new LogWriter(tables, LIMITS);
	await writeRows(writer, rows(1), NOVEMBER);
	const [table] = tables.byName.values();
	const run = tables.run.bind(tables);
	tables.run = async (steps) => {
		const results = await run(steps);
		const inserts = steps.some((step) => step.do === 'insert');
		return inserts ? (results.map(() => []) as unknown as typeof results) : results;
	};
	expect(await writeRows(writer, rows(2), NOVEMBER)).toEqual({
		writtenCount: 0,
		missing: 2,
		why: 'notUsable',
	});
	expect(table?.rows).toHaveLength(1 + 3 * 2);
});

test('A writer reports that the table of earlier runs is gone', async () => {
	const tables = new MemoryTables();
	const write = async (tableId?: string) => {
		const batch = { receipts: [RECEIPT], rowsOfReceipt: () => rows(1) };
		return await new LogWriter(tables, LIMITS, tableId).write(batch, NOVEMBER);
	};
	const { tableId, isTableLost } = await write();
	expect(isTableLost).toBe(false);
	expect(await write(tableId)).toMatchObject({ tableId, isTableLost: false });
	tables.byName.clear();
	const rewritten = await write(tableId);
	expect(rewritten.isTableLost).toBe(true);
	expect(rewritten.tableId).not.toBe(tableId);
	expect(await write(rewritten.tableId)).toMatchObject({ isTableLost: false });
});

test('The table of the month is written even if a copy of it was changed later', async () => {
	const tables = new MemoryTables();
	await writeLog(tables, rows(1), NOVEMBER, LIMITS);
	const name = tableNameAt(NOVEMBER);
	await tables.run([{ do: 'create', name: `${name}_copy`, columns: LOG_COLUMNS }]);
	expect(await writeLog(tables, rows(1), NOVEMBER, LIMITS)).toEqual({ writtenCount: 1, missing: 0 });
	expect(tables.rowsOf(name)).toHaveLength(2);
});

test('Two runs that create the table of a month at the same moment both write to it', async () => {
	const tables = new MemoryTables();
	const name = tableNameAt(NOVEMBER);
	tables.beforeCall = () => {
		if (tables.calls.at(-1) === 'create') {
			tables.byName.set(name, { id: 'of the other run', columns: [], rows: [], lastId: 0 });
			// n8n looks for the table first, and then creates it.
			tables.failure = new Error(`Data table with name '${name}' already exists in this project`);
		} else {
			tables.failure = undefined;
		}
	};
	expect(await writeLog(tables, rows(1), NOVEMBER, LIMITS)).toEqual({ writtenCount: 1, missing: 0 });
	expect(tables.byName.get(name)!.id).toBe('of the other run');
});

test('To make room for the state the oldest month is dropped, even if it is the only one', async () => {
	const tables = new MemoryTables();
	await writeLog(tables, rows(1), Date.UTC(2026, 9), LIMITS);
	await writeLog(tables, rows(1), NOVEMBER, LIMITS);
	expect(await new LogTables(tables).dropOldest()).toBe(true);
	expect(tables.names).toEqual(['tencent_iot_log_2026_11']);
	expect(await new LogTables(tables).dropOldest()).toBe(true);
	expect(await new LogTables(tables).dropOldest()).toBe(false);
});

test('If even the state is refused, the oldest month is dropped and the state is written once more', async () => {
	const tables = new MemoryTables();
	await writeLog(tables, rows(20), Date.UTC(2026, 9), LIMITS);
	await writeLog(tables, rows(1), NOVEMBER, LIMITS);
	const columns = { owner: 'string' } as const;
	await tables.run([{ do: 'create', name: 'tencent_iot_sync', columns }]);
	tables.limitBytes = tables.bytes;
	const insert = [
		{ do: 'list', nameContains: 'tencent_iot_sync' },
		{ do: 'insert', table: { name: 'tencent_iot_sync' }, rows: [{ owner: 'me' }] },
	] as const;
	await new LogTables(tables).withRoomForState().run(insert);
	expect(tables.names).toEqual(['tencent_iot_log_2026_11', 'tencent_iot_sync']);
	expect(tables.rowsOf('tencent_iot_sync')).toHaveLength(1);
	tables.limitBytes = 0;
	await expect(new LogTables(tables).withRoomForState().run(insert)).rejects.toMatchObject({ why: 'full' });
	expect(tables.names).toEqual(['tencent_iot_sync']);
	tables.failure = new Error('Connection terminated');
	await expect(new LogTables(tables).withRoomForState().run(insert)).rejects.toThrow('Connection terminated');
});

test('Forgetting a node deletes its receipts and runs in all months, marks them as missing, and leaves other nodes unchanged', async () => {
	const tables = new MemoryTables();
	const OCTOBER = Date.UTC(2026, 9, 30);
	for (const atMs of [OCTOBER, NOVEMBER]) {
		const rowsOfNodes = ['w n1', 'w n11'].flatMap((nodeKey) => {
			const run: RunRow = {
				nodeKey,
				atMs,
				sinceMs: atMs,
				runs: 1,
				health: 'ok',
				code: '',
				receipts: 1,
				missing: 0,
				summary: '',
				summaryZh: '',
			};
			return [
				receiptFormat.write('a', { customerId: `of ${nodeKey}`, atMs, outcome: 'OK', nodeKey, devices: [] }),
				runFormat.write('a', run),
				markFormat.write('a', { nodeKey, atMs, kind: 'first' }),
			];
		});
		await writeLog(tables, rowsOfNodes, atMs, LIMITS);
	}
	expect(await new LogTables(tables).deleteRowsOf('w n1')).toBe(2);
	for (const name of tables.names) {
		const remaining = tables.rowsOf(name);
		expect(remaining.flatMap((row) => receiptFormat.read(row)?.nodeKey ?? [])).toEqual(['w n11']);
		expect(remaining.flatMap((row) => runFormat.read(row)?.nodeKey ?? [])).toEqual(['w n11']);
		const marks = remaining
			.flatMap((row) => markFormat.read(row) ?? [])
			.filter(({ nodeKey }) => nodeKey === 'w n1');
		expect(marks).toMatchObject([{ kind: 'first' }, { kind: 'gap', missing: 1, atMs: marks[0]!.atMs }]);
		expect(remaining).toHaveLength(5);
	}
	expect(await new LogTables(tables).deleteRowsOf('w n1')).toBe(0);
	expect(tables.rowsOf(tables.names[0]!)).toHaveLength(5);
});
