import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { readCertificate } from './certificate.mts';
import { messageOf } from './childMessage.mts';
import type { ConnectionCounts, SimulatorSnapshot } from './simulator.mts';

/** The simulator in its own process, empty at first: it outlives its clients, and its CPU time does not count as theirs. */
export interface SimulatorProcess {
	endpoint: string;
	/** What it has received since the last reset. */
	counts(): Promise<SimulatorSnapshot['counts']>;
	/** Since the last reset, including the connections of the reset and of this query. */
	connections(): Promise<ConnectionCounts>;
	state(): Promise<SimulatorSnapshot>;
	/** Forgets all requests and bindings. */
	reset(): Promise<void>;
	stop(): Promise<void>;
}

/** @param flags command line flags of the simulator, e.g. `--tls` */
export async function startSimulatorProcess(flags: string[] = []): Promise<SimulatorProcess> {
	const main = fileURLToPath(new URL('main.mts', import.meta.url));
	const child = fork(main, ['--port', '0', '--empty', ...flags], {
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		execArgv: ['--max-old-space-size=4096'],
	});
	const { endpoint } = await messageOf<{ endpoint: string }>(child);
	const { origin } = new URL(endpoint);
	// Without keep-alive, each query has its own connection, which closes afterwards.
	const dispatcher = new Agent({ pipelining: 0, connect: { ca: readCertificate().cert } });
	const query = async (path: string, method: 'GET' | 'POST' = 'GET') =>
		(await request(`${origin}/_simulator/${path}`, { method, dispatcher })).body;
	const get = async (path: string): Promise<unknown> => await (await query(path)).json();
	return {
		endpoint,
		counts: async () => (await get('counts')) as SimulatorSnapshot['counts'],
		connections: async () => (await get('connections')) as ConnectionCounts,
		state: async () => (await get('state')) as SimulatorSnapshot,
		reset: async () => await (await query('reset', 'POST')).dump(),
		stop: async () => {
			child.kill('SIGTERM');
			await once(child, 'exit');
		},
	};
}
