import { version as PackageVersion } from '../../../../package.json';
import type { Operation } from '../../operation/operation';
import type { SyncFacts } from '../../sync/session';
import { describe, inHint } from '../../service/outcome';
import { shownText } from '../../host/shown';
import { lineOf, nameFailures, type OwnFailure } from './failures';
import { rowNumber } from '../../messages/findings';
import { reportPlan } from './plan';
import type { EndedRun, Tally } from './result';
import { type MessageStyle, sayRun } from './summary';

/** A WeCom message takes 2,048 bytes: the rest is for the links that a workflow adds. */
const MOST_BYTES = 1_700;

/** The most failures that a message names, characters of each, and the most that a report names. */
const MOST_LINES = 3;
const LONGEST_LINE = 120;
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** The first item of a run: counts beside each other, in the order in which n8n's table shows them. */
export type RunReport = ReturnType<typeof reportRun>;

/** Sums up a run. */
export function reportRun(
	operation: Pick<Operation<unknown>, 'countDone' | 'customers' | 'effect' | 'namedBy'>,
	run: EndedRun,
	style: MessageStyle,
) {
	const { tally, rowCount, durationMs } = run;
	const ofSync = run.sync && reportSync(run.sync, tally, style);
	const said = sayRun(operation, run, style);
	const failures = nameFailures(operation, run);
	const [summary, summaryZh] = said.stateWithReasons;
	const Plan = reportPlan(run, failures, style.isNaming);
	return {
		/** Whether somebody should hear of the run, see `hasNews`. */
		...(run.sync && { News: tally.hasNews }),
		/** The whole message about the run, ready to be sent: Chinese, then English, at most 1,700 bytes of UTF-8. */
		Text: writeText(said, failures, style),
		/** One sentence about the run, to be sent to somebody; in English and Chinese. */
		Summary: shownText(`${summary} ${said.advice[0]}`.trim()),
		SummaryZh: shownText(summaryZh + said.advice[1]),
		Health: tally.health,
		...(Plan && { Plan }),
		...ofSync,
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

/** The counts of a Dry Run. */
export function reportPreview({ calls, preview, sync, tally: { counts, verdicts } }: EndedRun) {
	const { requests = 0, blocked } = preview ?? {};
	return {
		DryRun: true,
		Customers: calls.length + counts.Withheld,
		...(sync && verdicts),
		...(sync?.gone !== undefined && { Gone: sync.gone }),
		Requests: requests,
		...(blocked && {
			StopCode: blocked.code,
			Stop: shownText(blocked.reason),
			Advice: shownText(blocked.advice),
		}),
	};
}

/** The message about a run, ready to be sent: Chinese, then English; each what it came to, the first failures, what to do. */
function writeText(
	{ state, stateWithReasons, advice }: ReturnType<typeof sayRun>,
	failures: readonly OwnFailure[],
	{ isNaming }: MessageStyle,
): string {
	// What failed for a reason of the whole run has it in the first sentence.
	const own = isNaming ? failures.filter(({ failure }) => failure.scope === 'call') : [];
	const lines = own.slice(0, MOST_LINES).map((one) => lineOf(one));
	const write = (language: 0 | 1, count: number) => {
		const some = lines.slice(0, count).map((line) => `· ${shownText(line[language], LONGEST_LINE)}`);
		const [first, last] = [isNaming ? state : stateWithReasons, advice].map((one) =>
			shownText(one[language]),
		);
		return [first, ...some, last].filter((text) => text !== '').join('\n');
	};
	const texts = [...lines.keys(), lines.length].map((count) => `${write(1, count)}\n${write(0, count)}`);
	const fitting = texts.findLast((text) => Buffer.byteLength(text) <= MOST_BYTES);
	// Without a line both fit but for words of the rows: then each has its half.
	const half = Math.floor((MOST_BYTES - 1) / 2);
	return fitting ?? `${cutToBytes(write(1, 0), half)}\n${cutToBytes(write(0, 0), half)}`;
}

const CUT = '…';

/** Never within a character as a reader sees it. */
function cutToBytes(text: string, most: number): string {
	if (Buffer.byteLength(text) <= most) {
		return text;
	}
	let bytes = Buffer.byteLength(CUT);
	let cut = '';
	for (const { segment } of new Intl.Segmenter().segment(text)) {
		bytes += Buffer.byteLength(segment);
		if (bytes > most) {
			break;
		}
		cut += segment;
	}
	return cut + CUT;
}

/** What the report of a Sync has besides. */
function reportSync(
	{ lostDevices, gone, lastMinute, minute, state, novelty, leftNovelty, notKept }: SyncFacts,
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
		NoLongerWithDevices: lostDevices.size,
		NoLongerWithDevicesIds: first(lostDevices),
		/** Customers that are no longer in the rows, and no report has said so; left out where it is not known. */
		...(gone !== undefined && { Gone: gone }),
		/** Since the last run that was not blocked began; left out where there was none. */
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		State: state,
		/** The states that the run found and left have random numbers: so a log sees that it lacks the run between two others. */
		...(novelty !== undefined && { FoundStateId: novelty }),
		...(leftNovelty !== undefined && { StateId: leftNovelty }),
		/** Whether the next run will know what this one did; if not, it sends every customer. */
		StateKept: notKept === undefined,
		...verdicts,
	};
}

/** One failure, without what only its own item says. */
function showFailure({ failure, id, itemIndexes, isEnd }: OwnFailure, { isNaming }: MessageStyle) {
	const shown = isNaming ? failure : inHint(failure);
	const { outcome, code, advice, adviceZh, planId } = shown;
	return {
		...(id !== undefined && isNaming && { CustomerId: id }),
		outcome,
		code,
		message: shownText(isEnd ? `${shown.reason} Nothing more was sent.` : describe(shown)),
		advice: shownText(advice),
		adviceZh: shownText(adviceZh),
		/** Of a run that a safety check stopped: what 'Approved Plan' takes. */
		...(planId !== undefined && { planId }),
		/** Counted from 1. */
		rows: itemIndexes.map(rowNumber),
	};
}
