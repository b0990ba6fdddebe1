import { describe, expect, test } from '@jest/globals';
import { blockedMessage, stopMessage } from '../../../nodes/TencentCloudIot/run/report/stopMessage';
import type { RunResult } from '../../../nodes/TencentCloudIot/run/result';
import type { Fate } from '../../../nodes/TencentCloudIot/service/fate';
import { failureWith } from '../../support/failures.mts';
import { answered, OK } from '../../support/fates.mts';
import { customer, resultWith, withheldOf } from '../../support/runResults.mts';

const PUSH = { unit: 'customer', namedBy: ['CustomerId'], effect: 'idempotent', fullReplace: true } as const;
const ORDER = { unit: 'order', namedBy: ['OrderNo'], effect: 'once' } as const;

const refused = answered(failureWith({ outcome: 'REFUSED', reason: 'No.', advice: 'Correct it' }));
const notTried: Fate = { kind: 'notTried', why: failureWith({ outcome: 'NOT_SENT', code: 'NOT_TRIED' }) };
const wrongKey = answered(
	failureWith({ outcome: 'REFUSED', reason: 'The key is wrong.', advice: 'Check it', scope: 'run' }),
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
			"0 of 2 customers done, 1 refused, 1 not tried: Rows 1, 2, customer 'a' (RequestId r0): No. Tencent refused it; nothing was changed. Correct it",
			{ calls: [customer({ fate: refused }), customer({ fate: notTried })] },
		],
		[
			'0 of 2 customers done, 1 refused, 1 not tried: The key is wrong. Tencent refused it; nothing was changed. Check it',
			{ calls: [customer({ fate: wrongKey }), customer({ fate: notTried })] },
		],
		[
			"1 of 3 customers done, 1 refused, 1 unchanged: Rows 1, 2, customer 'a' (RequestId r0): No. Tencent refused it; nothing was changed. Correct it",
			{ calls: [customer(), customer({ fate: refused }), customer({ fate: { kind: 'unchanged' } })] },
		],
		[
			`0 of 2 customers done, 1 row invalid: ${ROW}. Nothing was sent. Correct the row`,
			{
				calls: [customer({ fate: { kind: 'notTried', why: forRows } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
			},
		],
		[
			`1 of 2 customers done, 1 row invalid: ${ROW}. An earlier attempt may have been applied; nothing was sent since. Correct the row`,
			{
				calls: [customer({ fate: { kind: 'earlierAttempt', outcome: OK } })],
				withheld: [withheldOf('h')],
				blocked: forRows,
				isRetry: true,
			},
		],
	])('says %s', (message, changes) => {
		expect(stopMessage(PUSH, resultWith(changes)).message).toBe(message);
	});

	test('gives the first five reasons where there is more than one', () => {
		const calls = Array.from({ length: 7 }, (_, index) => customer({ id: `c${index}`, fate: refused }));
		const { description } = stopMessage(PUSH, resultWith({ calls }));
		expect(description?.match(/customer 'c\d'/g)).toEqual(
			["'c0'", "'c1'", "'c2'", "'c3'", "'c4'"].map((id) => `customer ${id}`),
		);
		expect(description).toMatch(/; and 2 more$/);
		expect(stopMessage(PUSH, resultWith({ calls: calls.slice(0, 1) })).description).toBeUndefined();
	});

	test("warns of n8n's own Retry where something that must happen once may have happened", () => {
		const calls = [customer(), customer({ fate: refused })];
		const warning = /n8n's Retry of this execution would do all of it again/;
		expect(stopMessage(ORDER, resultWith({ calls })).message).toMatch(warning);
		expect(stopMessage(ORDER, resultWith({ calls: [customer({ fate: refused })] })).message).not.toMatch(
			warning,
		);
		expect(stopMessage(PUSH, resultWith({ calls })).message).not.toMatch(warning);
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
