import { setTimeout as sleep } from 'node:timers/promises';
import { doneTo, httpBytes, runRawServer } from './rawServer.mts';

/** A server that accepts every request and counts simultaneous ones. */
export interface CountingServer {
	readonly endpoint: string;
	/** The number of unanswered requests when the n-th one arrived, including itself. */
	readonly inFlight: readonly number[];
	/** The most connections that were open at once. */
	readonly mostConnections: number;
	readonly openConnections: number;
}

/**
 * @param gather when this many requests are unanswered, the server responds to all but the first, and to later ones immediately
 * @param firstMs how long the server waits before it responds to the first request
 */
export async function runCountingServer(gather = 1, firstMs = 0): Promise<CountingServer> {
	const inFlight: number[] = [];
	let release = (): void => undefined;
	const gathered = new Promise<void>((resolve) => {
		release = resolve;
	});
	let unanswered = 0;
	let mostConnections = 0;
	const server = await runRawServer(async (socket, index) => {
		unanswered++;
		inFlight.push(unanswered);
		mostConnections = Math.max(mostConnections, server.sockets.size);
		if (unanswered >= gather) {
			release();
		}
		await (index === 0 ? sleep(firstMs) : gathered);
		unanswered--;
		socket.write(httpBytes(200, doneTo(server.requests[index])));
	});
	return {
		endpoint: server.endpoint,
		inFlight,
		get mostConnections() {
			return mostConnections;
		},
		get openConnections() {
			return server.sockets.size;
		},
	};
}
