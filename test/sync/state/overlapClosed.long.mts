import { expect, test } from '@jest/globals';
import { endsOf, OVERLAPS, STARTS, testOverlaps } from './twoRuns.mts';

const [, closed] = STARTS;

testOverlaps(closed);

test('Two runs that begin on a closed state at the same moment leave nothing wrong, whoever reads and writes first', async () => {
	for (const contents of OVERLAPS) {
		const { wrong, all } = await endsOf(closed, contents, { answers: ['accepted'], between: 4, dies: false });
		expect(wrong).toEqual([]);
		expect(all).not.toContain('in progress: ALREADY_RUNNING, ALREADY_RUNNING');
	}
}, 3_000_000);
