import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newTotals, rounds, WorkflowTimeline } from './workflowTimelines.mts';

const COUNT = 300;

test(`No receipt and no news is lost, and none is confirmed twice, in ${COUNT} timelines of the workflow.`, async () => {
	const totals = newTotals();
	await fc.assert(
		fc.asyncProperty(rounds, async (events) => await new WorkflowTimeline(totals).run(events)),
		{ numRuns: COUNT },
	);
	console.log(JSON.stringify(totals));
	// Timelines that do not meet what they are for would prove little.
	expect(Object.entries(totals).filter(([, number]) => number === 0)).toEqual([]);
}, 1_200_000);
