import { version as PackageVersion } from '../../../../package.json';
import type { Operation } from '../../operation/operation';
import { adviceInChinese } from '../../messages/failures';
import { failureOf, isTried } from '../../service/fate';
import { stopOf } from '../../sync/health';
import type { SyncFacts } from '../../sync/session';
import { rowNumber } from '../../input/finding';
import { describe, type Failure, inHint } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { type EndedRun, type Tally, withheldFor } from './result';
import { reportPlan } from './plan';
import { type MessageStyle, sayRun } from './summary';
import { type OwnFailure, writeText } from './text';

/** The most failures that a report names. */
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** The first item of a run: counts beside each other, in the order in which n8n's table shows them. */
export type RunReport = ReturnType<typeof reportRun>;

/** Sums up a run. */
export function reportRun(
	operation: Pick<Operation<unknown>, 'countDone' | 'customers'>,
	run: EndedRun,
	style: MessageStyle,
) {
	const { tally, rowCount, durationMs } = run;
	const { state, advice } = sayRun(operation, run, style, true);
	const failures = nameFailures(run);
	const Plan = reportPlan(run, style.isNaming);
	return {
		/** Whether somebody should hear of the run, see `hasNews`. */
		...(run.sync && { News: tally.hasNews }),
		/** The whole message about the run, ready to be sent: Chinese, then English, at most 1,700 bytes of UTF-8. */
		Text: writeText(sayRun(operation, run, style, !style.isNaming), failures, style),
		/** One sentence about the run, to be sent to somebody; in English and Chinese. */
		Summary: shownText(`${state[0]} ${advice[0]}`.trim()),
		SummaryZh: shownText(state[1] + advice[1]),
		Health: tally.health,
		...(Plan && { Plan }),
		...(run.sync && reportSync(run.sync, tally, style)),
		...tally.counts,
		/** Of the customers that were accepted in this run. */
		Devices: tally.devices,
		Rows: rowCount,
		InvalidRows: tally.invalidRows,
		Requests: tally.requests,
		Retries: tally.retries,
		DurationMs: Math.round(durationMs),
		/** Which version of the package ran, e.g. `0.1.0`. */
		PackageVersion,
		/** The first hundred. */
		Failures: failures.slice(0, MOST_FAILURES).map((failure) => showFailure(failure, style)),
	};
}

/** What the report of a Sync has besides. */
function reportSync(
	{ bare, gone, lastMinute, minute, state, notKept }: SyncFacts,
	{ newly, recovered, verdicts }: Tally,
	{ isNaming }: MessageStyle,
) {
	const first = (ids: Iterable<string>) => (isNaming ? [...ids].slice(0, MOST_NAMED) : []);
	return {
		/** How many customers fail of which no report has said so, and the first of them. */
		NewlyFailed: newly.length,
		NewlyFailedIds: first(newly),
		/** A report said that they fail, and they do not any more. */
		Recovered: recovered.length,
		RecoveredIds: first(recovered),
		/** They had devices and have none, and no report has said so. */
		NoLongerWithDevices: bare.size,
		NoLongerWithDevicesIds: first(bare),
		/** Customers that are no longer in the rows, and no report has said so; left out where it is not known. */
		...(gone !== undefined && { Gone: gone }),
		/** Since the last run that was not blocked began; left out where there was none. */
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		State: state,
		/** Whether the next run will know what this one did; if not, it sends every customer. */
		StateKept: notKept === undefined,
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
function showFailure({ failure, customerId, itemIndexes, isEnd }: OwnFailure, { isNaming }: MessageStyle) {
	const shown = isNaming ? failure : inHint(failure);
	const { outcome, code, advice, planId } = shown;
	return {
		...(customerId !== undefined && isNaming && { CustomerId: customerId }),
		outcome,
		code,
		message: shownText(isEnd ? `${shown.reason} Nothing more was sent.` : describe(shown)),
		advice: shownText(advice),
		/** The same in Chinese. */
		adviceZh: shownText(adviceInChinese(shown)),
		/** Of a run that a safety check stopped: what 'Approved Plan' takes. */
		...(planId !== undefined && { planId }),
		/** Counted from 1. */
		rows: itemIndexes.map(rowNumber),
	};
}
