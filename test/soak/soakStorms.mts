import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrokenStorm } from '../storms/checkStorms.mts';
import type { StormKind } from '../storms/storm.mts';

const ENTRY = fileURLToPath(new URL('../storms/checkStorms.mts', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../node_modules/.cache/storms/checkStorms.mjs', import.meta.url));

/** How many broken storms are reduced and printed with all their steps; of the others only the violations are printed. */
const MOST_DESCRIBED = 3;

export interface StormSoak {
	minutes: number;
	/** How many storms; `minutes` is ignored then. */
	count: number | undefined;
	/** The first seed; without a count the only one. */
	seed: number | undefined;
	from: number;
	kind: string | undefined;
}

/**
 * Runs random storms over the sources, one seed after the other, and prints each that breaks a promise.
 * @returns how many storms did
 */
export async function soakStorms({ minutes, count, seed, from, kind }: StormSoak): Promise<number> {
	// Bundled, because the sources import each other without file extensions, which Node does not resolve.
	await build({
		entryPoints: [ENTRY],
		bundle: true,
		platform: 'node',
		format: 'esm',
		outfile: BUNDLE,
		logLevel: 'error',
	});
	const { checkStorms, describeBroken, STORM_KINDS } = (await import(
		BUNDLE
	)) as typeof import('../storms/checkStorms.mts');
	if (kind !== undefined && !STORM_KINDS.includes(kind as StormKind)) {
		throw new Error(`--kind is one of ${STORM_KINDS.join(', ')}`);
	}
	let described = 0;
	const onBroken = async (broken: BrokenStorm) => {
		described += 1;
		if (described <= MOST_DESCRIBED) {
			console.error(await describeBroken(broken));
			return;
		}
		const { storm, violations } = broken;
		const texts = violations.map((violation) => `${violation.kind} ${violation.what}`);
		console.error(`Seed ${storm.seed} (${storm.kind}): ${texts.join('; ')}`);
	};
	const { total, ofKind, broken } = await checkStorms({
		seed: seed ?? from,
		count: count ?? (seed === undefined ? Infinity : 1),
		kind: kind as StormKind | undefined,
		endMs: count === undefined ? performance.now() + minutes * 60_000 : Infinity,
		onBroken,
	});
	for (const [name, figures] of ofKind) {
		console.log(`${name}: ${figures.line}`);
	}
	console.log(`all: ${total.line}`);
	return broken.length;
}
