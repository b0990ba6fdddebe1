import { describe, expect, test } from '@jest/globals';
import {
	type LogRow,
	type Mark,
	readMark,
	readReceipt,
	readRunRow,
	type Receipt,
	type RunRow,
	writeMark,
	writeReceipt,
	writeRunRow,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';

const AT = Date.UTC(2026, 10, 30, 6);
const DEVICES = [
	{ DeviceId: 'P/a', CustomerDeviceNo: 'SN-a', ProductName: 'Lock' },
	{ DeviceId: 'P/b', CustomerDeviceNo: '', ProductName: '' },
];

const RECEIPTS: readonly Receipt[] = [
	{ customerId: 'c1', atMs: AT, outcome: 'OK', node: 'w n', isPush: false, devices: DEVICES, requestId: 'r' },
	{ customerId: '=1+1', atMs: AT, outcome: 'UNKNOWN', node: 'w n', isPush: true, devices: DEVICES },
	{ customerId: 'c1', atMs: AT, outcome: 'GONE', node: 'w n', isPush: false, devices: [] },
	{
		customerId: 'c1',
		atMs: AT,
		outcome: 'REFUSED',
		node: 'w n',
		isPush: false,
		code: 'X',
		reason: '"下雨"',
		devices: DEVICES,
		requestId: 'r',
	},
];

const RUN: RunRow = {
	node: 'w n',
	atMs: AT,
	sinceMs: AT - 9000,
	runs: 4,
	health: 'degraded',
	code: 'X',
	receipts: 3,
	missing: 2,
	summary: '4 runs',
	summaryZh: '4 次运行',
};

const MARKS: readonly Mark[] = [
	{ node: 'w n', atMs: AT, kind: 'first' },
	{ node: 'w n', atMs: AT, kind: 'begin' },
	{ node: 'w n', atMs: AT, kind: 'dropped' },
	{ node: 'w n', atMs: AT, kind: 'gap', missing: 7 },
];

/** A row whose JSON somebody has edited in n8n's screen. */
function edited(row: LogRow, receipt: string): LogRow {
	return { ...row, receipt };
}

function withoutMember(row: LogRow, member: string): LogRow {
	const stored = JSON.parse(row.receipt) as Record<string, unknown>;
	delete stored[member];
	return edited(row, JSON.stringify(stored));
}

test.each(RECEIPTS)('A receipt is read as it was written: $customerId $outcome', (receipt) => {
	expect(readReceipt(writeReceipt('a', receipt))).toEqual(receipt);
});

test('A run and each kind of mark are read as they were written, and none is taken for a receipt of its account', () => {
	expect(readRunRow(writeRunRow('a', RUN))).toEqual(RUN);
	expect(MARKS.map((mark) => readMark(writeMark('a', mark)))).toEqual(MARKS);
	const accounts = [writeReceipt('a', RECEIPTS[0]!), writeRunRow('a', RUN), writeMark('a', MARKS[0]!)];
	expect(accounts.map(({ account }) => account)).toEqual(['a', 'a runs', 'a marks']);
});

describe('What somebody has edited', () => {
	const NO_OBJECTS: ReadonlyArray<[string]> = [[''], ['{'], ['null'], ['5'], ['"text"'], ['[]']];
	const row = writeReceipt('a', RECEIPTS[0]!);
	const runRow = writeRunRow('a', RUN);
	const markRow = writeMark('a', MARKS[3]!);

	test.each(NO_OBJECTS)('so that it is no object, %j, is left out', (text) => {
		expect(readReceipt(edited(row, text))).toBeUndefined();
		expect(readRunRow(edited(runRow, text))).toBeUndefined();
		expect(readMark(edited(markRow, text))).toBeUndefined();
	});

	test('so that it has no time is left out', () => {
		expect(readReceipt({ ...row, at: 'yesterday' })).toBeUndefined();
		expect(readRunRow({ ...runRow, at: null })).toBeUndefined();
		expect(readMark({ ...markRow, at: '' })).toBeUndefined();
	});

	test.each<[member: string, value: unknown]>([
		['o', 'SOLD'],
		['o', 1],
		['d', 'P/a'],
		['d', undefined],
	])('of a receipt so that %s is %j is left out', (member, value) => {
		const stored = { ...(JSON.parse(row.receipt) as object), [member]: value };
		expect(readReceipt(edited(row, JSON.stringify(stored)))).toBeUndefined();
	});

	test('of a receipt so that a device or its node lacks texts is read without them', () => {
		const read = readReceipt(edited(row, '{"o":"OK","d":[["P/a"],[7,8,9]]}'));
		expect(read?.node).toBe('');
		expect(read?.devices).toEqual([
			{ DeviceId: 'P/a', CustomerDeviceNo: '', ProductName: '' },
			{ DeviceId: '7', CustomerDeviceNo: '8', ProductName: '9' },
		]);
	});

	test.each<[member: keyof RunRow, read: RunRow[keyof RunRow]]>([
		['sinceMs', AT],
		['runs', 1],
		['code', ''],
		['receipts', 0],
		['missing', 0],
		['summary', ''],
		['summaryZh', ''],
	])('of a run so that %s is gone is read as %j', (member, value) => {
		expect(readRunRow(withoutMember(runRow, member))).toEqual({ ...RUN, [member]: value });
	});

	test('of a run so that its health is gone is left out', () => {
		expect(readRunRow(withoutMember(runRow, 'health'))).toBeUndefined();
	});

	test('of a mark so that its kind is another one is left out, and a gap without its number counts as none', () => {
		expect(readMark(edited(markRow, '{"kind":"sold"}'))).toBeUndefined();
		expect(readMark(edited(markRow, '{"kind":"gap"}'))).toEqual({ ...MARKS[3], missing: 0 });
	});
});
