import { version as PackageVersion } from '../../../../package.json';
import type { Operation } from '../../operation';
import { adviceInChinese } from '../../service/chinese';
import { failureOf, isTried } from '../../service/fate';
import { type Health, stopOf } from '../../sync/health';
import type { StateCondition } from '../../sync/state/lastRun';
import { rowNumber } from '../../input/finding';
import { describe, type Failure } from '../../service/outcome';
import { shownText } from '../../shown';
import { withheldFor } from '../planRun';
import type { EndedRun, UnitCounts, Tally } from '../tally';
import { summarize } from './summary';

/** The most failures that a report names. */
const MOST_FAILURES = 100;

/** The most customers of a kind that a report names. */
const MOST_NAMED = 10;

/** What the report of a Sync has besides. */
interface SyncReport extends Partial<NonNullable<Tally['verdicts']>> {
	/** Whether there is something to report, see `hasNews`. */
	HealthChanged: boolean;
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

/** The one item of a run: counts beside each other, in the order in which n8n's table shows them. */
export interface RunReport extends UnitCounts, Partial<SyncReport> {
	/** One sentence about the run, to be sent to somebody; in English and Chinese. */
	Summary: string;
	SummaryZh: string;
	Health: Health;
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
): RunReport {
	const { tally, rowCount, durationMs } = run;
	const { Summary, SummaryZh } = summarize(operation, run);
	return {
		Summary: shownText(Summary),
		SummaryZh: shownText(SummaryZh),
		Health: tally.health,
		...reportSync(run),
		...tally.counts,
		Devices: tally.devices,
		Rows: rowCount,
		InvalidRows: tally.invalidRows,
		Requests: tally.requests,
		Retries: tally.retries,
		DurationMs: Math.round(durationMs),
		PackageVersion,
		Failures: nameFailures(run).slice(0, MOST_FAILURES),
	};
}

function reportSync({ sync, tally }: EndedRun): SyncReport | undefined {
	if (sync === undefined) return undefined;
	const { gone, lastMinute, minute, state } = sync;
	const { newly, recovered, verdicts, hasNews } = tally;
	const bare = [...sync.bare];
	return {
		HealthChanged: hasNews,
		NewlyFailed: newly.length,
		NewlyFailedIds: newly.slice(0, MOST_NAMED),
		Recovered: recovered.length,
		RecoveredIds: recovered.slice(0, MOST_NAMED),
		NoLongerWithDevices: bare.length,
		NoLongerWithDevicesIds: bare.slice(0, MOST_NAMED),
		...(gone !== undefined && { Gone: gone }),
		...(lastMinute !== undefined && { DaysSinceLastRun: Math.round((minute - lastMinute) / 144) / 10 }),
		State: state,
		StateKept: sync.notKept === undefined,
		...verdicts,
	};
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

/** A reason of the whole run stands once, and first; then come those that newly failed. */
function nameFailures(result: EndedRun): NamedFailure[] {
	const { calls, withheld, blocked } = result;
	const ofRun = new Map<string, NamedFailure>();
	const ofCustomers: NamedFailure[] = [];
	const stop = stopOf(result);
	// A stop for rows is named with them.
	if (blocked?.scope === 'run') ofRun.set(blocked.code, nameFailure(blocked, undefined, []));
	else if (stop !== undefined && stop !== blocked) ofRun.set(stop.code, nameEnd(stop));
	const attempted = calls.filter(({ fate }) => isTried(fate));
	for (const { call, fate } of [...attempted, ...calls.filter(({ fate }) => !isTried(fate))]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) continue;
		// What was not attempted has the reason of what was.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) continue;
		const named = nameFailure(failure, call.customer?.id, call.itemIndexes);
		if (failure.scope === 'call') ofCustomers.push(named);
		else if (failure.endedBy?.scope === 'run') ofRun.set(failure.endedBy.code, nameEnd(failure.endedBy));
		else if (!ofRun.has(failure.code)) ofRun.set(failure.code, nameFailure(failure, undefined, []));
	}
	for (const { findings, refusal, customerId, itemIndexes } of withheld) {
		ofCustomers.push(nameFailure(withheldFor(findings, refusal), customerId, itemIndexes));
	}
	const newly = new Set(result.tally.newly);
	const isNew = ({ CustomerId }: NamedFailure) => CustomerId !== undefined && newly.has(CustomerId);
	const old = ofCustomers.filter((one) => !isNew(one));
	return [...ofRun.values(), ...ofCustomers.filter(isNew), ...old];
}

/** Why no further request was started. */
function nameEnd(failure: Failure): NamedFailure {
	return {
		...nameFailure(failure, undefined, []),
		message: shownText(`${failure.reason} Nothing more was sent.`),
	};
}

function nameFailure(
	failure: Failure,
	customerId: string | undefined,
	itemIndexes: readonly number[],
): NamedFailure {
	const { outcome, code, advice, planId } = failure;
	const rows = itemIndexes.map(rowNumber);
	const named = customerId !== undefined && { CustomerId: customerId };
	const plan = planId !== undefined && { planId };
	const texts = {
		message: shownText(describe(failure)),
		advice: shownText(advice),
		adviceZh: shownText(adviceInChinese(failure)),
	};
	return { ...named, outcome, code, ...texts, ...plan, rows };
}
