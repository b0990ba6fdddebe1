import { SIGNATURE_SCHEME_NAMES } from '../../../../credentials/signatureSchemeNames';
import type { Operation } from '../../operation';
import { outcomeOf } from '../../service/fate';
import { SIGNATURE_SCHEMES } from '../../service/signing/signature';
import { inHint } from '../../service/outcome';
import type { SyncFacts } from '../../sync/session';
import { counted, countedOf, joinSentences } from '../../service/words';
import { newlyFailed, reasonOf, recovered, TIME_OVER } from '../../sync/health';
import {
	countEnds,
	countRetries,
	bringsSets,
	countUnits,
	countWithheldCustomers,
	describeCounts,
	describeWithheld,
	type CallResult,
	type RunResult,
} from '../result';
import { describeGone, describeNotKept } from './runReport';

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
	operation: Pick<Operation<unknown>, 'countDone' | 'customers'>,
	result: RunResult,
	outputs: number,
): string {
	const { calls, withheld, remarks = [], clockOffsetMs, sync } = result;
	const ends = countEnds(result);
	const retries = countRetries(result);
	const done = calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const first = done[0] && outcomeOf(done[0].fate);
	const doneEarlier = done.filter(({ fate }) => fate.kind === 'earlierAttempt').length;
	const stop = reasonOf(result);
	const reason = stop && inHint(stop);
	const parts = [
		sync === undefined
			? operation.countDone(
					done.map(({ call }) => call),
					countUnits(result, operation),
					outputs,
					first?.outcome === 'OK' ? first.data : undefined,
				)
			: describeSync(result, sync),
		...describeCounts([
			[ends.Refused, 'refused'],
			[ends.Unclear, 'unclear'],
			[ends.NotSent, 'not sent'],
		]),
		...describeWithheld(withheld),
		...remarks,
		...(sync === undefined ? [] : describeChanges(result, sync)),
		...describeCounts([
			[doneEarlier, 'already done in an earlier attempt'],
			[retries, retries === 1 ? 'retry' : 'retries'],
		]),
	];
	parts.push(...adviseScheme(result));
	if (clockOffsetMs !== 0)
		parts.push(`this server's clock is ${Math.abs(Math.round(clockOffsetMs / 1000))} seconds off`);
	if (result.rowCount > MANY_ROWS) parts.push(describeManyRows(operation, result));
	const counts = parts.join('; ');
	return reason === undefined ? counts : joinSentences([reason.reason, reason.advice, counts]);
}

/** What spares the requests that only served to detect how to sign. */
function adviseScheme(result: RunResult): string[] {
	const { acceptedScheme, detectionRequests, isSchemeDetected } = result;
	// The first one is tried first in any case.
	const isFirst = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirst) return [];
	const name = SIGNATURE_SCHEME_NAMES[acceptedScheme];
	return [`set 'Nested Value Signing' in the credential to '${name}' to save requests in each run`];
}

/** What Sync sent and what it left: "12 of 18,000 customers changed and were pushed; 17,986 unchanged". */
function describeSync(result: RunResult, { sendAll, state, whyNone }: SyncFacts): string {
	const { calls, endedEarly } = result;
	const { Pushed, Due, Unchanged, Postponed } = countEnds(result);
	const Total = result.calls.length + countWithheldCustomers(result);
	const isAgain = ({ fate, verdict }: CallResult) =>
		sendAll && verdict === 'unchanged' && outcomeOf(fate)?.outcome === 'OK';
	const again = calls.filter(isAgain).length;
	const pushed = Pushed - again;
	const ended = endedEarly?.code === TIME_OVER ? `: ${joinSentences([endedEarly.reason])}` : '';
	const why = WHY_EVERYBODY[state]?.(whyNone);
	const what =
		pushed > 0 && why === undefined
			? `changed and ${pushed === 1 ? 'was' : 'were'} pushed`
			: Total === Unchanged
				? 'needed a push'
				: 'pushed';
	return [
		`${countedOf(pushed, Total, 'customer')} ${what}`,
		...describeCounts([
			[Due, 're-pushed on schedule'],
			[again, 'pushed again although unchanged'],
			[Postponed, `left for the next run${ended}`],
			[Unchanged, 'unchanged'],
		]),
		...(why === undefined ? [] : [why]),
	].join('; ');
}

/** What to do before the rows of a run are too many for n8n. */
function describeManyRows(
	operation: Pick<Operation<unknown>, 'customers'>,
	{ rowCount, sync }: RunResult,
): string {
	const split = bringsSets(operation)
		? 'split them by customer into several runs'
		: 'split them into several runs';
	const advice = sync === undefined ? split : 'divide the customers into partitions, each with a Sync node';
	return `n8n keeps all ${counted(rowCount, 'row')} on its heap, where a million take about 1 GB: ${advice}`;
}

/** How the customers differ from those of the last run. */
function describeChanges(result: RunResult, { state, gone = 0, notKept }: SyncFacts): string[] {
	const newly = state === 'used' ? newlyFailed(result).length : 0;
	const over = recovered(result).length;
	return [
		...(newly > 0 ? [`${counted(newly, 'customer')} newly failed`] : []),
		...(over > 0 ? [`${counted(over, 'customer')} recovered`] : []),
		...(gone > 0 ? [describeGone(gone)] : []),
		...(notKept === undefined ? [] : [describeNotKept(notKept).english]),
	];
}

const WHY_EVERYBODY: Partial<Record<SyncFacts['state'], (why?: string) => string>> = {
	empty: () => 'this node never pushed to this account before, so every customer was sent',
	otherAccount: () => 'the last run pushed to another account, so every customer was sent',
	otherSecret: () => 'the App Secret has changed since the last run, so every customer was sent',
	interrupted: () => 'the previous run was interrupted, so every customer was sent',
	none: (why) => `there is no sync state because ${why}, so every customer was sent`,
};
