import type { IDataObject } from 'n8n-workflow';

import { toIsoText } from '../../input/dateTime';
import { MENDS, namedRows, rowNumber } from '../../messages/findings';
import { inSentences, joined, type Message, NOTHING, withNames } from '../../messages/message';
import { RUN, WHY_EVERYBODY } from '../../messages/run';
import { TABLES } from '../../messages/tables';
import { counted, joinSentences } from '../../messages/words';
import type { Call, Operation } from '../../operation/operation';
import { outcomeOf } from '../../service/fate';
import { describe, inHint, type Failure } from '../../service/outcome';
import { SIGNATURE_SCHEMES, SIGNATURE_SCHEME_NAMES } from '../../service/signing/signature';
import { type Health, type Kept, TIME_OVER } from '../../sync/health';
import type { SyncFacts } from '../../sync/session';
import { lineOf, nameFailures } from './failures';
import type { Preview } from './preview';
import {
	bringsSets,
	type CallResult,
	type EndedRun,
	type RowsTally,
	type Tally,
	tallyRows,
	withheldFor,
} from './result';

/**
 * n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two million end its process (measured
 * in n8n 2.41.1). Half of what fits leaves room for the other runs.
 */
const MANY_ROWS = 500_000;

/** The most customers and causes in a sentence. */
const MOST_NAMED = 3;

/** A part of a message about a run. */
interface Clause {
	message: Message;
	/** Shown instead if customers may be named: it may quote rows and the service. */
	named?: Message | undefined;
	/** Customers to name behind it. */
	ids?: readonly string[];
	/** Replaces it in a hint, whose reader has the node open. */
	hint?: string;
}

type ReportedOperation = Pick<Operation<unknown>, 'countDone' | 'customers' | 'effect'>;

/** An execution hint, or the error of a run that Stop Workflow ended: what happened, and what to do. */
export interface Hint {
	/** The only part that error workflows, toasts and agents see. */
	message: string;
	/** The most frequent reasons, unless the message has them. */
	reasons: readonly string[];
}

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused (nothing was changed). Correct 'DeviceId'
 * and try again", and the most frequent reasons: "row 3: 'DeviceId' is empty". It names rows, but no customers.
 * @param outputs the number of output items of what was done
 */
export function executionHint(operation: ReportedOperation, run: EndedRun, outputs: number): Hint {
	return hintOf(operation, run, clausesOf(operation, run, { outputs }));
}

/** The execution hint of a Dry Run: what a run would do. */
export function previewHint(operation: ReportedOperation, preview: Preview): Hint {
	return hintOf(operation, preview, clausesOfPreview(operation, preview));
}

function hintOf(
	operation: ReportedOperation,
	run: Pick<EndedRun, 'remarks' | 'leftOut' | 'rowCount' | 'sync'>,
	{ headline, details, reasons, advice }: ReturnType<typeof clausesOf>,
): Hint {
	const english = (clauses: readonly Clause[]) => clauses.map(({ message, hint }) => hint ?? message[0]);
	const leftOut = some(run.leftOut?.size ?? 0, RUN.leftOut);
	const remarks = [...(run.remarks ?? []), ...english(leftOut), ...describeManyRows(operation, run)];
	const middle = [...english(details), ...remarks].join('; ');
	const sentences = [...english(headline), middle, ...english(advice)];
	return { message: joinSentences(sentences), reasons: english(reasons) };
}

/** The message of a run that could do nothing, for one reason. */
export function blockedMessage(blocked: Failure): Hint {
	return { message: joinSentences([describe(blocked), blocked.advice]), reasons: [] };
}

/** n8n shows its own Retry button beside this message. */
const DO_NOT_RETRY = "n8n's Retry of this execution would do all of it again: send only what is left";

/**
 * The message of a run that ended at its first failure, or because of invalid rows: "2 of 3 customers, 4 devices pushed; 1 refused
 * (nothing was changed). [row 3, c] …".
 * @param output the first item for the error output; a call that was done may have one, too
 */
export function stopMessage(
	operation: ReportedOperation & Pick<Operation<unknown>, 'namedBy'>,
	run: EndedRun,
	output: Pick<Call, 'itemIndexes'> & { json: IDataObject },
): Hint {
	const { calls, withheld, tally } = run;
	const { headline, details, reasons, advice } = clausesOf(operation, run);
	const english = (clauses: readonly Clause[]) => clauses.map(({ message, named = message }) => named[0]);
	const failed = nameFailures(operation, run).filter(({ failure }) => failure.scope === 'call');
	const sentences = english(headline);
	// The failure of a single call says everything.
	const isSingleFailure = tally.reason === undefined && calls.length === 1 && withheld.length === 0;
	if (!isSingleFailure) {
		sentences.push(english(details).join('; '));
	}
	const [first] = failed;
	if (tally.reason === undefined && first !== undefined) {
		sentences.push(lineOf(first, true)[0]);
	} else if (tally.reason === undefined) {
		const { message, advice: todo } = output.json.error as Record<'message' | 'advice', string>;
		sentences.push(`[${namedRows(output.itemIndexes)}] ${message}`, todo);
	}
	sentences.push(...english(advice));
	const mayBeDone = ({ fate }: CallResult) => ['OK', 'UNKNOWN'].includes(outcomeOf(fate)?.outcome ?? '');
	if (operation.effect === 'once' && calls.some(mayBeDone)) {
		sentences.push(DO_NOT_RETRY);
	}
	return { message: joinSentences(sentences), reasons: failed.length < 2 ? [] : english(reasons) };
}

const HEALTH_ZH: Readonly<Record<Health, string>> = { ok: '正常', degraded: '部分异常', failing: '失败' };

/** How to write a message about a run. */
export interface MessageStyle {
	/** The option 'Name Customers'. If off, the message has no id and no value of a row. */
	isNaming: boolean;
	/** The IANA name of the workflow's time zone. */
	timezone: string;
}

/** A message about a run: its state, without and with the most frequent reasons, and what to do (empty if nothing). */
export function sayRun(
	operation: ReportedOperation,
	run: EndedRun,
	{ isNaming, timezone }: MessageStyle,
): Record<'state' | 'stateWithReasons' | 'advice', Message> {
	const { health, reason } = run.tally;
	const { headline, details, reasons, advice } = clausesOf(operation, run, { timezone });
	const say = (clauses: readonly Clause[]) =>
		clauses.map(({ message, named = message, ids = [] }) =>
			isNaming ? withNames(named, ids.slice(0, MOST_NAMED), ids.length) : message,
		);
	const why = say(headline);
	const todo = inSentences(say(advice));
	const code = reason?.code ?? '';
	const kind = run.sync === undefined ? 'Push' : 'Sync';
	const isNamed = code === '' || why[0]![0].includes(code);
	const stateOf = (clauses: readonly Clause[]): Message => {
		const results = joined(say(clauses));
		return [
			`${kind} is ${health}${isNamed ? '' : ` (${code})`}: ${inSentences([...why, results])[0]}.`,
			`${kind} ${HEALTH_ZH[health]}${code === '' ? '' : `（${code}）`}：${inSentences([joined(why), results])[1]}。`,
		];
	};
	return {
		state: stateOf(details),
		stateWithReasons: stateOf([...details, ...reasons]),
		advice: todo[0] === '' ? NOTHING : [`${todo[0]}.`, `${todo[1]}。`],
	};
}

/** The clauses about a run: why it failed as a whole, what became of its customers, the most frequent causes, and what to do. */
function clausesOf(operation: ReportedOperation, run: EndedRun, { outputs = 0, timezone = 'UTC' } = {}) {
	return {
		headline: headlineOf(run),
		details: detailsOf(operation, run, outputs, timezone),
		reasons: causesOf(run),
		advice: adviceOn(run, run.tally.reason),
	};
}

/** The clauses of a Dry Run: what a run would do. They are for a hint, which is in English. */
function clausesOfPreview(operation: ReportedOperation, preview: Preview): ReturnType<typeof clausesOf> {
	const { calls, withheld, planned, requests, blocked, stopsForRows, sync } = preview;
	const tally = tallyRows(withheld, operation);
	const inEnglish = (english: string): Clause => ({ message: [english, ''] });
	const headline = [inEnglish('Dry run: nothing was sent')];
	if (blocked !== undefined) {
		headline.push(inEnglish(`A run would send nothing: ${inHint(blocked).reason}`));
	}
	const details = [
		inEnglish(planned),
		...some(calls.length - requests, RUN.unchanged),
		...withheldOf({ withheld, tally }),
	];
	if (stopsForRows) {
		details.push(inEnglish('Stop Workflow would end the run for them before anything is sent'));
	}
	details.push(...some(sync?.gone ?? 0, RUN.gone));
	if (sync?.state === 'interrupted') {
		details.push(
			inEnglish(
				'another run of this node is active or was interrupted: those that it may have sent are sent again',
			),
		);
	} else {
		details.push(...everybodySent(sync));
	}
	return {
		headline,
		details,
		reasons: saidCauses(tally),
		advice: adviceOn(
			{ withheld, sync, tally: { ...tally, reason: undefined, moved: [], standstill: undefined } },
			blocked,
		),
	};
}

/** Codes that only say that many requests failed. The most frequent cause says why. */
const OF_MANY = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

/** The cause to report if the reason of the run is only that many requests failed. */
function causeBehind({
	reason,
	causes,
}: Pick<Tally, 'reason' | 'causes'>): Tally['causes'][number] | undefined {
	return OF_MANY.includes(reason?.code ?? '') ? causes.find(({ failure }) => failure) : undefined;
}

function headlineOf(run: EndedRun): Clause[] {
	const { reason } = run.tally;
	if (reason === undefined) {
		return [];
	}
	const headline: Clause[] = [];
	const cause = causeBehind(run.tally);
	if (cause !== undefined) {
		headline.push(ofCause(cause));
	}
	const shown = inHint(reason);
	headline.push({ message: [shown.reason, shown.reasonZh], named: [reason.reason, reason.reasonZh] });
	if (run.blocked !== undefined) {
		headline.push({ message: RUN.nothingSent(run.isRetry) });
	}
	return headline;
}

/** If customers may be named, the service may be quoted as well. */
function ofCause({ message, failure }: Tally['causes'][number]): Clause {
	return { message, named: failure && [failure.reason, failure.reasonZh] };
}

/** What failed most often, with its rows. */
function causesOf({ tally, blocked }: EndedRun): Clause[] {
	return tally.reason !== undefined && blocked === undefined ? [] : saidCauses(tally);
}

function saidCauses({ causes }: RowsTally): Clause[] {
	return causes.slice(0, MOST_NAMED).map((cause) => {
		const { itemIndexes } = cause;
		const { message, named } = ofCause(cause);
		const rows = itemIndexes.slice(0, MOST_NAMED).map(rowNumber).join('、');
		const more = itemIndexes.length > MOST_NAMED ? ` 等 ${itemIndexes.length} ` : ' ';
		const withRows = ([english, chinese]: Message): Message => [
			`${namedRows(itemIndexes)}: ${joinSentences([english])}`,
			`第 ${rows}${more}行：${chinese}`,
		];
		return { message: withRows(message), named: named && withRows(named) };
	});
}

/** A clause about a number, if it is above 0. */
function some(count: number, say: (count: number) => Message, more: Omit<Clause, 'message'> = {}): Clause[] {
	return count > 0 ? [{ message: say(count), ...more }] : [];
}

function detailsOf(operation: ReportedOperation, run: EndedRun, outputs: number, timezone: string): Clause[] {
	const { tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newly, recovered, stillFailed, reason, retries } = tally;
	const details = stopOverOf(tally, timezone);
	details.push(...some(newly.length, RUN.newlyFailed, { ids: newly }));
	if (sync !== undefined && reason === undefined) {
		details.push(...some(stillFailed, newly.length > 0 ? RUN.othersFailed : RUN.stillFailed));
	}
	const isWholeRunBlocked = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	if (!isWholeRunBlocked) {
		// A read cannot have been applied.
		const unclear = operation.effect === 'read' ? RUN.unclear : RUN.mayBeApplied;
		details.push(
			...doneBy(operation, run, outputs),
			...some(counts.Refused, RUN.refused),
			...some(counts.Unclear, unclear),
			...some(counts.NotSent, RUN.notSent),
		);
	}
	const doneEarlier = calls.filter(
		({ fate }) => fate.kind === 'earlierAttempt' && outcomeOf(fate)?.outcome === 'OK',
	);
	details.push(
		...postponedOf(run),
		...withheldOf(run),
		...some(recovered.length, RUN.recovered, { ids: recovered }),
		...ofSync(run, timezone),
		...some(doneEarlier.length, RUN.doneEarlier),
		...some(retries, RUN.retries),
		...schemeOf(run),
		...some(Math.abs(Math.round(clockOffsetMs / 1000)), RUN.clockOff),
	);
	return details;
}

/** That an earlier stop is over: its form needs no answer any more. */
function stopOverOf({ stopOver }: Tally, timezone: string): Clause[] {
	return stopOver === undefined ? [] : [{ message: RUN.stopOver(dayAndTime(stopOver, timezone)) }];
}

/** What was withheld: "2 rows invalid (not sent)". */
function withheldOf({
	withheld,
	tally,
}: Pick<EndedRun, 'withheld'> & { tally: Pick<RowsTally, 'invalidRows'> }): Clause[] {
	const refusedFor = (code: string) => withheld.filter(({ refusal }) => refusal?.code === code).length;
	return [
		...some(tally.invalidRows, RUN.invalidRows),
		...some(refusedFor('OTHER_SET_EARLIER'), RUN.givenEarlier),
		...some(refusedFor('NOT_ALLOWED'), RUN.notAllowed),
	];
}

/** What was done. The Chinese text is the one of Push: other operations only have a hint, which is in English. */
function doneBy(operation: ReportedOperation, run: EndedRun, outputs: number): Clause[] {
	const { counts, units, devices } = run.tally;
	if (run.sync !== undefined) {
		return doneBySync(run.tally);
	}
	const done = run.calls.flatMap(({ call, fate }) => {
		const outcome = outcomeOf(fate);
		return outcome?.outcome === 'OK' ? { call, data: outcome.data } : [];
	});
	const calls = done.map(({ call }) => call);
	const english = operation.countDone(calls, units, outputs, done[0]?.data);
	return [{ message: RUN.pushed(english, units, counts.Pushed, devices) }];
}

/** How many customers are up to date. */
function doneBySync({ counts, devices }: Tally): Clause[] {
	const { Pushed, Due, Unchanged, WithoutDevice } = counts;
	const total = counts.Customers - WithoutDevice;
	const pushed = Pushed + Due;
	const done = pushed + Unchanged;
	if (total > 0 && done === 0) {
		return [{ message: RUN.nobodyPushed(total) }];
	}
	if (total > 0 && Unchanged === total) {
		return [{ message: RUN.allUpToDate(total) }];
	}
	return [{ message: RUN.upToDate(done, total, pushed, devices) }, ...some(Due, RUN.rePushed)];
}

function postponedOf({ tally: { counts }, endedEarly }: EndedRun): Clause[] {
	return some(counts.Postponed, (count) => {
		const [english, chinese] = RUN.postponed(count);
		if (endedEarly?.code !== TIME_OVER) {
			return [english, chinese];
		}
		const why = joinSentences([endedEarly.reason]);
		return [`${english}: ${why}`, `${chinese}：${endedEarly.reasonZh}`];
	});
}

/** What a Sync knows about earlier runs and leaves to the next one. */
function ofSync(run: EndedRun, timezone: string): Clause[] {
	const { sync, blocked, tally } = run;
	if (sync === undefined) {
		return [];
	}
	const { hasNews, counts } = tally;
	const { state, lastMinute, lostDevices, gone = 0, notKept } = sync;
	const clauses = blocked === undefined ? everybodySent(sync) : [];
	if (blocked === undefined && state === 'interrupted') {
		clauses.push({ message: RUN.interrupted() });
	}
	// A first run that was interrupted has said nothing.
	const isFirstToEnd = state === 'empty' || (state === 'interrupted' && lastMinute === undefined);
	if (isFirstToEnd && hasNews && counts.Pushed > 0) {
		clauses.push({ message: RUN.firstMessage() });
	}
	if (notKept !== undefined) {
		clauses.push({ message: describeNotKept(notKept) });
	}
	clauses.push(
		...some(lostDevices.size, RUN.withoutDevices, { ids: [...lostDevices] }),
		...some(gone, RUN.gone),
		...movedOf(tally.moved, sync, timezone),
		...staleOf(run),
	);
	return clauses;
}

const DAY_MINUTES = 1440;

/** That the source stands still, once. */
function staleOf({
	sync,
	tally: { standstill },
}: {
	sync: EndedRun['sync'];
	tally: Pick<Tally, 'standstill'>;
}): Clause[] {
	if (standstill === undefined || sync?.reported?.isStale === true) {
		return [];
	}
	const { since, longestGap } = standstill;
	const usual = longestGap === undefined ? undefined : Math.max(1, Math.ceil(longestGap / DAY_MINUTES));
	return [{ message: RUN.stale(Math.floor(since / DAY_MINUTES), usual) }];
}

/** The most devices that have moved in a message. */
const MOST_MOVED = 5;

/** That devices have moved to another customer: "2 devices moved to another customer (P/1 from a to b since 11-28 02:15)". */
function movedOf(moved: Tally['moved'], { isReplacing }: SyncFacts, timezone: string): Clause[] {
	if (moved.length === 0 || isReplacing === true) {
		return [];
	}
	const message = RUN.moved(moved.length);
	const devices = moved.slice(0, MOST_MOVED).map(({ deviceId, from = '', to, since }) => {
		return RUN.movedDevice(deviceId, { from, to, since: dayAndTime(since, timezone) });
	});
	const named: Message = [
		`${message[0]} (${devices.map(([english]) => english).join(', ')}${moved.length > MOST_MOVED ? ' and others' : ''})`,
		`${message[1]}（${devices.map(([, chinese]) => chinese).join('，')}${moved.length > MOST_MOVED ? ' 等' : ''}）`,
	];
	return [{ message, named }];
}

/** e.g. `11-28 02:15`. @param minute since 1970 */
function dayAndTime(minute: number, timezone: string): string {
	const text = toIsoText(minute * 60, timezone) ?? '';
	return text.slice(5, 16).replace('T', ' ');
}

/** That every customer is sent, and why. */
function everybodySent(sync: EndedRun['sync']): Clause[] {
	if (sync === undefined) {
		return [];
	}
	const withoutState: Message = [`there is no sync state because ${sync.whyNone}`, '没有同步状态'];
	const why = sync.state === 'none' ? withoutState : WHY_EVERYBODY[sync.state];
	return why === undefined ? [] : [{ message: RUN.everybodySent(why) }];
}

/** How the sync state was left, where it is not known to be kept, and what the next run does about it. */
export function describeNotKept({ left, unusable, tookMs }: Kept): Message {
	if (left === 'takenOver') {
		return RUN.stateTaken();
	}
	return unusable === undefined
		? RUN.stateTooLate((tookMs / 1000).toFixed(1))
		: RUN.stateUnusable(TABLES[unusable].happened);
}

/** The setting that saves the requests which only detect how to sign. */
function schemeOf({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Clause[] {
	// The first candidate is tried first in any case.
	const isFirst = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirst) {
		return [];
	}
	return [{ message: RUN.setScheme(SIGNATURE_SCHEME_NAMES[acceptedScheme]) }];
}

/** Advice for a run that has nearly too many rows for n8n. */
function describeManyRows(
	operation: ReportedOperation,
	{ rowCount, sync }: Pick<EndedRun, 'rowCount' | 'sync'>,
): string[] {
	if (rowCount <= MANY_ROWS) {
		return [];
	}
	const split = `split them ${bringsSets(operation) ? 'by customer ' : ''}into several runs`;
	const advice = sync === undefined ? split : 'run copies of the workflow, each with a part of the customers';
	const rows = counted(rowCount, 'row');
	return [`n8n keeps all ${rows} on its heap, where a million take about 1 GB: ${advice}`];
}

/** Reasons that go away by themselves, besides those that a retry within the run may solve. */
const PASSING = [...OF_MANY, 'STATE_NOT_USABLE'];

function passes({ scope, retry, code }: Failure): boolean {
	return PASSING.includes(code) || (scope === 'call' && retry !== 'never');
}

/** What advice depends on. */
interface Advised extends Pick<EndedRun, 'sync' | 'withheld'> {
	tally: RowsTally & Pick<Tally, 'reason' | 'moved' | 'standstill'>;
}

/** What to do about each reason. If a schedule retries by itself: that nothing has to be done, and what to check if it lasts. */
function adviceOn(run: Advised, reason: Failure | undefined): Clause[] {
	const { sync, tally } = run;
	const ofRun = causeBehind(tally)?.failure ?? reason;
	const failures = ofRun === undefined ? failuresToAdvise(run) : [ofRun];
	const byAdvice = new Map(failures.map((failure) => [failure.advice, failure]));
	const isScheduled = sync !== undefined && !sync.isManual;
	const advice = Array.from(byAdvice.values(), (failure) => adviceFor(failure, isScheduled));
	if (tally.moved.length > 0 && sync?.isReplacing !== true) {
		advice.push({ message: RUN.movedAdvice() });
	}
	if (staleOf(run).length > 0) {
		advice.push({ message: RUN.staleAdvice() });
	}
	if (failures.some(({ code }) => code === 'INVALID_ROWS')) {
		const { rows, options } = tally.mendable;
		// Where all that is wrong is a sign in the IDs, the advice is that option already.
		const isAdvised = rows === tally.invalidRows && options.every((option) => option === MENDS.allow);
		if (!isAdvised) {
			// "Row Handling can mend 7 of these 11 rows: Several Devices in a Cell → Split".
			advice.push(...some(rows, () => RUN.canMend(rows, tally.invalidRows, options)));
		}
	}
	return advice;
}

/** The failures of single customers and rows that need advice: those that last, or else the most frequent one. */
function failuresToAdvise({ tally: { causes }, withheld }: Advised): Failure[] {
	const invalid = withheld.flatMap(({ findings, refusal }) => (refusal === undefined ? findings : []));
	const ofCauses = causes
		.slice(0, MOST_NAMED)
		.map(({ failure }) => failure ?? withheldFor({ findings: invalid }));
	const refusals = withheld.flatMap(({ refusal }) => refusal ?? []);
	const lasting = [...ofCauses.filter((failure) => !passes(failure)), ...refusals];
	return lasting.length > 0 ? lasting : ofCauses.slice(0, 1);
}

function adviceFor(failure: Failure, isScheduled: boolean): Clause {
	const { advice: english, adviceZh: chinese } = inHint(failure);
	const { planId, correction } = failure;
	// A reader of the message can approve the plan in a form. The option is for a reader of the hint, who has the node open.
	if (planId !== undefined) {
		const { examples = NOTHING, advice = NOTHING } = correction ?? {};
		const todo = [advice, RUN.planId(planId)];
		return { message: inSentences(todo), named: inSentences([examples, ...todo]), hint: english };
	}
	if (!isScheduled || !passes(failure)) {
		return { message: [english, chinese], named: [failure.advice, chinese] };
	}
	// A schedule retries by itself.
	const isRetry = /^Try again( later)?$/.test(english);
	const lasts = (text: string) => RUN.mendsItself(isRetry ? RUN.checkNetwork() : [text, chinese]);
	return { message: lasts(english), named: lasts(failure.advice) };
}
