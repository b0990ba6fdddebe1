import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readCertificate } from '../../simulator/certificate.mts';
import { listen, type TcpServer } from '../support/serverSocket.mts';

/** How a server treats its clients, byte by byte. Without handlers, the connection stays silent. */
export interface Wire {
	/** Speaks TLS with the simulator's certificate. */
	tls?: boolean;
	/** Refuses clients without a certificate; for `tls`. */
	wantsCertificate?: boolean;
	/** Called for each connection, before anything is read. */
	onConnection?: (socket: Socket) => void;
	/** Called for each complete request, with its index over all connections. */
	onRequest?: (socket: Socket, index: number, request: string) => void;
}

/** A raw TCP or TLS server that records connections and requests. */
export interface FaultServer extends TcpServer {
	readonly endpoint: string;
	/** Accepted connections, including those that ended at once. */
	readonly connections: number;
	/** Requests that arrived completely: head and body. */
	readonly requests: readonly string[];
}

export async function runFaultServer({
	tls,
	wantsCertificate: requestCert = false,
	onConnection,
	onRequest,
}: Wire): Promise<FaultServer> {
	const requests: string[] = [];
	let connections = 0;
	const server = await listen((socket) => {
		connections++;
		const stream = tls
			? new TLSSocket(socket, {
					isServer: true,
					requestCert,
					rejectUnauthorized: requestCert,
					...readCertificate(),
				})
			: socket;
		stream.on('error', () => undefined);
		onConnection?.(stream);
		readRequests(stream, (request) => {
			requests.push(request);
			onRequest?.(stream, requests.length - 1, request);
		});
	});
	return {
		...server,
		requests,
		get connections() {
			return connections;
		},
		endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${server.port}/api`,
	};
}

function readRequests(stream: Socket, onRequest: (request: string) => void): void {
	let received = '';
	stream.setEncoding('latin1').on('data', (chunk: string) => {
		received += chunk;
		for (let length = wholeRequest(received); length > 0; length = wholeRequest(received)) {
			const request = received.slice(0, length);
			received = received.slice(length);
			onRequest(request);
		}
	});
}

function wholeRequest(received: string): number {
	const headEnd = received.indexOf('\r\n\r\n');
	if (headEnd < 0) {
		return 0;
	}
	const bodyLength = Number(/content-length: *(\d+)/i.exec(received.slice(0, headEnd))?.[1] ?? 0);
	return received.length >= headEnd + 4 + bodyLength ? headEnd + 4 + bodyLength : 0;
}
