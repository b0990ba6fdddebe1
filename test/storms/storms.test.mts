import { expect, test } from '@jest/globals';
import { checkStorms, STORM_KINDS } from './checkStorms.mts';
import { ONCE_BROKEN } from './onceBroken.mts';
import { runStorm } from './runStorm.mts';

// test:long runs 2,000, and `npm run soak -- --storms` as many as you like; with `--seed N` it shows all that happens in one.
test('In two storms of each kind nobody is lost, skipped wrongly, sent unchecked or needlessly, and one run sends at a time', async () => {
	const { total, broken } = await checkStorms({ seed: 33_000, count: 2 * STORM_KINDS.length });
	expect(broken).toEqual([]);
	// Storms that do not meet what they are for would prove little.
	for (const name of MET) {
		expect([name, total.of(name) > 0]).toEqual([name, true]);
	}
}, 600_000);

const MET = [
	'runs',
	'kills',
	'freezes',
	'rejections',
	'deeds',
	'requests',
	'pushesInDoubt',
	'rePushes',
	'wrongRuns',
	'wrongStopped',
] as const;

test.each(ONCE_BROKEN)('$what', async ({ storm }) => {
	expect((await runStorm(storm)).violations).toEqual([]);
});
