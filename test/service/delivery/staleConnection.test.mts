import { expect, test } from '@jest/globals';
import { withoutProxies } from '../../support/environment.mts';
import { doneTo, httpBytes } from '../../support/rawServer.mts';
import { deliver, outcomesOf, pushes, sendingTo, type SendingChanges } from '../../support/sending.mts';
import { runFaultServer } from '../../faults/faultServer.mts';

withoutProxies();

test.each([
	[true, ['OK', 'OK'], 3],
	[false, ['OK', 'UNKNOWN CONNECTION_RESET'], 2],
])(
	'The server resets a kept connection at the next request, which is sent again only if idempotent (%s).',
	async (isIdempotent, words, requests) => {
		let answered = 0;
		const server = await runFaultServer({
			onConnection: (socket) => {
				let isStale = false;
				socket.on('data', () => {
					if (isStale) {
						socket.resetAndDestroy();
					}
					isStale = true;
				});
			},
			onRequest: (socket, index) => {
				const body = doneTo(server.requests[index]);
				if (!socket.destroyed) {
					socket.write(httpBytes(200, body), () => {
						answered++;
					});
				}
			},
		});
		const settings: SendingChanges = { concurrency: 1, maxAttempts: 2, isIdempotent };
		const report = await deliver(pushes(2), sendingTo(server, settings));
		expect(outcomesOf(report)).toEqual(words);
		expect(server.requests).toHaveLength(requests);
		expect(server.connections).toBeGreaterThanOrEqual(requests - 1);
		expect(answered).toBe(requests - 1);
	},
);
