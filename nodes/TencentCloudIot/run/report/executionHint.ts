import { SIGNATURE_SCHEME_NAMES } from '../../../../credentials/signatureSchemeNames';
import type { Operation } from '../../operation';
import { outcomeOf } from '../../service/fate';
import type { SyncFacts } from '../../sync/session';
import type { Verdict } from '../../sync/verdicts';
import {
	countFates,
	countOutcomes,
	countRetries,
	countUnits,
	countWithheldCustomers,
	describeCounts,
	describeWithheld,
} from '../counts';
import type { RunResult } from '../result';

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused; 1 row invalid; 3 retries".
 * @param outputs how many output items show what was done
 */
export function executionHint(
	operation: Pick<Operation<unknown>, 'countDone' | 'fullReplace'>,
	result: RunResult,
	outputs: number,
): string {
	const { calls, withheld, acceptedScheme, clockOffsetMs, isSchemeDetected, sync } = result;
	const outcomes = countOutcomes(calls.map(({ fate }) => fate));
	const retries = countRetries(result);
	const done = calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const doneEarlier = done.filter(({ fate }) => fate.kind === 'earlierAttempt').length;
	const parts = [
		sync === undefined
			? operation.countDone(
					done.map(({ call }) => call),
					countUnits(result, operation),
					outputs,
				)
			: describeSync(result, sync),
		...describeCounts([
			[outcomes.REFUSED, 'refused'],
			[outcomes.UNKNOWN, 'unclear'],
			[outcomes.NOT_SENT, 'not sent'],
		]),
		...describeWithheld(withheld),
		...describeCounts([
			[doneEarlier, 'already done in an earlier attempt'],
			[retries, retries === 1 ? 'retry' : 'retries'],
		]),
	];
	if (isSchemeDetected && acceptedScheme !== undefined)
		parts.push(`nested values signed as '${SIGNATURE_SCHEME_NAMES[acceptedScheme]}'`);
	if (clockOffsetMs !== 0)
		parts.push(`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`);
	return parts.join('; ');
}

/** What Sync sent and what it left: "12 of 18,000 customers changed and were pushed; 17,986 unchanged". */
function describeSync(result: RunResult, { sendAll, state, whyNone }: SyncFacts): string {
	const { calls, endedEarly } = result;
	const countPushed = (...verdicts: Verdict[]) =>
		calls.filter(({ fate, verdict }) => verdicts.includes(verdict!) && outcomeOf(fate)?.outcome === 'OK')
			.length;
	const number = (count: number) => count.toLocaleString('en-US');
	const total = calls.length + countWithheldCustomers(result);
	const again = sendAll ? countPushed('unchanged') : 0;
	// What an earlier attempt of this run has pushed is unchanged to this one.
	const pushed = countPushed('new', 'changed', 'waiting', 'failed', 'unchanged') - again;
	const due = countPushed('due');
	const postponed = countFates(result, 'postponed');
	const ended = endedEarly === undefined ? '' : `: ${endedEarly.reason.replace(/\.$/, '')}`;
	const reason = WHY_EVERYBODY[state]?.(whyNone);
	return [
		`${number(pushed)} of ${number(total)} ${total === 1 ? 'customer' : 'customers'} ${reason === undefined ? 'changed and ' : ''}${pushed === 1 ? 'was' : 'were'} pushed`,
		...(due > 0 ? [`${number(due)} pushed again because it was their turn`] : []),
		...(again > 0 ? [`${number(again)} unchanged ones pushed, too`] : []),
		...(postponed > 0 ? [`${number(postponed)} left for the next run${ended}`] : []),
		...describeCounts([[countFates(result, 'unchanged'), 'unchanged']]),
		...(reason === undefined ? [] : [reason]),
	].join('; ');
}

const WHY_EVERYBODY: Partial<Record<SyncFacts['state'], (why?: string) => string>> = {
	empty: () =>
		'nothing was pushed to this account by this node before, so that every customer was to be sent',
	interrupted: () => 'the last run did not come to its end, so that every customer was to be sent',
	none: (why = "n8n's database could not be used") =>
		`there is no memory because ${why}, so that every customer was to be sent`,
};
