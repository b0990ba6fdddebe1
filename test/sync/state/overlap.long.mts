import { describe, expect, test } from '@jest/globals';
import type { Content } from './rows.mts';
import { endsOf, openedTogether, STARTS } from './twoRuns.mts';

/** `SYNC_MODEL=full` tries both orders, more answers and more looks, in some minutes. */
const IS_FULL = process.env.SYNC_MODEL === 'full';

const PAIRS: Array<[Content, Content]> = IS_FULL
	? [
			['B', 'A'],
			['A', 'B'],
			['B', 'B'],
		]
	: [['B', 'A']];
const trials = STARTS.flatMap((start) => PAIRS.map((pair) => [start[0], ...pair, start] as const));

describe('Two runs in two processes leave nothing wrong to the next one', () => {
	test.each(trials)(
		'when they meet %s, with %s and %s, and no beginning, look or end of one lies within that of the other',
		async (_, first, second, start) => {
			const { wrong, all } = await endsOf(start, [first, second], {
				answers: ['accepted', 'refused', 'answerLost', 'requestLost'],
				between: 0,
				looks: 1,
			});
			expect(wrong).toEqual([]);
			// The one that is under way goes on and is remembered; the one that comes sends nothing.
			expect(all).toContain('closed: went on, ALREADY_RUNNING');
		},
		120_000,
	);

	test.each(trials)(
		'when they meet %s, with %s and %s, and do up to two steps between any two statements of each other',
		async (_, first, second, start) => {
			const { wrong } = await endsOf(start, [first, second], {
				answers: IS_FULL ? ['accepted', 'answerLost'] : ['accepted'],
				between: 2,
				looks: IS_FULL ? 1 : 0,
			});
			expect(wrong).toEqual([]);
		},
		3_000_000,
	);
});

test('Two runs that open a closed state at the same moment can leave something wrong: n8n writes what it read before', async () => {
	const [, closed] = STARTS;
	const { wrong } = await endsOf(closed, ['A', 'B'], {
		answers: ['accepted'],
		between: 4,
		looks: 0,
		isFirstEnough: !IS_FULL,
	});
	expect(wrong).not.toEqual([]);
	for (const trace of wrong) expect(openedTogether(trace)).toBe(true);
}, 120_000);
