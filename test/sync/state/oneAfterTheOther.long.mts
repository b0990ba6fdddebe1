import { describe, expect, test } from '@jest/globals';
import { followAll } from './runsInTurn.mts';
import type { RunSettings } from './world.mts';

/** `SYNC_MODEL=full` tries two faults in each run, and more runs, in many minutes. */
const IS_FULL = process.env.SYNC_MODEL === 'full';

describe('Of runs that do not overlap, none skips a customer whose devices at the service differ', () => {
	test('whatever becomes of each request, each statement of the database and each process', async () => {
		const found = await followAll({
			sizes: [1],
			runs: [{ contents: ['A'] }, { contents: ['B'] }, { contents: [undefined] }],
			answers: ['accepted', 'refused', 'answerLost', 'requestLost'],
			faults: IS_FULL ? 2 : 1,
		});
		expect(found.wrong).toEqual([]);
		// It does skip, and has met sync states of every kind.
		expect(found.skipped).toBeGreaterThan(10);
		expect(found.befores).toBeGreaterThan(30);
	}, 3_000_000);

	test('also where safety checks stop runs, users let them pass and Dry Runs look in between', async () => {
		const all: RunSettings[] = [{ contents: ['A', 'A'] }, { contents: ['B', 'B'] }, { contents: ['A', 'B'] }];
		const some: RunSettings = { contents: ['A', undefined] };
		const found = await followAll({
			sizes: [3, 97],
			runs: [
				...[...all, some].map((run) => ({ ...run, stopAbove: 50 })),
				...(IS_FULL ? [...all, some] : all.slice(1)),
				{ contents: ['B', 'A'], stopAbove: 50, dryRun: true },
			],
			answers: IS_FULL ? ['accepted', 'refused', 'answerLost'] : ['accepted', 'answerLost'],
			faults: 0,
		});
		expect(found.wrong).toEqual([]);
		expect(found.skipped).toBeGreaterThan(10);
		expect(found.befores).toBeGreaterThan(30);
	}, 3_000_000);
});
