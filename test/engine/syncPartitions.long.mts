import { afterAll, expect, test } from '@jest/globals';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { testedBuild } from '../support/testedBuild.mts';
import type { PartitionTotals } from '../timelines/runPartitions.mts';

const { checkPartitions } = requireOutsideJest(
	'../timelines/checkPartitions.mts',
) as typeof import('../timelines/checkPartitions.mts');

const BATCH = 20;
const totals: PartitionTotals[] = [];

test.each([1, 2, 3, 4, 5])(
	`Partitions of a Sync, each with a node of its own, end with exactly the CRM at the service: ${BATCH} random timelines from seed %i, with killed workers, partitions triggered twice and customers divided anew.`,
	async (seed) => {
		const { totals: found, broken } = await checkPartitions({ build: testedBuild, seed, count: BATCH });
		totals.push(found);
		expect(broken).toBeUndefined();
	},
);

// Timelines that do not meet what they are for would prove little.
afterAll(() => {
	const sum = (name: keyof PartitionTotals) => totals.reduce((all, one) => all + one[name], 0);
	for (const name of ['kills', 'turnedAway', 'divisions', 'skipped'] as const)
		expect([name, sum(name) > 0]).toEqual([name, true]);
	for (const name of ['wrongSkips', 'lostUpdates', 'needlessRequests'] as const)
		expect([name, sum(name)]).toEqual([name, 0]);
});
