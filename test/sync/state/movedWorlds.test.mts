import { expect, test } from '@jest/globals';
import { moveAtRandom } from './movedWorlds.mts';

// test:long tells 10,000.
test('Of 1,000 random moves each is told once, and nothing else', async () => {
	let told = 0;
	for (let seed = 1; told < 1000; seed++) {
		const found = await moveAtRandom(seed, 60);
		expect(found.wrong).toEqual([]);
		told += found.told;
	}
}, 120_000);
