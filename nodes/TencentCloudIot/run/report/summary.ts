import { namedRows, rowNumber } from '../../input/finding';
import { adviceInChinese, reasonInChinese } from '../../messages/failures';
import { type Message, NOTHING } from '../../messages/message';
import { inSentences, joined, RUN, WHY_EVERYBODY } from '../../messages/run';
import { counted, joinSentences } from '../../messages/words';
import type { Operation } from '../../operation/operation';
import { outcomeOf } from '../../service/fate';
import { inHint, type Failure } from '../../service/outcome';
import { SIGNATURE_SCHEMES, SIGNATURE_SCHEME_NAMES } from '../../service/signing/signature';
import { type Health, type NotKept, stopOver, TIME_OVER } from '../../sync/health';
import { bringsSets, type EndedRun, type Tally, withheldFor } from './result';

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

type Known = Pick<Operation<unknown>, 'countDone' | 'customers'>;

/**
 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused; row 3: 'DeviceId' is empty. Correct
 * 'DeviceId' and try again". It names rows and no customers.
 * @param outputs how many output items show what was done
 */
export function executionHint(operation: Known, run: EndedRun, outputs: number): string {
	const { headline, details, advice } = clausesOf(run, doneBy(operation, run, outputs));
	const english = (clauses: readonly Clause[]) => clauses.map(({ said, hint }) => hint ?? said[0]);
	const remarks = [...remarksOf(run, run.tally), ...describeManyRows(operation, run)];
	const all = [...english(details), ...remarks].join('; ');
	return joinSentences([...english(headline), all, ...english(advice)]);
}

/** What was assumed of the rows, and how many customers are left out. */
export function remarksOf({ remarks = [] }: Pick<EndedRun, 'remarks'>, { counts }: Tally): string[] {
	const leftOut = `${counted(counts.WithoutDevice, 'customer')} without a device left out`;
	return [...remarks, ...(counts.WithoutDevice === 0 ? [] : [leftOut])];
}

const HEALTH_ZH: Readonly<Record<Health, string>> = { ok: '正常', degraded: '部分异常', failing: '失败' };

/** How a message about a run is written. */
export interface MessageStyle {
	/** 'Name Customers'. If not, there is no id and no value of a row. */
	isNaming: boolean;
	/** The workflow's, by its IANA name. */
	timezone: string;
}

/**
 * A message about a run: what it came to, and what to do; the latter empty where there is nothing to do.
 * @param hasCauses whether it says what failed
 */
export function sayRun(
	operation: Known,
	run: EndedRun,
	{ isNaming, timezone }: MessageStyle,
	hasCauses: boolean,
): Record<'state' | 'advice', Message> {
	const { health, reason } = run.tally;
	const style = { timezone, hasCauses };
	const { headline, details, advice } = clausesOf(run, doneBy(operation, run, 0), style);
	const say = (clauses: readonly Clause[]): Message[] =>
		clauses.map(({ said, named = said, ids }) => (isNaming ? withNames(named, ids) : said));
	const [why, what] = [say(headline), joined(say(details))];
	const [code, kind] = [reason?.code ?? '', run.sync === undefined ? 'Push' : 'Sync'];
	const isNamed = code === '' || why[0]![0].includes(code);
	const [english] = inSentences([...why, what]);
	const [, chinese] = inSentences([joined(why), what]);
	return {
		state: [
			`${kind} is ${health}${isNamed ? '' : ` (${code})`}: ${english}.`,
			`${kind} ${HEALTH_ZH[health]}${code === '' ? '' : `（${code}）`}：${chinese}。`,
		],
		advice: ended(inSentences(say(advice))),
	};
}

function ended([english, chinese]: Message): Message {
	return english === '' ? NOTHING : [`${english}.`, `${chinese}。`];
}

function withNames([english, chinese]: Message, ids: readonly string[] = []): Message {
	if (ids.length === 0) return [english, chinese];
	const first = ids.slice(0, MOST_NAMED);
	const [more, moreZh] = ids.length > MOST_NAMED ? [' and others', ' 等'] : ['', ''];
	const quoted = first.map((id) => `'${id}'`).join(', ');
	return [`${english} (${quoted}${more})`, `${chinese}（${first.join('、')}${moreZh}）`];
}

/** What is said of a run: why it failed as a whole, what became of whom, and what to do. */
function clausesOf(run: EndedRun, done: readonly Clause[], { hasCauses = true, timezone = 'UTC' } = {}) {
	const causes = hasCauses ? causesOf(run) : [];
	const details = [...stopOverOf(run, timezone), ...detailsOf(run, done, causes)];
	return { headline: headlineOf(run), details, advice: adviceOn(run) };
}

/** These only say that many failed: what failed most often says why. */
const OF_MANY = new Set(['NO_RESPONSE', 'CIRCUIT_BREAKER']);

/** Why many failed, where the reason of the run is only that they did. */
export function causeBehind({ tally: { reason, causes } }: EndedRun): Tally['causes'][number] | undefined {
	return reason !== undefined && OF_MANY.has(reason.code) ? causes[0] : undefined;
}

function headlineOf(run: EndedRun): Clause[] {
	const { reason } = run.tally;
	if (reason === undefined) return [];
	const behind = causeBehind(run);
	const isUnsent = run.blocked !== undefined && reason.code !== 'DRY_RUN';
	const chinese = reasonInChinese(reason);
	return [
		...(behind === undefined ? [] : [ofCause(behind)]),
		{ said: [inHint(reason).reason, chinese], named: [reason.reason, chinese] },
		...(isUnsent ? [{ said: RUN.nothingSent() }] : []),
	];
}

/** Where customers may be named, the words of the service may stand as well. */
function ofCause({ said, failure }: Tally['causes'][number]): Clause {
	const isOfService = failure.isFromService === true;
	return { said, named: isOfService ? [failure.reason, reasonInChinese(failure, true)] : undefined };
}

/** What failed most often, with its rows. */
function causesOf({ tally: { reason, causes }, blocked }: EndedRun): Clause[] {
	if (reason !== undefined && blocked === undefined) return [];
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

function detailsOf(run: EndedRun, done: readonly Clause[], causes: readonly Clause[]): Clause[] {
	const { tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newly, recovered, others, reason, retries } = tally;
	const earlier = calls.filter(
		({ fate }) => fate.kind === 'earlierAttempt' && outcomeOf(fate)?.outcome === 'OK',
	);
	const isWhole = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	const isKnownToFail = sync !== undefined && reason === undefined;
	return [
		...some(newly.length, RUN.newlyFailed, { ids: newly }),
		...(isKnownToFail ? some(others, newly.length > 0 ? RUN.othersFailed : RUN.stillFailed) : []),
		...(isWhole
			? []
			: [
					...done,
					...some(counts.Refused, RUN.refused),
					...some(counts.Unclear, RUN.unclear, { named: RUN.mayBeApplied(counts.Unclear) }),
					...some(counts.NotSent, RUN.notSent),
				]),
		...postponedOf(run),
		...withheldCounts(tally).flatMap(([count, say]) => some(count, say)),
		...causes,
		...some(recovered.length, RUN.recovered, { ids: recovered }),
		...ofSync(run),
		...some(earlier.length, RUN.doneEarlier),
		...some(retries, RUN.retries),
		...schemeOf(run),
		...some(Math.abs(Math.round(clockOffsetMs / 1000)), RUN.clockOff),
	];
}

type Counts = ReadonlyArray<readonly [number, (count: number) => Message]>;

/** What was withheld: "2 rows invalid". */
export function withheldCounts({ invalidRows, refusals }: Tally): Counts {
	return [
		[invalidRows, RUN.invalidRows],
		[refusals.OTHER_SET_EARLIER, RUN.givenEarlier],
		[refusals.NOT_ALLOWED, RUN.notAllowed],
	];
}

/** Each number above 0 with its words: "2 refused", "1 unclear". */
export function describeCounts(counts: Counts): string[] {
	return counts.flatMap(([count, say]) => some(count, say).map(({ said }) => said[0]));
}

/** What was done; in Chinese, as Push says it: the others have a hint alone. */
function doneBy(operation: Known, run: EndedRun, outputs: number): Clause[] {
	const { counts, units, devices } = run.tally;
	if (run.sync !== undefined) return doneBySync(run.tally);
	const done = run.calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const first = done[0] && outcomeOf(done[0].fate);
	const data = first?.outcome === 'OK' ? first.data : undefined;
	const calls = done.map(({ call }) => call);
	const english = operation.countDone(calls, units, outputs, data);
	return [{ said: RUN.pushed(english, units, counts.Pushed, devices) }];
}

/** How many customers are as the rows say now. */
function doneBySync({ counts, devices }: Tally): Clause[] {
	const { Pushed, Due, Unchanged, WithoutDevice } = counts;
	const total = counts.Customers - WithoutDevice;
	const [pushed, done] = [Pushed + Due, Pushed + Due + Unchanged];
	if (total > 0 && done === 0) return [{ said: RUN.nobodyPushed(total) }];
	if (total > 0 && Unchanged === total) return [{ said: RUN.allUpToDate(total) }];
	return [{ said: RUN.upToDate(done, total, pushed, devices) }, ...some(Due, RUN.rePushed)];
}

function postponedOf({ tally: { counts }, endedEarly }: EndedRun): Clause[] {
	return some(counts.Postponed, (count) => {
		const [english, chinese] = RUN.postponed(count);
		if (endedEarly?.code !== TIME_OVER) return [english, chinese];
		return [
			`${english}: ${joinSentences([endedEarly.reason])}`,
			`${chinese}：${reasonInChinese(endedEarly)}`,
		];
	});
}

/** What is known of the runs before, and left to the next one. */
function ofSync({ sync, blocked, tally: { hasNews, counts } }: EndedRun): Clause[] {
	if (sync === undefined) return [];
	const { state, whyNone, bare, gone = 0, notKept } = sync;
	const none: Message = [`there is no sync state because ${whyNone}`, '没有同步状态'];
	const why = state === 'none' ? none : WHY_EVERYBODY[state];
	const isFirstMessage = state === 'empty' && hasNews && counts.Pushed > 0;
	return [
		...(blocked !== undefined || why === undefined ? [] : [{ said: RUN.everybodySent(why) }]),
		...(isFirstMessage ? [{ said: RUN.firstMessage() }] : []),
		...(notKept === undefined ? [] : [{ said: describeNotKept(notKept) }]),
		...some(bare.size, RUN.withoutDevices, { ids: [...bare] }),
		...some(gone, RUN.gone),
	];
}

/** "the sync state could not be kept: n8n's database took 4.6 s, so the next run sends every customer". */
export function describeNotKept({ reason, isEmpty, tookMs }: NotKept): Message {
	const why = reason === 'database' ? RUN.stateTooLate((tookMs / 1000).toFixed(1)) : RUN.stateTaken();
	return RUN.notKept(why, isEmpty ? RUN.nextWaits() : RUN.nextSendsAll());
}

/** Who has a form of the stop need not answer it any more. */
function stopOverOf(run: EndedRun, timeZone: string): Clause[] {
	const minute = stopOver(run);
	if (minute === undefined) return [];
	const [day, month, hour, hourCycle] = ['2-digit', '2-digit', '2-digit', 'h23'] as const;
	const format = new Intl.DateTimeFormat('en-US', { timeZone, day, month, hour, hourCycle });
	const parts = new Map(format.formatToParts(minute * 60_000).map(({ type, value }) => [type, value]));
	return [{ said: RUN.stopOver(`${parts.get('month')}-${parts.get('day')} ${parts.get('hour')}:00`) }];
}

/** What spares the requests that only served to detect how to sign. */
function schemeOf({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Clause[] {
	// The first one is tried first in any case.
	const isFirst = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirst) return [];
	return [{ said: RUN.setScheme(SIGNATURE_SCHEME_NAMES[acceptedScheme]) }];
}

/** What to do before the rows of a run are too many for n8n. */
function describeManyRows(operation: Known, { rowCount, sync }: EndedRun): string[] {
	if (rowCount <= MANY_ROWS) return [];
	const split = bringsSets(operation)
		? 'split them by customer into several runs'
		: 'split them into several runs';
	const advice = sync === undefined ? split : 'run copies of the workflow, each with a part of the customers';
	return [
		`n8n keeps all ${counted(rowCount, 'row')} on its heap, where a million take about 1 GB: ${advice}`,
	];
}

/** What goes away by itself, besides what a retry within the run may mend. */
const PASSING = new Set(['NO_RESPONSE', 'CIRCUIT_BREAKER', 'STATE_NOT_USABLE']);

function passes({ scope, retry, code }: Failure): boolean {
	return PASSING.has(code) || (scope === 'call' && retry !== 'never');
}

/** What to do for each reason; where a schedule does it, that nothing has to be done, and what to look at when it lasts. */
function adviceOn(run: EndedRun): Clause[] {
	const { sync, tally, withheld } = run;
	const { causes, reason } = tally;
	const ofRun = causeBehind(run)?.failure ?? reason;
	const invalid = withheld.flatMap(({ findings, refusal }) => (refusal === undefined ? findings : []));
	const ofCauses = causes.slice(0, MOST_NAMED).map(({ failure }) => {
		return failure.code === 'INVALID_ROWS' ? withheldFor(invalid, undefined) : failure;
	});
	const lasting = ofCauses.filter((one) => !passes(one));
	const failures = ofRun === undefined ? (lasting.length > 0 ? lasting : ofCauses.slice(0, 1)) : [ofRun];
	const all = new Map(failures.map((failure) => [failure.advice, failure]));
	const mends = failures.some(({ code }) => code === 'INVALID_ROWS') ? mendsOf(tally) : [];
	const isScheduled = sync !== undefined && !sync.isManual;
	return [...Array.from(all.values(), (failure) => adviceFor(failure, isScheduled)), ...mends];
}

function adviceFor(failure: Failure, isScheduled: boolean): Clause {
	const english = inHint(failure).advice;
	const { planId, correction } = failure;
	// Who gets the message may approve the plan by a form: the option is for who has the node open.
	if (planId !== undefined) {
		const { examples = NOTHING, advice = NOTHING } = correction ?? {};
		const todo = [advice, RUN.planId(planId)];
		return { said: inSentences(todo), named: inSentences([examples, ...todo]), hint: english };
	}
	const chinese = adviceInChinese(failure);
	if (!isScheduled || !passes(failure)) return { said: [english, chinese], named: [failure.advice, chinese] };
	// A schedule tries again by itself.
	const isRetry = /^Try again( later)?$/.test(english);
	const lasts = (text: string) => RUN.mendsItself(isRetry ? RUN.checkNetwork() : [text, chinese]);
	return { said: lasts(english), named: lasts(failure.advice) };
}

/** "Row Handling can mend 7 of these 11 rows: Several Devices in a Cell → Split". */
function mendsOf({ invalidRows, mendable: { rows, options } }: Tally): Clause[] {
	return some(rows, () => RUN.canMend(rows, invalidRows, options));
}
