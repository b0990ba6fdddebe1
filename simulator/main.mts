import type { CommandLine } from './commandLine.mts';
import { readCommandLine, usage } from './commandLine.mts';
import { demoTour, demoWorld } from './demoWorld/demoWorld.mts';
import type { Simulator, SimulatorOptions } from './simulator.mts';
import { certificatePath, startSimulator } from './simulator.mts';
import { OptionError } from './options.mts';

try {
	const options = readCommandLine(process.argv.slice(2));
	if (options === 'help') {
		process.stdout.write(usage);
	} else {
		await run(options);
	}
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = error instanceof OptionError ? 2 : 1;
}

async function run({ empty = false, ...options }: CommandLine): Promise<void> {
	const contents = empty ? {} : demoWorld(Date.now());
	const simulator = await listen({ ...contents, ...options });
	const end = async () => {
		await simulator.close();
		// An open channel to a parent process would keep this process alive.
		if (process.connected) {
			process.disconnect();
		}
	};
	process.once('SIGINT', end);
	process.once('SIGTERM', end);
	// A parent process that is gone can no longer end this one.
	process.once('disconnect', end);
	const trust = options.tls ? ` NODE_EXTRA_CA_CERTS=${certificatePath}` : '';
	const { endpoint, appKey, appSecret } = simulator;
	process.stdout.write(
		`Simulating ${endpoint} AppKey=${appKey} AppSecret=${appSecret}${trust}\n${empty ? '' : demoTour}`,
	);
	process.send?.({ endpoint });
}

async function listen(options: SimulatorOptions): Promise<Simulator> {
	try {
		return await startSimulator(options);
	} catch (cause) {
		if (!(cause instanceof Error) || !('code' in cause)) {
			throw cause;
		}
		if (cause.code === 'EADDRINUSE') {
			throw new Error(`Port ${options.port} is in use; choose another one with --port.`, { cause });
		}
		throw new Error(`Cannot listen on port ${options.port}: ${cause.message}.`, { cause });
	}
}
