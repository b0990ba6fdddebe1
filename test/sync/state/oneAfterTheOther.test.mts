import { describe, expect, test } from '@jest/globals';
import { followAll } from './runsInTurn.mts';

describe('Of runs that do not overlap, none skips a customer whose devices at the service differ', () => {
	test('whatever becomes of each request, each statement of the database and each process', async () => {
		const found = await followAll({
			sizes: [1],
			runs: [{ contents: ['A'] }, { contents: ['B'] }],
			answers: ['accepted', 'answerLost', 'requestLost'],
			faults: 1,
		});
		expect(found.wrong).toEqual([]);
		// It does skip, and has met sync states of every kind.
		expect(found.skipped).toBeGreaterThan(10);
		expect(found.befores).toBeGreaterThan(30);
	}, 600_000);
});
