import { describe, expect, test } from '@jest/globals';
import { executionHint } from '../../../nodes/TencentCloudIot/run/report/executionHint';
import type { RunResult } from '../../../nodes/TencentCloudIot/run/result';
import { pushOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import type { Verdict } from '../../../nodes/TencentCloudIot/sync/verdicts';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const hintOf = (changes: Partial<RunResult>) => executionHint(pushOperation, resultWith(changes), 1);
const refused = answered(failureWith({ outcome: 'REFUSED' }));
const unclear = answered(failureWith({ outcome: 'UNKNOWN' }));
const notTried = { kind: 'notTried' as const, why: failureWith({ outcome: 'NOT_SENT' }) };
const wrongKey = failureWith({
	outcome: 'REFUSED',
	reason: 'The key is wrong.',
	advice: 'Check it',
	scope: 'run',
});
const noResponse = failureWith({ outcome: 'NOT_SENT', reason: 'No response.', advice: 'Wait', scope: 'run' });
const timeOver = failureWith({
	outcome: 'NOT_SENT',
	code: 'TIME_OVER',
	reason: "The time of 'Longest Run (Minutes)' was over.",
});

describe('The execution hint of Push', () => {
	const push = (changes: Partial<RunResult>) => hintOf({ sync: undefined, ...changes });

	test.each<[string, Partial<RunResult>]>([
		['1 customer, 2 devices pushed', {}],
		[
			'2 customers, 4 devices pushed; 3 retries',
			{ calls: [customer({ fate: answered(OK, 4) }), customer()] },
		],
		[
			'1 of 4 customers, 2 devices pushed; 1 refused; 1 unclear; 1 not sent',
			{
				calls: [
					customer(),
					customer({ fate: refused }),
					customer({ fate: unclear }),
					customer({ fate: notTried }),
				],
			},
		],
		[
			'1 of 2 customers, 2 devices pushed; 1 row invalid',
			{ withheld: [withheldOf('h'), withheldOf('a'), withheldOf(undefined)] },
		],
		[
			'1 of 2 customers, 2 devices pushed; 1 given to an earlier run with other devices',
			{ withheld: [{ ...withheldOf('h'), refusal: { code: 'OTHER_SET_EARLIER', advice: '' } }] },
		],
		[
			'1 customer, 2 devices pushed; 1 already done in an earlier attempt',
			{ calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })] },
		],
		[
			"1 customer, 2 devices pushed; set 'Nested Value Signing' in the credential to 'Go Format' to save requests in each run",
			{
				acceptedScheme: 'goFmt',
				isSchemeDetected: true,
				detectionRequests: 1,
				calls: [customer({ fate: answered(OK, 2) })],
			},
		],
		['1 customer, 2 devices pushed', { acceptedScheme: 'goFmt', isSchemeDetected: false }],
		['1 customer, 2 devices pushed', { acceptedScheme: 'json', isSchemeDetected: true }],
		[
			"1 customer, 2 devices pushed; this server's clock is 420 seconds off",
			{ acceptedScheme: 'json', isSchemeDetected: true, detectionRequests: 1, clockOffsetMs: 420_000 },
		],
		[
			'The key is wrong. Check it. 0 of 2 customers pushed; 1 refused; 1 not sent',
			{
				calls: [
					customer({ fate: { ...notTried, why: { ...notTried.why, endedBy: wrongKey } } }),
					customer({ fate: answered(wrongKey) }),
				],
			},
		],
		[
			'No response. Wait. 0 of 2 customers pushed; 1 unclear; 1 not sent',
			{
				calls: [
					customer({ fate: unclear }),
					customer({ fate: { ...notTried, why: { ...notTried.why, endedBy: noResponse } } }),
				],
			},
		],
		["1 customer, 2 devices pushed; this server's clock is 420 seconds off", { clockOffsetMs: -420_000 }],
		['1 customer, 2 devices pushed', { rowCount: 500_000 }],
		[
			'1 customer, 2 devices pushed; n8n keeps all 500,001 rows on its heap, where a million take about 1 GB: split them by customer into several runs',
			{ rowCount: 500_001 },
		],
	])('%s', (hint, changes) => {
		expect(push(changes)).toBe(hint);
	});
});

describe('The execution hint of Sync', () => {
	const ofVerdict = (verdict: Verdict, fate: Fate = answered(OK)) => customer({ verdict, fate });
	const unchanged = ofVerdict('unchanged', { kind: 'unchanged' });
	const sync = resultWith().sync!;

	test.each<[string, Partial<RunResult>]>([
		['1 customer changed and was pushed', {}],
		['0 of 2 customers needed a push; 2 unchanged', { calls: [unchanged, unchanged] }],
		[
			'0 of 2 customers pushed; 1 re-pushed on schedule; 1 unchanged',
			{ calls: [ofVerdict('due'), unchanged] },
		],
		[
			'2 of 5 customers changed and were pushed; 1 re-pushed on schedule; 2 unchanged',
			{ calls: [ofVerdict('changed'), ofVerdict('waiting'), ofVerdict('due'), unchanged, unchanged] },
		],
		[
			"0 of 2 customers pushed; 2 left for the next run: The time of 'Longest Run (Minutes)' was over",
			{
				calls: Array.from({ length: 2 }, () => ofVerdict('changed', { kind: 'postponed', why: timeOver })),
				endedEarly: timeOver,
			},
		],
		[
			'1 of 2 customers changed and was pushed; 1 pushed again although unchanged',
			{ sync: { ...sync, sendAll: true }, calls: [ofVerdict('changed'), ofVerdict('unchanged')] },
		],
		[
			'0 of 2 customers pushed; 1 refused; 1 row invalid; 2 customers newly failed',
			{
				calls: [ofVerdict('changed', refused)],
				withheld: [withheldOf('h')],
			},
		],
		[
			'1 customer pushed; the previous run was interrupted, so every customer was sent',
			{ sync: { ...sync, state: 'interrupted' } },
		],
		[
			'1 customer pushed; the last run pushed to another account, so every customer was sent',
			{ sync: { ...sync, state: 'otherAccount' } },
		],
		[
			'1 customer pushed; the App Secret has changed since the last run, so every customer was sent',
			{ sync: { ...sync, state: 'otherSecret' } },
		],
		[
			"1 customer changed and was pushed; the sync state could not be kept: n8n's database took 4.6 s, so the next run sends every customer",
			{ sync: { ...sync, notKept: { reason: 'database', tookMs: 4630 } } },
		],
		[
			'1 customer changed and was pushed; the sync state could not be kept: another run of this node took over, so the next run sends every customer',
			{ sync: { ...sync, notKept: { reason: 'taken over', tookMs: 20 } } },
		],
		[
			'1 customer pushed; there is no sync state because the workflow is not saved, so every customer was sent',
			{ sync: { ...sync, state: 'none', whyNone: 'the workflow is not saved' } },
		],
		[
			'1 customer changed and was pushed; n8n keeps all 2,000,000 rows on its heap, where a million take about 1 GB: divide the customers into partitions, each with a Sync node',
			{ rowCount: 2_000_000 },
		],
	])('%s', (hint, changes) => {
		expect(hintOf(changes)).toBe(hint);
	});
});
