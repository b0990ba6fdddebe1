import type { Build } from '../../embedded/embeddedEngine.mts';
import { runSeed } from '../invariants/randomRun.mts';

/** Which runs to try, and for how long. */
export interface Soak {
	build: Build;
	minutes: number;
	/** Only this seed. */
	seed: number | undefined;
	/** The first seed of many. */
	from: number;
}

/**
 * Runs random pushes, one seed after the other, and prints every seed that breaks an invariant.
 * @returns how many seeds did
 */
export async function soakPushes({ build, minutes, seed: onlySeed, from }: Soak): Promise<number> {
	const endMs = performance.now() + minutes * 60_000;
	const totals = { seeds: 0, rows: 0, requests: 0, failedSeeds: 0 };
	let seed = onlySeed ?? from;
	do {
		const report = await runSeed(seed, build);
		totals.seeds++;
		totals.rows += report.rows;
		totals.requests += report.requests;
		if (report.violations.length > 0) {
			totals.failedSeeds++;
		}
		if (onlySeed !== undefined) {
			console.log(report);
		} else if (report.violations.length > 0) {
			const replay = `npm run soak -- --build ${build} --seed ${seed}`;
			console.error(`Seed ${seed} breaks invariants; replay it: ${replay}`);
			for (const violation of report.violations) {
				console.error(`  ${violation}`);
			}
		}
		seed++;
	} while (onlySeed === undefined && performance.now() < endMs);
	console.log(
		`${totals.seeds} seeds, ${totals.rows} rows, ${totals.requests} requests, ${totals.failedSeeds} seeds broke an invariant`,
	);
	return totals.failedSeeds;
}
