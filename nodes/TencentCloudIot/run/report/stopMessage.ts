import type { IDataObject } from 'n8n-workflow';

import { describeFinding, namedRows, type Finding } from '../../input/finding';
import { RUN } from '../../messages/run';
import type { Call, Operation } from '../../operation/operation';
import { failureOf, isTried, outcomeOf, requestIdsOf } from '../../service/fate';
import { describe, describeStored, type Failure, type OutcomeName } from '../../service/outcome';
import { countedOf, joinSentences } from '../../messages/words';
import { type CallResult, countUnits, type EndedRun, withheldFor } from './result';
import { causeBehind, describeCounts, withheldCounts } from './summary';

/** The most failures that a description names. */
const MOST_NAMED = 5;

/** n8n offers its own Retry beside this message. */
const DO_NOT_RETRY = "n8n's Retry of this execution would do all of it again: send only what is left";

/** What n8n stores of a run that Stop Workflow ended. */
interface StopMessage {
	/** All that error workflows, toasts and agents see: "2 of 3 customers done. Customer 'c' (row 3) was refused: …". */
	message: string;
	/** What else failed. */
	description?: string | undefined;
}

type Known = Pick<Operation<unknown>, 'unit' | 'namedBy' | 'effect' | 'customers'>;

/** The message of a run that could do nothing, for a reason of all its items. */
export function blockedMessage(blocked: Failure): StopMessage {
	return { message: joinSentences([describe(blocked), blocked.advice]) };
}

/** What leaves by the error output. */
type ErrorOutput = Pick<Call, 'itemIndexes'> & { json: IDataObject };

/**
 * The message of a run that ended at its first failure, or before it because of invalid rows.
 * @param outputs what would leave by the error output: of a call that was done there may be some, too
 */
export function stopMessage(
	operation: Known,
	result: EndedRun,
	outputs: readonly ErrorOutput[] = [],
): StopMessage {
	const { calls, withheld, blocked } = result;
	const findings = withheld.flatMap((held) => held.findings);
	const rows = describeFindings(findings);
	if (blocked?.scope === 'call') {
		const [first = '', ...others] = rows;
		const message = joinSentences([...startForRows(operation, result), first, blocked.advice]);
		return { message, description: listed(others) };
	}
	const ofRun = result.tally.reason;
	const ofCalls = calls.flatMap((one) => describeCall(operation, one));
	const failed = ofCalls.length + rows.length > 0 ? ofCalls : outputs.map(describeOutput);
	const others = [...failed.map(({ what }) => what), ...rows];
	const doNotRetry = operation.effect === 'once' && calls.some(mayBeDone) ? DO_NOT_RETRY : '';
	if (ofRun !== undefined) {
		const why = [causeBehind(result)?.failure.reason ?? '', ofRun.reason, storedOf(ofRun, result)];
		const advice = causeBehind(result)?.failure.advice ?? ofRun.advice;
		const message = joinSentences([...why, describeEnd(operation, result), advice, doNotRetry]);
		return { message, description: listed(others) };
	}
	const [first = ''] = others;
	const { advice } = failed[0] ?? withheldFor(findings, withheld[0]?.refusal);
	const counts = describeEnd(operation, result, failed.length);
	return {
		message: joinSentences([counts, first, advice, doNotRetry]),
		description: listed(others.slice(1)),
	};
}

/** Nothing was sent for rows that cannot be used. */
function startForRows(operation: Known, result: EndedRun): string[] {
	if (!result.isRetry)
		return [`Nothing was sent: ${describeCounts(withheldCounts(result.tally)).join(', ')}`];
	return [
		describeEnd(operation, result),
		'An earlier attempt may have been applied; nothing was sent since.',
	];
}

/**
 * What became of how many: "2 of 3 customers done, 1 refused, 1 row invalid"; empty where it was one call that failed.
 * @param named how many that failed are named behind it: the only one that failed is not counted, too
 */
function describeEnd(operation: Known, result: EndedRun, named = 0): string {
	const { calls, withheld, tally } = result;
	const total = tally.units;
	if (total === 1 && calls.length === 1 && withheld.length === 0) return '';
	const tried = calls.filter(({ fate }) => isTried(fate));
	const { Pushed, Due, Refused, Unclear, NotSent } = countUnits({ calls: tried, withheld: [] });
	const { Unchanged } = tally.counts;
	const failed = [
		[Refused, RUN.refused],
		[Unclear, RUN.unclear],
		[NotSent, RUN.notSent],
	] as const;
	return [
		...(total > 0 ? [`${countedOf(Pushed + Due, total, operation.unit)} done`] : []),
		...describeCounts([
			...(named === 1 && failed.reduce((sum, [count]) => sum + count, 0) === 1 ? [] : failed),
			// Where rows stopped the run before it began, that is the reason which follows.
			[tried.length > 0 ? calls.length - tried.length - Unchanged : 0, RUN.notTried],
			[Unchanged, RUN.unchanged],
			...withheldCounts(tally),
		]),
	].join(', ');
}

/** Whether anything was stored, where a reason of the whole run ended it: the counts say of how many. */
function storedOf(failure: Failure, { calls, blocked }: EndedRun): string {
	if (failure === blocked) return 'Nothing was sent in this attempt.';
	// The counts say nothing of a single call.
	const onlyFailure = calls.length === 1 ? failureOf(calls[0]!.fate) : undefined;
	if (onlyFailure?.outcome === 'UNKNOWN') return describeStored(onlyFailure);
	if (calls.some(mayBeDone)) return '';
	const isRefused = calls.some(({ fate }) => outcomeOf(fate)?.outcome === 'REFUSED');
	return isRefused ? 'Nothing was changed.' : 'Nothing was sent.';
}

function mayBeDone({ fate }: CallResult): boolean {
	return ['OK', 'UNKNOWN'].includes(outcomeOf(fate)?.outcome ?? '');
}

const BECAME: Readonly<Record<Exclude<OutcomeName, 'OK'>, string>> = {
	REFUSED: 'was refused',
	UNKNOWN: 'is unclear',
	NOT_SENT: 'was not sent',
};

/** A call that failed for a reason of its own: "Order 'O-1' (row 3; RequestId …) was refused: …", and its advice. */
function describeCall(
	{ unit, namedBy }: Known,
	{ call, fate }: CallResult,
): Array<{ what: string; advice: string }> {
	const failure = failureOf(fate);
	if (failure === undefined || !isTried(fate) || failure.scope === 'run') return [];
	const { outcome, reason, advice } = failure;
	const name = namedBy.map((parameter) => String(call.parameters[parameter])).join('/');
	const requestId = failure.requestId ?? requestIdsOf(fate).at(-1);
	const id = requestId === undefined ? '' : `; RequestId ${requestId}`;
	const who = `${unit.charAt(0).toUpperCase()}${unit.slice(1)}${name === '' ? '' : ` '${name}'`}`;
	const stored = { REFUSED: 'Nothing was changed.', NOT_SENT: '', UNKNOWN: describeStored(failure) }[outcome];
	const what = joinSentences([
		`${who} (${namedRows(call.itemIndexes)}${id}) ${BECAME[outcome]}: ${reason}`,
		stored,
	]);
	return [{ what, advice }];
}

function describeOutput({ json, itemIndexes }: ErrorOutput): { what: string; advice: string } {
	const { message, advice } = json.error as Record<'message' | 'advice', string>;
	return { what: `[${namedRows(itemIndexes)}] ${message}`, advice };
}

function listed(others: readonly string[]): string | undefined {
	if (others.length === 0) return undefined;
	const more = others.length > MOST_NAMED ? [`And ${others.length - MOST_NAMED} more`] : [];
	return `Also: ${joinSentences([...others.slice(0, MOST_NAMED), ...more])}`;
}

/** Each thing that is wrong once, with its rows: "[rows 3, 4, 5 and 9 more] 'DeviceId' is empty: fill this column". */
function describeFindings(findings: readonly Finding[]): string[] {
	const rowsOf = new Map<string, { first: Finding; rows: Set<number> }>();
	for (const finding of findings) {
		const what = `'${finding.field}' ${finding.text}`;
		const known = rowsOf.get(what) ?? { first: finding, rows: new Set() };
		known.rows.add(finding.itemIndex);
		rowsOf.set(what, known);
	}
	return Array.from(rowsOf, ([what, { first, rows }]) =>
		rows.size === 1 ? describeFinding(first) : `[${namedRows([...rows])}] ${what}`,
	);
}
