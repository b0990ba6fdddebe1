import type { Operation, Withheld } from '../operation';
import { failureOf, outcomeOf, requestIdsOf, type Fate } from '../service/fate';
import type { OutcomeName } from '../service/outcome';
import { counted } from '../service/words';
import type { RunResult } from './result';

type Units = Pick<RunResult, 'withheld'> & {
	calls: ReadonlyArray<{ call: { customer?: { id: string } | undefined } }>;
};

/** How many customers were not sent, not even in part, because rows of theirs were withheld. */
export function countWithheldCustomers({ calls, withheld }: Units): number {
	if (withheld.length === 0) return 0;
	const ids = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	for (const { call } of calls) ids.delete(call.customer?.id ?? '');
	return ids.size;
}

/** How many customers, orders … a run was about in all. Rows without a recognizable customer are not counted. */
export function countUnits(result: Units, { fullReplace }: Pick<Operation<unknown>, 'fullReplace'>): number {
	const { calls, withheld } = result;
	return calls.length + (fullReplace ? countWithheldCustomers(result) : withheld.length);
}

/** How many calls have each outcome; those of which nothing was to be sent have none. */
export function countOutcomes(fates: readonly Fate[]): Record<OutcomeName, number> {
	const counts = { OK: 0, REFUSED: 0, NOT_SENT: 0, UNKNOWN: 0 };
	for (const fate of fates) {
		const outcome = outcomeOf(fate);
		if (outcome !== undefined) counts[outcome.outcome]++;
	}
	return counts;
}

/** How many calls have a fate of this kind. */
export function countFates({ calls }: Pick<RunResult, 'calls'>, kind: Fate['kind']): number {
	return calls.filter(({ fate }) => fate.kind === kind).length;
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

/** The calls that are not done although they were to be. */
export function failedCalls({ calls }: Pick<RunResult, 'calls'>): RunResult['calls'] {
	return calls.filter(({ fate }) => failureOf(fate) !== undefined);
}

export function countInvalidRows(withheld: readonly Withheld[]): number {
	const invalid = withheld.filter(({ refusal }) => refusal === undefined);
	return new Set(invalid.flatMap(({ findings }) => findings.map(({ itemIndex }) => itemIndex))).size;
}

/** What was withheld, for a summary: "2 rows invalid". */
export function describeWithheld(withheld: readonly Withheld[]): string[] {
	const invalid = countInvalidRows(withheld);
	const refused = withheld.filter(({ refusal }) => refusal !== undefined).length;
	return [
		...(invalid > 0 ? [`${counted(invalid, 'row')} invalid`] : []),
		...describeCounts([[refused, 'given to an earlier run with other devices']]),
	];
}

/** Each number above 0 with its words: "2 refused", "1 unclear". */
export function describeCounts(counts: ReadonlyArray<readonly [number, string]>): string[] {
	return counts.flatMap(([count, what]) => (count > 0 ? [`${count.toLocaleString('en-US')} ${what}`] : []));
}
