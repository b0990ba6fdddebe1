import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newTotals, type Round, rounds, type Totals, WorkflowTimeline } from './workflowTimelines.mts';

const EDITED: Round = {
	edits: [0, 1, 2],
	isWorse: true,
	accident: { at: 'nothing' },
	robot: 'takes',
};

/** Each point at which n8n may die, the database may reject a statement, or the robot may not accept the message. */
const ACCIDENTS: ReadonlyArray<[title: string, round: Partial<Round>, countedAs: keyof Totals]> = [
	['n8n dies while it sends', { accident: { at: 'request', count: 5 } }, 'kills'],
	[
		'n8n dies before Sync closes its state',
		{ accident: { at: 'statement', node: 'Sync', count: 4, when: 'before' } },
		'kills',
	],
	['n8n dies after Sync', { accident: { at: 'between', after: 'Sync' } }, 'kills'],
	['n8n dies after the robot', { accident: { at: 'between', after: 'Robot' } }, 'kills'],
	[
		'n8n dies when the news is confirmed',
		{ accident: { at: 'statement', node: 'Confirm', count: 2, when: 'after' } },
		'kills',
	],
	[
		'the database rejects the confirmation',
		{ accident: { at: 'database', node: 'Confirm', count: 2, when: 'before' } },
		'rejected',
	],
	['the robot refuses', { robot: 'refuses' }, 'untaken'],
	['the robot does not respond', { robot: 'silent' }, 'untaken'],
	['the response of the robot is lost', { robot: 'lost' }, 'untaken'],
];

// The first run has a message; within an hour the second has none.
test.each(ACCIDENTS)(
	'The workflow loses no receipt or news and confirms no news twice when %s',
	async (_title, round, countedAs) => {
		const totals = newTotals();
		await new WorkflowTimeline(totals).run([{ ...EDITED, ...round }, EDITED]);
		expect(totals[countedAs]).toBeGreaterThan(0);
	},
);

test('The workflow loses no receipt or news and confirms no news twice in random rounds', async () => {
	await fc.assert(
		fc.asyncProperty(rounds, async (events) => await new WorkflowTimeline(newTotals()).run(events)),
		{ numRuns: 8 },
	);
});
