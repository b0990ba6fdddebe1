import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stopsOf, timelines } from './ordinary.mts';

// test:long tries 2,000.
test('No safety check stops a run in 20 CRMs that change by at most 2 % a day, even if runs are killed or cut short', async () => {
	await fc.assert(
		fc.asyncProperty(timelines, async (timeline) => expect(await stopsOf(timeline)).toEqual([])),
		{ numRuns: 20 },
	);
}, 600_000);
