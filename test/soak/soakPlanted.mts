import { findFault } from '../storms/findPlanted.mts';
import { PLANTED_FAULTS } from '../storms/plantedFaults.mts';

/** The most storms that are tried of each kind that should find a fault. */
const MOST_STORMS = 1000;

/**
 * Plants faults in the protocol, one after the other, and prints which storm finds each.
 * @returns how many are not found
 */
export async function soakPlanted({ from }: { from: number }): Promise<number> {
	let missed = 0;
	for (const fault of PLANTED_FAULTS) {
		const { storms, kind, violations } = await findFault(fault, from, MOST_STORMS);
		if (storms === undefined) {
			missed += 1;
			console.error(`${fault.what}: NOT FOUND`);
		} else {
			const by = kind === undefined ? 'a storm that was broken once' : `${storms} storms, ${kind}`;
			console.log(`${fault.what}: ${[...new Set(violations)].join(' ')} (${by})`);
		}
	}
	return missed;
}
