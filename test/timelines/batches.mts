import { afterAll, expect, test } from '@jest/globals';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { testedBuild } from '../support/testedBuild.mts';
import type { Totals } from './runTimeline.mts';

const { checkTimelines } = requireOutsideJest(
	'../timelines/checkTimelines.mts',
) as typeof import('./checkTimelines.mts');

const BATCH = 20;

/**
 * Defines tests of random timelines, 20 for each seed from `first` to `last`. Two promises hold, whatever happens to rows,
 * responses, processes, the clock and the node's settings:
 * - No run skips a customer whose devices at the service differ.
 * - No run sends a customer that is not new, changed or due, and that no earlier run has left in doubt.
 */
export function testTimelines(first: number, last: number): void {
	const totals: Totals[] = [];

	test.each(Array.from({ length: last + 1 - first }, (_, index) => first + index))(
		`Sync skips no customer wrongly and sends none needlessly in ${BATCH} random timelines from seed %i (again: npm run soak -- --sync --build ${testedBuild} --seed N --count ${BATCH}).`,
		async (seed) => {
			const { totals: found, broken } = await checkTimelines({ build: testedBuild, seed, count: BATCH });
			totals.push(found);
			expect(broken).toBeUndefined();
		},
	);

	// Timelines without these events would prove little.
	afterAll(() => {
		const sum = (name: keyof Totals) => totals.reduce((total, figures) => total + figures[name], 0);
		for (const name of REQUIRED_EVENTS) {
			expect([name, sum(name) > 0]).toEqual([name, true]);
		}
		for (const name of FORBIDDEN_EVENTS) {
			expect([name, sum(name)]).toEqual([name, 0]);
		}
	});
}

const REQUIRED_EVENTS = [
	...([
		'kills',
		'cancels',
		'stalls',
		'overlaps',
		'retriedRuns',
		'dryRuns',
		'safetyStops',
		'postponed',
	] as const),
	...(['throttled', 'alarms', 'skipped', 'due', 'renamed', 'otherAccounts', 'otherMappings'] as const),
];

const FORBIDDEN_EVENTS = ['wrongSkips', 'lostUpdates', 'needlessRequests', 'wrongAlarms'] as const;
