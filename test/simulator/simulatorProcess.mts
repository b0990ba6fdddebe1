import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SimulatorSnapshot } from './simulator.mts';

/** The simulator in a process of its own: it outlives its clients, and its work is not counted as theirs. */
export interface SimulatorProcess {
	endpoint: string;
	/** How much it has seen since the last reset. */
	counts(): Promise<SimulatorSnapshot['counts']>;
	state(): Promise<SimulatorSnapshot>;
	/** Forgets all requests and bindings. */
	reset(): Promise<void>;
	stop(): Promise<void>;
}

/** @param flags command line flags of the simulator, e.g. `--tls` */
export async function startSimulatorProcess(flags: string[] = []): Promise<SimulatorProcess> {
	const main = fileURLToPath(new URL('main.mts', import.meta.url));
	const child = fork(main, ['--port', '0', ...flags], {
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		execArgv: ['--max-old-space-size=4096'],
	});
	const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
	const { origin } = new URL(endpoint);
	const get = async (path: string): Promise<unknown> =>
		await (await fetch(`${origin}/_simulator/${path}`)).json();
	return {
		endpoint,
		counts: async () => (await get('counts')) as SimulatorSnapshot['counts'],
		state: async () => (await get('state')) as SimulatorSnapshot,
		reset: async () => void (await fetch(`${origin}/_simulator/reset`, { method: 'POST' })),
		stop: async () => {
			child.kill('SIGTERM');
			await once(child, 'exit');
		},
	};
}
