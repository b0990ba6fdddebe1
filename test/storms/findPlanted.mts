import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { ViolationKind } from './judge.mts';
import { plant, PLANTED_FAULTS, type PlantedFault } from './plantedFaults.mts';
import type { StormKind } from './storm.mts';

const SOURCES = fileURLToPath(new URL('../../nodes/TencentCloudIot/', import.meta.url));
const ENTRY = fileURLToPath(new URL('checkStorms.mts', import.meta.url));
const BUNDLES = fileURLToPath(new URL('../../node_modules/.cache/storms/', import.meta.url));

/** How many storms of one kind run before those of the next kind. */
const STORMS_AT_ONCE = 10;

/** How storms found a planted fault. */
export interface FoundFault {
	/** Found after this many random storms; 0 for a storm that broke a promise once; undefined if none finds it. */
	storms: number | undefined;
	kind: StormKind | undefined;
	violations: readonly ViolationKind[];
}

/** Runs storms over the protocol with a fault, until one breaks a promise. @param count the most storms of each of its kinds */
export async function findFault(fault: PlantedFault, seed: number, count: number): Promise<FoundFault> {
	const outfile = join(BUNDLES, `planted-${PLANTED_FAULTS.indexOf(fault)}-${process.pid}.mjs`);
	await build({
		entryPoints: [ENTRY],
		bundle: true,
		platform: 'node',
		format: 'esm',
		outfile,
		logLevel: 'error',
		plugins: [planting(fault)],
	});
	const { checkOnceBroken, checkStorms } = (await import(outfile)) as typeof import('./checkStorms.mts');
	const brokenAgain = await checkOnceBroken();
	if (brokenAgain.length > 0) {
		return { storms: 0, kind: undefined, violations: brokenAgain };
	}
	let storms = 0;
	for (let first = 0; first < count; first += STORMS_AT_ONCE) {
		for (const kind of fault.kinds) {
			const { broken } = await checkStorms({ seed: seed + 1000 * first, count: STORMS_AT_ONCE, kind });
			const [found] = broken;
			if (found !== undefined) {
				return {
					storms: storms + STORMS_AT_ONCE,
					kind,
					violations: found.violations.map((violation) => violation.kind),
				};
			}
			storms += STORMS_AT_ONCE;
		}
	}
	return { storms: undefined, kind: undefined, violations: [] };
}

/** Edits one source while it is bundled; the file itself stays unchanged. */
function planting(fault: PlantedFault): Plugin {
	const path = join(SOURCES, fault.file);
	return {
		name: 'planted fault',
		setup: ({ onLoad }) => {
			onLoad({ filter: /\.ts$/ }, ({ path: loaded }) => {
				if (loaded !== path) {
					return undefined;
				}
				return { contents: plant(fault, readFileSync(path, 'utf8')), loader: 'ts' };
			});
		},
	};
}
