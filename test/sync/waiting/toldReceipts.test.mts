import { describe, expect, test } from '@jest/globals';
import {
	addUnwritten,
	noteToldReceipts,
	readToldReceipts,
} from '../../../nodes/TencentCloudIot/sync/waiting/toldReceipts';

type ToldReceipts = ReturnType<typeof readToldReceipts>;

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 10, 30);
const NOTHING: ToldReceipts = { why: undefined, atMs: 0, untold: 0 };

describe('Receipts that could not be written', () => {
	test.each<[title: string, before: ToldReceipts, missing: number, isDue: boolean]>([
		['are told the first time', NOTHING, 3, true],
		['are told of another reason at once', { why: 'full', atMs: NOW - 1, untold: 0 }, 3, true],
		['are not told again on the same day', { why: 'tooLarge', atMs: NOW - DAY + 1, untold: 0 }, 3, false],
		['are told again after a day', { why: 'tooLarge', atMs: NOW - DAY, untold: 0 }, 3, true],
		['are told where the clock was set back', { why: 'tooLarge', atMs: NOW + 1, untold: 0 }, 3, true],
		[
			'that only an earlier run had wait for another message',
			{ why: 'tooLarge', atMs: 0, untold: 4 },
			0,
			false,
		],
	])('%s', (_, before, missing, isDue) => {
		const why = missing > 0 ? 'tooLarge' : undefined;
		const added = addUnwritten(before, { missing, why, nowMs: NOW });
		expect(added).toEqual({
			after: { why: 'tooLarge', atMs: before.atMs, untold: before.untold + missing },
			isDue,
		});
	});

	test('are told by the next message; one while none is missing is no word about them', () => {
		const before: ToldReceipts = { why: 'full', atMs: NOW - 3 * DAY, untold: 0 };
		expect(noteToldReceipts({ ...before, untold: 5 }, NOW)).toEqual({ ...before, atMs: NOW });
		expect(noteToldReceipts(before, NOW)).toEqual(before);
		const { isDue } = addUnwritten(noteToldReceipts(before, NOW), { missing: 1, why: 'full', nowMs: NOW });
		expect(isDue).toBe(true);
	});

	test('are remembered as they were written, and nothing where somebody has edited it', () => {
		const told: ToldReceipts = { why: 'full', atMs: NOW, untold: 7 };
		expect(readToldReceipts(JSON.parse(JSON.stringify(told)))).toEqual(told);
		for (const edited of [undefined, null, 'text', [], { why: 'x', atMs: 'now', untold: 1.5 }]) {
			expect(readToldReceipts(edited)).toEqual(NOTHING);
		}
	});
});
