import { setTimeout as sleep } from 'node:timers/promises';
import { doneTo, httpBytes, runRawServer } from './rawServer.mts';

/** A server that accepts everything and knows how many requests it had at once. */
export interface CountingServer {
	readonly endpoint: string;
	/** The requests that were unanswered when the n-th one came, itself included. */
	readonly inFlight: readonly number[];
	/** The most connections that were open at once. */
	readonly mostConnections: number;
	readonly openConnections: number;
}

/**
 * @param gather all but the first one are answered as soon as this many came at once, and each later one at once
 * @param firstMs how long the first one is left alone
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
