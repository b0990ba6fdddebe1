import { describe, expect, test } from '@jest/globals';
import { endsOf, STARTS } from './twoRuns.mts';

// test:long tries the other states, more answers and more steps.
const [, closed] = STARTS;

describe('Two runs in two processes that meet what a run left that ended leave nothing wrong to the next one', () => {
	test('when no beginning, look or end of one lies within that of the other', async () => {
		const { wrong, all } = await endsOf(closed, ['B', 'A'], { answers: ['accepted'], between: 0 });
		expect(wrong).toEqual([]);
		// The one that is under way goes on and is kept; the one that comes sends nothing.
		expect(all).toContain('closed: went on, ALREADY_RUNNING');
	});

	test('and when they begin at the same moment never both give up without closing the state again', async () => {
		const { wrong, all } = await endsOf(closed, ['B', 'A'], {
			answers: ['accepted'],
			between: 1,
			dies: false,
		});
		expect(wrong).toEqual([]);
		expect(all).toContain('closed: went on, ALREADY_RUNNING');
		expect(all).toContain('closed: ALREADY_RUNNING, went on');
		expect(all).not.toContain('in progress: ALREADY_RUNNING, ALREADY_RUNNING');
	});
});
