import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import { errorOf, linksOf } from '../engine/outputItems.mts';

/** The maximum number of named failures. */
const MOST_FAILURES = 100;

/** A request, as the service counts it. */
export interface CountedRequest {
	/** The customer whose set it had; undefined for one that only checks the key. */
	CustomerId?: string | undefined;
	/** Whether it was applied and the response said so. */
	isOk: boolean;
	/** Whether its signature or timestamp was wrong: then it only served to detect the signature scheme. */
	isSigningTry: boolean;
	/** How many devices it had, if known. */
	devices?: number | undefined;
}

/** A run, and what the service counted. */
export interface ReportWitness {
	result: Pick<NodeResult, 'success' | 'error'>;
	/** The number of input rows. */
	rows: number;
	/** Those of this run only, of all its attempts. */
	requests: readonly CountedRequest[];
	/** Requests that may only have served to detect the signature scheme, besides those with a wrong signature. */
	mostSigningTries?: number;
	/** Whether the node may have had several attempts: a report covers the last one. */
	isRetried: boolean;
}

/** The report of a run, if any: the item that counts customers. */
export function reportOf({ success }: Pick<NodeResult, 'success'>): INodeExecutionData | undefined {
	const [first] = success;
	return first !== undefined && isReport(first) ? first : undefined;
}

/** Whether an item reports a whole run that was not a Dry Run. */
export function isReport({ json }: INodeExecutionData): boolean {
	return 'Health' in json && 'Customers' in json && json.DryRun === undefined;
}

/** Whether an item is of a run as a whole: its report, its records, or the ids of its customers. */
export function isOfRun(item: INodeExecutionData): boolean {
	return isReport(item) || 'Records' in item.json || 'CustomerIds' in item.json;
}

/**
 * Invariant 16: the report of a run adds up. Each customer is counted once; rows are the input rows; requests,
 * retries, accepted customers and their devices are what the service counted; failures are those that the items name.
 */
export function reportViolations(witness: ReportWitness): string[] {
	const { result, rows, requests, isRetried, mostSigningTries = 0 } = witness;
	const item = reportOf(result);
	if (item === undefined) {
		return [];
	}
	// It is the only item of its run, so there are no failure items to compare its counts with.
	if ('Records' in item.json) {
		return [];
	}
	const report = item.json as unknown as Report;
	const { Customers, Rows, InvalidRows, Requests, Retries, Failures, Devices, Health, StateKept } = report;
	const sum = ENDS.reduce((total, name) => total + report[name], 0);
	const failures = [...result.success, ...result.error].map(errorOf).filter((error) => error !== undefined);
	// The failure that ended the whole run names no customer.
	const named = failures.filter(({ CustomerId }) => CustomerId !== undefined);
	const sent = named.filter((failure) => !('reasons' in failure));
	const countFailures = (outcome: string) => sent.filter((failure) => failure.outcome === outcome).length;
	const heldBack = failures.filter((failure) => 'reasons' in failure);
	const sentIds = new Set(sent.map(({ CustomerId }) => CustomerId));
	const invalid = new Set(
		heldBack
			.filter(({ code }) => code === 'INVALID_ROWS')
			.flatMap(({ reasons }) => (reasons as IDataObject[]).map(({ row }) => row)),
	);
	const pushes = requests.filter(({ CustomerId }) => CustomerId !== undefined);
	const lastOk = new Map(pushes.flatMap((push) => (push.isOk ? [[push.CustomerId, push] as const] : [])));
	const customers = new Set(pushes.map(({ CustomerId }) => CustomerId)).size;
	const repeats = pushes.length - customers;
	const signing = pushes.filter(({ isSigningTry }) => isSigningTry).length;
	const isUnsent = sent.length + lastOk.size === 0 && named.length < failures.length;
	const expected: Array<[what: string, actual: number, wanted: number]> = [
		['Customers', Customers, sum],
		['Pushed + Due', report.Pushed + report.Due, lastOk.size],
		['Refused', report.Refused, countFailures('REFUSED')],
		['Unclear', report.Unclear, countFailures('UNKNOWN')],
		['Rows', Rows, rows],
		['InvalidRows', InvalidRows, invalid.size],
		['linked rows', linksOf(item).length, 1],
		['Requests', Requests, isRetried ? Math.min(Requests, requests.length) : requests.length],
		[
			'Retries',
			Retries,
			Math.min(repeats, Math.max(Retries, isRetried ? 0 : repeats - signing - mostSigningTries)),
		],
		[
			'Devices',
			Devices,
			[...lastOk.values()].every(({ devices }) => devices !== undefined)
				? [...lastOk.values()].reduce((total, { devices = 0 }) => total + devices, 0)
				: Devices,
		],
	];
	const ids = new Set(
		heldBack.map(({ CustomerId }) => CustomerId).filter((id) => id !== undefined && id !== ''),
	);
	const alone = [...ids].filter((id) => !sentIds.has(id) && !lastOk.has(id as string)).length;
	// A run that was stopped as a whole has one failure, and none for each customer.
	if (!isUnsent) {
		expected.push(
			['NotSent', report.NotSent, countFailures('NOT_SENT')],
			['Withheld', report.Withheld, alone],
		);
	}
	// A customer that failed before and was postponed still fails.
	const isLeft = (report.FailedBefore ?? 0) > 0 && report.Postponed > 0;
	const isWell = failures.length === 0 && StateKept !== false && !(isLeft && Health !== 'ok');
	const codes = new Set(Failures.map(({ code }) => code));
	const unnamed =
		Failures.length < MOST_FAILURES
			? failures.filter(({ code }) => code !== 'NOT_TRIED' && !codes.has(code as string))
			: [];
	const violations = [
		...expected.flatMap(([count, actual, wanted]) =>
			actual === wanted
				? []
				: [`16: ${count} is ${actual} and should be ${wanted}: ${JSON.stringify(item.json)}`],
		),
		...unnamed.map(({ code }) => `16: Failures do not name ${String(code)}`),
		...ENDS.flatMap((name) => (report[name] < 0 ? [`16: ${name} is ${report[name]}`] : [])),
	];
	if (isWell !== (Health === 'ok')) {
		violations.push(`16: the run is ${Health} with ${failures.length} failures`);
	}
	return violations;
}

/** Each customer is in one of these. */
const ENDS = [
	...(['Pushed', 'Unchanged', 'Due', 'Refused', 'Unclear'] as const),
	...(['NotSent', 'Postponed', 'Withheld', 'WithoutDevice'] as const),
];

interface Report extends Record<(typeof ENDS)[number], number> {
	Health: string;
	Customers: number;
	Devices: number;
	Rows: number;
	InvalidRows: number;
	Requests: number;
	Retries: number;
	FailedBefore?: number;
	StateKept?: boolean;
	Failures: Array<{ code: string }>;
}
