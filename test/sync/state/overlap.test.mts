import { describe, expect, test } from '@jest/globals';
import { endsOf, openedTogether, STARTS } from './twoRuns.mts';

// test:long tries the other states, more answers and more steps.
const [, closed] = STARTS;

describe('Two runs in two processes that meet what a run left that ended leave nothing wrong to the next one', () => {
	test('when no beginning, look or end of one lies within that of the other', async () => {
		const { wrong, all } = await endsOf(closed, ['B', 'A'], {
			answers: ['accepted', 'answerLost'],
			between: 0,
			looks: 1,
		});
		expect(wrong).toEqual([]);
		// The one that is under way goes on and is remembered; the one that comes sends nothing.
		expect(all).toContain('closed: went on, ALREADY_RUNNING');
	});

	test('when they do a step between any two statements of each other', async () => {
		const { wrong } = await endsOf(closed, ['B', 'A'], { answers: ['accepted'], between: 1, looks: 0 });
		expect(wrong).toEqual([]);
	});
});

test('Two runs that open a closed state at the same moment can leave something wrong: n8n writes what it read before', async () => {
	const { wrong } = await endsOf(closed, ['A', 'B'], {
		answers: ['accepted'],
		between: 4,
		looks: 0,
		isFirstEnough: true,
	});
	expect(wrong).not.toEqual([]);
	for (const trace of wrong) expect(openedTogether(trace)).toBe(true);
});
