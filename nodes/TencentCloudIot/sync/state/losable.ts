import type { RowCounts } from '../safetyChecks';
import { type CustomerRecord, mayHaveDevicesAtTencent, type PartContent } from './content';

/**
 * What later rows may lack, for the safety checks: everything but customers of which no row could ever be sent. Tencent has nothing of these, and
 * their ids may be no ids at all, e.g. if a wrong column was mapped. If they counted, corrected rows would be stopped.
 */
export const losable = {
	/** Whether a customer of the state counts as missing once no row names it. */
	isCustomer(record: CustomerRecord | undefined): boolean {
		return record?.status !== 'withheld' || mayHaveDevicesAtTencent(record);
	},

	/** The counts of a state without customers that cannot be lost. */
	countsOf({ counts, records }: PartContent): RowCounts {
		let otherCustomerCount = 0;
		for (const record of records.values()) {
			if (!losable.isCustomer(record)) {
				otherCustomerCount++;
			}
		}
		return {
			...counts,
			customers: counts.customers - otherCustomerCount,
			withheld: counts.withheld - otherCustomerCount,
		};
	},
};
