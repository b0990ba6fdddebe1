import { expect, test } from '@jest/globals';
import { playWorlds } from './syncWorlds.mts';

test('In 500 random worlds each count of report, plan and text is right, in both languages, and Approve sends as many requests as the plan says.', async () => {
	const worlds = await playWorlds(0, 500);
	expect(worlds.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
	const seen = new Set(worlds.flatMap((world) => world.seen));
	expect([...seen].sort()).toEqual([
		'TOO_FEW_CUSTOMERS',
		'TOO_FEW_DEVICES',
		'TOO_MANY_CHANGES',
		'TOO_MANY_MOVES',
		'sent',
	]);
}, 3_000_000);
