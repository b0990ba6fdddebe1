import { rowNumber } from '../input/finding';
import { describe, type Failure } from '../service/outcome';
import { failureOf, healthOf } from './health';
import type { Health } from './stateEntries';
import type { StateCondition } from './state/lastRun';
import { isSkipped } from './plan';
import { countHeldBack, type CustomerFacts, type RunFacts } from './runFacts';
import { TIME_OVER } from './sending';

/** So many failures are named. */
const MOST_FAILURES = 100;

/** How many customers ended how: each in one of these, so that they add up to the total. */
interface Customers {
	Total: number;
	/** Accepted. */
	Pushed: number;
	/** Not sent, since exactly this was accepted last. */
	Unchanged: number;
	/** Accepted once more although unchanged, since it was their turn. */
	Due: number;
	Refused: number;
	Unclear: number;
	NotSent: number;
	/** Not begun: the next run sends them. */
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

/** Sums up a run in one item. */
export function reportRun(facts: RunFacts): RunReport {
	const { customers, rows, requests, retries, durationMs, memory } = facts;
	const accepted = customers.filter(({ outcome }) => outcome?.outcome === 'OK');
	const Health = healthOf(facts);
	return {
		Health,
		...(memory && { HealthChanged: Health !== memory.healthTold }),
		Customers: countCustomers(facts),
		Devices: accepted.reduce((sum, { devices }) => sum + devices, 0),
		Rows: { Total: rows.total, Invalid: rows.invalid },
		Requests: requests,
		Retries: retries,
		DurationMs: Math.round(durationMs),
		...(memory && { Memory: memory.state }),
		Failures: nameFailures(facts).slice(0, MOST_FAILURES),
	};
}

function countCustomers(facts: RunFacts): Customers {
	const { customers } = facts;
	const counts = {
		Total: 0,
		Pushed: 0,
		Unchanged: 0,
		Due: 0,
		Refused: 0,
		Unclear: 0,
		NotSent: 0,
		Postponed: 0,
		HeldBack: countHeldBack(facts),
	};
	for (const customer of customers) counts[endOf(customer, facts)]++;
	counts.Total = customers.length + counts.HeldBack;
	return counts;
}

function endOf(
	{ verdict, outcome }: CustomerFacts,
	{ sendAll, stopped }: RunFacts,
): Exclude<keyof Customers, 'Total' | 'HeldBack'> {
	switch (outcome?.outcome) {
		case 'OK':
			return verdict === 'due' ? 'Due' : 'Pushed';
		case 'REFUSED':
			return 'Refused';
		case 'UNKNOWN':
			return 'Unclear';
		case 'NOT_SENT':
			return 'NotSent';
		default:
			if (stopped !== undefined) return 'NotSent';
			return isSkipped(verdict, sendAll) ? 'Unchanged' : 'Postponed';
	}
}

function nameFailures({ customers, heldBack, stopped, paused }: RunFacts): NamedFailure[] {
	const isFailed = paused !== undefined && paused.code !== TIME_OVER;
	return [
		...(stopped === undefined ? [] : [nameFailure(stopped, undefined, [])]),
		// Until then something was sent.
		...(isFailed
			? [{ ...nameFailure(paused, undefined, []), message: `${paused.reason} Nothing more was sent.` }]
			: []),
		...customers.flatMap((facts) => {
			const failure = failureOf(facts);
			return failure === undefined ? [] : nameFailure(failure, facts.customerId, facts.itemIndexes);
		}),
		...heldBack.map(({ failure, customerId, itemIndexes }) => nameFailure(failure, customerId, itemIndexes)),
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
