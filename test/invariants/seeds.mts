import { afterAll, expect, test } from '@jest/globals';
import { testedBuild } from '../support/testedBuild.mts';
import { requireOutsideJest } from './outsideJest.mts';
import type { SeedReport } from './randomRun.mts';

const { runSeed } = requireOutsideJest('./randomRun.mts') as typeof import('./randomRun.mts');

const BATCH = 25;

/** Defines tests of the random runs of these seeds, both included; there are whole batches of 25. */
export function testSeeds(first: number, last: number): void {
	const batches = Array.from({ length: (last + 1 - first) / BATCH }, (_, batch) => first + batch * BATCH);
	const reports: SeedReport[] = [];
	const rejections: unknown[] = [];
	process.on('unhandledRejection', (reason) => rejections.push(reason));

	test.each(batches)(
		`The invariants hold whatever happens: ${BATCH} random runs from seed %i (replay one: npm run soak -- --build ${testedBuild} --seed N).`,
		async (from) => {
			for (let seed = from; seed < from + BATCH; seed++) {
				const report = await runSeed(seed, testedBuild);
				reports.push(report);
				expect(report).toMatchObject({ seed, violations: [] });
			}
			expect(rejections).toEqual([]);
		},
	);

	// Runs that all fail, or all succeed, would prove little.
	afterAll(() => {
		const seen = new Set(reports.map(({ status }) => status));
		expect([...seen].toSorted()).toEqual(['canceled', 'error', 'success']);
		expect(reports.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(reports.length);
	});
}
