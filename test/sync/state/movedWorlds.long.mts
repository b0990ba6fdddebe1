import { expect, test } from '@jest/globals';
import { moveAtRandom } from './movedWorlds.mts';

test('Each of 10,000 random moves is reported exactly once, with the right time, though some runs are killed, and nothing else is reported as a move', async () => {
	let reportedCount = 0;
	// Other seeds than those of `npm test`.
	for (let seed = 100_000; reportedCount < 10_000; seed++) {
		const found = await moveAtRandom(seed, 60);
		expect(found.wrong).toEqual([]);
		reportedCount += found.reportedCount;
	}
}, 1_200_000);
