import { outcomeOf } from '../../service/fate';
import { hasNews, healthOf, isNewlyFailed, isRecovered, newlyWithheld, reasonOf } from '../../sync/health';
import type { Health } from '../../sync/state/entries';
import type { StateCondition } from '../../sync/state/lastRun';
import {
	countEnds,
	countInvalidRows,
	countRequests,
	countRetries,
	countVerdicts,
	type Ends,
	type Verdicts,
} from '../counts';
import type { RunResult } from '../result';
import { nameFailures, type NamedFailure } from './namedFailures';
import { summarize } from './summary';

/** The most failures that a report names. */
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** Some customers of a run. */
export interface Some {
	Count: number;
	/** The first of them. */
	CustomerIds: string[];
}

/** What the report of a Sync has besides. */
interface SyncReport {
	/** Whether there is something to report, see `hasNews`. */
	HealthChanged: boolean;
	/** Those that were all right in the last run. */
	NewlyFailed: Some;
	/** Accepted, after they were not in the last run. */
	Recovered: Some;
	/** Customers of the last run that are no longer in the rows; left out where it is not known. */
	Gone?: number;
	/** Since the last run that was not blocked began; left out where there was none. */
	DaysSinceLastRun?: number;
	Verdicts?: Verdicts;
	Memory: StateCondition;
	/** Whether the next run will know what this one did; if not, it sends every customer. */
	StateKept: boolean;
}

/** The one item of a run. */
export interface RunReport extends Partial<SyncReport> {
	/** One sentence about the run, to be sent to somebody; in English and Chinese. */
	Summary: string;
	SummaryZh: string;
	Health: Health;
	/** What became of them. */
	Customers: Ends;
	/** Of the customers that were accepted in this run. */
	Devices: number;
	Rows: { Total: number; Invalid: number };
	Requests: number;
	Retries: number;
	DurationMs: number;
	/** The first hundred. */
	Failures: NamedFailure[];
}

/** Sums up a run. */
export function reportRun(result: RunResult): RunReport {
	const { calls, withheld, rowCount, durationMs } = result;
	const accepted = calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const facts = {
		Health: healthOf(result),
		...reportSync(result),
		Customers: countEnds(result),
		Devices: accepted.reduce((sum, { call }) => sum + (call.customer?.devices.length ?? 0), 0),
		Rows: { Total: rowCount, Invalid: countInvalidRows(withheld) },
		Requests: countRequests(result),
		Retries: countRetries(result),
		DurationMs: Math.round(durationMs),
		Failures: nameFailures(result).slice(0, MOST_FAILURES),
	};
	return { ...summarize(facts, reasonOf(result), result.sync?.notKept), ...facts };
}

function reportSync(result: RunResult): SyncReport | undefined {
	const { calls, sync } = result;
	if (sync === undefined) return undefined;
	const { gone, lastMinute, minute, state } = sync;
	const Verdicts = countVerdicts(result);
	const idsOf = (some: RunResult['calls']) => some.map(({ call }) => call.customer!.id);
	return {
		HealthChanged: hasNews(result),
		NewlyFailed: nameSome([...idsOf(calls.filter(isNewlyFailed)), ...newlyWithheld(result)]),
		Recovered: nameSome(idsOf(calls.filter(isRecovered))),
		...(gone !== undefined && { Gone: gone }),
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		...(Verdicts && { Verdicts }),
		Memory: state,
		StateKept: sync.notKept === undefined,
	};
}

function nameSome(ids: readonly string[]): Some {
	return { Count: ids.length, CustomerIds: ids.slice(0, MOST_NAMED) };
}
