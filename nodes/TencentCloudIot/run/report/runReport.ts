import { rowNumber } from '../../input/finding';
import { failureOf, outcomeOf } from '../../service/fate';
import { describe, type Failure } from '../../service/outcome';
import { hasNews, healthOf, TIME_OVER } from '../../sync/health';
import type { Health } from '../../sync/stateEntries';
import type { StateCondition } from '../../sync/state/lastRun';
import { withheldFor } from '../checks/invalidRows';
import { countInvalidRows, countRequests, countRetries, countWithheldCustomers } from '../counts';
import type { CallResult, RunResult } from '../result';

/** So many failures are named. */
const MOST_FAILURES = 100;

/** How many customers ended how: each in one of these, so that they add up to the total. */
interface Customers {
	Total: number;
	/** Accepted. */
	Pushed: number;
	/** Not sent, since exactly this was accepted last. */
	Unchanged: number;
	/** Accepted once more although unchanged, by the scheduled re-push. */
	Due: number;
	Refused: number;
	Unclear: number;
	NotSent: number;
	/** Not started: the next run sends them. */
	Postponed: number;
	HeldBack: number;
}

/** One failure, without what only its own item says. */
interface NamedFailure {
	CustomerId?: string;
	outcome: Failure['outcome'];
	code: string;
	message: string;
	/** Counted from 1. */
	rows: number[];
}

/** The one item of a run. */
export interface RunReport {
	Health: Health;
	HealthChanged?: boolean;
	Customers: Customers;
	/** Of the customers that were accepted in this run. */
	Devices: number;
	Rows: { Total: number; Invalid: number };
	Requests: number;
	Retries: number;
	DurationMs: number;
	Memory?: StateCondition;
	Failures: NamedFailure[];
}

/** Sums up a run. */
export function reportRun(result: RunResult): RunReport {
	const { calls, withheld, rowCount, durationMs, sync } = result;
	const accepted = calls.filter(({ fate }) => outcomeOf(fate)?.outcome === 'OK');
	const Health = healthOf(result);
	return {
		Health,
		...(sync && { HealthChanged: hasNews(result) }),
		Customers: countCustomers(result),
		Devices: accepted.reduce((sum, { call }) => sum + (call.customer?.devices.length ?? 0), 0),
		Rows: { Total: rowCount, Invalid: countInvalidRows(withheld) },
		Requests: countRequests(result),
		Retries: countRetries(result),
		DurationMs: Math.round(durationMs),
		...(sync && { Memory: sync.state }),
		Failures: nameFailures(result).slice(0, MOST_FAILURES),
	};
}

function countCustomers(result: RunResult): Customers {
	const counts: Customers = {
		Total: 0,
		Pushed: 0,
		Unchanged: 0,
		Due: 0,
		Refused: 0,
		Unclear: 0,
		NotSent: 0,
		Postponed: 0,
		HeldBack: countWithheldCustomers(result),
	};
	for (const one of result.calls) counts[endOf(one)]++;
	counts.Total = result.calls.length + counts.HeldBack;
	return counts;
}

function endOf({ fate, verdict }: CallResult): Exclude<keyof Customers, 'Total' | 'HeldBack'> {
	if (fate.kind === 'unchanged') return 'Unchanged';
	if (fate.kind === 'postponed') return 'Postponed';
	switch (outcomeOf(fate)!.outcome) {
		case 'OK':
			return verdict === 'due' ? 'Due' : 'Pushed';
		case 'REFUSED':
			return 'Refused';
		case 'UNKNOWN':
			return 'Unclear';
		case 'NOT_SENT':
			return 'NotSent';
	}
}

function nameFailures({ calls, withheld, blocked, endedEarly }: RunResult): NamedFailure[] {
	const isFailed = endedEarly !== undefined && endedEarly.code !== TIME_OVER;
	return [
		// One that is about rows is named with them.
		...(blocked?.scope === 'run' ? [nameFailure(blocked, undefined, [])] : []),
		// Until then something was sent.
		...(isFailed
			? [
					{
						...nameFailure(endedEarly, undefined, []),
						message: `${endedEarly.reason} Nothing more was sent.`,
					},
				]
			: []),
		...calls.flatMap(({ call, fate }) => {
			const failure = failureOf(fate);
			if (failure === undefined || failure === blocked) return [];
			return nameFailure(failure, call.customer?.id, call.itemIndexes);
		}),
		...withheld.map(({ findings, refusal, customerId, itemIndexes }) =>
			nameFailure(withheldFor(findings, refusal), customerId, itemIndexes),
		),
	];
}

function nameFailure(
	failure: Failure,
	customerId: string | undefined,
	itemIndexes: readonly number[],
): NamedFailure {
	const { outcome, code } = failure;
	const rows = itemIndexes.map(rowNumber);
	return {
		...(customerId !== undefined && { CustomerId: customerId }),
		outcome,
		code,
		message: describe(failure),
		rows,
	};
}
