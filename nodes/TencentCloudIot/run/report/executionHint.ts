import { SIGNATURE_SCHEME_NAMES } from '../../../../credentials/signatureSchemeNames';
import type { Operation } from '../../operation';
import { outcomeOf } from '../../service/fate';
import type { SyncFacts } from '../../sync/session';
import { counted } from '../../service/words';
import { countNewlyFailed, isRecovered } from '../../sync/health';
import { countEnds, countRetries, countUnits, describeCounts, describeWithheld } from '../counts';
import type { CallResult, RunResult } from '../result';
import { describeGone } from './summary';

/**
 * n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two million end its process (measured
 * in n8n 2.41.1). Half of what fits leaves room for the other runs.
 */
const MANY_ROWS = 500_000;

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused; 1 row invalid; 3 retries".
 * @param outputs how many output items show what was done
 */
export function executionHint(
	operation: Pick<Operation<unknown>, 'countDone' | 'fullReplace'>,
	result: RunResult,
	outputs: number,
): string {
	const { calls, withheld, remarks = [], acceptedScheme, clockOffsetMs, isSchemeDetected, sync } = result;
	const ends = countEnds(result);
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
			[ends.Refused, 'refused'],
			[ends.Unclear, 'unclear'],
			[ends.NotSent, 'not sent'],
		]),
		...describeWithheld(withheld),
		...remarks,
		...describeCounts([
			[doneEarlier, 'already done in an earlier attempt'],
			[retries, retries === 1 ? 'retry' : 'retries'],
		]),
	];
	if (isSchemeDetected && acceptedScheme !== undefined)
		parts.push(`nested values signed as '${SIGNATURE_SCHEME_NAMES[acceptedScheme]}'`);
	if (clockOffsetMs !== 0)
		parts.push(`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`);
	if (result.rowCount > MANY_ROWS) parts.push(describeManyRows(operation, result));
	return parts.join('; ');
}

/** What Sync sent and what it left: "12 of 18,000 customers changed and were pushed; 17,986 unchanged". */
function describeSync(result: RunResult, sync: SyncFacts): string {
	const { calls, endedEarly } = result;
	const { sendAll, state, whyNone, gone = 0 } = sync;
	const { Total, Pushed, Due, Unchanged, Postponed } = countEnds(result);
	const isAgain = ({ fate, verdict }: CallResult) =>
		sendAll && verdict === 'unchanged' && outcomeOf(fate)?.outcome === 'OK';
	const again = calls.filter(isAgain).length;
	const pushed = Pushed - again;
	const ended = endedEarly === undefined ? '' : `: ${endedEarly.reason.replace(/\.$/, '')}`;
	const reason = WHY_EVERYBODY[state]?.(whyNone);
	return [
		`${number(pushed)} of ${counted(Total, 'customer')} ${reason === undefined ? 'changed and ' : ''}${pushed === 1 ? 'was' : 'were'} pushed`,
		...describeCounts([
			[Due, 're-pushed on schedule'],
			[again, 'pushed again although unchanged'],
			[Postponed, `left for the next run${ended}`],
			[Unchanged, 'unchanged'],
			[state === 'used' ? countNewlyFailed(result) : 0, 'newly failed'],
			[calls.filter(isRecovered).length, 'recovered'],
		]),
		...(gone > 0 ? [describeGone(gone)] : []),
		...(reason === undefined ? [] : [reason]),
	].join('; ');
}

/** What to do before the rows of a run are too many for n8n. */
function describeManyRows(
	{ fullReplace }: Pick<Operation<unknown>, 'fullReplace'>,
	{ rowCount, sync }: RunResult,
): string {
	const split = fullReplace ? 'split them by customer into several runs' : 'split them into several runs';
	const advice = sync === undefined ? split : 'divide the customers into partitions, each with a Sync node';
	return `n8n keeps all ${number(rowCount)} rows on its heap, where a million take about 1 GB: ${advice}`;
}

function number(count: number): string {
	return count.toLocaleString('en-US');
}

const WHY_EVERYBODY: Partial<Record<SyncFacts['state'], (why?: string) => string>> = {
	empty: () => 'this node never pushed to this account before, so every customer was sent',
	interrupted: () => 'the previous run was interrupted, so every customer was sent',
	none: (why = "n8n's database could not be used") =>
		`there is no sync state because ${why}, so every customer was sent`,
};
