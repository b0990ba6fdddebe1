import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The simulator in a process of its own, so that its work is not counted as the client's. */
export interface SimulatorProcess {
	endpoint: string;
	/** Forgets all requests and bindings. */
	reset(): Promise<void>;
	/** How much it has seen since the last reset. */
	counts(): Promise<Record<string, unknown>>;
	stop(): Promise<void>;
}

/** @param flags command line flags of the simulator, e.g. `--tls` */
export async function startSimulatorProcess(flags: string[] = []): Promise<SimulatorProcess> {
	const main = fileURLToPath(new URL('../test/simulator/main.mts', import.meta.url));
	const child = fork(main, ['--port', '0', ...flags], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
	const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
	const { origin } = new URL(endpoint);
	return {
		endpoint,
		reset: async () => void (await fetch(`${origin}/_simulator/reset`, { method: 'POST' })),
		counts: async () =>
			(await (await fetch(`${origin}/_simulator/counts`)).json()) as Record<string, unknown>,
		stop: async () => {
			child.kill('SIGTERM');
			await once(child, 'exit');
		},
	};
}
