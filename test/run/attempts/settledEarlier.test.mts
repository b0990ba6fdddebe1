import { describe, expect, test } from '@jest/globals';
import type { Call, Withheld } from '../../../nodes/TencentCloudIot/resources/operation/operation';
import { PLAN_CHECKS } from '../../../nodes/TencentCloudIot/run/planRun';
import { requestOf, type Plan, type Run } from '../../../nodes/TencentCloudIot/run/run';
import type { Outcome } from '../../../nodes/TencentCloudIot/service/outcome';
import { digestOf, encodeParameters } from '../../../nodes/TencentCloudIot/service/signing/signature';
import { attempt, memoryOf, newExecutionData, type ExecutionData } from '../attempt.mts';
import { failureWith } from '../../support/failures.mts';

const OK: Outcome = { outcome: 'OK', data: { Status: 'OK' }, requestId: 'r-1' };
const UNKNOWN: Outcome = failureWith({ retry: 'never' });

const forItem = (itemIndex: number, name = 'P/d1'): Call => ({
	parameters: { DeviceId: name },
	itemIndexes: [itemIndex],
});
const forCustomer = (id: string, itemIndexes: number[]): Call => ({
	parameters: { CustomerId: id },
	itemIndexes,
	customer: { id, devices: [] },
});
const invalid = (itemIndex: number, customerId?: string): Withheld => ({
	parameters: {},
	itemIndexes: [itemIndex],
	customerId,
	findings: [{ itemIndex, field: 'DeviceId', code: 'empty' as const }],
});

interface Attempt {
	calls?: Call[];
	withheld?: Withheld[];
	effect?: Run['operation']['effect'];
	dryRun?: boolean;
}

/** The plan of one attempt of a run. */
async function plan(data: ExecutionData, settings: Attempt): Promise<Partial<Plan>> {
	const { calls = [], withheld = [], effect = 'idempotent', dryRun = false } = settings;
	const run = {
		memory: memoryOf(attempt(data)),
		operation: { action: 'ServiceBindDevice', effect },
		options: { dryRun },
	};
	return await PLAN_CHECKS.findSettledEarlier({ calls, withheld } as unknown as Plan, run as unknown as Run);
}

/** The plan of an attempt after one whose calls ended with these outcomes. */
async function planAfter(ended: Array<[Call, Outcome]>, settings: Attempt): Promise<Partial<Plan>> {
	const data = newExecutionData();
	const { ledger } = await plan(data, { ...settings, calls: ended.map(([call]) => call), withheld: [] });
	for (const [call, outcome] of ended) {
		const digest = digestOf(encodeParameters(requestOf(call, { action: 'ServiceBindDevice' })));
		ledger!.recordFate(call, { kind: 'answered', outcome, requestIds: ['r-1'] }, digest);
	}
	return await plan(data, settings);
}

/** The data of an execution after a run that kept nothing but the fact that it ran. */
function dataAfterEmptyRun(): ExecutionData {
	const data = newExecutionData();
	void memoryOf(attempt(data));
	return data;
}

describe('What earlier attempts have settled', () => {
	test('is nothing in the first attempt, so the plan stays unchanged', async () => {
		const calls = [forItem(0), forItem(1)];
		const planned = await plan(newExecutionData(), { calls, withheld: [invalid(2)] });
		expect(planned).toEqual({ ledger: expect.anything() });
		expect(planned.ledger?.isFirstAttempt).toBe(true);
	});

	test.each<[string, Attempt]>([
		['a Dry Run', { dryRun: true }],
		['an operation that only reads', { effect: 'read' }],
	])('is ignored by %s, which keeps nothing itself', async (_, settings) => {
		const data = newExecutionData();
		const call = forItem(0);
		await plan(data, { ...settings, calls: [call] });
		expect(await plan(data, { ...settings, calls: [call] })).toEqual({});
		expect(data).toEqual(dataAfterEmptyRun());
	});

	test('is not sent again, but everything else is', async () => {
		const first = forItem(0);
		const second = forItem(1);
		const third = forItem(2);
		const calls = [first, second, third];
		const planned = await planAfter(
			[
				[first, UNKNOWN],
				[second, OK],
			],
			{ calls },
		);
		expect(planned.calls).toEqual(calls);
		expect(planned.earlierFates).toEqual([undefined, { kind: 'earlierAttempt', outcome: OK }, undefined]);
		expect(planned.ledger?.isFirstAttempt).toBe(false);
	});

	test('is reported with the parameters that were sent if the Action must not be repeated', async () => {
		const sent = forItem(0, 'P/sent');
		const planned = await planAfter([[sent, UNKNOWN]], { calls: [forItem(0, 'P/now')], effect: 'once' });
		expect(planned.calls).toEqual([sent]);
		expect(planned.earlierFates).toEqual([
			{ kind: 'earlierAttempt', outcome: { ...UNKNOWN, requestId: 'r-1' } },
		]);
	});

	test('is sent again if an idempotent call has other parameters now', async () => {
		const now = forItem(0, 'P/now');
		const planned = await planAfter([[forItem(0, 'P/sent'), OK]], { calls: [now] });
		expect(planned.calls).toEqual([now]);
		expect(planned.earlierFates).toEqual([undefined]);
	});
});

describe('A row that is invalid now', () => {
	test('is replaced by the call of an earlier attempt that must not be repeated', async () => {
		const sent = forItem(1, 'P/sent');
		const otherCalls = [forItem(0), forItem(2)];
		const planned = await planAfter([[sent, OK]], {
			calls: otherCalls,
			withheld: [invalid(1)],
			effect: 'once',
		});
		expect(planned.calls).toEqual([otherCalls[0], sent, otherCalls[1]]);
		expect(planned.earlierFates).toEqual([undefined, { kind: 'earlierAttempt', outcome: OK }, undefined]);
		expect(planned.withheld).toEqual([]);
	});

	test('is withheld, and marked if an earlier attempt may have stored its call', async () => {
		const planned = await planAfter([[forItem(1), UNKNOWN]], { withheld: [invalid(0), invalid(1)] });
		expect(planned.calls).toEqual([]);
		expect(planned.withheld).toEqual([
			{ ...invalid(0), mayBeStored: false },
			{ ...invalid(1), mayBeStored: true },
		]);
	});

	test('is marked as possibly stored for a customer with no call now, but not for one that is sent in part', async () => {
		const ended: Array<[Call, Outcome]> = [
			[forCustomer('a', [0, 1]), OK],
			[forCustomer('b', [2]), OK],
		];
		const withheld = [invalid(1, 'a'), invalid(2, 'b'), invalid(3, 'c')];
		const planned = await planAfter(ended, { calls: [forCustomer('a', [0])], withheld });
		expect(planned.withheld?.map(({ mayBeStored }) => mayBeStored)).toEqual([false, true, false]);
	});

	test('without a customer is not taken for a part of a call without a customer', async () => {
		const planned = await planAfter([[forItem(1), OK]], { calls: [forItem(0)], withheld: [invalid(1)] });
		expect(planned.withheld?.[0]?.mayBeStored).toBe(true);
	});

	test('does not change the order of the calls if no earlier call is added', async () => {
		const calls = [forCustomer('b', [3]), forCustomer('a', [0])];
		const planned = await planAfter([[calls[0]!, OK]], { calls });
		expect(planned.calls).toEqual(calls);
		expect(planned.earlierFates?.map((fate) => fate?.kind)).toEqual(['earlierAttempt', undefined]);
	});
});
