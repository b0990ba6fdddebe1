import type { Fate } from '../../nodes/TencentCloudIot/service/fate';
import type { Outcome, OutcomeName } from '../../nodes/TencentCloudIot/service/outcome';
import type { Verdict } from '../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from './failures.mts';

/** The fate of a call after this many requests, with this outcome at the end. */
export function answered(outcome: Outcome, requests = 1): Fate {
	return {
		kind: 'answered',
		outcome,
		requestIds: Array.from({ length: requests }, (_, index) => `r${index}`),
	};
}

/** A success without response data. */
export const OK: Outcome = { outcome: 'OK', data: {}, requestId: 'r0' };

/**
 * The fate of a customer that a run of Sync sent with this outcome, or did not send.
 * @param outcome undefined when no request was made for it
 */
export function fateOf(verdict: Verdict, outcome: OutcomeName | undefined, sendAll = false): Fate {
	if (outcome === 'OK') {
		return answered(OK);
	}
	if (outcome !== undefined) {
		return answered(failureWith({ outcome }));
	}
	const isUnchanged = verdict === 'unchanged' && !sendAll;
	return isUnchanged
		? { kind: 'unchanged' }
		: { kind: 'postponed', why: failureWith({ outcome: 'NOT_SENT' }) };
}
