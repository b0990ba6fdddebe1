import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../nodes/TencentCloudIot/host/systemClock';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { runCountingServer } from '../../support/countingServer.mts';
import { deepFreeze } from '../../support/deepFreeze.mts';
import { withoutProxies } from '../../support/environment.mts';
import { eventually } from '../../support/eventually.mts';
import { deliver, endOf, outcomesOf, pushes, pushOf, sendingTo } from '../../support/sending.mts';

withoutProxies();

describe('Delivering', () => {
	test('sends every call once, with exactly its devices and a valid signature', async () => {
		const simulator = await runSimulator();
		const calls = deepFreeze(pushes(30));
		const report = await deliver(calls, deepFreeze(sendingTo(simulator)));
		expect(outcomesOf(report)).toEqual(new Array(30).fill('OK'));
		expect(simulator.requests).toHaveLength(30);
		expect(simulator.requests.every(({ signatureValid }) => signatureValid)).toBe(true);
		for (const { CustomerId, DeviceInfos } of calls) {
			expect(simulator.bindings.get(CustomerId as string)).toEqual(DeviceInfos);
		}
	});

	test('returns outcomes in the order of the calls, whatever the order of the responses', async () => {
		const refuse = (index: number) => ({ Code: `MissingParameter.${index}`, Message: 'm' });
		const simulator = await runSimulator({
			latencyMs: { min: 0, max: 20 },
			refuseCustomers: { c3: refuse(3), c7: refuse(7), c0: refuse(0) },
		});
		const report = await deliver(pushes(10), sendingTo(simulator, { concurrency: 10 }));
		const expected: string[] = new Array(10).fill('OK');
		for (const index of [0, 3, 7]) {
			expected[index] = `REFUSED MissingParameter.${index}`;
		}
		expect(outcomesOf(report)).toEqual(expected);
	});

	test('reports each outcome once and immediately', async () => {
		const simulator = await runSimulator({
			refuseCustomers: { c1: { Code: 'MissingParameter', Message: 'm' } },
		});
		const reported: Array<[index: number, requests: number]> = [];
		await deliver(pushes(6), sendingTo(simulator), (index) => {
			reported.push([index, simulator.requests.length]);
		});
		expect(reported[0]).toEqual([0, 1]);
		expect(reported.map(([index]) => index).sort()).toEqual([0, 1, 2, 3, 4, 5]);
	});

	test('reports the RequestId of the request and of the response, and the data of the response', async () => {
		const simulator = await runSimulator();
		const { delivered } = await deliver([pushOf('a')], sendingTo(simulator));
		const requestId = simulator.requests[0]?.RequestId;
		expect(delivered).toEqual([
			{
				kind: 'answered',
				outcome: {
					outcome: 'OK',
					data: { Status: 'OK', RequestId: requestId },
					requestId,
				},
				requestIds: [requestId],
				parametersDigest: expect.stringMatching(/^[\w-]{22}$/),
			},
		]);
	});

	test('reports that a call may have been applied twice only if an earlier attempt got no response', async () => {
		const busy = { kind: 'error', Code: 'RequestLimitExceeded', Message: 'm' } as const;
		const simulator = await runSimulator({
			faults: [
				{ on: 1, kind: 'reset' },
				{ on: 3, ...busy },
			],
		});
		const report = await deliver(pushes(3), sendingTo(simulator, { concurrency: 1 }));
		expect(simulator.requests.map(({ CustomerId }) => CustomerId)).toEqual(['c0', 'c1', 'c1', 'c2', 'c2']);
		expect(outcomesOf(report)).toEqual(['OK', 'OK', 'OK']);
		const twice = report.delivered.map((delivered) => 'mayBeTwice' in delivered && delivered.mayBeTwice);
		expect(twice).toEqual([false, true, false]);
	});

	test.each([1, 3, 8])('never has more than %d requests or connections at once', async (concurrency) => {
		const server = await runCountingServer(concurrency);
		await deliver(pushes(30), sendingTo(server, { concurrency }));
		expect(server.inFlight).toHaveLength(30);
		expect(Math.max(...server.inFlight)).toBe(concurrency);
		expect(server.mostConnections).toBeLessThanOrEqual(concurrency);
	});

	test('leaves no open connection and no pending deadline', async () => {
		let open = 0;
		const alarm = (ms: number, ring: () => void) => {
			const turnOff = systemClock.alarm(ms, ring);
			open++;
			return () => {
				open--;
				turnOff();
			};
		};
		const server = await runCountingServer();
		await deliver(pushes(20), sendingTo(server, { clock: { ...systemClock, alarm } }));
		expect(open).toBe(0);
		await eventually(() => server.openConnections, 0);
	});

	test('that cannot report an outcome starts no more requests, finishes those in flight, and throws', async () => {
		const simulator = await runSimulator({ latencyMs: { min: 5, max: 30 } });
		const reportedOutcomes: string[] = [];
		const sending = deliver(pushes(50), sendingTo(simulator, { concurrency: 4 }), (index, fate) => {
			reportedOutcomes.push(endOf(fate).outcome.outcome);
			if (index === 6) {
				throw new Error('Full.');
			}
		});
		await expect(sending).rejects.toThrow('Full.');
		expect(reportedOutcomes).toEqual(new Array(simulator.requests.length).fill('OK'));
		expect(reportedOutcomes.length).toBeLessThan(50);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(simulator.requests).toHaveLength(reportedOutcomes.length);
	});

	test('never reuses a RequestId, or a nonce within a second, even for retries', async () => {
		const simulator = await runSimulator({
			faults: ({ index }) => (index % 3 === 1 ? { kind: 'status', status: 503 } : undefined),
		});
		const report = await deliver(pushes(40), sendingTo(simulator, { maxAttempts: 10 }));
		expect(outcomesOf(report)).toEqual(new Array(40).fill('OK'));
		const ids = simulator.requests.map(({ RequestId }) => RequestId);
		const pairs = simulator.requests.map(({ Timestamp, Nonce }) => `${Timestamp} ${Nonce}`);
		expect(ids.length).toBeGreaterThan(40);
		expect(new Set(ids).size).toBe(ids.length);
		expect(new Set(pairs).size).toBe(ids.length);
		expect(new Set(report.delivered.flatMap((fate) => endOf(fate).requestIds))).toEqual(new Set(ids));
	});
});
