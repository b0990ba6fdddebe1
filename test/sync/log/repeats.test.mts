import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Receipt, type RepeatEnd } from '../../../nodes/TencentCloudIot/sync/log/receipt';
import { joinRepeats, OngoingFailures } from '../../../nodes/TencentCloudIot/sync/log/repeats';

const OUTCOMES = { O: 'OK', R: 'REFUSED', N: 'NOT_SENT', U: 'UNKNOWN', G: 'GONE' } as const;

/** A receipt by its customer, the first letter of its outcome, and its set: `c1 R A`. */
function receiptOf(text: string, atMs: number, nodeKey = 'w n'): Receipt {
	const [customerId = '', letter = '', set = ''] = text.split(' ');
	const devices = [{ DeviceId: `P/${set}`, CustomerDeviceNo: set, ProductName: 'Lock' }];
	return {
		customerId,
		atMs,
		outcome: OUTCOMES[letter as keyof typeof OUTCOMES],
		nodeKey,
		code: letter,
		devices,
	};
}

/** The log after runs of one node, and what its lock row remembers. */
class Node {
	readonly receipts: Receipt[] = [];
	readonly ends: RepeatEnd[] = [];
	row: unknown;

	/** A run with these receipts. @returns how many of them it wrote */
	run(number: number, texts: readonly string[]): number {
		// The row stores JSON.
		const repeats = new OngoingFailures(
			OngoingFailures.readFailureGroups(JSON.parse(JSON.stringify(this.row ?? null))),
		);
		const receipts = texts.map((text) => receiptOf(text, number * 100 + 50));
		const newReceipts = receipts.filter((receipt) => !repeats.isRepeated(receipt));
		for (const receipt of newReceipts) {
			const lastMetMs = repeats.lastMetMsIfEndedBy(receipt);
			if (lastMetMs !== undefined) {
				this.ends.push({ customerId: receipt.customerId, nodeKey: receipt.nodeKey, lastMetMs });
			}
		}
		this.receipts.push(...newReceipts);
		repeats.noteReceipts(receipts, number * 100);
		this.row = repeats.failureGroups;
		return newReceipts.length;
	}

	/** The receipts as the log shows them, the oldest first: `c1 R A 50-300`. */
	get shownReceipts(): string[] {
		const repeats = new OngoingFailures(OngoingFailures.readFailureGroups(this.row));
		const joined = joinRepeats(this.receipts, this.ends, (receipt) => repeats.lastMetMsOf(receipt));
		return joined.reverse().map(({ customerId, outcome, devices, atMs, lastMetMs }) => {
			const times = lastMetMs === undefined ? `${atMs}` : `${atMs}-${lastMetMs}`;
			return `${customerId} ${outcome[0]} ${devices[0]!.CustomerDeviceNo} ${times}`;
		});
	}
}

describe('What the log has of runs', () => {
	test.each<[title: string, runs: string[][], counts: number[], expected: string[]]>([
		[
			'a customer that keeps failing is there once, with the time of the last run in which it failed',
			[['c1 R A'], ['c1 R A'], ['c1 R A']],
			[1, 0, 0],
			['c1 R A 50-200'],
		],
		['a failure that occurred once has no last time', [['c1 R A'], []], [1, 0], ['c1 R A 50']],
		[
			'a failure with other devices is a separate one',
			[['c1 R A'], ['c1 R B']],
			[1, 1],
			['c1 R A 50', 'c1 R B 150'],
		],
		[
			'a failure of another kind is a separate one',
			[['c1 R A'], ['c1 N A']],
			[1, 1],
			['c1 R A 50', 'c1 N A 150'],
		],
		[
			'the same failure of another customer is a separate one',
			[['c1 R A'], ['c2 R A']],
			[1, 1],
			['c1 R A 50', 'c2 R A 150'],
		],
		[
			'a customer that was accepted is there each time',
			[['c1 O A'], ['c1 O A']],
			[1, 1],
			['c1 O A 50', 'c1 O A 150'],
		],
		[
			'a customer with unclear requests is there each time, because each may have been applied',
			[['c1 U A'], ['c1 U A']],
			[1, 1],
			['c1 U A 50', 'c1 U A 150'],
		],
		[
			'a failure that is over keeps its last time, and a later one is separate',
			[['c1 R A'], ['c1 R A'], ['c1 O A'], ['c1 R A'], ['c1 R A']],
			[1, 0, 1, 1, 0],
			['c1 R A 50-100', 'c1 O A 250', 'c1 R A 350-400'],
		],
		[
			'a failure keeps its last time if another failure follows or the customer is gone',
			[['c1 R A'], ['c1 R A'], ['c1 N A'], ['c1 N A'], ['c1 G']],
			[1, 0, 1, 0, 1],
			['c1 R A 50-100', 'c1 N A 250-300', 'c1 G  450'],
		],
		[
			'a run that did not reach the customer changes nothing',
			[['c1 R A'], [], ['c1 R A']],
			[1, 0, 0],
			['c1 R A 50-200'],
		],
	])('%s', (_title, runs, counts, expected) => {
		const node = new Node();
		expect(runs.map((texts, number) => node.run(number, texts))).toEqual(counts);
		expect(node.shownReceipts.map((text) => text.replace(' undefined', ''))).toEqual(expected);
	});

	test('any runs are shown as in a model that keeps everything', () => {
		const texts = ['c1', 'c2'].flatMap((id) =>
			['O A', 'R A', 'R B', 'N A', 'U A'].map((receipt) => `${id} ${receipt}`),
		);
		const runs = fc.array(fc.subarray(texts, { maxLength: 3 }), { maxLength: 12 });
		fc.assert(
			fc.property(runs, (wanted) => {
				const node = new Node();
				/** The expected entries, with their first and last times. */
				const spans: Array<{ id: string; text: string; first: number; last: number }> = [];
				wanted.forEach((met, number) => {
					const byCustomer = new Map(met.map((text) => [text.slice(0, 2), text]));
					node.run(number, [...byCustomer.values()]);
					for (const [id, text] of byCustomer) {
						const before = spans.findLast((span) => span.id === id);
						const isSame = before?.text === text && /[RN]/.test(text);
						if (isSame) {
							before.last = number * 100;
						} else {
							spans.push({ id, text, first: number * 100 + 50, last: 0 });
						}
					}
				});
				const expected = spans.map(
					({ text, first, last }) => `${text} ${last === 0 ? first : `${first}-${last}`}`,
				);
				expect(node.shownReceipts.sort()).toEqual(expected.sort());
			}),
		);
	});
});

describe('In the lock row', () => {
	test('5,000 failures are remembered, those of the last customers; the others are written again', () => {
		const receipts = Array.from({ length: 5010 }, (_, index) => receiptOf(`c${index} R A`, 50));
		const first = new OngoingFailures([]);
		first.noteReceipts(receipts, 0);
		const second = new OngoingFailures(first.failureGroups);
		expect(receipts.filter((receipt) => !second.isRepeated(receipt))).toEqual(receipts.slice(0, 10));
	});

	test('failures that last occurred in the same run are grouped, with 19 characters each', () => {
		const atMs = Date.UTC(2026, 10, 30);
		const receipts = Array.from({ length: 100 }, (_, index) => receiptOf(`c${index} R A`, atMs));
		const repeats = new OngoingFailures([]);
		repeats.noteReceipts(receipts, atMs);
		repeats.noteReceipts(receipts.slice(0, 99), atMs + 900_000);
		const { failureGroups } = repeats;
		expect(failureGroups.map(({ lastMs, keys }) => [lastMs, keys.length]).sort()).toEqual([
			[0, 1],
			[atMs + 900_000, 99],
		]);
		expect(JSON.stringify(failureGroups).length).toBeLessThan(100 * 22 + 80);
	});
});

test('A receipt that was written again, because its run was killed before the lock row had it, is shown once', () => {
	const written = [receiptOf('c1 R A', 50), receiptOf('c1 R A', 150), receiptOf('c1 R A', 250, 'w other')];
	const shown = joinRepeats(written, [], () => undefined);
	expect(shown.map(({ atMs, lastMetMs, nodeKey }) => [nodeKey, atMs, lastMetMs])).toEqual([
		['w other', 250, undefined],
		['w n', 50, 150],
	]);
});

test('An end whose receipt was dropped with its month is skipped', () => {
	expect(joinRepeats([], [{ customerId: 'c1', nodeKey: 'w n', lastMetMs: 5 }], () => undefined)).toEqual([]);
});

test('The end of a repeated failure has its own row; the end of a failure that occurred once has none', () => {
	const node = new Node();
	node.run(1, ['c1 R A', 'c2 R A']);
	node.run(2, ['c1 O A', 'c2 R A']);
	expect(node.ends).toEqual([]);
	node.run(3, ['c2 O A']);
	expect(node.ends).toEqual([{ customerId: 'c2', nodeKey: 'w n', lastMetMs: 200 }]);
	node.run(4, ['c1 O B', 'c2 O B']);
	expect(node.ends).toHaveLength(1);
});
