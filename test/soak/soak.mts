import { parseArgs } from 'node:util';
import type { Build } from '../../embedded/embeddedEngine.mts';
import { runSeed } from '../invariants/randomRun.mts';

const { values } = parseArgs({
	options: {
		minutes: { type: 'string', default: '10' },
		seed: { type: 'string' },
		from: { type: 'string' },
		build: { type: 'string', default: 'pool' },
	},
});

/** Runs random pushes, one seed after the other, and prints every seed that breaks an invariant. */
const onlySeed = values.seed === undefined ? undefined : Number(values.seed);
const endMs = performance.now() + Number(values.minutes) * 60_000;
const totals = { seeds: 0, rows: 0, requests: 0, failedSeeds: 0 };
let seed = onlySeed ?? Number(values.from ?? Date.now() % 1_000_000_000);
do {
	const report = await runSeed(seed, values.build as Build);
	totals.seeds++;
	totals.rows += report.rows;
	totals.requests += report.requests;
	if (report.violations.length > 0) totals.failedSeeds++;
	if (onlySeed !== undefined) console.log(report);
	else if (report.violations.length > 0) {
		console.error(`Seed ${seed} breaks invariants; replay it: npm run soak -- --seed ${seed}`);
		for (const violation of report.violations) console.error(`  ${violation}`);
	}
	seed++;
} while (onlySeed === undefined && performance.now() < endMs);

console.log(
	`${totals.seeds} seeds, ${totals.rows} rows, ${totals.requests} requests, ${totals.failedSeeds} seeds broke an invariant`,
);
process.exitCode = totals.failedSeeds > 0 ? 1 : 0;
