import { afterAll, expect, test } from '@jest/globals';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { testedBuild } from '../support/testedBuild.mts';
import type { Totals } from './runTimeline.mts';

const { checkTimelines } = requireOutsideJest(
	'../timelines/checkTimelines.mts',
) as typeof import('./checkTimelines.mts');

const BATCH = 20;

/**
 * Defines tests of random timelines, 20 from each of these seeds, both included. Two promises, whatever happens to rows,
 * answers, processes, the clock and the node's settings:
 * - No run skips a customer whose devices at the service differ.
 * - No run sends a customer that is neither new nor changed nor due, and that no earlier run has left in doubt.
 */
export function testTimelines(first: number, last: number): void {
	const totals: Totals[] = [];

	test.each(Array.from({ length: last + 1 - first }, (_, index) => first + index))(
		`Sync skips nobody wrongly and sends nothing needlessly: ${BATCH} random timelines from seed %i (again: npm run soak -- --sync --build ${testedBuild} --seed N --count ${BATCH}).`,
		async (seed) => {
			const { totals: found, broken } = await checkTimelines({ build: testedBuild, seed, count: BATCH });
			totals.push(found);
			expect(broken).toBeUndefined();
		},
	);

	// Timelines that do not meet what they are for would prove little.
	afterAll(() => {
		const sum = (name: keyof Totals) => totals.reduce((total, figures) => total + figures[name], 0);
		for (const name of MET) {
			expect([name, sum(name) > 0]).toEqual([name, true]);
		}
		for (const name of BROKEN) {
			expect([name, sum(name)]).toEqual([name, 0]);
		}
	});
}

const MET = [
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

const BROKEN = ['wrongSkips', 'lostUpdates', 'needlessRequests', 'wrongAlarms'] as const;
