import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readCertificate } from '../../../../simulator/certificate.mts';
import { runSimulator } from '../../../simulator/runningSimulator.mts';
import { withoutProxies } from '../../../support/environment.mts';
import { eventually } from '../../../support/eventually.mts';
import { runProxyServer } from '../../../support/proxyServer.mts';
import {
	deliver,
	outcomesOf,
	pushes,
	sendingTo,
	type SendingChanges,
	type EgressFilter,
} from '../../../support/sending.mts';

const setVariable = withoutProxies();
const trustedBefore = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trustedBefore, readCertificate().cert]));
afterAll(() => setDefaultCACertificates(trustedBefore));

/** Sends through a proxy that responds to every tunnel with a status. */
async function sendThrough(answer: number | 'silence', changes: SendingChanges = {}) {
	const simulator = await runSimulator({ tls: true });
	const proxy = await runProxyServer(answer);
	setVariable('HTTPS_PROXY', `http://user:p%40ss@127.0.0.1:${proxy.port}`);
	return outcomesOf(await deliver(pushes(5), sendingTo(simulator, changes)));
}

describe('A proxy of this server', () => {
	// At its end, a run waits for a tunnel that is still opening: by default up to five minutes.
	test('that never responds delays a run by at most its Timeout', async () => {
		const words = await sendThrough('silence', { timeoutMs: 100, maxAttempts: 1 });
		expect(words[0]).toBe('NOT_SENT RESPONSE_TIMEOUT');
	});

	test.each(['socks5://127.0.0.1:1080', 'http://[', 'ftp://proxy', 'xhttp://127.0.0.1:1'])(
		'whose address is %s sends nothing',
		async (address) => {
			const simulator = await runSimulator({ tls: true });
			setVariable('HTTPS_PROXY', address);
			await expect(deliver(pushes(1), sendingTo(simulator))).rejects.toMatchObject({
				failure: {
					code: 'PROXY_NOT_USABLE',
					outcome: 'NOT_SENT',
					scope: 'run',
					advice: 'Give scheme, host and port of the proxy, e.g. in HTTPS_PROXY',
				},
				message: "This server's proxy address is not usable. Nothing was sent.",
			});
			expect(simulator.connections.total).toBe(0);
		},
	);
});

describe("The host's policy on proxies", () => {
	const filter = (changes: Partial<EgressFilter>): EgressFilter => ({
		validateUrl: async () => ({ ok: true }),
		createSecureLookup: () => (_host, _options, callback) =>
			callback(null, [{ address: '127.0.0.1', family: 4 }], 4),
		...changes,
	});

	test('is checked for the host of the proxy, and can forbid it', async () => {
		const asked: string[] = [];
		const validateConnectionHost = (host: string) => {
			asked.push(host);
			return { ok: false };
		};
		const sending = sendThrough(200, { egressFilter: filter({ validateConnectionHost }) });
		await expect(sending).rejects.toMatchObject({
			failure: { code: 'EGRESS_BLOCKED' },
			message: "This server's policy does not allow requests to the proxy. Nothing was sent.",
		});
		expect(asked).toEqual(['127.0.0.1']);
	});

	test.each<[what: string, changes: Partial<EgressFilter>]>([
		['allows its host', { validateConnectionHost: () => ({ ok: true }) }],
		['does not check proxies', {}],
	])('that %s lets the proxy carry the requests', async (_what, changes) => {
		expect(await sendThrough(200, { egressFilter: filter(changes) })).toEqual(new Array(5).fill('OK'));
	});
});

test('A run that is cancelled while a proxy is used says that it was cancelled', async () => {
	const controller = new AbortController();
	const simulator = await runSimulator({ tls: true, faults: () => ({ kind: 'silence' }) });
	const proxy = await runProxyServer();
	setVariable('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`);
	const sending = deliver(pushes(2), sendingTo(simulator, { signal: controller.signal }));
	await eventually(() => simulator.requests.length, 1);
	controller.abort();
	expect(outcomesOf(await sending)).toEqual(['UNKNOWN CANCELLED', 'NOT_SENT CANCELLED']);
});

test('A run that is cancelled while a proxy opens the tunnel ends at once', async () => {
	const controller = new AbortController();
	const simulator = await runSimulator({ tls: true });
	const proxy = await runProxyServer('silence');
	setVariable('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`);
	const sending = deliver(pushes(2), sendingTo(simulator, { signal: controller.signal }));
	await eventually(() => proxy.heads.length, 1);
	controller.abort();
	expect(outcomesOf(await sending)).toEqual(['NOT_SENT CANCELLED', 'NOT_SENT CANCELLED']);
});
