import { expect, test } from '@jest/globals';
import { playQuarters } from './quarters.mts';

test('500 quarters of shops: no run is stopped for no reason, at most one in a hundred is wrongly said to stand still, and what befalls them is told as it is to be', async () => {
	const { quarters, falseStops, falseStandstills, wrong, frozen } = await playQuarters(0, 500);
	expect([falseStops, wrong]).toEqual([[], []]);
	expect(frozen).toBe(100);
	expect(falseStandstills).toBeLessThanOrEqual(quarters / 100);
}, 3_000_000);
