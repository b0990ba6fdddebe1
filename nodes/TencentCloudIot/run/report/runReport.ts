import { version as PackageVersion } from '../../../../package.json';
import { toIsoText } from '../../input/dateTime';
import type { SyncFacts } from '../../sync/session';
import { whatHappened } from '../../service/outcome';
import { asStop } from '../../sync/stop';
import { shownText } from '../../host/shown';
import { presentMembers } from '../../resources/operation/presentMembers';
import { formerOwnerOf, MOST_EXAMPLES, receiptsOfUnreportedGone, showLastReceipt } from './gone';
import { failureLineOf, listFailures, type NamedFailure } from './failures';
import { rowNumber } from '../../messages/rows';
import type { Lines } from '../../messages/message';
import { cutToBytes } from '../../messages/robots';
import { reportPlan } from './plan';
import type { EndedRun, Tally } from './result';
import { describeRun } from './summary';
import { type Place, write, writeEnglish } from '../../messages/text';
import { RUN } from '../../messages/run';

/** The most bytes of a message. WeCom takes 2,048, so there is room for the links that a workflow adds. */
const MOST_MESSAGE_BYTES = 1_700;

/** A message names at most this many failures, each in a line of its own. */
const MOST_FAILURE_LINES = 3;

/** The bytes that a summary leaves in each language for the line of a failure and for what to do, however long the summary is. */
const BYTES_AFTER_SUMMARY = 250;

/** The most failures that a report lists. */
const MOST_LISTED_FAILURES = 100;

/** The most customers that a report names of those that newly failed, recovered or lost their devices. */
const MOST_NAMED_CUSTOMERS = 10;

/**
 * The first item of a run, which sums it up. n8n's table shows its members in this order.
 * @param place where the report is shown, which decides whether it may name customers
 */
export function reportRun(run: EndedRun, place: Place) {
	const { tally, rowCount, durationMs } = run;
	const syncMembers = run.sync && reportSync(run, run.sync, place);
	const message = describeRun(run, place);
	const failures = listFailures(run);
	const [summary, summaryZh] = message.summaryWithReasons;
	const Plan = reportPlan(run, failures, place)?.report;
	return presentMembers({
		/** Whether the run found something that its group should get a message about. Only a Sync has this member. */
		News: run.sync === undefined ? undefined : tally.hasNews,
		/** The whole message about the run, ready to send: Chinese, then English, at most 1,700 bytes of UTF-8. */
		Text: textOf(writeLines(run, failures, place)),
		/** What happened and what to do: `Summary` in English, `SummaryZh` in Chinese. */
		Summary: shownText(`${summary} ${message.advice[0]}`.trim()),
		SummaryZh: shownText(summaryZh + message.advice[1]),
		Health: tally.health,
		Plan,
		...syncMembers,
		...tally.counts,
		/** How many devices the customers have that Tencent accepted in this run. */
		Devices: tally.devices,
		Rows: rowCount,
		InvalidRows: tally.invalidRows,
		Requests: tally.requests,
		Retries: tally.retries,
		DurationMs: Math.round(durationMs),
		/** Which version of the package ran, e.g. `0.1.0`. */
		PackageVersion,
		/** The first failures, at most a hundred. */
		Failures: failures.slice(0, MOST_LISTED_FAILURES).map((failure) => showFailure(failure, place)),
	});
}

/** The lines of the message about a run: its summary, the first failures, and what to do. */
export function linesOfRun(run: EndedRun, place: Place): Lines {
	return writeLines(run, listFailures(run), place);
}

function textOf({ english, chinese }: Lines): string {
	return [...chinese, ...english].join('\n');
}

/**
 * How much a message may name: how many examples (customers that are gone, devices that have moved), how many failures, and how many characters
 * of a failure's line, whose end is cut off. A message takes the first of these steps with which it is short enough. Each step names a failure, so
 * nobody gets a message without any reason. In the last step the summary names no customers and devices, only their counts.
 */
const NAMING_STEPS: readonly NamingStep[] = [
	{ exampleCount: MOST_EXAMPLES, failureCount: MOST_FAILURE_LINES, longestFailureLine: 160 },
	{ exampleCount: 2, failureCount: MOST_FAILURE_LINES, longestFailureLine: 160 },
	{ exampleCount: 2, failureCount: 1, longestFailureLine: 160 },
	{ exampleCount: 1, failureCount: 1, longestFailureLine: 160 },
	{ exampleCount: 0, failureCount: 1, longestFailureLine: 120 },
	{ exampleCount: 0, failureCount: 1, longestFailureLine: 120, isSummaryNameless: true },
];

interface NamingStep {
	/** At most this many examples of each kind are named. */
	exampleCount: number;
	/** At most this many failures get a line. */
	failureCount: number;
	/** The most characters of a failure's line. */
	longestFailureLine: number;
	/** Whether the summary has counts only. */
	isSummaryNameless?: true;
}

function writeLines(run: EndedRun, failures: readonly NamedFailure[], place: Place): Lines {
	const mayNameCustomers = place === 'everything';
	// Failures of the whole run need no line: the first sentence has the reason.
	const failuresWithLine = mayNameCustomers ? failures.filter(({ failure }) => failure.scope === 'call') : [];
	const failureLines = failuresWithLine
		.slice(0, MOST_FAILURE_LINES)
		.map((failure) => write(failureLineOf(failure), place));
	const linesOfStep = ({
		exampleCount,
		failureCount,
		longestFailureLine,
		isSummaryNameless,
	}: NamingStep): Lines => {
		const message = describeRun(run, place, exampleCount);
		// Without the line of a failure, the summary has the only reason, and 'nameless' would leave out Tencent's words.
		const isNameless = isSummaryNameless === true && failureLines.length > 0;
		const { summary, summaryWithReasons } = isNameless ? describeRun(run, 'nameless', 0) : message;
		const firstLine = mayNameCustomers ? summary : summaryWithReasons;
		const linesIn = (language: 0 | 1) => {
			const cutFailureLines = failureLines
				.slice(0, failureCount)
				.map((line) => `· ${shownText(line[language], longestFailureLine)}`);
			const lines = [shownText(firstLine[language]), ...cutFailureLines, shownText(message.advice[language])];
			return lines.filter(Boolean);
		};
		return { english: linesIn(0), chinese: linesIn(1) };
	};
	let shortestLines: Lines = { english: [], chinese: [] };
	for (const step of NAMING_STEPS) {
		shortestLines = linesOfStep(step);
		if (Buffer.byteLength(textOf(shortestLines)) <= MOST_MESSAGE_BYTES) {
			return shortestLines;
		}
	}
	// Even so, a long text of Tencent may be too much. Then each language gets half of the bytes.
	const halfBytes = (MOST_MESSAGE_BYTES - 1) / 2;
	const cutToHalf = ([firstLine = '', ...furtherLines]: readonly string[]) => {
		const lines = [cutToBytes(firstLine, halfBytes - BYTES_AFTER_SUMMARY), ...furtherLines];
		return cutToBytes(lines.join('\n'), halfBytes).split('\n');
	};
	return { english: cutToHalf(shortestLines.english), chinese: cutToHalf(shortestLines.chinese) };
}

/** The members that only the report of a Sync has. */
function reportSync(run: EndedRun, sync: SyncFacts, place: Place) {
	const { newlyFailed, recovered, movedDevices, standstill, verdictCounts } = run.tally;
	const {
		idsWithoutDevices,
		gone,
		lastRunMinute,
		beganMinute,
		stateCondition,
		stateNumber,
		stateNumberAfter,
		notKept,
	} = sync;
	const mayNameCustomers = place === 'everything';
	const lastChangeMinute =
		sync.areRowsChanged === true ? beganMinute : sync.rowChanges?.minutesUntil(beganMinute).at(-1);
	// Rounded to tenths of a day, each of which has 144 minutes.
	const daysSince = (earlierMinute: number | undefined) =>
		earlierMinute === undefined ? undefined : Math.round((beganMinute - earlierMinute) / 144) / 10;
	const firstIds = (ids: Iterable<string>) =>
		mayNameCustomers ? [...ids].slice(0, MOST_NAMED_CUSTOMERS) : [];
	return presentMembers({
		/** The number of customers that fail and were not reported yet. */
		NewlyFailed: newlyFailed.length,
		NewlyFailedIds: firstIds(newlyFailed),
		/** The number of customers that failed before, whether or not a report has named them, and are up to date now. */
		Recovered: recovered.length,
		RecoveredIds: firstIds(recovered),
		/** The number of customers that lost all devices in the rows and were not reported yet. */
		NoLongerWithDevices: idsWithoutDevices.size,
		NoLongerWithDevicesIds: firstIds(idsWithoutDevices),
		/** The number of customers that are no longer in the rows and were not reported yet; left out if not known. */
		Gone: gone,
		/** The first customers of `Gone` for which the log has a receipt, each with its last receipt. */
		GoneExamples: mayNameCustomers
			? receiptsOfUnreportedGone(run).slice(0, MOST_EXAMPLES).map(showLastReceipt)
			: [],
		/** The number of devices that have moved to another customer and were not reported yet. */
		Moved: movedDevices.length,
		MovedExamples: mayNameCustomers
			? movedDevices.slice(0, MOST_EXAMPLES).map((move) => showMove(move, run))
			: [],
		/** Days since the start of the last run that was not blocked; left out if there was none. */
		DaysSinceLastRun: daysSince(lastRunMinute),
		/** Days since the rows last changed; left out if not known. */
		DaysSinceLastChange: daysSince(lastChangeMinute),
		/** `STALE_SOURCE` as long as the rows have been unchanged for far longer than usual; else empty. */
		Warning: standstill === undefined ? '' : 'STALE_SOURCE',
		State: stateCondition,
		/**
		 * The number of the state that the run found, and of the state that the run left. If the next report's FoundStateId is not this StateId, a
		 * report between the two is missing. StateId is left out if it is not certain which state the run left.
		 */
		FoundStateId: stateNumber,
		StateId: stateNumberAfter,
		/** Whether it is certain that the sync state has what this run did. If not, the next run sends the last customers of this run again. */
		StateKept: notKept === undefined,
		...verdictCounts,
	});
}

/** Makes the object with which the report shows a device that has moved. */
function showMove(move: Tally['movedDevices'][number], { lastReceiptsOfGone, timezone }: EndedRun) {
	const { deviceId, newOwnerId, leftMinute } = move;
	return {
		DeviceId: deviceId,
		/** The former customer; null if that customer is no longer in the rows and no receipt names it. */
		From: formerOwnerOf(move, lastReceiptsOfGone) ?? null,
		To: newOwnerId,
		/** When a run first missed the device in the rows of `From`, in the time zone of the workflow. */
		Since: toIsoText(leftMinute * 60, timezone) ?? null,
	};
}

/** Makes the object with which the report shows a failure. It has fewer members than the failure's own output item. */
function showFailure({ failure, callName, itemIndexes, hasEndedRun }: NamedFailure, place: Place) {
	const { outcome, code, reason } = failure;
	const message = hasEndedRun ? RUN.nothingMoreSent({ reason }) : whatHappened(failure);
	const [advice, adviceZh] = write(failure.advice, place);
	return presentMembers({
		CustomerId: place === 'everything' ? callName : undefined,
		outcome,
		code,
		message: shownText(writeEnglish(message, place)),
		advice: shownText(advice),
		adviceZh: shownText(adviceZh),
		/** The plan ID that the option 'Approved Plan' takes, if a safety check stopped the run. */
		planId: asStop(failure)?.planId,
		/** The numbers of the rows, counted from 1. */
		rows: itemIndexes.map(rowNumber),
	});
}
