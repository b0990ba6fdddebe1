import { describe, expect, test } from '@jest/globals';
import { errorOf, push, row } from '../engine/pushRun.mts';
import { allOf } from '../invariants/secretViolations.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { eventually } from '../support/eventually.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { verifiedDifferences } from './verifiedDifferences.mts';
import { faultRows } from './faultRows.mts';
import { runFaultServer } from './faultServer.mts';
import { NO_PROXIES } from './noProxies.mts';

const rows = [row('c0', 0)];
const options = { maxAttempts: 2, timeout: 1, concurrency: 1 };

describe(`On n8n's engine, the ${testedBuild} build claims only what is proven when a push meets`, () => {
	test.each(faultRows)(
		'$fault.',
		async ({ fault, wire = {}, endpoint, around, environment, egressPolicy, ...serviceFacts }) => {
			const differences = testedBuild === 'verified' ? verifiedDifferences[fault] : undefined;
			const expected = { ...serviceFacts, ...differences };
			const policy = egressPolicy === undefined ? {} : { egressPolicy };
			const simulator = await runSimulator();
			const server = await runFaultServer(wire);
			const credential = { endpoint: (await endpoint?.(server.port)) ?? server.endpoint };
			const restore = await around?.(server.port);
			const result = await push(rows, simulator, {
				onError: 'continueErrorOutput',
				options,
				credential,
				environment: { ...NO_PROXIES, ...environment?.(server.port) },
				...policy,
			}).finally(() => restore?.());
			expect(result.success).toEqual([]);
			const output = allOf(result);
			const signatures = server.requests.flatMap(
				(request) => /"Signature":"([^"]+)"/.exec(request)?.[1] ?? [],
			);
			expect([simulator.appSecret, ...signatures].filter((secret) => output.includes(secret))).toEqual([]);
			const { outcome, code, message, advice, attempts } = errorOf(result.error[0]!)!;
			expect(`${String(outcome)} ${String(code)}`).toBe(expected.word);
			expect(message).toBe(expected.says);
			expect(String(advice).slice(0, expected.advice.length)).toBe(expected.advice);
			expect(server.requests).toHaveLength(expected.requests);
			await eventually(() => server.sockets.size, 0);
			if (testedBuild === 'verified') {
				return;
			}
			expect(attempts).toBe(expected.attempts ?? attempts);
			// A broken connection is replaced at once, even after the last attempt.
			expect(server.connections).toBeGreaterThanOrEqual(Math.min(1, expected.connections));
			expect(server.connections).toBeLessThanOrEqual(expected.connections);
		},
	);
});

/** The outcomes, from the weakest to the strongest claim: the build without a pool may only claim less. */
const CLAIMS = ['UNKNOWN', 'REFUSED', 'NOT_SENT'];

test("If the builds differ, the one on n8n's request function never claims more than the pool.", () => {
	for (const [fault, { word }] of Object.entries(verifiedDifferences)) {
		const pool = faultRows.find((faultRow) => faultRow.fault === fault)!.word.split(' ')[0]!;
		expect([fault, CLAIMS.indexOf(word.split(' ')[0]!)]).toEqual([
			fault,
			Math.min(CLAIMS.indexOf(word.split(' ')[0]!), CLAIMS.indexOf(pool)),
		]);
	}
});
