import { setTimeout as sleep } from 'node:timers/promises';
import { doneTo, httpBytes, runRawServer } from './rawServer.mts';

/** A server that accepts everything after a moment and knows how many requests it had at once. */
export interface CountingServer {
	readonly endpoint: string;
	/** The requests that were unanswered when the n-th one came, itself included. */
	readonly inFlight: readonly number[];
	/** The most connections that were open at once. */
	readonly mostConnections: number;
	readonly openConnections: number;
}

export async function runCountingServer(latencyMs: (index: number) => number): Promise<CountingServer> {
	const inFlight: number[] = [];
	let unanswered = 0;
	let mostConnections = 0;
	const server = await runRawServer(async (socket, index) => {
		inFlight.push(++unanswered);
		mostConnections = Math.max(mostConnections, server.sockets.size);
		await sleep(latencyMs(index));
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
