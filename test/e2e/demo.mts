import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSimulator } from '../simulator/simulator.mts';
import { install } from './install.mts';
import { OWNER } from './n8n/client.mts';
import { startN8n, type N8nServer } from './n8n/server.mts';
import { exampleFolder, n8nLines } from './setup/folders.mts';
import { checkPortIsFree } from './setup/freePort.mts';
import { packedPackage } from './setup/packedPackage.mts';
import { CannotStart, runMain } from './setup/stopMessage.mts';
import { importExample } from './tests/exampleWorkflow.mts';

const HELP = `Starts a real n8n with this package installed, and a simulator of Tencent's service for it.

  --port <number>            n8n's port (5678)
  --simulator-port <number>  the simulator's port (8465)
  --n8n <n8n-2 | n8n-1>      the line of n8n (n8n-2)
`;

/** A customer of the quick start that the simulated service refuses, so that the lower branch has something to show. */
const REFUSED = { user_4096: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } };

await runMain(async () => {
	const { values } = readCommandLine();
	if (values.help) {
		process.stdout.write(HELP);
		return;
	}
	const line = n8nLines.find((each) => each === values.n8n);
	if (line === undefined) throw new CannotStart(`--n8n is one of ${n8nLines.join(', ')}.`);
	const port = readPort(values.port, '--port');
	const simulatorPort = readPort(values['simulator-port'], '--simulator-port');
	await checkPortIsFree(port, '--port');
	await checkPortIsFree(simulatorPort, '--simulator-port');
	await install([line]);

	process.stdout.write('Building and packing the package …\n');
	const packageFolder = await mkdtemp(join(tmpdir(), 'n8n-demo-package-'));
	const simulator = await startSimulator({ port: simulatorPort, refuseCustomers: REFUSED });
	let server: N8nServer | undefined;
	const end = async () => {
		await server?.stop();
		await simulator.close();
		await rm(packageFolder, { recursive: true, force: true });
	};
	let isStopped = false;
	const stopped = new Promise<void>((resolve) => {
		const stop = () => {
			isStopped = true;
			resolve();
		};
		process.on('SIGINT', stop);
		process.on('SIGTERM', stop);
	});
	try {
		const tarball = await packedPackage(packageFolder);
		process.stdout.write('Starting n8n …\n');
		server = await startN8n({ line, tarball, port });
		const { appKey, appSecret, endpoint } = simulator;
		const credential = { appKey, appSecret, platform: 'custom', endpoint, nestedRule: 'automatic' };
		await server.client.createCredential('Tencent Cloud IoT account', credential);
		const webhookKey = { name: 'X-Webhook-Key', value: 'demo-key' };
		await server.client.createCredential('Webhook key', webhookKey, 'httpHeaderAuth');
		for (const file of (await readdir(exampleFolder)).sort()) await importExample(server.client, file);
		process.stdout.write(introduction(server.url, endpoint));
		await stopped;
		process.stdout.write('\nEnding n8n and the simulator …\n');
	} catch (cause) {
		// Ctrl-C reaches n8n, too: one that ends while it starts is no surprise then.
		if (!isStopped) throw cause;
	} finally {
		await end();
	}
});

function introduction(url: string, endpoint: string): string {
	return `
n8n is ready:  ${url}
  E-mail:      ${OWNER.email}
  Password:    ${OWNER.password}

Open the workflow "Tencent Cloud IoT: quick start" and click "Execute workflow".
Its credential leads to the simulator at ${endpoint}
(App Key ServiceAppKey, App Secret ServiceAppSecret). Ctrl-C ends everything and removes what was stored.
`;
}

function readCommandLine() {
	try {
		return parseArgs({
			options: {
				help: { type: 'boolean', default: false },
				port: { type: 'string', default: '5678' },
				'simulator-port': { type: 'string', default: '8465' },
				n8n: { type: 'string', default: 'n8n-2' },
			},
		});
	} catch (cause) {
		throw new CannotStart(`${cause instanceof Error ? cause.message : String(cause)}\n\n${HELP}`, { cause });
	}
}

function readPort(text: string, option: string): number {
	const port = Number(text);
	if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
	throw new CannotStart(`${option} is a number from 1 to 65535, not '${text}'.`);
}
