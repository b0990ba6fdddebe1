import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stopsOf, timelines } from './ordinary.mts';

test('No safety check stops a run in 2,000 CRMs that change by at most 2 % a day, even if runs are killed or cut short', async () => {
	await fc.assert(
		fc.asyncProperty(timelines, async (timeline) => expect(await stopsOf(timeline)).toEqual([])),
		{ numRuns: 2000 },
	);
}, 3_000_000);
