import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expectNothingLost } from '../engine/invariants.mts';
import { errorOf, linksOf, push, row } from '../engine/pushRun.mts';
import { certificatePath } from '../../simulator/simulator.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';

const rows = Array.from({ length: 6 }, (_, index) => row(`c${index}`, index));
const SAYS = "This server's policy does not allow requests to the endpoint. Nothing was sent.";
const ADVICE = 'Ask the administrator of this n8n to allow the host';

describe("n8n's policy on where requests may go", () => {
	test.each([{ allowedIpRanges: ['127.0.0.0/8'] }, { blockedIpRanges: ['10.0.0.0/8'] }])(
		'that allows the endpoint (%j) lets everything through.',
		async (egressPolicy) => {
			const simulator = await runSimulator({ keepBodies: true });
			const result = await push(rows, simulator, { egressPolicy });
			expect(simulator.bindings.size).toBe(rows.length);
			expectNothingLost(result, rows, simulator, { mostRequestsPerCustomer: 1, isSignedRight: true });
		},
	);

	test('that forbids this machine is checked for host names and addresses, and nothing is sent.', async () => {
		const simulator = await runSimulator();
		const credential = { endpoint: simulator.endpoint.replace('127.0.0.1', 'localhost') };
		const result = await push(rows, simulator, {
			onError: 'continueErrorOutput',
			egressPolicy: {},
			credential,
		});
		expect(errorOf(result.error[0]!)).toMatchObject({ message: SAYS, advice: ADVICE, outcome: 'NOT_SENT' });
		expect(linksOf(result.error[0]!)).toEqual([...rows.keys()]);
		expect(simulator.connections.total).toBe(0);
	});
});

describe('A company CA', () => {
	test.each([
		['in NODE_EXTRA_CA_CERTS is trusted', certificatePath, { done: 3, failures: [] }, 3],
		[
			'that this server does not know gets no request',
			undefined,
			{ done: 0, failures: ['NOT_SENT TLS_NOT_TRUSTED', 'NOT_SENT NOT_TRIED', 'NOT_SENT NOT_TRIED'] },
			0,
		],
	])('%s.', async (_what, NODE_EXTRA_CA_CERTS, report, requests) => {
		const simulator = await runSimulator({ tls: true });
		const { PATH } = process.env;
		const child = fork(join(__dirname, 'pushProcess.mts'), [simulator.endpoint, '3', testedBuild], {
			execArgv: [],
			env: NODE_EXTRA_CA_CERTS === undefined ? { PATH } : { PATH, NODE_EXTRA_CA_CERTS },
		});
		expect(await once(child, 'message')).toEqual([report, undefined]);
		await once(child, 'exit');
		expect(simulator.requests).toHaveLength(requests);
	});
});
