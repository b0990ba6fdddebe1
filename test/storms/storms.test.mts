import { expect, test } from '@jest/globals';
import { checkStorms } from './checkStorms.mts';
import { KNOWN_STORMS } from './knownStorms.mts';
import { planStorm } from './planStorm.mts';
import { runStorm } from './runStorm.mts';

// test:long runs 2,000, and `npm run soak -- --storms` as many as you like; with `--seed N` it shows all that happens in one.
test('In six storms of each kind nobody is lost, nothing is sent unchecked, and one run sends at a time', async () => {
	const { all, broken } = await checkStorms({ seed: 33_000, count: 96 });
	// Storms that do not meet what they are for would prove little.
	for (const name of MET) expect([name, all.of(name) > 0]).toEqual([name, true]);
	expect(broken).toEqual([]);
}, 600_000);

const MET = ['runs', 'kills', 'freezes', 'rejections', 'requests', 'wrongRuns', 'wrongStopped'] as const;

test.each(KNOWN_STORMS)('$breaks: $what', async ({ storm }) => {
	expect((await runStorm(storm)).violations).toEqual([]);
});

test.each([
	['a process that stood still between the DELETE and the INSERT of its end', 4_310_021],
	['two runs that died after each had asked the baseline', 70_000_074],
	[
		'one that died while it put the state in progress, after another one that had asked everything',
		70_000_669,
	],
])('Nobody has to approve rows of which nothing is lost, after %s', async (_, seed) => {
	expect((await runStorm(planStorm(seed))).approvals).toBe(0);
});
