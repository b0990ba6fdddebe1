import { afterEach } from '@jest/globals';
import {
	Client,
	type ClientOptions,
	type Exchange,
} from '../../nodes/TencentCloudIot/service/transport/pool/client';
import { systemClock } from '../../nodes/TencentCloudIot/service/transport/clock';
import {
	openDispatcher,
	type DispatcherOptions,
} from '../../nodes/TencentCloudIot/service/transport/pool/dispatcher';

const open = new Set<Client>();

afterEach(async () => {
	await Promise.all(Array.from(open, (client) => client.close()));
	open.clear();
});

type Changes = Partial<Pick<ClientOptions, 'signal' | 'timeoutMs' | 'clock'> & DispatcherOptions>;

/** A client of an endpoint, over real connections, which end with the test. */
export async function clientOf(endpoint: string, changes: Changes = {}): Promise<Client> {
	const { timeoutMs = 5_000, connections = 4, egressFilter, signal, clock = systemClock } = changes;
	const url = new URL(endpoint);
	const dispatcher = await openDispatcher(url, { connections, timeoutMs, egressFilter });
	const client = new Client({ dispatcher, endpoint: url, timeoutMs, clock, signal });
	open.add(client);
	return client;
}

/** An exchange in short: the answer's status, or the fault's code and whether anything was written. */
export function inShort(exchange: Exchange): string | number {
	if ('answer' in exchange) return exchange.answer.status;
	const { errorCode, errorMessage, written } = exchange.fault;
	const proxy = /Proxy response \(\d+\)/.exec(errorMessage)?.[0];
	return `${proxy ?? errorCode}${written ? ', written' : ''}`;
}
