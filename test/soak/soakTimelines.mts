import { checkTimelines } from '../timelines/checkTimelines.mts';
import { newTotals, type Totals } from '../timelines/runTimeline.mts';
import type { Soak } from './soakPushes.mts';

/** How many timelines are generated from one seed. */
const BATCH = 50;

interface TimelineSoak extends Soak {
	/** How many timelines; `minutes` is ignored then. */
	count: number | undefined;
	/** The path of one timeline among those of the seed. */
	path: string | undefined;
}

/**
 * Tries random timelines of Sync, several for each seed, and prints the smallest one found that breaks a promise.
 * @returns how many seeds did
 */
export async function soakTimelines({
	build,
	minutes,
	count,
	seed,
	from,
	path,
}: TimelineSoak): Promise<number> {
	const endMs = count === undefined ? performance.now() + minutes * 60_000 : Infinity;
	const totals = newTotals();
	let left = count ?? (seed === undefined ? Infinity : BATCH);
	let brokenSeeds = 0;
	for (let next = seed ?? from; left > 0 && performance.now() < endMs; next++) {
		const size = path === undefined ? Math.min(BATCH, left) : 1;
		const { totals: found, broken } = await checkTimelines({ build, seed: next, count: size, path });
		for (const name of Object.keys(totals) as Array<keyof Totals>) {
			totals[name] += found[name];
		}
		left = path === undefined ? left - size : 0;
		if (broken === undefined) {
			continue;
		}
		brokenSeeds++;
		console.error(broken);
	}
	console.log(
		Object.entries({ ...totals, brokenSeeds })
			.map(([name, number]) => `${number} ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
			.join(', '),
	);
	return brokenSeeds;
}
