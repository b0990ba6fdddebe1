import { digestOfText } from '../service/digest';
import { notSent, type Failure } from '../service/outcome';
import type { Tripped } from './safetyChecks';

/** Of a plan's id, characters of 6 bits each: those of base64url that a form and a URL take as they are. */
const PLAN_LENGTH = 16;

/**
 * What names a plan: all that is in the rows, and the sync state that it is compared with. Another row or another state is
 * another plan.
 * @param state whatever is new after each run that ended
 */
export function planIdOf(
	fingerprints: readonly string[],
	withheld: readonly string[],
	state: string,
): string {
	const parts = [state, ...fingerprints.toSorted(), '', ...withheld.toSorted()];
	return digestOfText(parts.join('\n'), PLAN_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

/** Why nothing is sent. */
export function stopFor({ code, reason, advice }: Tripped, planId: string, approvedPlan: string): Failure {
	const other =
		approvedPlan === '' ? '' : "Rows or sync state have changed since the plan in 'Approved Plan'. ";
	const approve = `If this is meant, set 'Approved Plan' under 'Safety Checks' to ${planId} and run again`;
	return { ...notSent(code, reason, `${other}${advice}. ${approve}. The sync state is unchanged`), planId };
}
