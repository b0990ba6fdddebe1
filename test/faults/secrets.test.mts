import { describe, expect, test } from '@jest/globals';
import type { OnError } from 'n8n-workflow';
import { push, row } from '../engine/pushRun.mts';
import type { PushRun } from '../engine/pushRun.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { closedPort } from '../support/serverSocket.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { runCheckingProxy } from './checkingProxy.mts';
import { NO_PROXIES } from './noProxies.mts';
import { APP_SECRET, expectNoneOf } from './silence.mts';

const ON_ERROR: OnError[] = ['stopWorkflow', 'continueErrorOutput', 'continueRegularOutput'];
const PASSWORD = 'canary-proxy-p@ss';
const LOGIN = Buffer.from(`n8n:${PASSWORD}`).toString('base64');
const CANARIES = [PASSWORD, encodeURIComponent(PASSWORD), LOGIN];
const rows = Array.from({ length: 3 }, (_, index) => row(`c${index}`, index));
const options = { maxAttempts: 1, timeout: 1, concurrency: 1 };

async function expectSilence(run: PushRun, requests: () => readonly string[] = () => []): Promise<string> {
	const simulator = await runSimulator({ appSecret: APP_SECRET });
	const result = await push(rows, simulator, { options, ...run });
	expect(result.logs.filter(({ level }) => level === 'debug').length).toBeGreaterThan(0);
	return expectNoneOf(CANARIES, result, requests());
}

describe.each(ON_ERROR)(
	'With On Error %s neither secret, signature nor proxy password is shown',
	(onError) => {
		test('after a success.', async () => {
			const simulator = await runSimulator({ appSecret: APP_SECRET, keepBodies: true });
			const credential = { endpoint: simulator.endpoint };
			const told = await expectSilence({ onError, credential }, () =>
				simulator.requests.map(({ body }) => body!),
			);
			expect(simulator.bindings.size).toBe(3);
			expect(told).toContain('"Status":"OK"');
		});

		test.each([
			['that turns the login away', 'other'],
			['that is not there', undefined],
			['whose address cannot be used', 'socks'],
		])('after a proxy %s.', async (_what, kind) => {
			const proxy = await runCheckingProxy({ user: 'n8n', password: 'another' });
			const port = kind === undefined ? await closedPort() : proxy.port;
			const scheme = kind === 'socks' ? 'socks5' : 'http';
			const address = `${scheme}://n8n:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`;
			const environment = { ...NO_PROXIES, HTTPS_PROXY: address };
			const credential = { endpoint: `https://127.0.0.1:${await closedPort()}/api` };
			const told = await expectSilence({ onError, environment, credential });
			// A proxy's answer is the endpoint's to n8n's own request function.
			const word =
				testedBuild === 'pool'
					? /was not sent: |Nothing was sent\./
					: /was not sent: |Nothing was sent\.|[Nn]othing was changed\./;
			expect(told).toMatch(word);
		});
	},
);
