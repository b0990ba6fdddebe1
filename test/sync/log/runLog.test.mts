import { describe, expect, test } from '@jest/globals';
import type { ClosingFacts } from '../../../nodes/TencentCloudIot/sync/log/logTables';
import {
	readMark,
	readRunRow,
	type Receipt,
	type RunRow,
} from '../../../nodes/TencentCloudIot/sync/log/receipt';
import {
	closingRows,
	continues,
	extend,
	type LogEntry,
	type LogMemory,
	readLogMemory,
	receiptRows,
	withoutRepeats,
} from '../../../nodes/TencentCloudIot/sync/log/runLog';

const AT = Date.UTC(2026, 10, 30, 6);
const NOVEMBER = Date.UTC(2026, 10);
const NO_MEMORY: LogMemory = { isBegun: false, repeats: [], missing: 0 };
const BEGUN: LogMemory = { ...NO_MEMORY, isBegun: true };

function run(more: Partial<RunRow> = {}): RunRow {
	return {
		node: 'w n',
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
	return { customerId, atMs: AT, outcome, node: 'w n', code: letter, devices };
}

/** How many receipts each of several runs writes, one run after the other. */
function writtenBy(runs: readonly string[][]): number[] {
	let memory = BEGUN;
	return runs.map((texts) => {
		const { fresh, repeats } = withoutRepeats(texts.map(receipt), memory);
		memory = { ...memory, repeats };
		return fresh.length;
	});
}

describe('What the log does not have yet', () => {
	test.each<[title: string, runs: string[][], counts: number[]]>([
		['a customer that fails on and on stands there once', [['c1 R A'], ['c1 R A'], ['c1 R A']], [1, 0, 0]],
		['a failure of other devices is another one', [['c1 R A'], ['c1 R B']], [1, 1]],
		['a failure of another kind is another one', [['c1 R A'], ['c1 U A']], [1, 1]],
		['the same failure of another customer is another one', [['c1 R A'], ['c2 R A']], [1, 1]],
		['who was accepted is written each time', [['c1 O A'], ['c1 O A']], [1, 1]],
		['a failure after an accepted set is written again', [['c1 R A'], ['c1 O A'], ['c1 R A']], [1, 1, 1]],
		['a failure after the customer was gone is written again', [['c1 R A'], ['c1 G'], ['c1 R A']], [1, 1, 1]],
		['a run that did not come to the customer changes nothing', [['c1 R A'], [], ['c1 R A']], [1, 0, 0]],
	])('%s', (_title, runs, counts) => {
		expect(writtenBy(runs)).toEqual(counts);
	});

	test('has at most 5,000 failures that are remembered: those of the last customers', () => {
		const receipts = Array.from({ length: 5010 }, (_, index) => receipt(`c${index} R A`));
		const first = withoutRepeats(receipts, BEGUN);
		expect([first.fresh.length, first.repeats.length]).toEqual([5010, 5000]);
		const second = withoutRepeats(receipts, { ...BEGUN, repeats: first.repeats });
		expect(second.fresh.slice(0, 10)).toEqual(receipts.slice(0, 10));
		expect(second.fresh).toHaveLength(10);
	});
});

describe('Runs that come to the same', () => {
	test('are of one health and one reason', () => {
		expect(continues(undefined, run())).toBe(false);
		expect(continues(run(), run({ summary: 'something else' }))).toBe(true);
		expect(continues(run(), run({ health: 'failing' }))).toBe(false);
		expect(continues(run({ code: 'X' }), run({ code: 'Y' }))).toBe(false);
	});

	test('stand once, with the begin of the first and the end of the last one', () => {
		const later = run({ atMs: AT + 900_000, sinceMs: AT + 899_000, summary: 'later', summaryZh: '之后' });
		expect(extend(extend(run(), run()), later)).toEqual(
			run({ atMs: AT + 900_000, runs: 3, summary: 'later', summaryZh: '之后' }),
		);
	});
});

describe('Behind its receipts a run writes', () => {
	const entry: LogEntry = {
		account: 'a',
		receipts: [receipt('c1 O A'), receipt('c2 O A')],
		run: run(),
		memory: BEGUN,
		isFirst: false,
	};
	const NO_FACTS: ClosingFacts = { missing: 0, hasDropped: false };

	const CASES: ReadonlyArray<
		[title: string, more: Partial<LogEntry>, facts: Partial<ClosingFacts>, marks: object[], runs: RunRow[]]
	> = [
		['its own row', {}, {}, [], [run({ receipts: 2 })]],
		[
			'that it is the first of its node',
			{ memory: NO_MEMORY, isFirst: true },
			{},
			[{ kind: 'first', atMs: AT }],
			[run({ receipts: 2 })],
		],
		[
			'that its node ran before the log',
			{ memory: NO_MEMORY },
			{},
			[{ kind: 'begin', atMs: AT }],
			[run({ receipts: 2 })],
		],
		[
			'from which month on nothing was dropped',
			{},
			{ hasDropped: true },
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
			'how many of the runs before it are missing, which could not say so',
			{ memory: { ...BEGUN, missing: 5 } },
			{ missing: 1 },
			[{ kind: 'gap', atMs: AT, missing: 6 }],
			[run({ receipts: 1, missing: 1 })],
		],
		[
			'the stretch of runs before it',
			{ memory: { ...BEGUN, stretch: run({ runs: 95 }) } },
			{},
			[],
			[run({ runs: 95 }), run({ receipts: 2 })],
		],
	];

	test.each(CASES)('%s', (_title, more, facts, marks, runs) => {
		const rows = closingRows({ ...entry, ...more }, { ...NO_FACTS, ...facts });
		const ofMarks = rows.filter(({ account }) => account === 'a marks');
		const ofRuns = rows.filter(({ account }) => account === 'a runs');
		expect(ofMarks.map(readMark)).toEqual(marks.map((mark) => ({ node: 'w n', ...mark })));
		expect(ofRuns.map(readRunRow)).toEqual(runs);
		expect(rows).toHaveLength(marks.length + runs.length);
	});

	test('and before it one row a receipt', () => {
		expect(receiptRows(entry).map(({ account, customer }) => [account, customer])).toEqual([
			['a', 'c1'],
			['a', 'c2'],
		]);
	});
});

describe('What the lock row remembers of the log', () => {
	test('is read as it was written', () => {
		const memory: LogMemory = { isBegun: true, stretch: run({ runs: 3 }), repeats: ['abc'], missing: 2 };
		expect(readLogMemory(JSON.parse(JSON.stringify(memory)))).toEqual(memory);
	});

	test.each<[value: unknown]>([
		[undefined],
		[null],
		['text'],
		[{ isBegun: 'yes', stretch: {}, repeats: 'abc', missing: 'two' }],
		[{ stretch: null, repeats: [1, null], missing: 1.5 }],
	])('is nothing where somebody has edited it: %j', (value) => {
		expect(readLogMemory(value)).toEqual({ ...NO_MEMORY, stretch: undefined });
	});
});
