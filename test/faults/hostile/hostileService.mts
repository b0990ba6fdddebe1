import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatorAccess } from '../../engine/operationRun.mts';

/** A request, as far as a trick looks at it. */
export interface Asked {
	Action: string;
	RequestId: string;
	Signature: string;
	/** Unix time in seconds. */
	Timestamp: number;
	Offset?: number;
	/** How many requests came before. */
	index: number;
}

/** What is said in return: JSON with status 200, unless it says otherwise. */
export interface Said {
	headers?: Record<string, string>;
	body: string | Uint8Array;
}

export type Trick = (asked: Asked) => Said;

/** A stand-in of the service that means harm. It does not belong to a test: whoever runs it closes it. */
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
