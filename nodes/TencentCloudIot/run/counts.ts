import { counted } from '../resources/counted';
import type { Call, HeldBack, Operation } from '../operation';
import type { OutcomeName } from '../service/outcome';
import type { Delivered } from '../service/delivery/sender';
import type { Sent } from './sendCalls';

/** What a run was to do. */
export interface PlanFacts {
	operation: Pick<
		Operation<unknown>,
		'unit' | 'countDone' | 'countPlanned' | 'paging' | 'repeatable' | 'replaces'
	>;
	calls: readonly Call[];
	heldBack: readonly HeldBack[];
}

/** How many customers, orders … a run was about in all; of rows that name nobody nobody knows. */
export function countUnits({ operation, calls, heldBack }: PlanFacts): number {
	if (operation.replaces === undefined) return calls.length + heldBack.length;
	return calls.length + new Set(heldBack.flatMap(({ subject }) => subject ?? [])).size;
}

export function countOutcomes(delivered: readonly Delivered[]): Record<OutcomeName, number> {
	const counts = { OK: 0, REFUSED: 0, NOT_SENT: 0, UNKNOWN: 0 };
	for (const { outcome } of delivered) counts[outcome.outcome]++;
	return counts;
}

/** Requests beyond the first for each page of each call, without those that only served to find how to sign. */
export function countRetries({ delivered, signingTries }: Pick<Sent, 'delivered' | 'signingTries'>): number {
	const repeats = delivered.reduce(
		(sum, one) => sum + Math.max(0, (one?.requestIds.length ?? 0) - (one?.pages ?? 1)),
		0,
	);
	return Math.max(0, repeats - signingTries);
}

export function countInvalidRows(heldBack: readonly HeldBack[]): number {
	const invalid = heldBack.filter((one) => !isRefused(one));
	return new Set(invalid.flatMap(({ findings }) => findings.map(({ itemIndex }) => itemIndex))).size;
}

/** Whether it is not the rows that are to be corrected. */
function isRefused({ refusal }: HeldBack): boolean {
	return refusal !== undefined;
}

/** What is not sent of a run, for its summary: "2 rows invalid". */
export function tellHeldBack(heldBack: readonly HeldBack[]): string[] {
	const invalid = countInvalidRows(heldBack);
	return [
		...(invalid > 0 ? [`${counted(invalid, 'row')} invalid`] : []),
		...tellCounts([[heldBack.filter(isRefused).length, 'given to an earlier run with other devices']]),
	];
}

/** What there is at all, each with its number: "2 refused", "1 unclear". */
export function tellCounts(counts: ReadonlyArray<readonly [number, string]>): string[] {
	return counts.flatMap(([count, what]) => (count > 0 ? [`${count.toLocaleString('en-US')} ${what}`] : []));
}
