/**
 * Withheld customers for whom nothing was ever sent. Tencent has no device of them, and their ids may not be ids at all, e.g. if a wrong column
 * was mapped. So the safety checks do not miss such a customer once no row names it: otherwise they would stop the corrected rows.
 */
import type { RowCounts } from '../safetyChecks';
import { type CustomerRecord, mayHaveDevicesAtTencent, type PartContent } from './content';

/** Whether a customer of the state is withheld, and nothing was ever sent for it. */
export function isWithheldAndNeverSent(record: CustomerRecord | undefined): boolean {
	return record?.status === 'withheld' && !mayHaveDevicesAtTencent(record);
}

/** The counts of a state, without withheld customers for whom nothing was ever sent. */
export function countsWithoutNeverSent({ counts, records }: PartContent): RowCounts {
	const neverSentCount = [...records.values()].filter(isWithheldAndNeverSent).length;
	return {
		...counts,
		customers: counts.customers - neverSentCount,
		withheld: counts.withheld - neverSentCount,
	};
}
