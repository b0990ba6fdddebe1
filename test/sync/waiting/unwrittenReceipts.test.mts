import { describe, expect, test } from '@jest/globals';
import { UnwrittenReceipts } from '../../../nodes/TencentCloudIot/sync/waiting/unwrittenReceipts';

/** What a node stores about them, as JSON. */
type Stored = Pick<UnwrittenReceipts, 'why' | 'reportedMs' | 'unreported'>;

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 30);
const NOTHING: Stored = { why: undefined, reportedMs: 0, unreported: 0 };

describe('Receipts that could not be written', () => {
	test.each<[title: string, before: Stored, missing: number, isDue: boolean]>([
		['are reported the first time', NOTHING, 3, true],
		['are reported at once for another reason', { why: 'full', reportedMs: NOW - 1, unreported: 0 }, 3, true],
		[
			'are not reported again on the same day',
			{ why: 'tooLarge', reportedMs: NOW - DAY + 1, unreported: 0 },
			3,
			false,
		],
		['are reported again after a day', { why: 'tooLarge', reportedMs: NOW - DAY, unreported: 0 }, 3, true],
		[
			'are reported if the clock was set back',
			{ why: 'tooLarge', reportedMs: NOW + 1, unreported: 0 },
			3,
			true,
		],
		[
			'of an earlier run wait until there is another message',
			{ why: 'tooLarge', reportedMs: 0, unreported: 4 },
			0,
			false,
		],
	])('%s', (_, before, missing, isDue) => {
		const why = missing > 0 ? 'tooLarge' : undefined;
		const added = UnwrittenReceipts.read(before).addMissing({ missing, why, nowMs: NOW });
		expect(added).toEqual({
			unwrittenAfter: {
				why: 'tooLarge',
				reportedMs: before.reportedMs,
				unreported: before.unreported + missing,
			},
			isMessageDue: isDue,
		});
	});

	test('are reported by the next message, but a message while none is missing does not count as their report', () => {
		const before: Stored = { why: 'full', reportedMs: NOW - 3 * DAY, unreported: 0 };
		expect(UnwrittenReceipts.read({ ...before, unreported: 5 }).noteReported(NOW)).toEqual({
			...before,
			reportedMs: NOW,
		});
		expect(UnwrittenReceipts.read(before).noteReported(NOW)).toEqual(before);
		const { isMessageDue } = UnwrittenReceipts.read(before)
			.noteReported(NOW)
			.addMissing({ missing: 1, why: 'full', nowMs: NOW });
		expect(isMessageDue).toBe(true);
	});

	test('are read as they were stored, and as none if somebody has edited them', () => {
		const stored: Stored = { why: 'full', reportedMs: NOW, unreported: 7 };
		expect(UnwrittenReceipts.read(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
		for (const edited of [undefined, null, 'text', [], { why: 'x', reportedMs: 'now', unreported: 1.5 }]) {
			expect(UnwrittenReceipts.read(edited)).toEqual(NOTHING);
		}
	});
});
