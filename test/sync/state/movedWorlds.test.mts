import { expect, test } from '@jest/globals';
import { moveAtRandom } from './movedWorlds.mts';

// test:long tries 10,000.
test('Each of 1,000 random moves is reported exactly once, with the right time, though some runs are killed, and nothing else is reported as a move', async () => {
	let reportedCount = 0;
	for (let seed = 1; reportedCount < 1000; seed++) {
		const found = await moveAtRandom(seed, 60);
		expect(found.wrong).toEqual([]);
		reportedCount += found.reportedCount;
	}
}, 120_000);
