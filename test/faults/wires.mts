import type { Socket } from 'node:net';
import { httpBytes } from '../support/rawServer.mts';
import type { Wire } from './faultServer.mts';

/** Responds to every request with these bytes and keeps the connection. */
export const answering = (bytes: string | Buffer): Wire => ({
	onRequest: (socket) => void socket.write(bytes),
});

/** Responds to every request with a status and a body of the correct length. */
export const status = (code: number, body = '', headers: readonly string[] = []): Wire =>
	answering(httpBytes(code, body, headers));

/** Responds to every request with these bytes and ends the connection. */
export const cutAfter = (bytes: string): Wire => ({ onRequest: (socket) => void socket.end(bytes) });

/** Writes byte by byte, `everyMs` apart, until the client disconnects. */
export const dripping = (bytes: string, everyMs: number): Wire => ({
	onRequest: (socket) => drip(socket, bytes, everyMs),
});

function drip(socket: Socket, bytes: string, everyMs: number): void {
	let sent = 0;
	const timer = setInterval(() => {
		if (socket.destroyed || sent === bytes.length) {
			clearInterval(timer);
		} else {
			socket.write(bytes[sent]!);
			sent++;
		}
	}, everyMs);
	socket.on('close', () => clearInterval(timer));
}

/** A web page like those of proxies, firewalls and captive portals. */
export const PAGE = '<!DOCTYPE html><html><body><h1>Sorry</h1></body></html>';
export const HTML = ['content-type: text/html; charset=utf-8'];

/** Responds to every request with a status and a document, or its text, built from the RequestId. */
export const speaking = (code: number, documentFor: (RequestId: string) => object | string): Wire => ({
	onRequest: (socket, _index, request) => {
		const [, RequestId = ''] = /"RequestId":"([^"]*)"/.exec(request) ?? [];
		const answer = documentFor(RequestId);
		socket.write(httpBytes(code, typeof answer === 'string' ? answer : JSON.stringify(answer)));
	},
});

/** The service's own refusal. */
export const refusing = (code: number): Wire =>
	speaking(code, (RequestId) => ({
		Response: { Error: { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' }, RequestId },
	}));
