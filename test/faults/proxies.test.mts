import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expectNothingLost } from '../engine/invariants.mts';
import { errorOf, push, row } from '../engine/pushRun.mts';
import { readCertificate } from '../../simulator/certificate.mts';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { runCheckingProxy } from './checkingProxy.mts';
import { testedBuild } from '../support/testedBuild.mts';
import { NO_PROXIES } from './noProxies.mts';

const rows = Array.from({ length: 6 }, (_, index) => row(`c${index}`, index));
const onError = 'continueErrorOutput' as const;

const trustedBefore = getCACertificates('default');
beforeAll(() => setDefaultCACertificates([...trustedBefore, readCertificate().cert]));
afterAll(() => setDefaultCACertificates(trustedBefore));

type Way = 'through the proxy' | 'past the proxy';
type Variables = (proxy: string, port: number) => Record<string, string>;

describe('Proxies are chosen as everywhere in n8n, but never for plain http to this machine:', () => {
	test.each<[scheme: 'http' | 'https', way: Way, what: string, variables: Variables]>([
		['http', 'past the proxy', 'HTTP_PROXY', (HTTP_PROXY) => ({ HTTP_PROXY })],
		['http', 'past the proxy', 'ALL_PROXY', (ALL_PROXY) => ({ ALL_PROXY })],
		['https', 'past the proxy', 'HTTP_PROXY', (HTTP_PROXY) => ({ HTTP_PROXY })],
		['https', 'through the proxy', 'HTTPS_PROXY', (HTTPS_PROXY) => ({ HTTPS_PROXY })],
		['https', 'through the proxy', 'ALL_PROXY', (ALL_PROXY) => ({ ALL_PROXY })],
		[
			'https',
			'past the proxy',
			'NO_PROXY with host and port',
			(ALL_PROXY, port) => ({ ALL_PROXY, NO_PROXY: `127.0.0.1:${port}` }),
		],
		[
			'https',
			'through the proxy',
			'NO_PROXY with another port',
			(ALL_PROXY) => ({ ALL_PROXY, NO_PROXY: '127.0.0.1:1' }),
		],
		[
			'https',
			'past the proxy',
			'NO_PROXY with a suffix',
			(ALL_PROXY) => ({ ALL_PROXY, NO_PROXY: '*.0.0.1' }),
		],
		[
			'https',
			'through the proxy',
			'NO_PROXY with a range',
			(ALL_PROXY) => ({ ALL_PROXY, NO_PROXY: '127.0.0.0/8' }),
		],
	])('%s goes %s with %s.', async (scheme, way, _what, variables) => {
		const simulator = await runSimulator({ tls: scheme === 'https', keepBodies: true });
		const proxy = await runCheckingProxy();
		const environment = { ...NO_PROXIES, ...variables(`http://127.0.0.1:${proxy.port}`, simulator.port) };
		const options = { concurrency: 2, maxAttempts: 1 };
		const result = await push(rows, simulator, { onError, environment, options });
		expect(result.success).toHaveLength(rows.length);
		expect(simulator.requests).toHaveLength(rows.length);
		const endpoint = `127.0.0.1:${simulator.port}`;
		expect([...new Set(proxy.tunnels)]).toEqual(way === 'through the proxy' ? [endpoint] : []);
		expect(proxy.connections).toBe(proxy.tunnels.length);
		expect(proxy.tunnels.length).toBeLessThanOrEqual(testedBuild === 'pool' ? 2 : rows.length);
		expectNothingLost(result, rows, simulator, { mostRequestsPerCustomer: 1, isSignedRight: true });
	});

	test.each(['127.0.0.1', 'localhost'])('http to the host %s bypasses the proxy.', async (host) => {
		const simulator = await runSimulator();
		const proxy = await runCheckingProxy();
		const environment = { ...NO_PROXIES, HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
		const credential = { endpoint: simulator.endpoint.replace('127.0.0.1', host) };
		const { success } = await push(rows, simulator, { environment, credential });
		expect(success).toHaveLength(rows.length);
		expect(proxy.connections).toBe(0);
	});
});

describe('A proxy with a login', () => {
	const login = { user: 'n8n', password: 'p@ss:wörd/1' };
	// n8n's request function treats the proxy's response as the endpoint's.
	const refused = testedBuild === 'pool' ? 'PROXY_LOGIN' : 'HTTP_407';
	test.each([
		['is used with the login in its address', `n8n:${encodeURIComponent(login.password)}@`, undefined],
		['that is missing in its address', '', refused],
		['that is wrong in its address', 'n8n:wrong@', refused],
	])('%s.', async (_what, given, code) => {
		const simulator = await runSimulator({ tls: true });
		const proxy = await runCheckingProxy(login);
		const environment = { ...NO_PROXIES, HTTPS_PROXY: `http://${given}127.0.0.1:${proxy.port}` };
		const options = { maxAttempts: 1, concurrency: 1 };
		const result = await push(rows, simulator, { onError, environment, options });
		expect(result.error[0] && errorOf(result.error[0])?.code).toBe(code);
		expect(simulator.requests).toHaveLength(code === undefined ? rows.length : 0);
		// The proxy would turn away the other customers, too, so the first one ends the run.
		expect(proxy.turnedAway).toBe(code === undefined ? 0 : 1);
		expectNothingLost(result, rows, simulator, { secrets: [login.password, 'p%40ss', 'n8n:'] });
	});
});
