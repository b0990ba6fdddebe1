import type { Call, Calls, Withheld, Operation } from '../operation';
import { outcomeOf, requestIdsOf, type Fate } from '../service/fate';
import type { Failure, OutcomeName, OwnCode } from '../service/outcome';
import type { DeliveryReport } from '../service/delivery/delivery';
import type { SyncFacts } from '../sync/session';
import type { Verdict } from '../sync/verdicts';
import { counted } from '../service/words';

/** A call and what became of it. */
export interface CallResult {
	call: Call;
	fate: Fate;
	/** How the sync state knows its customer; undefined for an operation without one. */
	verdict?: Verdict | undefined;
}

/** What sending showed about signature and clock. */
export interface SigningFacts extends Omit<DeliveryReport, 'delivered'> {
	/** Whether the scheme was detected rather than set in the credential. */
	isSchemeDetected: boolean;
}

/**
 * What a run did, formed once, at the end of sending. Execution hint, stop message, all items and the health are functions
 * of it.
 */
export interface RunResult extends SigningFacts {
	/** In the order of the rows. */
	calls: readonly CallResult[];
	withheld: readonly Withheld[];
	/** The items of each customer that is left out because it has no device. */
	leftOut?: Calls['leftOut'] | undefined;
	/** What was assumed of the rows, for the summary. */
	remarks?: readonly string[] | undefined;
	/** Why nothing could be sent in this attempt. */
	blocked: Failure | undefined;
	/** Why no further request was started from some moment on. */
	endedEarly: Failure | undefined;
	/** Whether Retry On Fail ran the node before. */
	isRetry: boolean;
	/** For an operation with a sync state. */
	sync: SyncFacts | undefined;
	rowCount: number;
	durationMs: number;
}

/** What is shown of signature and clock where no request was made. */
export const NO_SIGNING: SigningFacts = {
	acceptedScheme: undefined,
	isSchemeDetected: false,
	detectionRequests: 0,
	clockOffsetMs: 0,
};

type Units = Pick<RunResult, 'withheld'> & {
	calls: ReadonlyArray<{
		call: { customer?: { id: string } | undefined };
		verdict?: Verdict | undefined;
	}>;
};

/** How many customers were not sent, not even in part, because rows of theirs were withheld. */
export function countWithheldCustomers({ calls, withheld }: Units): number {
	if (withheld.length === 0) return 0;
	const ids = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	for (const { call } of calls) ids.delete(call.customer?.id ?? '');
	return ids.size;
}

/** Whether each call of an operation brings a customer's full set of devices, and may replace it. */
export function bringsSets({ customers }: Pick<Operation<unknown>, 'customers'>): boolean {
	return customers !== undefined && customers.audit === undefined;
}

/** How many customers, orders … a run was about in all. Rows without a recognizable customer are not counted. */
export function countUnits(result: Units, operation: Pick<Operation<unknown>, 'customers'>): number {
	const { calls, withheld } = result;
	return calls.length + (bringsSets(operation) ? countWithheldCustomers(result) : withheld.length);
}

/** How many customers, orders … ended how: each in one of these, so that they add up to the total. */
export interface Ends {
	Customers: number;
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
	Withheld: number;
	/** Left out, see 'Rows Without a Device'. */
	WithoutDevice: number;
}

export function countEnds(result: Pick<RunResult, 'calls' | 'withheld' | 'leftOut'>): Ends {
	const Withheld = countWithheldCustomers(result);
	const none = { Pushed: 0, Unchanged: 0, Due: 0, Refused: 0, Unclear: 0, NotSent: 0, Postponed: 0 };
	const WithoutDevice = result.leftOut?.size ?? 0;
	const Customers = result.calls.length + Withheld + WithoutDevice;
	const ends: Ends = { Customers, ...none, Withheld, WithoutDevice };
	for (const one of result.calls) ends[endOf(one)]++;
	return ends;
}

const END_OF: Readonly<Record<OutcomeName, keyof Ends>> = {
	OK: 'Pushed',
	REFUSED: 'Refused',
	UNKNOWN: 'Unclear',
	NOT_SENT: 'NotSent',
};

function endOf({ fate, verdict }: CallResult): keyof Ends {
	if (fate.kind === 'unchanged') return 'Unchanged';
	if (fate.kind === 'postponed') return 'Postponed';
	const { outcome } = outcomeOf(fate)!;
	return outcome === 'OK' && verdict === 'due' ? 'Due' : END_OF[outcome];
}

/** How many customers were to be sent, and why; of the others with valid rows the last run had the same. */
export interface Verdicts {
	New: number;
	Changed: number;
	/** Left over from the last run. */
	Waiting: number;
	/** Not accepted, or withheld, in the last run. */
	FailedBefore: number;
}

const NAME_OF: Readonly<Partial<Record<Verdict, keyof Verdicts>>> = {
	new: 'New',
	changed: 'Changed',
	waiting: 'Waiting',
	failed: 'FailedBefore',
};

/** @returns undefined where some were not looked up, e.g. because a check stopped the run before */
export function countVerdicts({ calls }: Pick<Units, 'calls'>): Verdicts | undefined {
	const counts: Verdicts = { New: 0, Changed: 0, Waiting: 0, FailedBefore: 0 };
	for (const { verdict } of calls) {
		if (verdict === undefined || verdict === 'unjudged') return undefined;
		const name = NAME_OF[verdict];
		if (name !== undefined) counts[name]++;
	}
	return counts;
}

export function countRequests({ calls }: Pick<RunResult, 'calls'>): number {
	return calls.reduce((sum, { fate }) => sum + requestIdsOf(fate).length, 0);
}

/** Requests beyond the first for each page of each call, without those that only served to detect how to sign. */
export function countRetries({
	calls,
	detectionRequests,
}: Pick<RunResult, 'calls' | 'detectionRequests'>): number {
	const repeats = calls.reduce((sum, { fate }) => {
		return fate.kind === 'answered' ? sum + Math.max(0, fate.requestIds.length - (fate.pages ?? 1)) : sum;
	}, 0);
	return Math.max(0, repeats - detectionRequests);
}

export function countInvalidRows(withheld: readonly Withheld[]): number {
	const invalid = withheld.filter(({ refusal }) => refusal === undefined);
	return new Set(invalid.flatMap(({ findings }) => findings.map(({ itemIndex }) => itemIndex))).size;
}

/** What was withheld, for a summary: "2 rows invalid". */
export function describeWithheld(withheld: readonly Withheld[]): string[] {
	const invalid = countInvalidRows(withheld);
	const refusedFor = (code: OwnCode) => withheld.filter(({ refusal }) => refusal?.code === code).length;
	return [
		...(invalid > 0 ? [`${counted(invalid, 'row')} invalid`] : []),
		...describeCounts([
			[refusedFor('OTHER_SET_EARLIER'), 'given to an earlier run with other devices'],
			[refusedFor('NOT_ALLOWED'), "refused by 'Allowed Actions'"],
		]),
	];
}

/** Each number above 0 with its words: "2 refused", "1 unclear". */
export function describeCounts(counts: ReadonlyArray<readonly [number, string]>): string[] {
	return counts.flatMap(([count, what]) => (count > 0 ? [`${count.toLocaleString('en-US')} ${what}`] : []));
}
