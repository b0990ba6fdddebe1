import { countedBy } from './countedRequests.mts';
import { itemViolations } from './itemViolations.mts';
import { recordViolations } from './recordViolations.mts';
import { reportViolations } from './reportViolations.mts';
import { requestViolations } from './requestViolations.mts';
import { secretViolations } from './secretViolations.mts';
import { serviceViolations } from './serviceViolations.mts';
import { throwViolations } from './throwViolations.mts';
import { setViolations } from './setViolations.mts';
import { isOutputLost, type Witness } from './witness.mts';

export type { Witness } from './witness.mts';

/**
 * All violations of a finished push, as sentences that begin with the number of the invariant; an empty list
 * when everything holds. Invariant 9, nothing left open, is about the process and checked by whoever owns it.
 */
export function violationsOf(witness: Witness): string[] {
	const { result, rows, simulator, facts } = witness;
	const ofReport = reportViolations({
		result,
		rows: rows.length,
		requests: countedBy(simulator.requests),
		mostSigningTries: facts?.isClockRight === false ? 1 : 0,
		isRetried: facts?.isRetried === true,
	});
	return [
		...outputViolations(witness),
		...ofReport,
		...requestViolations(witness),
		...secretViolations(witness),
	];
}

/** A run that was cancelled has no output, and one that stopped the workflow only its error. */
function outputViolations(witness: Witness): string[] {
	const { result } = witness;
	if (!isOutputLost(result)) {
		return [
			...itemViolations(witness),
			...serviceViolations(witness),
			...setViolations(witness),
			...recordViolations(witness),
		];
	}
	return result.status === 'canceled' ? [] : throwViolations(witness);
}
