import { expect, test } from '@jest/globals';
import { playQuarters } from './quarters.mts';

test('300 quarters of shops: no run is stopped for no reason, at most one in a hundred is wrongly said to stand still, and reports say what has happened to them', async () => {
	const { quarters, falseStops, falseStandstills, wrong, frozen } = await playQuarters(0, 300);
	expect([falseStops, wrong]).toEqual([[], []]);
	expect(frozen).toBe(60);
	expect(falseStandstills).toBeLessThanOrEqual(quarters / 100);
}, 3_000_000);
