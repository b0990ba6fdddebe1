import { afterAll, expect, test } from '@jest/globals';
import { testedBuild } from '../support/testedBuild.mts';
import { requireOutsideJest } from './outsideJest.mts';
import type { SeedReport } from './randomRun.mts';

const { runSeed } = requireOutsideJest('./randomRun.mts') as typeof import('./randomRun.mts');

const SEEDS = testedBuild === 'pool' ? 500 : 150;
const BATCH = 25;
const firstSeeds = Array.from({ length: SEEDS / BATCH }, (_, batch) => 1 + batch * BATCH);

const reports: SeedReport[] = [];
const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));

test.each(firstSeeds)(
	`The invariants hold whatever happens: ${BATCH} random runs from seed %i (replay one: npm run soak -- --build ${testedBuild} --seed N).`,
	async (first) => {
		for (let seed = first; seed < first + BATCH; seed++) {
			const report = await runSeed(seed, testedBuild);
			reports.push(report);
			expect(report).toMatchObject({ seed, violations: [] });
		}
		expect(rejections).toEqual([]);
	},
	60_000,
);

// A generator whose runs all fail, or all succeed, would prove little.
afterAll(() => {
	const seen = new Set(reports.map(({ status }) => status));
	expect([...seen].toSorted()).toEqual(['canceled', 'error', 'success']);
	expect(reports.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(SEEDS);
});
