import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { readCertificate } from './certificate.mts';
import { messageOf } from './childMessage.mts';
import type { ConnectionCounts, SimulatorSnapshot } from './simulator.mts';

/** The simulator in a process of its own, empty at first: it outlives its clients, and its work is not counted as theirs. */
export interface SimulatorProcess {
	endpoint: string;
	/** How much it has seen since the last reset. */
	counts(): Promise<SimulatorSnapshot['counts']>;
	/** Since the last reset, that of the reset and that of this question included. */
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
	// Without keep-alive: a connection of its own for each question, and none that stays.
	const dispatcher = new Agent({ pipelining: 0, connect: { ca: readCertificate().cert } });
	const ask = async (path: string, method: 'GET' | 'POST' = 'GET') =>
		(await request(`${origin}/_simulator/${path}`, { method, dispatcher })).body;
	const get = async (path: string): Promise<unknown> => await (await ask(path)).json();
	return {
		endpoint,
		counts: async () => (await get('counts')) as SimulatorSnapshot['counts'],
		connections: async () => (await get('connections')) as ConnectionCounts,
		state: async () => (await get('state')) as SimulatorSnapshot,
		reset: async () => await (await ask('reset', 'POST')).dump(),
		stop: async () => {
			child.kill('SIGTERM');
			await once(child, 'exit');
		},
	};
}
