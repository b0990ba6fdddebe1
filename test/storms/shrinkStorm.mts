import type { ViolationKind } from './judge.mts';
import { runStorm } from './runStorm.mts';
import type { Storm, Trigger } from './storm.mts';

/** How often a storm is run again, at most, to make it smaller. */
const MOST_ATTEMPTS = 600;

/** With fewer customers the safety checks have too few to compare. */
const FEWEST_CUSTOMERS = 24;

/** Returns the storm without its n-th part of some kind; undefined if there are no more. */
type Simpler = (storm: Storm, part: number) => Storm | undefined;

/** Removes everything that a storm does not need to break the same promise. */
export async function shrinkStorm(storm: Storm, kind: ViolationKind): Promise<Storm> {
	let attempts = 0;
	let smallest = storm;
	const isBroken = async (candidate: Storm) => {
		attempts += 1;
		const { violations } = await runStorm(candidate);
		return violations.some((violation) => violation.kind === kind);
	};
	for (let isSmaller = true; isSmaller && attempts < MOST_ATTEMPTS; ) {
		isSmaller = false;
		for (const simpler of SIMPLER) {
			// Each candidate is made from the smallest storm so far, because one removal may allow others.
			let part = 0;
			let candidate = simpler(smallest, part);
			while (candidate !== undefined && attempts < MOST_ATTEMPTS) {
				if (await isBroken(candidate)) {
					smallest = candidate;
					isSmaller = true;
				} else {
					part += 1;
				}
				candidate = simpler(smallest, part);
			}
		}
	}
	return smallest;
}

const once =
	(isSimple: (storm: Storm) => boolean, simplify: (storm: Storm) => Partial<Storm>): Simpler =>
	(storm, part) => {
		if (part > 0 || isSimple(storm)) {
			return undefined;
		}
		return { ...storm, ...simplify(storm) };
	};

const SIMPLER: readonly Simpler[] = [
	once(
		({ customers }) => customers <= FEWEST_CUSTOMERS,
		() => ({ customers: FEWEST_CUSTOMERS }),
	),
	once(
		({ workers, triggers }) => workers.length < 3 || triggers.some(({ worker }) => worker > 1),
		({ workers }) => ({ workers: workers.slice(0, 2) }),
	),
	once(
		({ service }) => service.refused + service.responseLost + service.requestLost + service.late === 0,
		({ service }) => ({ service: { ...service, refused: 0, responseLost: 0, requestLost: 0, late: 0 } }),
	),
	once(
		({ workers }) => workers.every(({ offsetMs, steps }) => offsetMs === 0 && steps.length === 0),
		({ workers }) => ({ workers: workers.map(() => ({ offsetMs: 0, steps: [] })) }),
	),
	once(
		({ isRepeating }) => !isRepeating,
		() => ({ isRepeating: false }),
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
	(storm, part) => {
		return part < storm.faults.length ? { ...storm, faults: storm.faults.toSpliced(part, 1) } : undefined;
	},
	(storm, part) => {
		return part < storm.changes.length ? { ...storm, changes: storm.changes.toSpliced(part, 1) } : undefined;
	},
	(storm, part) => {
		const index = storm.triggers.findIndex((trigger, at) => at >= part && !isPlain(trigger));
		const trigger = storm.triggers[index];
		if (trigger === undefined) {
			return undefined;
		}
		const { wrongJoin: _wrongJoin, limitMs: _limitMs, isByHand: _isByHand, ...plain } = trigger;
		return { ...storm, triggers: storm.triggers.with(index, plain) };
	},
];

function isPlain({ wrongJoin, limitMs, isByHand }: Trigger): boolean {
	return wrongJoin === undefined && limitMs === undefined && isByHand !== true;
}
