import { readRowHandling } from '../../resources/deviceBinding/rowHandling';
import { notSent } from '../../service/outcome';
import type { Check } from './check';

/**
 * Blocks a further run in an execution that keeps nothing of the earlier ones: whether they had other rows of the same
 * customers is not known, and the last push would replace theirs. Unless the user says that each run of Push has them all.
 */
export const lostRuns: Check = (_, { operation, options, hasLostEarlierRuns }) => {
	if (!hasLostEarlierRuns || !operation.fullReplace) return {};
	const isSync = operation.incremental !== undefined;
	if (!isSync && readRowHandling(options).repeatedCustomers === 'allow') return {};
	const allow = isSync
		? ''
		: ". If each run has all devices of its customers, choose Allow under 'Same Customer in Several Runs'";
	return {
		blocked: notSent(
			'EARLIER_RUNS_UNKNOWN',
			"The node ran before in this execution, and this workflow's engine keeps nothing of that run.",
			`Give the node all rows in one run: put it outside the loop${allow}`,
		),
	};
};
