import type { SafetyCheckOptions } from './safetyChecks';

/** What a user chose for Sync, typed. */
export interface SyncOptions {
	/** 'Longest Run': no further customer is started after so many minutes; 0 for no limit. */
	longestRunMinutes: number;
	/** 'Push Again After': unchanged customers are pushed again after so many days; 0 for never. */
	pushAgainAfterDays: number;
	/** 'Send' is Every Customer. */
	sendAll: boolean;
	checks: SafetyCheckOptions;
}
