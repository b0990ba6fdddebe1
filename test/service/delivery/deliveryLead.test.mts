import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../nodes/TencentCloudIot/run/systemClock';
import { deliver } from '../../../nodes/TencentCloudIot/service/delivery/delivery';
import { NESTED_RULES, type NestedRule } from '../../../nodes/TencentCloudIot/service/signature';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { verifySignature } from '../../../simulator/verifySignature.mts';
import { runCountingServer } from '../../support/countingServer.mts';
import { withoutProxies } from '../../support/environment.mts';
import { httpBytes, runRawServer } from '../../support/rawServer.mts';
import { outcomesOf, pushes, sendingTo } from '../../support/sending.mts';

withoutProxies();

const NOT_TRIED = 'NOT_SENT NOT_TRIED';

/** By which rule a body was signed. */
function ruleOf(bodyText: string): NestedRule | undefined {
	const { Signature: signature } = JSON.parse(bodyText) as { Signature: string };
	return NESTED_RULES.find((rule) =>
		verifySignature({ bodyText, signature, secret: 'ServiceAppSecret', rule }),
	);
}

describe('The first call', () => {
	test('goes alone until it is answered, then all others go at once', async () => {
		const server = await runCountingServer((index) => (index === 0 ? 80 : 400));
		await deliver(pushes(9), sendingTo(server, { concurrency: 8 }));
		expect(server.inFlight).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8]);
	});

	test('that gets no answer is followed by a second one, alone too', async () => {
		const simulator = await runSimulator({ faults: [{ on: 'c0', kind: 'reset' }], latencyMs: 10 });
		const report = await deliver(pushes(6), sendingTo(simulator, { maxAttempts: 2 }));
		expect(outcomesOf(report)).toEqual(['UNKNOWN CONNECTION_RESET', 'OK', 'OK', 'OK', 'OK', 'OK']);
		expect(simulator.requests.slice(0, 3).map(({ CustomerId }) => CustomerId)).toEqual(['c0', 'c0', 'c1']);
		const [, , second, third] = simulator.requests;
		expect(third!.receivedAtMs - second!.receivedAtMs).toBeGreaterThanOrEqual(8);
	});

	test('and two more without an answer end the run', async () => {
		const server = await runRawServer((socket) => socket.write(httpBytes(404, '')));
		const report = await deliver(pushes(20), sendingTo(server));
		expect(outcomesOf(report)).toEqual([
			...new Array(3).fill('REFUSED HTTP_404'),
			...new Array(17).fill(NOT_TRIED),
		]);
		expect(server.requests).toHaveLength(3);
	});

	test('that the service refuses for its own sake lets the others go', async () => {
		const simulator = await runSimulator({ refuseCustomers: { c0: { Code: 'Code', Message: 'm' } } });
		const report = await deliver(pushes(3), sendingTo(simulator));
		expect(outcomesOf(report)).toEqual(['REFUSED Code', 'OK', 'OK']);
		expect(report.acceptedRule).toBe('json');
	});
});

describe('The rule for nested values', () => {
	test.each(NESTED_RULES)('%s is found by one request for each rule before it, and kept', async (rule) => {
		const simulator = await runSimulator({ nestedRule: rule, keepBodies: true });
		const report = await deliver(pushes(5), sendingTo(simulator, { nestedRules: NESTED_RULES }));
		const tried = NESTED_RULES.slice(0, NESTED_RULES.indexOf(rule) + 1);
		expect(outcomesOf(report)).toEqual(new Array(5).fill('OK'));
		expect(report).toMatchObject({ acceptedRule: rule, signingTries: tried.length - 1 });
		expect(simulator.requests.map(({ body }) => ruleOf(body!))).toEqual([
			...tried,
			...new Array(4).fill(rule),
		]);
		expect(report.delivered[0]?.requestIds).toHaveLength(tried.length);
		expect(simulator.bindings.size).toBe(5);
	});

	test('takes no attempts away from faults that follow', async () => {
		const simulator = await runSimulator({
			nestedRule: 'jsString',
			faults: [
				{ on: 3, kind: 'reset' },
				{ on: 4, kind: 'reset' },
			],
		});
		const report = await deliver(pushes(1), sendingTo(simulator, { nestedRules: NESTED_RULES }));
		expect(outcomesOf(report)).toEqual(['OK']);
		expect(simulator.requests).toHaveLength(6);
	});

	test('that the user chose is the only one tried', async () => {
		const simulator = await runSimulator({ nestedRule: 'json' });
		const report = await deliver(pushes(3), sendingTo(simulator, { nestedRules: ['flattened'] }));
		expect(outcomesOf(report)).toEqual(['REFUSED InvalidParameterValue', NOT_TRIED, NOT_TRIED]);
		expect(report.acceptedRule).toBeUndefined();
		expect(simulator.requests).toHaveLength(1);
	});
});

describe('What every request would meet', () => {
	test('a wrong secret costs one request for each rule, and nobody is let in', async () => {
		const simulator = await runSimulator();
		const settings = sendingTo(simulator, { appSecret: 'wrong', nestedRules: NESTED_RULES });
		const report = await deliver(pushes(50), settings);
		expect(outcomesOf(report)).toEqual(['REFUSED InvalidParameterValue', ...new Array(49).fill(NOT_TRIED)]);
		expect(simulator.requests).toHaveLength(NESTED_RULES.length);
		expect(simulator.bindings.size).toBe(0);
		expect(report.delivered[1]).toMatchObject({
			requestIds: [],
			outcome: {
				reason:
					'Not tried, because of an earlier request. Tencent answered InvalidParameterValue: Signature 无效.',
				advice: expect.stringContaining('App Secret'),
			},
		});
	});

	test('a wrong AppKey costs one request', async () => {
		const simulator = await runSimulator();
		const settings = sendingTo(simulator, { appKey: 'wrong', nestedRules: NESTED_RULES });
		const report = await deliver(pushes(50), settings);
		expect(outcomesOf(report)).toEqual(['REFUSED InvalidParameterValue', ...new Array(49).fill(NOT_TRIED)]);
		expect(simulator.requests).toHaveLength(1);
	});

	test('a signature refused in the middle of a run ends it, and no other rule is tried', async () => {
		const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Signature 无效' } as const;
		const simulator = await runSimulator({ faults: [{ on: 'c5', ...refused }] });
		const settings = sendingTo(simulator, { nestedRules: NESTED_RULES, concurrency: 1 });
		const report = await deliver(pushes(8), settings);
		expect(outcomesOf(report)).toEqual([
			...new Array(5).fill('OK'),
			'REFUSED InvalidParameterValue',
			NOT_TRIED,
			NOT_TRIED,
		]);
		expect(report.acceptedRule).toBe('json');
	});
});

describe("This server's clock", () => {
	test.each([-86_400, -360, 360, 86_400])('%d seconds off is corrected by one request', async (seconds) => {
		const simulator = await runSimulator({ clockSkewSeconds: seconds });
		const report = await deliver(pushes(4), sendingTo(simulator));
		expect(outcomesOf(report)).toEqual(new Array(4).fill('OK'));
		expect(simulator.requests).toHaveLength(5);
		expect(Math.abs(report.clockOffsetMs - seconds * 1_000)).toBeLessThan(3_000);
	});

	test.each([-240, 240])('%d seconds off is accepted as it is', async (seconds) => {
		const simulator = await runSimulator({ clockSkewSeconds: seconds });
		const report = await deliver(pushes(2), sendingTo(simulator));
		expect(outcomesOf(report)).toEqual(['OK', 'OK']);
		expect(report.clockOffsetMs).toBe(0);
	});
});

test('A run that is cancelled between two rules says that what was sent was refused', async () => {
	const controller = new AbortController();
	const clock = {
		...systemClock,
		sleep: async () => controller.abort(),
	};
	const simulator = await runSimulator({ nestedRule: 'flattened' });
	const { signal } = controller;
	const settings = sendingTo(simulator, { nestedRules: NESTED_RULES, requestsPerSecond: 1, clock, signal });
	const report = await deliver(pushes(2), settings);
	expect(outcomesOf(report)).toEqual(['REFUSED CANCELLED', 'NOT_SENT CANCELLED']);
	expect(report.delivered.map(({ requestIds }) => requestIds.length)).toEqual([1, 0]);
});
