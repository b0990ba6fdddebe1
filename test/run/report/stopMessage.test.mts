import { describe, expect, test } from '@jest/globals';
import { blockedMessage, stopMessage } from '../../../nodes/TencentCloudIot/run/report/stopMessage';
import type { RunResult } from '../../../nodes/TencentCloudIot/run/report/result';
import { tallied } from '../../../nodes/TencentCloudIot/run/report/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const PUSH = {
	unit: 'customer',
	namedBy: ['CustomerId'],
	effect: 'idempotent',
	customers: { columns: () => ({}) },
} as const;
const ORDER = { unit: 'order', namedBy: ['OrderNo'], effect: 'once' } as const;

type Known = Parameters<typeof stopMessage>[0];
const stopOf = (operation: Known, changes: Partial<RunResult>) =>
	stopMessage(operation, tallied(resultWith(changes), operation));
const refused = answered(failureWith({ outcome: 'REFUSED', reason: 'No.', advice: 'Correct it' }));
const notTried: Fate = { kind: 'notTried', why: failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED' }) };
const wrongKey = answered(
	failureWith({ outcome: 'REFUSED', reason: 'The key is wrong.', advice: 'Check it', scope: 'run' }),
);
const redirected = answered(
	failureWith({ outcome: 'UNKNOWN', reason: 'The endpoint redirects.', advice: 'Check it', scope: 'run' }),
);
const interrupted = answered(
	failureWith({
		outcome: 'UNKNOWN',
		scope: 'run',
		endedBy: failureWith({ outcome: 'REFUSED', scope: 'call' }),
	}),
);
const forRows = failureWith({
	outcome: 'NOT_SENT',
	code: 'INVALID_ROWS',
	advice: 'Correct the row',
	scope: 'call',
});
const ROW = "[row 5] 'DeviceId' is empty: fill this column";

describe('Stop Workflow', () => {
	test.each<[string, Partial<RunResult>]>([
		[
			"0 of 2 customers done, 1 not tried. Customer 'a' (rows 1 and 2; RequestId r0) was refused: No. Nothing was changed. Correct it",
			{ calls: [customer({ fate: refused }), customer({ fate: notTried })] },
		],
		[
			'The key is wrong. Nothing was changed. 0 of 2 customers done, 1 refused, 1 not tried. Check it',
			{ calls: [customer({ fate: wrongKey }), customer({ fate: notTried })] },
		],
		[
			'The key is wrong. 1 of 2 customers done, 1 refused. Check it',
			{ calls: [customer(), customer({ fate: wrongKey })] },
		],
		[
			"1 of 3 customers done, 2 refused. Customer 'a' (rows 1 and 2; RequestId r0) was refused: No. Nothing was changed. Correct it",
			{ calls: [customer(), customer({ fate: refused }), customer({ fate: refused })] },
		],
		[
			"Customer 'a' (rows 1 and 2; RequestId r0) is unclear: Reason. Tencent may or may not have applied it. Advice",
			{ calls: [customer({ fate: answered(failureWith({ outcome: 'UNKNOWN' })) })] },
		],
		[
			'The endpoint redirects. Tencent may or may not have applied it. Check it',
			{ calls: [customer({ fate: redirected })] },
		],
		[
			"0 of 2 customers done, 1 refused, 1 unclear. Customer 'a' (rows 1 and 2; RequestId r0) was refused: No. Nothing was changed. Correct it",
			{ calls: [customer({ fate: refused }), customer({ fate: interrupted })] },
		],
		[
			`1 of 2 customers done, 1 row invalid. ${ROW}. Correct 'DeviceId' and try again`,
			{ withheld: [withheldOf('h')] },
		],
		[
			"1 of 3 customers done, 1 unchanged. Customer 'a' (rows 1 and 2; RequestId r0) was refused: No. Nothing was changed. Correct it",
			{ calls: [customer(), customer({ fate: refused }), customer({ fate: { kind: 'unchanged' } })] },
		],
		[
			`Nothing was sent: 1 row invalid. ${ROW}. Correct the row`,
			{
				calls: [customer({ fate: { kind: 'notTried', why: forRows } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
			},
		],
		[
			`1 of 2 customers done, 1 row invalid. An earlier attempt may have been applied; nothing was sent since. ${ROW}. Correct the row`,
			{
				calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
				isRetry: true,
			},
		],
	])('says %s', (message, changes) => {
		expect(stopOf(PUSH, changes).message).toBe(message);
	});

	test('gives in its description five others that failed', () => {
		const calls = Array.from({ length: 8 }, (_, index) => customer({ id: `c${index}`, fate: refused }));
		const { description } = stopOf(PUSH, { calls });
		expect(description?.match(/Customer 'c\d'/g)).toEqual(
			["'c1'", "'c2'", "'c3'", "'c4'", "'c5'"].map((id) => `Customer ${id}`),
		);
		expect(description).toMatch(/^Also: Customer.*\. And 2 more$/);
		expect(stopOf(PUSH, { calls: calls.slice(0, 1) }).description).toBeUndefined();
	});

	test('says once of many rows what is wrong with all of them', () => {
		const findings = Array.from({ length: 80 }, (_, itemIndex) => ({
			itemIndex,
			field: 'DeviceId',
			text: 'is empty',
		}));
		const withheld = findings.map((finding, index) => ({ ...withheldOf(`c${index}`), findings: [finding] }));
		const { message, description } = stopOf(PUSH, { calls: [], withheld, blocked: forRows });
		expect(message).toBe(
			"Nothing was sent: 80 rows invalid. [rows 1, 2, 3 and 77 more] 'DeviceId' is empty. Correct the row",
		);
		expect(description).toBeUndefined();
	});

	test("warns of n8n's own Retry where something that must happen once may have happened", () => {
		const calls = [customer(), customer({ fate: refused })];
		const warning = /n8n's Retry of this execution would do all of it again/;
		expect(stopOf(ORDER, { calls }).message).toMatch(warning);
		expect(stopOf(ORDER, { calls: [customer({ fate: refused })] }).message).not.toMatch(warning);
		expect(stopOf(PUSH, { calls }).message).not.toMatch(warning);
	});

	test('says of a run that could do nothing why, and what to do', () => {
		const blocked = failureWith({
			outcome: 'NOT_SENT',
			reason: 'There is no such column.',
			advice: 'Map it',
		});
		expect(blockedMessage(blocked).message).toBe('There is no such column. Nothing was sent. Map it');
	});
});
