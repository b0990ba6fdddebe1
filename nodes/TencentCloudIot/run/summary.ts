import { NESTED_RULE_NAMES } from '../../../credentials/nestedRuleNames';
import type { Delivered } from '../service/delivery/sender';
import { countOutcomes, countRetries, countUnits, tellCounts, tellHeldBack, type PlanFacts } from './counts';
import type { Sent } from './sendCalls';

/** What a run did. */
interface RunFacts extends PlanFacts {
	sent: Sent;
	/** How many output items tell of what was done. */
	outputs: number;
	/** What was done and what was left, where only changes are sent. */
	changes?: string | undefined;
}

/** The banner above the output: "35 of 37 customers, 120 devices pushed; 2 refused; 1 row invalid; 3 retries". */
export function summarize({ operation, calls, heldBack, sent, outputs, changes }: RunFacts): string {
	const { acceptedRule, clockOffsetMs, isRuleDetected } = sent;
	const delivered = sent.delivered.filter((one) => one !== undefined);
	const outcomes = countOutcomes(delivered);
	const retries = countRetries(sent);
	const done = calls.filter((_, index) => sent.delivered[index]?.outcome.outcome === 'OK');
	const total = countUnits({ operation, calls, heldBack });
	const parts = [
		changes ?? operation.countDone(done, total, outputs),
		...tellCounts([
			[outcomes.REFUSED, 'refused'],
			[outcomes.UNKNOWN, 'unclear'],
			[outcomes.NOT_SENT, 'not sent'],
		]),
		...tellHeldBack(heldBack),
		...tellCounts([
			[delivered.filter(isFromEarlierTry).length, 'already done in an earlier try'],
			[retries, retries === 1 ? 'retry' : 'retries'],
		]),
	];
	if (isRuleDetected && acceptedRule !== undefined)
		parts.push(`nested values signed as '${NESTED_RULE_NAMES[acceptedRule]}'`);
	if (clockOffsetMs !== 0)
		parts.push(`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`);
	return parts.join('; ');
}

function isFromEarlierTry({ outcome, requestIds }: Delivered): boolean {
	return outcome.outcome === 'OK' && requestIds.length === 0;
}
