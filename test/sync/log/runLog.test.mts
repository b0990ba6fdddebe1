import { describe, expect, test } from '@jest/globals';
import type { ClosingFacts } from '../../../nodes/TencentCloudIot/sync/log/logWriter';
import {
	markFormat,
	runFormat,
	type Receipt,
	type RunRow,
	receiptFormat,
	repeatEndFormat,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';
import { OngoingFailures } from '../../../nodes/TencentCloudIot/sync/log/repeats';
import { type LogMemory, readLogMemory, RunLogRows } from '../../../nodes/TencentCloudIot/sync/log/runLog';

type ClosingInput = Parameters<RunLogRows['makeClosingRows']>[0];
const { extendStretch } = RunLogRows;

const AT = Date.UTC(2026, 10, 30, 6);
const NOVEMBER = Date.UTC(2026, 10);
const NO_MEMORY: LogMemory = { isBegun: false, repeats: [], missing: 0, inDoubt: 0 };
const BEGUN: LogMemory = { ...NO_MEMORY, isBegun: true };

function run(more: Partial<RunRow> = {}): RunRow {
	return {
		nodeKey: 'w n',
		atMs: AT,
		sinceMs: AT - 9000,
		runs: 1,
		health: 'ok',
		code: '',
		receipts: 0,
		missing: 0,
		summary: 'nothing changed',
		summaryZh: '无变化',
		...more,
	};
}

/** A receipt by its customer, the first letter of its outcome, and its set: `c1 R A`. */
function receipt(text: string): Receipt {
	const [customerId = '', letter = '', set = ''] = text.split(' ');
	const outcomes = { O: 'OK', R: 'REFUSED', N: 'NOT_SENT', U: 'UNKNOWN', G: 'GONE' } as const;
	const devices = [{ DeviceId: `P/${set}`, CustomerDeviceNo: set, ProductName: 'Lock' }];
	const outcome = outcomes[letter as keyof typeof outcomes];
	return { customerId, atMs: AT, outcome, nodeKey: 'w n', code: letter, devices };
}

describe('Successive runs with the same result', () => {
	test('have the same health and the same reason', () => {
		expect(extendStretch(undefined, run())).toEqual(run());
		expect(extendStretch(run(), run({ summary: 'something else' }))).toBeDefined();
		expect(extendStretch(run(), run({ health: 'failing' }))).toBeUndefined();
		expect(extendStretch(run({ code: 'X' }), run({ code: 'Y' }))).toBeUndefined();
	});

	test('share one row, from the beginning of the first to the end of the last one', () => {
		const later = run({ atMs: AT + 900_000, sinceMs: AT + 899_000, summary: 'later', summaryZh: '之后' });
		expect(extendStretch(extendStretch(run(), run()), later)).toEqual(
			run({ atMs: AT + 900_000, runs: 3, summary: 'later', summaryZh: '之后' }),
		);
	});
});

describe('After its receipts a run writes', () => {
	const entry: ClosingInput = {
		receiptCount: 2,
		run: run(),
		logMemory: BEGUN,
		isFirstRun: false,
	};
	const NO_FACTS: ClosingFacts = { missing: 0, keptFromMs: undefined, isTableLost: false };

	const CASES: ReadonlyArray<
		[
			title: string,
			more: Partial<ClosingInput>,
			facts: Partial<ClosingFacts>,
			marks: object[],
			runs: RunRow[],
		]
	> = [
		['its own row', {}, {}, [], [run({ receipts: 2 })]],
		[
			'that it is the first of its node',
			{ logMemory: NO_MEMORY, isFirstRun: true },
			{},
			[{ kind: 'first', atMs: AT }],
			[run({ receipts: 2 })],
		],
		[
			'that its node ran before the log',
			{ logMemory: NO_MEMORY },
			{},
			[{ kind: 'begin', atMs: AT }],
			[run({ receipts: 2 })],
		],
		[
			'that the log begins again, if the table of earlier runs is gone',
			{},
			{ isTableLost: true },
			[{ kind: 'begin', atMs: AT }],
			[run({ receipts: 2 })],
		],
		[
			'since which month nothing was dropped',
			{},
			{ keptFromMs: NOVEMBER },
			[{ kind: 'dropped', atMs: NOVEMBER }],
			[run({ receipts: 2 })],
		],
		[
			'how many of its receipts are missing',
			{},
			{ missing: 1 },
			[{ kind: 'gap', atMs: AT, missing: 1 }],
			[run({ receipts: 1, missing: 1 })],
		],
		[
			'how many receipts of earlier runs are missing, if those runs could not write it',
			{ logMemory: { ...BEGUN, missing: 5, missingMs: AT - 99 } },
			{ missing: 1 },
			[
				{ kind: 'gap', atMs: AT - 99, missing: 5 },
				{ kind: 'gap', atMs: AT, missing: 1 },
			],
			[run({ receipts: 1, missing: 1 })],
		],
		[
			'the stretch of runs before it',
			{ logMemory: { ...BEGUN, stretch: run({ runs: 95 }) } },
			{},
			[],
			[run({ runs: 95 }), run({ receipts: 2 })],
		],
	];

	test.each(CASES)('%s', (_title, more, facts, marks, runs) => {
		const rows = new RunLogRows('a', new OngoingFailures([])).makeClosingRows(
			{ ...entry, ...more },
			{ ...NO_FACTS, ...facts },
		);
		const markRows = rows.filter(({ account }) => account === 'a marks');
		const runRows = rows.filter(({ account }) => account === 'a runs');
		expect(markRows.map((row) => markFormat.read(row))).toEqual(
			marks.map((mark) => ({ nodeKey: 'w n', ...mark })),
		);
		expect(runRows.map((row) => runFormat.read(row))).toEqual(runs);
		expect(rows).toHaveLength(marks.length + runs.length);
	});
});

describe('What the lock row remembers of the log', () => {
	test('is read as it was written', () => {
		const memory: LogMemory = {
			isBegun: true,
			stretch: run({ runs: 3 }),
			repeats: [{ lastMs: AT, keys: ['abc'] }],
			missing: 2,
			missingMs: AT,
			inDoubt: 1,
		};
		expect(readLogMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
	});

	test.each<[value: unknown]>([
		[undefined],
		[null],
		['text'],
		[{ stretch: { runs: 3 } }],
		[{ stretch: { ...run({ runs: 3 }), atMs: 'now' } }],
		[{ isBegun: 'yes', stretch: {}, repeats: 'abc', missing: 'two' }],
		[{ stretch: null, repeats: [1, null, 'abc', { lastMs: 'now', keys: [] }, { lastMs: 1 }], missing: 1.5 }],
	])('is empty if somebody has edited it: %j', (value) => {
		expect(readLogMemory(value)).toEqual({ ...NO_MEMORY, stretch: undefined });
	});
});

describe('A receipt has one row', () => {
	const refused = receipt('c1 R A');

	test('and a second one if it ends a repeated failure, with the last time of that', () => {
		const repeats = new OngoingFailures([]);
		const logRows = new RunLogRows('a', repeats);
		expect(logRows.rowsOfReceipt(refused)).toEqual([receiptFormat.write('a', refused)]);
		repeats.noteReceipts([refused], AT);
		repeats.noteReceipts([refused], AT + 60_000);
		const accepted = { ...receipt('c1 O A'), atMs: AT + 90_000 };
		const end = repeatEndFormat.write('a', { customerId: 'c1', nodeKey: 'w n', lastMetMs: AT + 60_000 });
		expect(logRows.rowsOfReceipt(accepted)).toEqual([end, receiptFormat.write('a', accepted)]);
	});
});
