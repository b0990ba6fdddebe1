import type { Call, Calls, Operation, Withheld } from '../../operation/operation';
import { describeFinding, findingInHint, MENDS, namedRows, type Finding } from '../../messages/findings';
import { failureOf, isTried, outcomeOf, requestIdsOf, type Fate } from '../../service/fate';
import { inHint, notSent, said, type Failure } from '../../service/outcome';
import type { Detected } from '../../service/delivery/delivery';
import { type Message, NOTHING } from '../../messages/message';
import { counted, quoted } from '../../messages/words';
import {
	hasNews,
	healthOf,
	newlyFailed,
	reasonOf,
	recovered,
	type RunEnd,
	stopOver,
} from '../../sync/health';
import type { SyncFacts } from '../../sync/session';
import type { Verdict } from '../../sync/verdicts';

/** A call and what became of it. */
export interface CallResult {
	call: Call;
	fate: Fate;
	/** How the sync state knows its customer; undefined for an operation without one. */
	verdict?: Verdict | undefined;
	/** When this attempt of the run knew its fate, Unix milliseconds. */
	atMs?: number | undefined;
	/** What would become of it, and why, where it is a Dry Run. */
	wouldBe?: { Status: 'WOULD_SEND' | 'UNCHANGED' | 'NOT_SENT'; Message: string };
}

/** What sending showed about signature and clock. */
interface SigningFacts extends Detected {
	/** Whether the scheme was detected rather than set in the credential. */
	isSchemeDetected: boolean;
}

/**
 * What a run did, formed once, at the end of sending. All items are functions of it, and what tells of
 * the run is one of its tally.
 */
export interface RunResult
	extends SigningFacts,
		Pick<RunEnd, 'blocked' | 'endedEarly'>,
		Pick<Calls, 'leftOut' | 'remarks'> {
	/** In the order of the rows. */
	calls: readonly CallResult[];
	withheld: readonly Withheld[];
	/** What a Dry Run shows of the run that it stands for. Its calls stand in the order of sending. */
	preview?: {
		/** "9 customers, 12 devices: 9 requests, about 1 s at 20 requests per second". */
		planned: string;
		requests: number;
		/** Why it would send nothing. */
		blocked: Failure | undefined;
		/** Whether invalid rows would end it. */
		stopsForRows: boolean;
	};
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

/** Whether each call of an operation brings a customer's full set of devices, and may replace it. */
export function bringsSets({ customers }: Pick<Operation<unknown>, 'customers'>): boolean {
	return customers !== undefined && customers.audit === undefined;
}

/** What several customers or rows failed for, in words that a hint may show. */
interface Cause {
	said: Message;
	/** The failure of the first of them; undefined of rows that cannot be used. */
	failure: Failure | undefined;
	/** Ascending. */
	itemIndexes: number[];
}

/** A run that has ended, and what it came to, counted once: whatever reports the run is made of it. */
export type EndedRun = ReturnType<typeof tallied>;
export type Tally = EndedRun['tally'];

/** Counts what a run came to. */
export function tallied(result: RunResult, operation: Pick<Operation<unknown>, 'customers'>) {
	const { calls, withheld } = result;
	const invalid = withheld.filter(({ refusal }) => refusal === undefined).flatMap(({ findings }) => findings);
	const mendable = countMendable(bringsSets(operation) ? invalid : []);
	const counts = countUnits(result);
	const newly = newlyFailed(result);
	const failed = new Set(withheld.map(({ customerId }) => customerId));
	for (const { call, fate } of calls) {
		if (failureOf(fate) !== undefined) {
			failed.add(call.customer?.id);
		}
	}
	for (const known of [undefined, ...newly]) {
		failed.delete(known);
	}
	const repeats = calls.reduce((sum, { fate }) => {
		return fate.kind === 'answered' ? sum + Math.max(0, fate.requestIds.length - (fate.pages ?? 1)) : sum;
	}, 0);
	const tally = {
		/** Customers, orders … in all. Rows without a recognizable customer are not counted. */
		units: calls.length + (bringsSets(operation) ? counts.Withheld : withheld.length),
		counts,
		verdicts: countVerdicts(calls),
		/** Of the customers that were accepted. */
		devices: calls.reduce((sum, { call, fate }) => {
			return sum + (outcomeOf(fate)?.outcome === 'OK' ? (call.customer?.devices.length ?? 0) : 0);
		}, 0),
		invalidRows: new Set(invalid.map(({ itemIndex }) => itemIndex)).size,
		mendable,
		requests: calls.reduce((sum, { fate }) => sum + requestIdsOf(fate).length, 0),
		/** Requests beyond the first for each page of each call, without those that only served to detect how to sign. */
		retries: Math.max(0, repeats - result.detectionRequests),
		newly,
		recovered: recovered(result),
		health: healthOf(result),
		hasNews: hasNews(result),
		/** Why the whole run failed, or why nothing more was sent. */
		reason: reasonOf(result),
		stopOver: stopOver(result),
		causes: causesOf(calls, invalid),
		/** How many customers failed that have not newly failed. */
		others: failed.size,
	};
	return { ...result, tally };
}

/** @returns what failed most often for a reason of its own first */
function causesOf(calls: RunResult['calls'], invalid: readonly Finding[]): Cause[] {
	const causes = new Map<string, Cause>();
	const add = (said: Message, itemIndexes: readonly number[], failure?: Failure) => {
		const cause = causes.get(said[0]) ?? { said, failure, itemIndexes: [] };
		causes.set(said[0], cause);
		for (const itemIndex of itemIndexes) {
			cause.itemIndexes.push(itemIndex);
		}
	};
	for (const { call, fate } of calls) {
		const failure = failureOf(fate);
		if (failure === undefined || !isTried(fate)) {
			continue;
		}
		const { reason, reasonZh } = inHint(failure);
		add([reason, reasonZh], call.itemIndexes, failure);
	}
	for (const finding of invalid) {
		add(findingInHint(finding), [finding.itemIndex]);
	}
	const all = Array.from(causes.values(), (cause) => {
		return { ...cause, itemIndexes: [...new Set(cause.itemIndexes)].sort((a, b) => a - b) };
	});
	return all.sort((a, b) => b.itemIndexes.length - a.itemIndexes.length);
}

/** Why rows are not sent, as a failure: the first finding, how many more there are, and what to correct. */
export function withheldFor(held: Pick<Withheld, 'findings'> & Partial<Withheld>): Failure {
	const { findings, refusal, mayBeStored = false } = held;
	const first = findings[0]!;
	const others = findings.length - 1;
	const more = others > 0 ? `; ${counted(others, 'other value')} cannot be used` : '';
	const fields = findings.map(({ field }) => field);
	const rows = new Set(findings.map(({ itemIndex }) => itemIndex)).size;
	const where = rows > 1 ? ` in ${counted(rows, 'row')}` : '';
	const correct: Message = [
		`Correct ${quoted(fields)}${where} and try again`,
		`修正 ${rows} 行中的 ${[...new Set(fields)].join('、')}`,
	];
	const whats = new Set(findings.map((finding) => findingInHint(finding)[1]));
	const inHint = { reason: `${namedRows([first.itemIndex])}: ${findingInHint(first)[0]}${more}.` };
	const failure = refusal ?? notSent('INVALID_ROWS', said(NOTHING, first.advice ?? correct));
	const words = { reason: `${describeFinding(first)[0]}${more}.`, reasonZh: [...whats].join('；'), inHint };
	return { ...failure, ...words, outcome: mayBeStored ? 'UNKNOWN' : 'NOT_SENT', scope: 'call' };
}

/** How many customers, orders … ended how: each in one of these, so that they add up to the total. */
function countUnits(result: RunResult) {
	const ids = new Set(result.withheld.flatMap(({ customerId }) => customerId ?? []));
	for (const { call } of ids.size > 0 ? result.calls : []) {
		ids.delete(call.customer?.id ?? '');
	}
	const WithoutDevice = result.leftOut?.size ?? 0;
	const counts = {
		Customers: result.calls.length + ids.size + WithoutDevice,
		/** Accepted. */
		Pushed: 0,
		/** Not sent, since exactly this was accepted last. */
		Unchanged: 0,
		/** Accepted once more although unchanged, by the scheduled re-push. */
		Due: 0,
		Refused: 0,
		Unclear: 0,
		NotSent: 0,
		/** Not started: the next run sends them. */
		Postponed: 0,
		/** Not sent, not even in part, because rows of theirs were withheld. */
		Withheld: ids.size,
		/** Left out, see 'Rows Without a Device'. */
		WithoutDevice,
	};
	for (const one of result.calls) {
		counts[endOf(one)]++;
	}
	return counts;
}

const END_OF = { OK: 'Pushed', REFUSED: 'Refused', UNKNOWN: 'Unclear', NOT_SENT: 'NotSent' } as const;

function endOf({ fate, verdict }: CallResult) {
	if (fate.kind === 'unchanged') {
		return 'Unchanged';
	}
	if (fate.kind === 'postponed') {
		return 'Postponed';
	}
	const { outcome } = outcomeOf(fate)!;
	return outcome === 'OK' && verdict === 'due' ? 'Due' : END_OF[outcome];
}

/**
 * How many customers were to be sent, and why; of the others with valid rows the last run had the same.
 * @returns undefined where some were not looked up, e.g. because a check stopped the run before
 */
function countVerdicts(calls: RunResult['calls']) {
	if (calls.some(({ verdict = 'unjudged' }) => verdict === 'unjudged')) {
		return undefined;
	}
	const count = (one: Verdict) => calls.filter(({ verdict }) => verdict === one).length;
	return {
		New: count('new'),
		Changed: count('changed'),
		/** Left over from the last run. */
		Waiting: count('waiting'),
		/** Not accepted, or withheld, in the last run. */
		FailedBefore: count('failed'),
	};
}

/** How many invalid rows which options of 'Row Handling' would mend, as the panel names them: an option for each finding. */
function countMendable(invalid: readonly Finding[]) {
	const mends = new Map<number, Set<string> | undefined>();
	for (const { itemIndex, mend } of invalid) {
		const known = mends.has(itemIndex) ? mends.get(itemIndex) : new Set<string>();
		mends.set(itemIndex, mend === undefined ? undefined : known?.add(MENDS[mend]));
	}
	const mendable = [...mends.values()].filter((one) => one !== undefined);
	return { rows: mendable.length, options: [...new Set(mendable.flatMap((one) => [...one]))] };
}
