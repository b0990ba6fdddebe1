import type { Socket } from 'node:net';
import { listen, type TcpServer } from './serverSocket.mts';

/** A server that reads whole HTTP requests and responds with any bytes. */
export interface RawServer extends TcpServer {
	readonly endpoint: string;
	/** Each received request with head and body, live. */
	readonly requests: readonly string[];
}

/** The reaction to the n-th request, counted from 0 over all connections. */
export type React = (socket: Socket, index: number) => void;

export async function runRawServer(react: React): Promise<RawServer> {
	const requests: string[] = [];
	const server = await listen((socket) => {
		let received = '';
		socket.setEncoding('latin1').on('data', (chunk: string) => {
			received += chunk;
			for (let length = wholeRequest(received); length > 0; length = wholeRequest(received)) {
				requests.push(received.slice(0, length));
				received = received.slice(length);
				react(socket, requests.length - 1);
			}
		});
	});
	return { ...server, requests, endpoint: `http://127.0.0.1:${server.port}/api` };
}

/** Responds to each request with these bytes. */
export const answering =
	(bytes: string): React =>
	(socket) =>
		socket.write(bytes);

/** The bytes of an HTTP response with its length. */
export function httpBytes(status: number, body: string, headers: readonly string[] = []): string {
	const lines = [`HTTP/1.1 ${status} Status`, `content-length: ${Buffer.byteLength(body)}`, ...headers];
	return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The service's success response, which repeats the RequestId of the request. */
export function doneTo(request = ''): string {
	const [, RequestId] = /"RequestId":"([^"]*)"/.exec(request) ?? [];
	return JSON.stringify({ Response: { Status: 'OK', RequestId } });
}

/** A success response with a fixed RequestId. */
export const DONE = JSON.stringify({ Response: { Status: 'OK', RequestId: 'of-the-server' } });

function wholeRequest(received: string): number {
	const headEnd = received.indexOf('\r\n\r\n');
	if (headEnd < 0) {
		return 0;
	}
	const bodyLength = Number(/content-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
	const length = headEnd + 4 + bodyLength;
	return received.length >= length ? length : 0;
}
