import type { SafetyCheckOptions } from './safetyChecks';

/** What a user chose for Sync, typed. */
export interface SyncOptions {
	/** 'Longest Run (Minutes)': no further customer is started after this many minutes; 0 for no limit. */
	longestRunMinutes: number;
	/** 'Push Again After (Days)': unchanged customers are pushed again after this many days; 0 for never. */
	pushAgainAfterDays: number;
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	checks: SafetyCheckOptions;
}
