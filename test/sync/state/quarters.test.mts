import { expect, test } from '@jest/globals';
import { playQuarters } from './quarters.mts';

// test:long plays 300.
test('In five quarters of shops, one with each accident, no run is stopped without a reason, and every accident is reported', async () => {
	const { falseStops, falseStandstills, wrong, frozen } = await playQuarters(0, 5);
	expect([falseStops, falseStandstills, wrong, frozen]).toEqual([[], 0, [], 1]);
}, 300_000);
