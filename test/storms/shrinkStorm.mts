import type { Violation } from './judge.mts';
import { runStorm } from './runStorm.mts';
import type { Storm } from './storm.mts';

/** A storm is run again at most so often to make it smaller. */
const MOST_ATTEMPTS = 600;

/** Leaves away what a storm does not need to break the same promise. */
export async function shrinkStorm(storm: Storm, kind: Violation['kind']): Promise<Storm> {
	let attempts = 0;
	let smallest = storm;
	const isBroken = async (candidate: Storm) => {
		attempts++;
		return (await runStorm(candidate)).violations.some((violation) => violation.kind === kind);
	};
	for (let isSmaller = true; isSmaller && attempts < MOST_ATTEMPTS; ) {
		isSmaller = false;
		for (const simpler of SIMPLER) {
			// Each candidate is made from the smallest storm so far: what was left away may make room for more.
			for (let part = 0; attempts < MOST_ATTEMPTS; ) {
				const candidate = simpler(smallest, part);
				if (candidate === undefined) break;
				if (await isBroken(candidate)) {
					smallest = candidate;
					isSmaller = true;
				} else part++;
			}
		}
	}
	return smallest;
}

/** A storm that is simpler by its n-th part; undefined where there are no more. */
type Simpler = (storm: Storm, part: number) => Storm | undefined;

const once =
	(isSimple: (storm: Storm) => boolean, simplify: (storm: Storm) => Partial<Storm>): Simpler =>
	(storm, part) =>
		part > 0 || isSimple(storm) ? undefined : { ...storm, ...simplify(storm) };

/** With fewer the safety checks have little to compare. */
const FEWEST_CUSTOMERS = 24;

const SIMPLER: readonly Simpler[] = [
	once(
		({ customers }) => customers === FEWEST_CUSTOMERS,
		() => ({ customers: FEWEST_CUSTOMERS }),
	),
	once(
		({ workers, triggers }) => workers.length < 3 || triggers.some(({ worker }) => worker > 1),
		({ workers }) => ({ workers: workers.slice(0, 2) }),
	),
	once(
		({ service }) => Object.values(service).every((share) => share === 0),
		() => ({ service: { refused: 0, responseLost: 0, requestLost: 0 } }),
	),
	once(
		({ workers }) => workers.every(({ offsetMs, steps }) => offsetMs === 0 && steps.length === 0),
		({ workers }) => ({ workers: workers.map(() => ({ offsetMs: 0, steps: [] })) }),
	),
	once(
		({ limitMs }) => limitMs === undefined,
		() => ({ limitMs: undefined }),
	),
	once(
		({ concurrency }) => concurrency === 1,
		() => ({ concurrency: 1 }),
	),
	once(
		({ changes }) => changes.length === 0,
		() => ({ changes: [] }),
	),
	once(
		({ triggers }) => triggers.length < 4,
		({ triggers }) => ({ triggers: triggers.slice(0, triggers.length >> 1) }),
	),
	(storm, part) => {
		const triggers = storm.triggers.toSpliced(storm.triggers.length - 1 - part, 1);
		return part < storm.triggers.length && triggers.length > 0 ? { ...storm, triggers } : undefined;
	},
	(storm, part) =>
		part < storm.faults.length ? { ...storm, faults: storm.faults.toSpliced(part, 1) } : undefined,
	(storm, part) =>
		part < storm.changes.length ? { ...storm, changes: storm.changes.toSpliced(part, 1) } : undefined,
	(storm, part) => {
		const index = storm.triggers.findIndex(
			({ wrongJoin, limitMs }, at) => at >= part && (wrongJoin !== undefined || limitMs !== undefined),
		);
		if (index < part) return undefined;
		const { wrongJoin: _, limitMs: __, ...trigger } = storm.triggers[index]!;
		return { ...storm, triggers: storm.triggers.with(index, trigger) };
	},
];
