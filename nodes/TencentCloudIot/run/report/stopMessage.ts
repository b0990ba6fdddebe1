import { describeFinding, namedRows } from '../../input/finding';
import type { Operation, Withheld } from '../../operation';
import { failureOf, isTried, outcomeOf, requestIdsOf } from '../../service/fate';
import { describe, type Failure } from '../../service/outcome';
import { countedOf } from '../../service/words';
import { countFates, countOutcomes, countUnits, describeCounts, describeWithheld } from '../counts';
import type { CallResult, RunResult } from '../result';

/** The most failures that a message names. */
const MOST_NAMED = 5;

/** n8n offers its own Retry beside this message. */
export const DO_NOT_RETRY =
	". n8n's Retry of this execution would do all of it again: run the workflow with what is left instead";

/** What n8n stores of a run that Stop Workflow ended. */
export interface StopMessage {
	/** All that error workflows, toasts and agents see: "2 of 3 customers done, 1 refused: …" with the first reason. */
	message: string;
	/** Where there is more than one reason: the first ones. */
	description?: string | undefined;
}

/** The message of a run that could do nothing, for a reason of all its items. */
export function blockedMessage(blocked: Failure): StopMessage {
	return { message: `${describe(blocked)} ${blocked.advice}` };
}

/** The message of a run that ended at its first failure, or before it because of invalid rows. */
export function stopMessage(
	operation: Pick<Operation<unknown>, 'unit' | 'namedBy' | 'effect' | 'fullReplace'>,
	result: RunResult,
): StopMessage {
	const { calls, withheld, blocked } = result;
	const rows = describeRows(withheld);
	const isForRows = blocked?.scope === 'call';
	const reasons = isForRows
		? rows
		: [
				...(blocked === undefined ? [] : [`${blocked.reason} ${blocked.advice}`]),
				...calls.flatMap((one) => describeCall(operation, one)),
				...rows,
			];
	const [first = ''] = reasons;
	const more = reasons.length > MOST_NAMED ? `; and ${reasons.length - MOST_NAMED} more` : '';
	return {
		message: `${describeEnd(operation, result)}: ${first}${isForRows ? afterRows(blocked, result) : afterCalls(operation, calls)}`,
		description: reasons.length > 1 ? `${reasons.slice(0, MOST_NAMED).join('; ')}${more}` : undefined,
	};
}

/** What became of how many: "2 of 3 customers done, 1 refused, 1 row invalid". */
function describeEnd(operation: Pick<Operation<unknown>, 'unit' | 'fullReplace'>, result: RunResult): string {
	const { calls, withheld } = result;
	const tried = calls.map(({ fate }) => fate).filter(isTried);
	const outcomes = countOutcomes(tried);
	const total = countUnits(result, operation);
	const untried = countFates(result, 'notTried') + countFates(result, 'postponed');
	return [
		...(total > 0 ? [`${countedOf(outcomes.OK, total, operation.unit)} done`] : []),
		...describeCounts([
			[outcomes.REFUSED, 'refused'],
			[outcomes.UNKNOWN, 'unclear'],
			[outcomes.NOT_SENT, 'not sent'],
			// Where rows stopped the run before it began, that is the reason which follows.
			[tried.length > 0 ? untried : 0, 'not tried'],
			[countFates(result, 'unchanged'), 'unchanged'],
		]),
		...describeWithheld(withheld),
	].join(', ');
}

function afterRows({ advice }: Failure, { isRetry }: RunResult): string {
	const stored = isRetry
		? 'An earlier attempt may have been applied; nothing was sent since.'
		: 'Nothing was sent.';
	return `. ${stored} ${advice}`;
}

function afterCalls({ effect }: Pick<Operation<unknown>, 'effect'>, calls: RunResult['calls']): string {
	const mayBeDone = ({ fate }: CallResult) => ['OK', 'UNKNOWN'].includes(outcomeOf(fate)?.outcome ?? '');
	return effect === 'once' && calls.some(mayBeDone) ? DO_NOT_RETRY : '';
}

/** One row may withhold several customers. */
function describeRows(withheld: readonly Withheld[]): string[] {
	return [...new Set(withheld.flatMap(({ findings }) => findings.map(describeFinding)))];
}

function describeCall(
	{ unit, namedBy }: Pick<Operation<unknown>, 'unit' | 'namedBy'>,
	{ call, fate }: CallResult,
): string[] {
	const failure = failureOf(fate);
	if (failure === undefined || !isTried(fate)) return [];
	const reason = `${describe(failure)} ${failure.advice}`;
	// What every other request would meet as well is not about this one.
	if (failure.scope === 'run') return [reason];
	const name = namedBy.map((parameter) => String(call.parameters[parameter])).join('/');
	const requestId = failure.requestId ?? requestIdsOf(fate).at(-1);
	return [
		`${namedRows(call.itemIndexes)}, ${name === '' ? unit : `${unit} '${name}'`}${requestId === undefined ? '' : ` (RequestId ${requestId})`}: ${reason}`,
	];
}
