import {
	bringsFullSets,
	type Call,
	type Calls,
	type Operation,
	type Withheld,
} from '../../resources/operation/operation';
import { FINDING_TEXT, type Finding, MENDS, FINDING_ADVICE } from '../../messages/findings';
import { failureOf, isAccepted, isAttempted, outcomeOf, requestIdsOf, type Fate } from '../../service/fate';
import { notSent, type Failure } from '../../service/outcome';
import type { Detected } from '../../service/delivery/delivery';
import { aboveZero, RUN } from '../../messages/run';
import { inQuotes, ours, type Text, writeEnglish } from '../../messages/text';
import type { RunEnd } from '../../sync/health';
import { healthAndNewsOf } from '../../sync/healthAndNews';
import type { ReceiptOfNamedCustomer } from '../../sync/log/receipt';
import type { SyncFacts } from '../../sync/session';
import type { DeviceChanges } from '../../sync/syncRun';
import type { Verdict } from '../../sync/verdicts';
import { findWithheldIds } from '../../sync/withheld';

/** A call and what became of it. */
export interface CallResult {
	call: Call;
	fate: Fate;
	/** How the sync state judges the call's customer; undefined for an operation without a state. */
	verdict?: Verdict | undefined;
	/**
	 * When this attempt of the run settled the call, Unix milliseconds; undefined for a call that an earlier attempt settled, or whose customer is
	 * unchanged.
	 */
	settledAtMs?: number | undefined;
}

/** What a run found out about signature scheme and clock while it was sending. */
interface SigningFacts extends Detected {
	/** Whether the scheme was detected rather than set in the credential. */
	isSchemeDetected: boolean;
}

/**
 * Everything that a run did. It is formed at the end of sending; once the state is closed, what that has shown is added (`sync`,
 * `lastReceiptsOfGone`). All output items and reports are made of it.
 */
export interface RunResult
	extends SigningFacts,
		Pick<RunEnd, 'blocked' | 'endedEarly'>,
		Pick<Calls, 'leftOut' | 'remarks'> {
	/** The operation that ran, with what reports need of it. */
	operation: Pick<Operation<unknown>, 'countDone' | 'customers' | 'effect' | 'namedBy'>;
	/** The IANA name of the workflow's time zone, in which reports give times. */
	timezone: string;
	/** All calls of the run, in the order of the rows. */
	calls: readonly CallResult[];
	withheld: readonly Withheld[];
	/** Whether the run is a further attempt by n8n's Retry On Fail. */
	isRetry: boolean;
	/** What a Sync found in its state, and what else its report needs; undefined for an operation without a sync state. */
	sync: SyncFacts | undefined;
	/** By the hash of a customer that is no longer in the rows, its last receipt, if the log has one. */
	lastReceiptsOfGone?: ReadonlyMap<string, ReceiptOfNamedCustomer> | undefined;
	/** How many items n8n gave to the node. */
	rowCount: number;
	/** How long the run took, milliseconds. */
	durationMs: number;
}

/** A call and what a run would do with it. */
export interface PlannedCall {
	call: Call;
	/** How the sync state judges the call's customer; undefined for an operation without a state. */
	verdict?: Verdict | undefined;
	/** The columns `Status` and `Message` of the call's item: what would become of the call, and why. */
	expectedStatus: { Status: 'WOULD_SEND' | 'UNCHANGED' | 'NOT_SENT'; Message: string };
	/** Which of the customer's devices would be added, go and stay; undefined if the sync state does not know. */
	deviceChanges?: DeviceChanges | undefined;
}

/** The result of a Dry Run: what a run would do. `blocked` is why it would send nothing. */
export interface Preview
	extends Pick<
		RunResult,
		'operation' | 'timezone' | 'withheld' | 'leftOut' | 'remarks' | 'blocked' | 'sync' | 'rowCount'
	> {
	/** The calls in the order in which a run would send them, and then the calls that a run would not send. */
	calls: readonly PlannedCall[];
	/** What a run would send, e.g. "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
	planText: string;
	/** How many of the `calls` a run would send if it were not `blocked`. */
	dueCallCount: number;
	/** Whether invalid rows would end a run before it sends anything. */
	stopsForInvalidRows: boolean;
	/** What a run would send, counted by kind, and why rows are invalid: for the hint of the Dry Run and its report. */
	tally: ReturnType<typeof tallyPreview>;
}

/** The signing facts of a run that makes no requests. */
export const NO_SIGNING_FACTS: SigningFacts = {
	acceptedScheme: undefined,
	isSchemeDetected: false,
	detectionRequests: 0,
	clockOffsetMs: 0,
};

/** A reason for which one or more customers or rows failed. */
interface Cause {
	/** The reason, in the words about the first customer or row that failed for it. */
	reason: Text;
	/** The failure of the first customer that failed for this reason; undefined if the reason is that rows are invalid. */
	failure: Failure | undefined;
	/** The indexes of the items that failed for this reason, ascending. */
	itemIndexes: number[];
	/** The devices of rows that contradict each other; empty for any other cause. */
	conflictingDevices: Set<string>;
}

/** A text names at most this many causes, and as many devices. */
export const MOST_NAMED_CAUSES = 3;

/** Counts what a Dry Run would send, and why rows are invalid. */
export function tallyPreview({
	calls,
	withheld,
	operation,
}: Pick<Preview, 'calls' | 'withheld' | 'operation'>) {
	const withheldTally = tallyWithheld({ calls, withheld, operation });
	return {
		...withheldTally,
		/** Why rows are invalid, the most frequent cause first. */
		causes: causesOf([], withheldTally.invalidRowFindings),
		customers: calls.length + withheldTally.whollyWithheldIds.size,
		verdictCounts: countVerdicts({ calls }),
	};
}

/** What the tallies of a run and of a Dry Run say of withheld rows. */
function tallyWithheld({
	calls,
	withheld,
	operation,
}: Pick<RunResult, 'withheld' | 'operation'> & { calls: ReadonlyArray<Pick<CallResult, 'call'>> }) {
	const invalidRowFindings = withheld
		.filter(({ refusal }) => refusal === undefined)
		.flatMap(({ findings }) => findings);
	const { whollyWithheldIds } = findWithheldIds(
		calls.map(({ call }) => call),
		withheld,
	);
	return {
		whollyWithheldIds,
		/** The findings of invalid rows. Rows that are withheld for another reason have none here. */
		invalidRowFindings,
		invalidRows: new Set(invalidRowFindings.map(({ itemIndex }) => itemIndex)).size,
		/** How many invalid rows options of 'Row Handling' would make valid, and which options. */
		mendable: countMendable(bringsFullSets(operation) ? invalidRowFindings : []),
	};
}

/** The result of a run that has ended, with all counts for its reports (`tally`). */
export type EndedRun = ReturnType<typeof tallyRun>;
export type Tally = EndedRun['tally'];

/** Adds the counts for reports to the result of a run. */
export function tallyRun(result: RunResult) {
	const { calls, withheld, operation } = result;
	const withheldTally = tallyWithheld(result);
	const counts = countUnits(result, withheldTally.whollyWithheldIds.size);
	const healthAndNews = healthAndNewsOf(result);
	const otherFailedIds = new Set(withheld.map(({ customerId }) => customerId));
	for (const { call, fate } of calls) {
		if (failureOf(fate) !== undefined) {
			otherFailedIds.add(call.customer?.id);
		}
	}
	// Leaves the customers that did not newly fail, and drops the rows without a CustomerId.
	for (const customerId of [undefined, ...healthAndNews.newlyFailed]) {
		otherFailedIds.delete(customerId);
	}
	const repeatedRequests = calls.reduce((sum, { fate }) => {
		return fate.kind === 'answered' ? sum + Math.max(0, fate.requestIds.length - (fate.pages ?? 1)) : sum;
	}, 0);
	const tally = {
		/** The number of all customers, orders … of the run. Rows without a recognizable customer are not counted. */
		units: calls.length + (bringsFullSets(operation) ? counts.Withheld : withheld.length),
		counts,
		verdictCounts: countVerdicts(result),
		/** The number of devices of the customers that Tencent accepted. */
		devices: calls.reduce((sum, { call, fate }) => {
			return sum + (isAccepted(fate) ? (call.customer?.devices.length ?? 0) : 0);
		}, 0),
		...withheldTally,
		requests: calls.reduce((sum, { fate }) => sum + requestIdsOf(fate).length, 0),
		/** Requests beyond the first one for each page of each call, without those that only detected how to sign. */
		retries: Math.max(0, repeatedRequests - result.detectionRequests),
		...healthAndNews,
		causes: causesOf(calls, withheldTally.invalidRowFindings),
		/** How many customers failed besides those that newly failed. */
		othersFailed: otherFailedIds.size,
		stillFailed: countStillFailed(otherFailedIds, result.sync),
	};
	return { ...result, tally };
}

/** Counts the failed customers whose failure a report has named before, without those that have recovered within the last 24 hours. */
function countStillFailed(failedIds: ReadonlySet<string | undefined>, sync: RunResult['sync']): number {
	if (sync === undefined) {
		return 0;
	}
	const { reportedFailures, recentlyRecovered } = sync;
	return [...reportedFailures].filter((id) => failedIds.has(id) && !recentlyRecovered.has(id)).length;
}

/** Codes of findings about two rows that contradict each other about a device. Either of the two could be sent without the other. */
const CONFLICT_CODES: ReadonlySet<string> = new Set(['shared', 'described', 'spelling']);

/** Groups failures and findings by their cause, the most frequent cause first. */
function causesOf(calls: RunResult['calls'], invalidRowFindings: readonly Finding[]): Cause[] {
	const causesByText = new Map<string, Cause>();
	const addToCause = (reason: Text, itemIndexes: readonly number[], failure?: Failure) => {
		const causeText = writeEnglish(reason, 'hint');
		const cause = causesByText.get(causeText) ?? {
			reason,
			failure,
			itemIndexes: [],
			conflictingDevices: new Set(),
		};
		causesByText.set(causeText, cause);
		for (const itemIndex of itemIndexes) {
			cause.itemIndexes.push(itemIndex);
		}
		return cause;
	};
	for (const { call, fate } of calls) {
		const failure = failureOf(fate);
		if (failure === undefined || !isAttempted(fate)) {
			continue;
		}
		addToCause(failure.reason, call.itemIndexes, failure);
	}
	for (const finding of invalidRowFindings) {
		const { conflictingDevices } = addToCause(FINDING_TEXT.ofSeveral(finding), [finding.itemIndex]);
		if (CONFLICT_CODES.has(finding.code) && finding.value !== undefined) {
			conflictingDevices.add(finding.value);
		}
	}
	const causesWithRows = Array.from(causesByText.values(), (cause) => {
		return { ...cause, itemIndexes: [...new Set(cause.itemIndexes)].sort((a, b) => a - b) };
	});
	return causesWithRows.sort((a, b) => b.itemIndexes.length - a.itemIndexes.length);
}

/** The failure of withheld rows: it names the first finding, how many other values are wrong, and what to correct. */
export function failureOfWithheld(withheldRows: Pick<Withheld, 'findings'> & Partial<Withheld>): Failure {
	const { findings, refusal, mayBeStored = false } = withheldRows;
	const firstFinding = findings[0]!;
	// A device that is withheld only because it is also in an invalid row needs no correction itself.
	const findingsToCorrect = findings.filter(({ code }) => code !== 'alsoInInvalidRow');
	const wrongValueFindings = findingsToCorrect.length > 0 ? findingsToCorrect : findings;
	const reason = RUN.withheld.reason({
		first: FINDING_TEXT.ofRow(firstFinding),
		further: aboveZero(wrongValueFindings.length - 1),
	});
	const areAllMendedByAllow = wrongValueFindings.every(({ mend }) => mend === 'allow');
	const allowAdvice = areAllMendedByAllow
		? FINDING_ADVICE.allowSigns({ option: ours(MENDS.allow) })
		: undefined;
	const advice = firstFinding.advice ?? allowAdvice ?? adviseCorrection(wrongValueFindings);
	const failure = refusal ?? notSent('INVALID_ROWS', { reason, advice });
	return { ...failure, reason, outcome: mayBeStored ? 'UNKNOWN' : 'NOT_SENT', scope: 'call' };
}

/** Names the fields to correct and how many rows they are in, e.g. "Correct 'DeviceId' in 2 rows and try again". */
function adviseCorrection(findings: readonly Finding[]): Text {
	const fields = inQuotes(findings.map(({ field }) => ours(field)));
	const rows = new Set(findings.map(({ itemIndex }) => itemIndex)).size;
	return rows > 1 ? RUN.withheld.correct({ fields, rows }) : RUN.withheld.correctOne({ fields });
}

/** Counts the customers, orders … by their end. Each is counted once, so the numbers add up to the total. */
function countUnits({ calls, leftOut }: RunResult, withheldCount: number) {
	const WithoutDevice = leftOut?.size ?? 0;
	const counts = {
		Customers: calls.length + withheldCount + WithoutDevice,
		/** Customers, orders … that Tencent accepted. */
		Pushed: 0,
		/** Customers that were not sent, because Tencent accepted exactly the same last. */
		Unchanged: 0,
		/** Customers that Tencent accepted once more although they are unchanged, by the scheduled re-push. */
		Due: 0,
		Refused: 0,
		Unclear: 0,
		NotSent: 0,
		/** Customers that were not started: the next run sends them. */
		Postponed: 0,
		/** Customers that were not sent, not even in part, because of invalid rows. */
		Withheld: withheldCount,
		/** Customers that are left out: see the option 'Rows Without a Device'. */
		WithoutDevice,
	};
	for (const callResult of calls) {
		counts[countNameOf(callResult)]++;
	}
	return counts;
}

const COUNT_NAMES = { OK: 'Pushed', REFUSED: 'Refused', UNKNOWN: 'Unclear', NOT_SENT: 'NotSent' } as const;

/** The name of the count to which a call belongs. */
function countNameOf({ fate, verdict }: CallResult) {
	if (fate.kind === 'unchanged') {
		return 'Unchanged';
	}
	if (fate.kind === 'postponed') {
		return 'Postponed';
	}
	const { outcome } = outcomeOf(fate)!;
	return outcome === 'OK' && verdict === 'due' ? 'Due' : COUNT_NAMES[outcome];
}

/**
 * Counts the customers to send, by the reason. All further customers with valid rows are unchanged.
 * @returns undefined if the run was stopped before it read the state, or by a safety check: the plan then has the counts
 */
function countVerdicts({
	calls,
	blocked,
}: {
	calls: ReadonlyArray<Pick<CallResult, 'verdict'>>;
	blocked?: Failure | undefined;
}) {
	// In a blocked run every customer has the verdict `changed`, which says nothing.
	if (blocked !== undefined && calls.length > 0) {
		return undefined;
	}
	const counts: Record<Verdict, number> = { new: 0, changed: 0, waiting: 0, failed: 0, due: 0, unchanged: 0 };
	for (const { verdict } of calls) {
		if (verdict === undefined) {
			return undefined;
		}
		counts[verdict]++;
	}
	return {
		New: counts.new,
		Changed: counts.changed,
		/** Customers that the last run did not send, e.g. because its time was over. */
		Waiting: counts.waiting,
		/** Customers that the last run sent and that were not accepted, or that it withheld. */
		FailedBefore: counts.failed,
	};
}

/** Counts the invalid rows that options of 'Row Handling' would make valid, and names these options. */
function countMendable(invalidRowFindings: readonly Finding[]) {
	// By item index, the options that mend the row together; undefined if one of its findings cannot be mended.
	const optionsByItemIndex = new Map<number, Set<string> | undefined>();
	for (const { itemIndex, mend } of invalidRowFindings) {
		const optionsOfRow = optionsByItemIndex.has(itemIndex)
			? optionsByItemIndex.get(itemIndex)
			: new Set<string>();
		optionsByItemIndex.set(itemIndex, mend === undefined ? undefined : optionsOfRow?.add(MENDS[mend]));
	}
	const optionSets = [...optionsByItemIndex.values()].filter((options) => options !== undefined);
	return { rows: optionSets.length, options: [...new Set(optionSets.flatMap((options) => [...options]))] };
}

/** Codes which only say that many requests failed. The most frequent cause then says why. */
const CODES_OF_MANY_FAILURES = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

/** The most frequent cause of failed requests, if the run ended only because many failed; else undefined. */
export function causeOfManyFailures({
	whyRunFailed,
	causes,
}: Pick<Tally, 'whyRunFailed' | 'causes'>): Tally['causes'][number] | undefined {
	return CODES_OF_MANY_FAILURES.includes(whyRunFailed?.code ?? '')
		? causes.find(({ failure }) => failure)
		: undefined;
}
