import { describe, expect, test } from '@jest/globals';
import type { Content } from './rows.mts';
import { endsOf, STARTS } from './twoRuns.mts';

/** `SYNC_MODEL=full` tries both orders, more answers and more steps, in half an hour. */
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
			});
			expect(wrong).toEqual([]);
			// The one that is under way goes on and is kept; the one that comes sends nothing.
			expect(all).toContain('closed: went on, ALREADY_RUNNING');
		},
		3_000_000,
	);

	test.each(trials)(
		'when they meet %s, with %s and %s, and do one or two steps between any two statements of each other',
		async (_, first, second, start) => {
			const { wrong } = await endsOf(start, [first, second], {
				answers: IS_FULL ? ['accepted', 'answerLost'] : ['accepted'],
				// Runs that take over after a killed one do so much that two steps take a quarter of an hour.
				between: IS_FULL || start !== STARTS[2] ? 2 : 1,
			});
			expect(wrong).toEqual([]);
		},
		3_000_000,
	);
});

test('Two runs that begin on a closed state at the same moment leave nothing wrong, whoever reads and writes first', async () => {
	const [, closed] = STARTS;
	for (const contents of PAIRS) {
		const { wrong, all } = await endsOf(closed, contents, { answers: ['accepted'], between: 4, dies: false });
		expect(wrong).toEqual([]);
		expect(all).not.toContain('in progress: ALREADY_RUNNING, ALREADY_RUNNING');
	}
}, 3_000_000);
