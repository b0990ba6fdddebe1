import type { IDataObject } from 'n8n-workflow';

import { toIsoText } from '../../input/dateTime';
import { namedRows, rowNumber } from '../../messages/findings';
import { inSentences, joined, type Message, NOTHING, withNames } from '../../messages/message';
import { RUN, WHY_EVERYBODY } from '../../messages/run';
import { counted, joinSentences } from '../../messages/words';
import type { Call, Operation } from '../../operation/operation';
import { outcomeOf } from '../../service/fate';
import { describe, inHint, type Failure } from '../../service/outcome';
import { SIGNATURE_SCHEMES, SIGNATURE_SCHEME_NAMES } from '../../service/signing/signature';
import { type Health, type Kept, TIME_OVER } from '../../sync/health';
import { lineOf, nameFailures } from './failures';
import { bringsSets, type CallResult, type EndedRun, type Tally, withheldFor } from './result';

/**
 * n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two million end its process (measured
 * in n8n 2.41.1). Half of what fits leaves room for the other runs.
 */
const MANY_ROWS = 500_000;

/** The most customers and causes that a sentence names. */
const MOST_NAMED = 3;

/** A part of a message about a run. */
interface Clause {
	said: Message;
	/** What is said instead where customers may be named, with words of the rows and of the service. */
	named?: Message | undefined;
	/** Customers who are named behind it there. */
	ids?: readonly string[];
	/** What a hint says instead: its reader has the node open. */
	hint?: string;
}

type Known = Pick<Operation<unknown>, 'countDone' | 'customers' | 'effect'>;

/** An execution hint, or the error of a run that Stop Workflow ended: what happened, and what to do. */
export interface Hint {
	/** All that error workflows, toasts and agents see of an error. */
	message: string;
	/** What failed most often, where a message does not say it. */
	reasons: readonly string[];
}

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused (nothing was changed). Correct 'DeviceId' and try again", and
 * the commonest reasons: "row 3: 'DeviceId' is empty". It names rows and no customers.
 * @param outputs how many output items show what was done
 */
export function executionHint(operation: Known, run: EndedRun, outputs: number): Hint {
	const { headline, details, reasons, advice } =
		run.preview === undefined ? clausesOf(operation, run, { outputs }) : previewOf(run);
	const english = (clauses: readonly Clause[]) => clauses.map(({ said, hint }) => hint ?? said[0]);
	const leftOut = some(run.tally.counts.WithoutDevice, RUN.leftOut);
	const remarks = [...(run.remarks ?? []), ...english(leftOut), ...describeManyRows(operation, run)];
	const all = [...english(details), ...remarks].join('; ');
	const message = joinSentences([...english(headline), all, ...english(advice)]);
	return { message, reasons: english(reasons) };
}

/** The message of a run that could do nothing, for a reason of all its items. */
export function blockedMessage(blocked: Failure): Hint {
	return { message: joinSentences([describe(blocked), blocked.advice]), reasons: [] };
}

/** n8n offers its own Retry beside this message. */
const DO_NOT_RETRY = "n8n's Retry of this execution would do all of it again: send only what is left";

/**
 * The message of a run that ended at its first failure, or before it because of invalid rows: "2 of 3 customers, 4 devices
 * pushed; 1 refused (nothing was changed). [row 3, c] …".
 * @param output the first that would leave by the error output: of a call that was done there may be some, too
 */
export function stopMessage(
	operation: Known & Pick<Operation<unknown>, 'namedBy'>,
	run: EndedRun,
	output: Pick<Call, 'itemIndexes'> & { json: IDataObject },
): Hint {
	const { calls, withheld, tally } = run;
	const { headline, details, reasons, advice } = clausesOf(operation, run);
	const english = (clauses: readonly Clause[]) => clauses.map(({ said, named = said }) => named[0]);
	const failed = nameFailures(operation, run).filter(({ failure }) => failure.scope === 'call');
	const { message: found, advice: todo } = output.json.error as Record<'message' | 'advice', string>;
	const [first] = failed;
	const ofFirst = first ? [lineOf(first, true)[0]] : [`[${namedRows(output.itemIndexes)}] ${found}`, todo];
	// Of a single call its failure says it all.
	const isTold = tally.reason === undefined && calls.length === 1 && withheld.length === 0;
	const mayBeDone = ({ fate }: CallResult) => ['OK', 'UNKNOWN'].includes(outcomeOf(fate)?.outcome ?? '');
	const message = [
		...english(headline),
		isTold ? '' : english(details).join('; '),
		...(tally.reason === undefined ? ofFirst : []),
		...english(advice),
		operation.effect === 'once' && calls.some(mayBeDone) ? DO_NOT_RETRY : '',
	];
	return { message: joinSentences(message), reasons: failed.length < 2 ? [] : english(reasons) };
}

const HEALTH_ZH: Readonly<Record<Health, string>> = { ok: '正常', degraded: '部分异常', failing: '失败' };

/** How a message about a run is written. */
export interface MessageStyle {
	/** 'Name Customers'. If not, there is no id and no value of a row. */
	isNaming: boolean;
	/** The workflow's, by its IANA name. */
	timezone: string;
}

/** A message about a run: what it came to, without and with the commonest reasons, and what to do; the latter empty where there is nothing to do. */
export function sayRun(
	operation: Known,
	run: EndedRun,
	{ isNaming, timezone }: MessageStyle,
): Record<'state' | 'stateWithReasons' | 'advice', Message> {
	const { health, reason } = run.tally;
	const { headline, details, reasons, advice } = clausesOf(operation, run, { timezone });
	const say = (clauses: readonly Clause[]) =>
		clauses.map(({ said, named = said, ids = [] }) =>
			isNaming ? withNames(named, ids.slice(0, MOST_NAMED), ids.length) : said,
		);
	const [why, todo] = [say(headline), inSentences(say(advice))];
	const [code, kind] = [reason?.code ?? '', run.sync === undefined ? 'Push' : 'Sync'];
	const isNamed = code === '' || why[0]![0].includes(code);
	const stateOf = (clauses: readonly Clause[]): Message => {
		const what = joined(say(clauses));
		return [
			`${kind} is ${health}${isNamed ? '' : ` (${code})`}: ${inSentences([...why, what])[0]}.`,
			`${kind} ${HEALTH_ZH[health]}${code === '' ? '' : `（${code}）`}：${inSentences([joined(why), what])[1]}。`,
		];
	};
	return {
		state: stateOf(details),
		stateWithReasons: stateOf([...details, ...reasons]),
		advice: todo[0] === '' ? NOTHING : [`${todo[0]}.`, `${todo[1]}。`],
	};
}

/** What is said of a run: why it failed as a whole, what became of its customers, what failed most often, and what to do. */
function clausesOf(operation: Known, run: EndedRun, { outputs = 0, timezone = 'UTC' } = {}) {
	return {
		headline: headlineOf(run),
		details: detailsOf(operation, run, outputs, timezone),
		reasons: causesOf(run),
		advice: adviceOn(run, run.tally.reason),
	};
}

/** The same of a Dry Run: what a run would do. A hint is in English. */
function previewOf({ preview, ...run }: EndedRun): ReturnType<typeof clausesOf> {
	const { planned, requests, blocked, stopsForRows } = preview!;
	const { sync } = run;
	const stop = 'Stop Workflow would end the run for them before anything is sent';
	const unknown = 'another run of this node is active or was interrupted, so what has changed is unknown';
	const only = (english: string): Clause => ({ said: [english, ''] });
	return {
		headline: [
			only('Dry run: nothing was sent'),
			...(blocked === undefined ? [] : [only(`A run would send nothing: ${inHint(blocked).reason}`)]),
		],
		details: [
			only(planned),
			...some(run.calls.length - requests, RUN.unchanged),
			...withheldOf(run),
			...(stopsForRows ? [only(stop)] : []),
			...some(sync?.gone ?? 0, RUN.gone),
			...(sync?.state === 'interrupted' ? [only(unknown)] : everybodySent(sync)),
		],
		reasons: causesOf(run),
		advice: adviceOn(run, blocked),
	};
}

/** These only say that many failed: what failed most often says why. */
const OF_MANY = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

/** Why many failed, where the reason of the run is only that they did. */
function causeBehind({ tally: { reason, causes } }: EndedRun): Tally['causes'][number] | undefined {
	return OF_MANY.includes(reason?.code ?? '') ? causes.find(({ failure }) => failure) : undefined;
}

function headlineOf(run: EndedRun): Clause[] {
	const { reason } = run.tally;
	if (reason === undefined) {
		return [];
	}
	const behind = causeBehind(run);
	const isUnsent = run.blocked !== undefined && run.preview === undefined;
	const shown = inHint(reason);
	return [
		...(behind === undefined ? [] : [ofCause(behind)]),
		{ said: [shown.reason, shown.reasonZh], named: [reason.reason, reason.reasonZh] },
		...(isUnsent ? [{ said: RUN.nothingSent(run.isRetry) }] : []),
	];
}

/** Where customers may be named, the words of the service may stand as well. */
function ofCause({ said, failure }: Tally['causes'][number]): Clause {
	return { said, named: failure && [failure.reason, failure.reasonZh] };
}

/** What failed most often, with its rows. */
function causesOf({ tally: { reason, causes }, blocked }: EndedRun): Clause[] {
	if (reason !== undefined && blocked === undefined) {
		return [];
	}
	return causes.slice(0, MOST_NAMED).map((cause) => {
		const { itemIndexes } = cause;
		const { said, named } = ofCause(cause);
		const rows = itemIndexes.slice(0, MOST_NAMED).map(rowNumber).join('、');
		const more = itemIndexes.length > MOST_NAMED ? ` 等 ${itemIndexes.length} ` : ' ';
		const withRows = ([english, chinese]: Message): Message => [
			`${namedRows(itemIndexes)}: ${joinSentences([english])}`,
			`第 ${rows}${more}行：${chinese}`,
		];
		return { said: withRows(said), named: named && withRows(named) };
	});
}

/** Only of some there is something to say. */
function some(count: number, say: (count: number) => Message, more: Omit<Clause, 'said'> = {}): Clause[] {
	return count > 0 ? [{ said: say(count), ...more }] : [];
}

function detailsOf(operation: Known, run: EndedRun, outputs: number, timezone: string): Clause[] {
	const { tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newly, recovered, others, reason, retries, stopOver } = tally;
	const earlier = calls.filter(
		({ fate }) => fate.kind === 'earlierAttempt' && outcomeOf(fate)?.outcome === 'OK',
	);
	// Of what only reads nothing can have been applied.
	const unclear = operation.effect === 'read' ? RUN.unclear : RUN.mayBeApplied;
	const isWhole = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	const isKnownToFail = sync !== undefined && reason === undefined;
	const over = stopOver === undefined ? undefined : toIsoText(stopOver * 60, timezone);
	return [
		// Who has a form of the stop need not answer it any more.
		...(over === undefined ? [] : [{ said: RUN.stopOver(over.slice(5, 16).replace('T', ' ')) }]),
		...some(newly.length, RUN.newlyFailed, { ids: newly }),
		...(isKnownToFail ? some(others, newly.length > 0 ? RUN.othersFailed : RUN.stillFailed) : []),
		...(isWhole
			? []
			: [
					...doneBy(operation, run, outputs),
					...some(counts.Refused, RUN.refused),
					...some(counts.Unclear, unclear),
					...some(counts.NotSent, RUN.notSent),
				]),
		...postponedOf(run),
		...withheldOf(run),
		...some(recovered.length, RUN.recovered, { ids: recovered }),
		...ofSync(run),
		...some(earlier.length, RUN.doneEarlier),
		...some(retries, RUN.retries),
		...schemeOf(run),
		...some(Math.abs(Math.round(clockOffsetMs / 1000)), RUN.clockOff),
	];
}

/** What was withheld: "2 rows invalid (not sent)". */
function withheldOf({ withheld, tally }: EndedRun): Clause[] {
	const refusedFor = (code: string) => withheld.filter(({ refusal }) => refusal?.code === code).length;
	return [
		...some(tally.invalidRows, RUN.invalidRows),
		...some(refusedFor('OTHER_SET_EARLIER'), RUN.givenEarlier),
		...some(refusedFor('NOT_ALLOWED'), RUN.notAllowed),
	];
}

/** What was done; in Chinese, as Push says it: the others have a hint alone. */
function doneBy(operation: Known, run: EndedRun, outputs: number): Clause[] {
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
	return [{ said: RUN.pushed(english, units, counts.Pushed, devices) }];
}

/** How many customers are as the rows say now. */
function doneBySync({ counts, devices }: Tally): Clause[] {
	const { Pushed, Due, Unchanged, WithoutDevice } = counts;
	const total = counts.Customers - WithoutDevice;
	const [pushed, done] = [Pushed + Due, Pushed + Due + Unchanged];
	if (total > 0 && done === 0) {
		return [{ said: RUN.nobodyPushed(total) }];
	}
	if (total > 0 && Unchanged === total) {
		return [{ said: RUN.allUpToDate(total) }];
	}
	return [{ said: RUN.upToDate(done, total, pushed, devices) }, ...some(Due, RUN.rePushed)];
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

/** What is known of the runs before, and left to the next one. */
function ofSync({ sync, blocked, tally: { hasNews, counts } }: EndedRun): Clause[] {
	if (sync === undefined) {
		return [];
	}
	const { state, lostDevices, gone = 0, notKept } = sync;
	const isFirstMessage = state === 'empty' && hasNews && counts.Pushed > 0;
	return [
		...(blocked === undefined ? everybodySent(sync) : []),
		...(isFirstMessage ? [{ said: RUN.firstMessage() }] : []),
		...(notKept === undefined ? [] : [{ said: describeNotKept(notKept) }]),
		...some(lostDevices.size, RUN.withoutDevices, { ids: [...lostDevices] }),
		...some(gone, RUN.gone),
	];
}

/** That everybody is sent, and why. */
function everybodySent(sync: EndedRun['sync']): Clause[] {
	if (sync === undefined) {
		return [];
	}
	const none: Message = [`there is no sync state because ${sync.whyNone}`, '没有同步状态'];
	const why = sync.state === 'none' ? none : WHY_EVERYBODY[sync.state];
	return why === undefined ? [] : [{ said: RUN.everybodySent(why) }];
}

/** "the sync state could not be kept: n8n's database took 4.6 s, so the next run sends every customer". */
export function describeNotKept({ left, isTakenOver, tookMs }: Kept): Message {
	const why = isTakenOver ? RUN.stateTaken() : RUN.stateTooLate((tookMs / 1000).toFixed(1));
	return RUN.notKept(why, left === 'empty' ? RUN.nextWaits() : RUN.nextSendsAll());
}

/** What spares the requests that only served to detect how to sign. */
function schemeOf({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Clause[] {
	// The first one is tried first in any case.
	const isFirst = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirst) {
		return [];
	}
	return [{ said: RUN.setScheme(SIGNATURE_SCHEME_NAMES[acceptedScheme]) }];
}

/** What to do before the rows of a run are too many for n8n. */
function describeManyRows(operation: Known, { rowCount, sync }: EndedRun): string[] {
	if (rowCount <= MANY_ROWS) {
		return [];
	}
	const split = `split them ${bringsSets(operation) ? 'by customer ' : ''}into several runs`;
	const advice = sync === undefined ? split : 'run copies of the workflow, each with a part of the customers';
	const rows = counted(rowCount, 'row');
	return [`n8n keeps all ${rows} on its heap, where a million take about 1 GB: ${advice}`];
}

/** What goes away by itself, besides what a retry within the run may mend. */
const PASSING = [...OF_MANY, 'STATE_NOT_USABLE'];

function passes({ scope, retry, code }: Failure): boolean {
	return PASSING.includes(code) || (scope === 'call' && retry !== 'never');
}

/** What to do for each reason; where a schedule does it, that nothing has to be done, and what to look at when it lasts. */
function adviceOn(run: EndedRun, reason: Failure | undefined): Clause[] {
	const { sync, tally, withheld } = run;
	const { causes } = tally;
	const ofRun = causeBehind(run)?.failure ?? reason;
	const invalid = withheld.flatMap(({ findings, refusal }) => (refusal === undefined ? findings : []));
	const ofCauses = causes
		.slice(0, MOST_NAMED)
		.map(({ failure }) => failure ?? withheldFor({ findings: invalid }));
	const refusals = withheld.flatMap(({ refusal }) => refusal ?? []);
	const lasting = [...ofCauses.filter((one) => !passes(one)), ...refusals];
	const failures = ofRun === undefined ? (lasting.length > 0 ? lasting : ofCauses.slice(0, 1)) : [ofRun];
	const all = new Map(failures.map((failure) => [failure.advice, failure]));
	const { rows, options } = tally.mendable;
	// "Row Handling can mend 7 of these 11 rows: Several Devices in a Cell → Split".
	const mends = some(rows, () => RUN.canMend(rows, tally.invalidRows, options));
	const isScheduled = sync !== undefined && !sync.isManual;
	return [
		...Array.from(all.values(), (failure) => adviceFor(failure, isScheduled)),
		...(failures.some(({ code }) => code === 'INVALID_ROWS') ? mends : []),
	];
}

function adviceFor(failure: Failure, isScheduled: boolean): Clause {
	const { advice: english, adviceZh: chinese } = inHint(failure);
	const { planId, correction } = failure;
	// Who gets the message may approve the plan by a form: the option is for who has the node open.
	if (planId !== undefined) {
		const { examples = NOTHING, advice = NOTHING } = correction ?? {};
		const todo = [advice, RUN.planId(planId)];
		return { said: inSentences(todo), named: inSentences([examples, ...todo]), hint: english };
	}
	if (!isScheduled || !passes(failure)) {
		return { said: [english, chinese], named: [failure.advice, chinese] };
	}
	// A schedule tries again by itself.
	const isRetry = /^Try again( later)?$/.test(english);
	const lasts = (text: string) => RUN.mendsItself(isRetry ? RUN.checkNetwork() : [text, chinese]);
	return { said: lasts(english), named: lasts(failure.advice) };
}
