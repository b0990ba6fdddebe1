import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newTotals, rounds, WorkflowTimeline } from './workflowTimelines.mts';

const COUNT = 300;

test(`The workflow loses no receipt or news and confirms no news twice, in ${COUNT} random timelines.`, async () => {
	const totals = newTotals();
	await fc.assert(
		fc.asyncProperty(rounds, async (events) => await new WorkflowTimeline(totals).run(events)),
		{ numRuns: COUNT },
	);
	console.log(JSON.stringify(totals));
	// The timelines prove little unless each of these occurs.
	expect(Object.entries(totals).filter(([, number]) => number === 0)).toEqual([]);
}, 1_200_000);
