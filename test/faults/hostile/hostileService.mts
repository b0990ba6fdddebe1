import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatorAccess } from '../../engine/operationRun.mts';

/** The parts of a request that tricks use. */
export interface Asked {
	Action: string;
	RequestId: string;
	Signature: string;
	/** Unix time in seconds. */
	Timestamp: number;
	Offset?: number;
	/** The number of earlier requests. */
	index: number;
}

/** The response: JSON with status 200 by default. */
export interface Said {
	headers?: Record<string, string>;
	body: string | Uint8Array;
}

export type Trick = (asked: Asked) => Said;

/** A hostile stand-in of the service. Not bound to a test: the caller has to close it. */
export interface HostileService extends SimulatorAccess {
	/** Every request so far, live. */
	readonly asked: readonly Asked[];
	close(): Promise<void>;
}

export async function runHostileService(trick: Trick): Promise<HostileService> {
	const asked: Asked[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const ask = { ...(JSON.parse(Buffer.concat(chunks).toString()) as Asked), index: asked.length };
			asked.push(ask);
			const { headers = {}, body } = trick(ask);
			response.writeHead(200, { 'content-type': 'application/json', ...headers });
			response.end(body);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		endpoint: `http://127.0.0.1:${port}/api`,
		appKey: 'key',
		appSecret: 'secret',
		asked,
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}
