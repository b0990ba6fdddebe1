import { afterEach } from '@jest/globals';
import { openPoolTransport } from '../../nodes/TencentCloudIot/service/transport/pool/poolTransport';
import type {
	Exchange,
	Transport,
	TransportOptions,
} from '../../nodes/TencentCloudIot/service/transport/transport';
import { systemClock } from '../../nodes/TencentCloudIot/host/systemClock';
import { runRawServer, type React } from './rawServer.mts';
import { sendingTo, type EgressFilter } from './sending.mts';

const open = new Set<Transport>();

afterEach(async () => {
	await Promise.all(Array.from(open, (transport) => transport.close()));
	open.clear();
});

type Changes = Partial<TransportOptions> & { egressFilter?: EgressFilter };

/** A pool of connections to an endpoint, which end with the test. */
export async function poolOf(
	endpoint: string,
	{ egressFilter, ...changes }: Changes = {},
): Promise<Transport> {
	const { host } = sendingTo({ endpoint }, egressFilter && { egressFilter });
	const transport = await openPoolTransport({
		endpoint: new URL(endpoint),
		connections: 4,
		timeoutMs: 5_000,
		clock: systemClock,
		host,
		...changes,
	});
	open.add(transport);
	return transport;
}

/** Posts a small body through a pool to a server with this reaction. */
export async function post(react: React, changes: Changes = {}) {
	const server = await runRawServer(react);
	const client = await poolOf(server.endpoint, changes);
	return { server, client, exchange: await client.post('{"a":"é"}') };
}

/** A short form of an exchange: the response's status, or the kind of transport error and whether anything was written, or that it was held back. */
export function inShort(exchange: Exchange | undefined): string | number {
	if (exchange === undefined) {
		return 'held back';
	}
	if ('response' in exchange) {
		return exchange.response.status;
	}
	const { kind, written } = exchange.error;
	return `${kind}${written ? ', written' : ''}`;
}
