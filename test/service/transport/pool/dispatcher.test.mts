import { describe, expect, test } from '@jest/globals';
import { withoutProxies } from '../../../support/environment.mts';
import { doneTo, httpBytes, runRawServer } from '../../../support/rawServer.mts';
import { listen } from '../../../support/serverSocket.mts';
import { deliver, outcomesOf, pushes, sendingTo, type EgressFilter } from '../../../support/sending.mts';

withoutProxies();

type Lookup = ReturnType<EgressFilter['createSecureLookup']>;

/** A policy of the host that allows everything, with the changes of a test. */
function egressFilter(changes: Partial<EgressFilter> = {}): EgressFilter {
	const lookup: Lookup = (_host, _options, callback) =>
		callback(null, [{ address: '127.0.0.1', family: 4 }], 4);
	return { validateUrl: async () => ({ ok: true }), createSecureLookup: () => lookup, ...changes };
}

// At its end, a run waits for connections that are still opening: that must not take longer than its Timeout.
test('An endpoint that never finishes its TLS handshake delays a run by at most its Timeout', async () => {
	const server = await listen((socket) => socket.on('data', () => undefined));
	const endpoint = `https://127.0.0.1:${server.port}/api`;
	const settings = sendingTo({ endpoint }, { timeoutMs: 100, maxAttempts: 1 });
	const report = await deliver(pushes(1), settings);
	expect(outcomesOf(report)).toEqual(['NOT_SENT RESPONSE_TIMEOUT']);
});

describe("The host's policy", () => {
	test.each([
		['ENOTFOUND', 'DNS_NOT_FOUND'],
		['EAI_AGAIN', 'DNS_UNAVAILABLE'],
		[undefined, 'DNS_NOT_FOUND'],
	])('reports a failed host lookup (%s): %s', async (errorCode, code) => {
		const thrown = Object.assign(new Error('x'), { code: errorCode });
		const filter = egressFilter({ validateUrl: () => Promise.reject(thrown) });
		const sending = deliver(
			pushes(1),
			sendingTo({ endpoint: 'https://x.invalid/' }, { egressFilter: filter }),
		);
		await expect(sending).rejects.toMatchObject({ failure: { code, outcome: 'NOT_SENT' } });
	});

	test('looks the host up for each connection, so no connection goes to an unchecked address', async () => {
		const server = await runRawServer((socket, index) =>
			socket.end(httpBytes(200, doneTo(server.requests[index]))),
		);
		const looked: string[] = [];
		const lookup: Lookup = (host, _options, callback) => {
			looked.push(host);
			callback(null, [{ address: '127.0.0.1', family: 4 }], 4);
		};
		const filter = egressFilter({ createSecureLookup: () => lookup });
		const endpoint = `http://localhost:${server.port}/api`;
		const report = await deliver(
			pushes(3),
			sendingTo({ endpoint }, { egressFilter: filter, concurrency: 1 }),
		);
		expect(outcomesOf(report)).toEqual(['OK', 'OK', 'OK']);
		expect(looked.length).toBeGreaterThanOrEqual(3);
		expect(new Set(looked)).toEqual(new Set(['localhost']));
	});
});
