import { version as PackageVersion } from '../../../../package.json';
import type { Operation } from '../../operation';
import { adviceInChinese } from '../../messages/failures';
import { failureOf, isTried } from '../../service/fate';
import { type Health, stopOf } from '../../sync/health';
import type { StateCondition } from '../../sync/began';
import { rowNumber } from '../../input/finding';
import { describe, type Failure, inHint } from '../../service/outcome';
import { shownText } from '../../shown';
import { type EndedRun, type Tally, type UnitCounts, withheldFor } from '../result';
import { type PlanReport, reportPlan } from './plan';
import { type MessageStyle, sayRun } from './summary';
import { type OwnFailure, writeText } from './text';

/** The most failures that a report names. */
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** What the report of a Sync has besides. */
interface SyncReport extends Partial<NonNullable<Tally['verdicts']>> {
	/** Whether somebody should hear of the run, see `hasNews`. */
	News: boolean;
	/** How many customers fail of which no report has said so, and the first of them. */
	NewlyFailed: number;
	NewlyFailedIds: string[];
	/** A report said that they fail, and they do not any more. */
	Recovered: number;
	RecoveredIds: string[];
	/** They had devices and have none, and no report has said so. */
	NoLongerWithDevices: number;
	NoLongerWithDevicesIds: string[];
	/** Customers that are no longer in the rows, and no report has said so; left out where it is not known. */
	Gone?: number;
	/** Since the last run that was not blocked began; left out where there was none. */
	DaysSinceLastRun?: number;
	State: StateCondition;
	/** Whether the next run will know what this one did; if not, it sends every customer. */
	StateKept: boolean;
}

/** The first item of a run: counts beside each other, in the order in which n8n's table shows them. */
export interface RunReport extends UnitCounts, Partial<SyncReport> {
	/** The whole message about the run, ready to be sent: Chinese, then English, at most 1,700 bytes of UTF-8. */
	Text: string;
	/** One sentence about the run, to be sent to somebody; in English and Chinese. */
	Summary: string;
	SummaryZh: string;
	Health: Health;
	/** Where a safety check stopped the run. */
	Plan?: PlanReport;
	/** Of the customers that were accepted in this run. */
	Devices: number;
	Rows: number;
	InvalidRows: number;
	Requests: number;
	Retries: number;
	DurationMs: number;
	/** Which version of the package ran, e.g. `0.1.0`. */
	PackageVersion: string;
	/** The first hundred. */
	Failures: NamedFailure[];
}

/** Sums up a run. */
export function reportRun(
	operation: Pick<Operation<unknown>, 'countDone' | 'customers'>,
	run: EndedRun,
	style: MessageStyle,
): RunReport {
	const { tally, rowCount, durationMs } = run;
	const { state, advice } = sayRun(operation, run, style, true);
	const { News, ...ofSync } = reportSync(run, style) ?? {};
	const failures = nameFailures(run);
	const Plan = reportPlan(run, style.isNaming);
	return {
		...(News !== undefined && { News }),
		Text: writeText(sayRun(operation, run, style, !style.isNaming), failures, style),
		Summary: shownText(`${state[0]} ${advice[0]}`.trim()),
		SummaryZh: shownText(state[1] + advice[1]),
		Health: tally.health,
		...(Plan && { Plan }),
		...ofSync,
		...tally.counts,
		Devices: tally.devices,
		Rows: rowCount,
		InvalidRows: tally.invalidRows,
		Requests: tally.requests,
		Retries: tally.retries,
		DurationMs: Math.round(durationMs),
		PackageVersion,
		Failures: failures.slice(0, MOST_FAILURES).map((failure) => showFailure(failure, style)),
	};
}

function reportSync({ sync, tally }: EndedRun, { isNaming }: MessageStyle): SyncReport | undefined {
	if (sync === undefined) return undefined;
	const first = (ids: readonly string[]) => (isNaming ? ids.slice(0, MOST_NAMED) : []);
	const { gone, lastMinute, minute, state } = sync;
	const { newly, recovered, verdicts, hasNews } = tally;
	const bare = [...sync.bare];
	return {
		News: hasNews,
		NewlyFailed: newly.length,
		NewlyFailedIds: first(newly),
		Recovered: recovered.length,
		RecoveredIds: first(recovered),
		NoLongerWithDevices: bare.length,
		NoLongerWithDevicesIds: first(bare),
		...(gone !== undefined && { Gone: gone }),
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		State: state,
		StateKept: sync.notKept === undefined,
		...verdicts,
	};
}

/** A reason of the whole run stands once, and first; then come those that newly failed. */
function nameFailures(result: EndedRun): OwnFailure[] {
	const { calls, withheld, blocked } = result;
	const ofRun = new Map<string, OwnFailure>();
	const ofCustomers: OwnFailure[] = [];
	const addOfRun = (failure: Failure, isEnd: boolean) =>
		ofRun.set(failure.code, { failure, itemIndexes: [], isEnd });
	const stop = stopOf(result);
	// A stop for rows is named with them.
	if (blocked?.scope === 'run') addOfRun(blocked, false);
	else if (stop !== undefined && stop !== blocked) addOfRun(stop, true);
	const attempted = calls.filter(({ fate }) => isTried(fate));
	for (const { call, fate } of [...attempted, ...calls.filter(({ fate }) => !isTried(fate))]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) continue;
		// What was not attempted has the reason of what was.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) continue;
		const { itemIndexes, customer } = call;
		if (failure.scope === 'call') ofCustomers.push({ failure, customerId: customer?.id, itemIndexes });
		else if (failure.endedBy?.scope === 'run') addOfRun(failure.endedBy, true);
		else if (!ofRun.has(failure.code)) addOfRun(failure, false);
	}
	for (const { findings, refusal, customerId, itemIndexes } of withheld) {
		ofCustomers.push({ failure: withheldFor(findings, refusal), customerId, itemIndexes, findings });
	}
	const newly = new Set(result.tally.newly);
	const isNew = ({ customerId }: OwnFailure) => customerId !== undefined && newly.has(customerId);
	const old = ofCustomers.filter((one) => !isNew(one));
	return [...ofRun.values(), ...ofCustomers.filter(isNew), ...old];
}

/** One failure, without what only its own item says. */
interface NamedFailure {
	CustomerId?: string;
	outcome: Failure['outcome'];
	code: string;
	message: string;
	advice: string;
	/** The same in Chinese. */
	adviceZh: string;
	/** Of a run that a safety check stopped: what 'Approved Plan' takes. */
	planId?: string;
	/** Counted from 1. */
	rows: number[];
}

function showFailure(
	{ failure, customerId, itemIndexes, isEnd }: OwnFailure,
	{ isNaming }: MessageStyle,
): NamedFailure {
	const shown = isNaming ? failure : inHint(failure);
	const { outcome, code, advice, planId } = shown;
	return {
		...(customerId !== undefined && isNaming && { CustomerId: customerId }),
		outcome,
		code,
		message: shownText(isEnd ? `${shown.reason} Nothing more was sent.` : describe(shown)),
		advice: shownText(advice),
		adviceZh: shownText(adviceInChinese(shown)),
		...(planId !== undefined && { planId }),
		rows: itemIndexes.map(rowNumber),
	};
}
