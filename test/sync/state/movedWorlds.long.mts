import { expect, test } from '@jest/globals';
import { moveAtRandom } from './movedWorlds.mts';

test('Of 10,000 random moves each is told once, and nothing else', async () => {
	let told = 0;
	// Other seeds than those of `npm test`.
	for (let seed = 100_000; told < 10_000; seed++) {
		const found = await moveAtRandom(seed, 60);
		expect(found.wrong).toEqual([]);
		told += found.told;
	}
}, 1_200_000);
