import { test } from '@jest/globals';
import { checkWorlds } from './worlds.mts';

test('In 1,000 random worlds each figure and each sentence is right, in both languages', async () => {
	await checkWorlds(1_000);
});
