import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../nodes/TencentCloudIot/host/systemClock';
import {
	SIGNATURE_SCHEMES,
	type SignatureScheme,
} from '../../../nodes/TencentCloudIot/service/signing/signature';
import { runSimulator } from '../../simulator/runningSimulator.mts';
import { verifySignature } from '../../../simulator/verifySignature.mts';
import { runCountingServer } from '../../support/countingServer.mts';
import { withoutProxies } from '../../support/environment.mts';
import { deliver, endOf, outcomesOf, pushes, sendingTo } from '../../support/sending.mts';
import { showsPart } from '../../support/texts.mts';

withoutProxies();

const NOT_TRIED = 'NOT_SENT NOT_TRIED';

/** The scheme with which a body was signed. */
function ruleOf(bodyText: string): SignatureScheme | undefined {
	const { Signature: signature } = JSON.parse(bodyText) as { Signature: string };
	return SIGNATURE_SCHEMES.find((rule) =>
		verifySignature({ bodyText, signature, secret: 'ServiceAppSecret', rule }),
	);
}

describe('The first call', () => {
	test('is sent alone until it gets a response, then all others are sent at once', async () => {
		const server = await runCountingServer(8, 80);
		await deliver(pushes(9), sendingTo(server, { concurrency: 8 }));
		expect(server.inFlight).toEqual([1, 1, 2, 3, 4, 5, 6, 7, 8]);
	});

	test('without a response is followed by a second one, which is also sent alone', async () => {
		let besides = NaN;
		const simulator = await runSimulator({
			faults: ({ CustomerId, index }) => {
				if (CustomerId === 'c0') {
					return { kind: 'reset' };
				}
				if (index !== 2) {
					return undefined;
				}
				const until = sleep(50).then(() => {
					besides = simulator.requests.length - index - 1;
				});
				return { kind: 'late', until };
			},
		});
		const report = await deliver(pushes(6), sendingTo(simulator, { maxAttempts: 2 }));
		expect(outcomesOf(report)).toEqual(['UNKNOWN CONNECTION_RESET', 'OK', 'OK', 'OK', 'OK', 'OK']);
		expect(simulator.requests.slice(0, 3).map(({ CustomerId }) => CustomerId)).toEqual(['c0', 'c0', 'c1']);
		expect(besides).toBe(0);
	});
});

describe('The signature scheme', () => {
	test.each(SIGNATURE_SCHEMES)(
		'%s is detected with one request for each earlier scheme, and kept',
		async (rule) => {
			const simulator = await runSimulator({ nestedRule: rule, keepBodies: true });
			const report = await deliver(pushes(5), sendingTo(simulator, { signatureSchemes: SIGNATURE_SCHEMES }));
			const tried = SIGNATURE_SCHEMES.slice(0, SIGNATURE_SCHEMES.indexOf(rule) + 1);
			expect(outcomesOf(report)).toEqual(new Array(5).fill('OK'));
			const reads = Math.sign(tried.length - 1);
			expect(report).toMatchObject({ acceptedScheme: rule, detectionRequests: tried.length - 1 + reads });
			// After a refused signature, one read shows that the key is valid.
			const isRead = ({ Action }: { Action: string | undefined }) => Action === 'ServiceGetCustomerList';
			expect(simulator.requests.map(isRead).indexOf(true)).toBe(tried.length > 1 ? 1 : -1);
			const pushed = simulator.requests.filter((request) => !isRead(request));
			expect(pushed.map(({ body }) => ruleOf(body!))).toEqual([...tried, ...new Array(4).fill(rule)]);
			expect(simulator.requests).toHaveLength(pushed.length + reads);
			expect(endOf(report.delivered[0]!).requestIds).toHaveLength(tried.length + reads);
			expect(simulator.bindings.size).toBe(5);
		},
	);

	test('does not use up the attempts for later network failures', async () => {
		const simulator = await runSimulator({
			nestedRule: 'jsString',
			faults: [
				{ on: 5, kind: 'reset' },
				{ on: 6, kind: 'reset' },
			],
		});
		const report = await deliver(pushes(1), sendingTo(simulator, { signatureSchemes: SIGNATURE_SCHEMES }));
		expect(outcomesOf(report)).toEqual(['OK']);
		expect(simulator.requests).toHaveLength(8);
	});
});

describe('A failure that concerns every request', () => {
	test('three calls without a response end the run', async () => {
		const simulator = await runSimulator({ faults: () => ({ kind: 'reset' }) });
		const report = await deliver(pushes(5), sendingTo(simulator, { maxAttempts: 1 }));
		expect(outcomesOf(report).slice(2)).toEqual(['UNKNOWN CONNECTION_RESET', NOT_TRIED, NOT_TRIED]);
	});

	test('a wrong secret takes two requests, and no other call is sent', async () => {
		const simulator = await runSimulator();
		const settings = sendingTo(simulator, { appSecret: 'wrong', signatureSchemes: SIGNATURE_SCHEMES });
		const report = await deliver(pushes(50), settings);
		expect(outcomesOf(report)).toEqual(['REFUSED InvalidParameterValue', ...new Array(49).fill(NOT_TRIED)]);
		expect(simulator.requests).toHaveLength(2);
		expect(simulator.bindings.size).toBe(0);
		expect(report.delivered[1]).toMatchObject({
			kind: 'notTried',
			why: {
				reason:
					'Not sent, because an earlier request failed. Tencent did not accept the signature and responded with InvalidParameterValue: Signature 无效 (Signature is not valid).',
				advice: showsPart('App Secret'),
			},
		});
	});

	test.each([1, 4])(
		'a secret that is no longer valid ends the run with %i calls at once',
		async (concurrency) => {
			const refused = { kind: 'error', Code: 'InvalidParameterValue', Message: 'Signature 无效' } as const;
			const simulator = await runSimulator({
				latencyMs: 5,
				faults: [{ on: ({ index }) => index >= 9, ...refused }],
			});
			const report = await deliver(pushes(60), sendingTo(simulator, { concurrency }));
			const words = outcomesOf(report);
			expect(words.filter((word) => word === 'OK')).toHaveLength(9);
			expect(words.at(-1)).toBe(NOT_TRIED);
			// Calls in flight are refused, too; one key check serves all of them, or a few if they end at different times.
			expect(simulator.requests.length).toBeLessThanOrEqual(9 + 2 * concurrency);
		},
	);
});

test("this server's clock is corrected with one request", async () => {
	const simulator = await runSimulator({ clockSkewSeconds: -360 });
	const report = await deliver(pushes(4), sendingTo(simulator));
	expect(outcomesOf(report)).toEqual(new Array(4).fill('OK'));
	expect(simulator.requests).toHaveLength(5);
	expect(Math.abs(report.clockOffsetMs + 360_000)).toBeLessThan(30_000);
});

test('A run that is cancelled before another scheme is tried reports the refusal of the sent request', async () => {
	const controller = new AbortController();
	const clock = {
		...systemClock,
		sleep: async () => controller.abort(),
	};
	const simulator = await runSimulator({ nestedRule: 'flattened' });
	const { signal } = controller;
	const settings = sendingTo(simulator, {
		signatureSchemes: SIGNATURE_SCHEMES,
		requestsPerSecond: 1,
		clock,
		signal,
	});
	const report = await deliver(pushes(2), settings);
	expect(outcomesOf(report)).toEqual(['REFUSED InvalidParameterValue', 'NOT_SENT CANCELLED']);
	expect(report.delivered.map((fate) => endOf(fate).requestIds.length)).toEqual([1, 0]);
});
