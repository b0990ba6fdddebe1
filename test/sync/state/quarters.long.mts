import { expect, test } from '@jest/globals';
import { playQuarters } from './quarters.mts';

test('In 300 quarters of shops no run is stopped without a reason, a standstill is wrongly reported in at most one of a hundred, and every accident is reported', async () => {
	const { quarters, falseStops, falseStandstills, wrong, frozen } = await playQuarters(0, 300);
	expect([falseStops, wrong]).toEqual([[], []]);
	expect(frozen).toBe(60);
	expect(falseStandstills).toBeLessThanOrEqual(quarters / 100);
}, 3_000_000);
