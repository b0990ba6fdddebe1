import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newTotals, type Round, rounds, WorkflowTimeline } from './workflowTimelines.mts';

const totals = newTotals();

const EDITED: Round = {
	edits: [0, 1, 2],
	isWorse: true,
	accident: { at: 'nothing' },
	robot: 'takes',
};

/** Each place once, at which n8n dies, the database rejects a statement, or the robot does not take the message. */
const PLACES: ReadonlyArray<[title: string, round: Partial<Round>]> = [
	['n8n dies while it sends', { accident: { at: 'request', count: 5 } }],
	[
		'n8n dies before Sync closes its state',
		{ accident: { at: 'statement', node: 'Sync', count: 4, when: 'before' } },
	],
	['n8n dies behind Sync', { accident: { at: 'between', after: 'Sync' } }],
	['n8n dies behind the robot', { accident: { at: 'between', after: 'Robot' } }],
	[
		'n8n dies when the news is confirmed',
		{ accident: { at: 'statement', node: 'Confirm', count: 2, when: 'after' } },
	],
	[
		'the database rejects the confirmation',
		{ accident: { at: 'database', node: 'Confirm', count: 2, when: 'before' } },
	],
	['the robot refuses', { robot: 'refuses' }],
	['the robot does not respond', { robot: 'silent' }],
	['the response of the robot is lost', { robot: 'lost' }],
];

test.each(PLACES)(
	'No receipt and no news is lost, and none is confirmed twice, where %s',
	async (_title, round) => {
		await new WorkflowTimeline(totals).run([EDITED, { ...EDITED, ...round }]);
	},
);

test('No receipt and no news is lost, and none is confirmed twice, in random rounds', async () => {
	await fc.assert(
		fc.asyncProperty(rounds, async (events) => await new WorkflowTimeline(totals).run(events)),
		{ numRuns: 8 },
	);
});

// Timelines that do not meet what they are for would prove little.
afterAll(() => {
	expect(Object.entries(totals).filter(([, number]) => number === 0)).toEqual([]);
});
