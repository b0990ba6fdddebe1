import { expect, test } from '@jest/globals';
import { playWorlds } from './syncWorlds.mts';

// test:long plays 500.
test('In 8 random worlds each count of report, plan and text is right, in both languages, and Approve sends as many requests as the plan says.', async () => {
	const worlds = await playWorlds(0, 8);
	expect(worlds.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
}, 300_000);
