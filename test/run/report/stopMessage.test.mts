import { describe, expect, test } from '@jest/globals';
import { pushOperation } from '../../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { createOrder } from '../../../nodes/TencentCloudIot/resources/order/create.operation';
import { tallyRun, type RunResult } from '../../../nodes/TencentCloudIot/run/report/result';
import { hints } from '../../../nodes/TencentCloudIot/run/report/summary';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const stopOf = (changes: Partial<RunResult>) =>
	hints.ofStop(tallyRun(resultWith({ sync: undefined, ...changes })), 'everything', {
		json: { error: {} },
		itemIndexes: [],
	});
const refused = answered(failureWith({ outcome: 'REFUSED', reason: 'No.', advice: 'Correct it' }));
const notTried: Fate = {
	kind: 'notTried',
	why: failureWith({
		outcome: 'NOT_SENT',
		code: 'NOT_TRIED',
		scope: 'run',
		endedBy: failureWith({ outcome: 'REFUSED', scope: 'call' }),
	}),
};
const ofRun = (outcome: 'REFUSED' | 'UNKNOWN', reason: string) =>
	answered(failureWith({ outcome, reason, advice: 'Check it', scope: 'run' }));
const forRows = failureWith({
	outcome: 'NOT_SENT',
	code: 'INVALID_ROWS',
	reason: "[row 5] 'DeviceId' is empty: fill it in.",
	advice: 'Correct the row',
	scope: 'call',
});
const REFUSED = '[rows 1 and 2, a; RequestId r0] No. Tencent refused it; nothing was changed. Correct it';

describe('Stop Workflow', () => {
	test.each<[string, Partial<RunResult>]>([
		[
			`1 of 3 customers, 2 devices pushed; 1 refused (nothing was changed); 1 not sent. ${REFUSED}`,
			{ calls: [customer(), customer({ fate: refused }), customer({ fate: notTried })] },
		],
		[
			'The key is wrong. 1 of 2 customers, 2 devices pushed; 1 refused (nothing was changed). Check it',
			{ calls: [customer(), customer({ fate: ofRun('REFUSED', 'The key is wrong.') })] },
		],
		[REFUSED, { calls: [customer({ fate: refused })] }],
		[
			'[rows 1 and 2, a; RequestId r0] Reason. Tencent may or may not have applied it. Advice',
			{ calls: [customer({ fate: answered(failureWith({ outcome: 'UNKNOWN' })) })] },
		],
		[
			'The endpoint redirects. 0 of 1 customer pushed; 1 unclear (Tencent may or may not have applied it). Check it',
			{ calls: [customer({ fate: ofRun('UNKNOWN', 'The endpoint redirects.') })] },
		],
		[
			"1 of 2 customers, 2 devices pushed; 1 row invalid (not sent). [row 5] 'DeviceId' is empty: fill it in. Nothing was sent. Correct 'DeviceId' and try again",
			{ withheld: [withheldOf('h')] },
		],
		[
			"[row 5] 'DeviceId' is empty: fill it in. Nothing was sent. 1 row invalid (not sent). Correct the row",
			{
				calls: [customer({ fate: { kind: 'notTried', why: forRows } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
			},
		],
		[
			"[row 5] 'DeviceId' is empty: fill it in. Nothing was sent in this attempt. 1 of 2 customers, 2 devices pushed; 1 row invalid (not sent); 1 already done in an earlier attempt. Correct the row",
			{
				calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
				isRetry: true,
			},
		],
	])('says %s', (message, changes) => {
		expect(stopOf(changes)).toEqual({ message, reasons: [] });
	});

	test('names the most frequent reasons after the first failure, each once with its rows', () => {
		const findings = Array.from({ length: 80 }, (_, itemIndex) => ({
			...withheldOf('h').findings[0]!,
			itemIndex,
		}));
		const withheld = findings.map((finding, index) => ({ ...withheldOf(`c${index}`), findings: [finding] }));
		const { reasons } = stopOf({ calls: [customer({ fate: refused })], withheld });
		expect(reasons).toEqual(["rows 1, 2, 3 and 77 more: 'DeviceId' is empty", 'rows 1 and 2: No']);
	});

	test("warns of n8n's own Retry if an Action that must not be repeated may have been applied", () => {
		const order = (fate: Fate) => ({ ...customer({ fate }), verdict: undefined });
		const warns = (calls: RunResult['calls'], operation: RunResult['operation']) =>
			stopOf({ calls, operation }).message.includes("Do not use n8n's Retry");
		expect(warns([order(answered(OK)), order(refused)], createOrder)).toBe(true);
		expect(warns([order(refused)], createOrder)).toBe(false);
		expect(warns([customer(), customer({ fate: refused })], pushOperation)).toBe(false);
	});
});
