import { describe, expect, test } from '@jest/globals';
import {
	type LogRow,
	type Mark,
	markFormat,
	receiptFormat,
	runFormat,
	type Receipt,
	type RunRow,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';

const AT = Date.UTC(2026, 10, 30, 6);
const DEVICES = [
	{ DeviceId: 'P/a', CustomerDeviceNo: 'SN-a', ProductName: 'Lock' },
	{ DeviceId: 'P/b', CustomerDeviceNo: '', ProductName: '' },
];

const RECEIPTS: readonly Receipt[] = [
	{
		customerId: 'c1',
		atMs: AT,
		outcome: 'OK',
		nodeKey: 'w n',
		isPush: false,
		devices: DEVICES,
		requestId: 'r',
	},
	{ customerId: '=1+1', atMs: AT, outcome: 'UNKNOWN', nodeKey: 'w n', isPush: true, devices: DEVICES },
	{ customerId: 'c1', atMs: AT, outcome: 'GONE', nodeKey: 'w n', isPush: false, devices: [] },
	{
		customerId: 'c1',
		atMs: AT,
		outcome: 'REFUSED',
		nodeKey: 'w n',
		isPush: false,
		code: 'X',
		reason: '"下雨"',
		devices: DEVICES,
		requestId: 'r',
	},
];

const RUN: RunRow = {
	nodeKey: 'w n',
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
	{ nodeKey: 'w n', atMs: AT, kind: 'first' },
	{ nodeKey: 'w n', atMs: AT, kind: 'begin' },
	{ nodeKey: 'w n', atMs: AT, kind: 'dropped' },
	{ nodeKey: 'w n', atMs: AT, kind: 'gap', missing: 7 },
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
	expect(receiptFormat.read(receiptFormat.write('a', receipt))).toEqual(receipt);
});

test('A run and each kind of mark are read as they were written, and neither is mistaken for a receipt of its account', () => {
	expect(runFormat.read(runFormat.write('a', RUN))).toEqual(RUN);
	expect(MARKS.map((mark) => markFormat.read(markFormat.write('a', mark)))).toEqual(MARKS);
	const accounts = [
		receiptFormat.write('a', RECEIPTS[0]!),
		runFormat.write('a', RUN),
		markFormat.write('a', MARKS[0]!),
	];
	expect(accounts.map(({ account }) => account)).toEqual(['a', 'a runs', 'a marks']);
});

describe('A row that somebody has edited', () => {
	const NO_OBJECTS: ReadonlyArray<[string]> = [[''], ['{'], ['null'], ['5'], ['"text"'], ['[]']];
	const row = receiptFormat.write('a', RECEIPTS[0]!);
	const runRow = runFormat.write('a', RUN);
	const markRow = markFormat.write('a', MARKS[3]!);

	test.each(NO_OBJECTS)('to text that is not an object, %j, is skipped', (text) => {
		expect(receiptFormat.read(edited(row, text))).toBeUndefined();
		expect(runFormat.read(edited(runRow, text))).toBeUndefined();
		expect(markFormat.read(edited(markRow, text))).toBeUndefined();
	});

	test('and that has no time is skipped', () => {
		expect(receiptFormat.read({ ...row, at: 'yesterday' })).toBeUndefined();
		expect(runFormat.read({ ...runRow, at: null })).toBeUndefined();
		expect(markFormat.read({ ...markRow, at: '' })).toBeUndefined();
	});

	test.each<[member: string, value: unknown]>([
		['o', 'SOLD'],
		['o', 1],
		['d', 'P/a'],
		['d', ['P/a']],
		['d', [null]],
		['d', undefined],
	])('and that is a receipt whose %s is %j is skipped', (member, value) => {
		const stored = { ...(JSON.parse(row.receipt) as object), [member]: value };
		expect(receiptFormat.read(edited(row, JSON.stringify(stored)))).toBeUndefined();
	});

	test('and that is a receipt without its node or texts of a device is read without them', () => {
		const read = receiptFormat.read(edited(row, '{"o":"OK","d":[["P/a"],[7,8,9]]}'));
		expect(read?.nodeKey).toBe('');
		expect(read?.devices).toEqual([
			{ DeviceId: 'P/a', CustomerDeviceNo: '', ProductName: '' },
			{ DeviceId: '7', CustomerDeviceNo: '8', ProductName: '9' },
		]);
	});

	test('of a receipt so that its code, reason and RequestId are no texts is read without them', () => {
		const read = receiptFormat.read(edited(row, '{"o":"REFUSED","d":[],"c":7,"w":{"a":1},"r":[]}'));
		expect(read?.outcome).toBe('REFUSED');
		expect([read?.code, read?.reason, read?.requestId]).toEqual([undefined, undefined, undefined]);
	});

	test.each<[member: keyof RunRow, read: RunRow[keyof RunRow]]>([
		['sinceMs', AT],
		['runs', 1],
		['code', ''],
		['receipts', 0],
		['missing', 0],
		['summary', ''],
		['summaryZh', ''],
	])('and that is a run without %s is read with %j instead', (member, value) => {
		expect(runFormat.read(withoutMember(runRow, member))).toEqual({ ...RUN, [member]: value });
	});

	test('and that is a run without its health is skipped', () => {
		expect(runFormat.read(withoutMember(runRow, 'health'))).toBeUndefined();
	});

	test('and that is a mark of an unknown kind is skipped, and a gap without its number is read as 0', () => {
		expect(markFormat.read(edited(markRow, '{"kind":"sold"}'))).toBeUndefined();
		expect(markFormat.read(edited(markRow, '{"kind":"gap"}'))).toEqual({ ...MARKS[3], missing: 0 });
	});
});
