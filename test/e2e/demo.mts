import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { demoTour, demoWorld } from '../../simulator/demoWorld/demoWorld.mts';
import { startSimulator, type Simulator } from '../../simulator/simulator.mts';
import { install } from './install.mts';
import { OWNER } from './n8n/client.mts';
import { startN8n, type N8nServer } from './n8n/server.mts';
import { RELOADING, rebuildOnChange } from './reload.mts';
import { startGroupRobot, type GroupRobot } from './services/groupRobot.mts';
import { postgresPart, startPostgres, type Postgres, type PostgresLogin } from './services/postgres.mts';
import { buildFor, e2eFolder, n8nFolder, n8nLines, type N8nLine } from './setup/folders.mts';
import { checkPortIsFree } from './setup/freePort.mts';
import { isInstalled } from './setup/packageInstallation.mts';
import { packedPackage } from './setup/packedPackage.mts';
import { CannotStart, readFlags, runMain } from './setup/stopMessage.mts';
import { createCrmCredential, fillCrmDatabase } from './tests/crmDatabase.mts';
import {
	createFormLogin,
	createWebhookKey,
	FORM_LOGIN,
	importExamples,
	WEBHOOK_KEY,
} from './tests/exampleWorkflow.mts';
import { CREDENTIAL_NAME, credentialFor } from './tests/scene.mts';

const HELP = `Starts a real n8n with this package installed, and a simulator of Tencent's service for it.

  --port <number>            n8n's port (5678)
  --simulator-port <number>  the simulator's port (8465)
  --n8n <line>               ${n8nLines.join(', ')} (n8n-2)
  --yes                      download n8n without a question, where it is not there yet
  --reload                   build the package again when a source changes, and have n8n load it (npm run dev)
`;

const FLAGS = {
	help: { type: 'boolean', default: false },
	port: { type: 'string', default: '5678' },
	'simulator-port': { type: 'string', default: '8465' },
	n8n: { type: 'string', default: 'n8n-2' },
	yes: { type: 'boolean', default: false },
	reload: { type: 'boolean', default: false },
} as const;

/** A customer of the quick start that the simulated service refuses, so that the error branch has an item. */
const REFUSED = { user_4096: { Code: 'InvalidParameterValue', Message: 'CustomerId 无效' } };

/** The data in the scheduled sync's credential if the demo has no database for it. */
const UNKNOWN_DATABASE: PostgresLogin = {
	host: 'localhost',
	port: 5432,
	database: 'crm',
	user: 'crm',
	password: '',
};

await runMain(async () => {
	const values = readFlags(FLAGS, HELP);
	if (values.help) {
		process.stdout.write(HELP);
		return;
	}
	const line = n8nLines.find((each) => each === values.n8n);
	if (line === undefined) {
		throw new CannotStart(`--n8n is one of ${n8nLines.join(', ')}.`);
	}
	const port = readPort(values.port, '--port');
	const simulatorPort = readPort(values['simulator-port'], '--simulator-port');
	await checkPortIsFree(port, '--port');
	await checkPortIsFree(simulatorPort, '--simulator-port');
	if (!(await mayInstall(line, values.yes))) {
		process.stdout.write('Nothing was downloaded. npm start needs no n8n.\n');
		return;
	}
	await install([line]);

	process.stdout.write('Building and packing the package …\n');
	const packageFolder = await mkdtemp(join(tmpdir(), 'n8n-demo-package-'));
	const simulator = await startSimulator({
		...demoWorld(Date.now()),
		port: simulatorPort,
		refuseCustomers: REFUSED,
	});
	let server: N8nServer | undefined;
	let crm: Postgres | undefined;
	let robot: GroupRobot | undefined;
	let stopWatching: (() => void) | undefined;
	const end = async () => {
		stopWatching?.();
		await server?.stop();
		await crm?.stop();
		await robot?.stop();
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
		const tarball = await packedPackage(buildFor[line], packageFolder);
		process.stdout.write('Starting n8n …\n');
		const more = values.reload ? RELOADING : undefined;
		server = await startN8n({ line, tarball, port, hasEditor: true, more });
		const { client, url } = server;
		await client.createCredential(CREDENTIAL_NAME, credentialFor(simulator));
		await createWebhookKey(client);
		await createFormLogin(client);
		if (postgresPart.isThere()) {
			crm = await startPostgres();
			await fillCrmDatabase(crm);
		}
		await createCrmCredential(client, crm?.login ?? UNKNOWN_DATABASE);
		robot = await startGroupRobot((message) => process.stdout.write(`\nMessage to the group:\n${message}\n`));
		await importExamples(client, robot.url);
		process.stdout.write(introduction(url, simulator, crm));
		if (values.reload) {
			stopWatching = rebuildOnChange(buildFor[line], server.settings.userFolder);
			process.stdout.write('Watching nodes/, credentials/ and icons/.\n');
		}
		await stopped;
		process.stdout.write('\nEnding n8n and the simulator …\n');
	} catch (cause) {
		// Ctrl-C ends n8n, too, so n8n may fail to start.
		if (!isStopped) {
			throw cause;
		}
	} finally {
		await end();
	}
});

/**
 * Asks before n8n is downloaded, unless it is installed already.
 *
 * @throws CannotStart if there is no terminal to ask in
 */
async function mayInstall(line: N8nLine, isAgreed: boolean): Promise<boolean> {
	const folder = n8nFolder(line);
	const isThere = (await isInstalled(folder)) && (await isInstalled(e2eFolder));
	if (isThere || isAgreed) {
		return true;
	}
	process.stdout.write(
		`This downloads n8n, Node 24 and a browser driver into test/e2e: 2.5 GB on disk, once, in 3 to 10 minutes.\n` +
			`Nothing outside this folder is changed; to get rid of it, delete node_modules in test/e2e and in test/e2e/${line}.\n`,
	);
	if (!process.stdin.isTTY) {
		throw new CannotStart('Nobody can be asked here: run it as npm run n8n -- --yes.');
	}
	const reader = createInterface({ input: process.stdin, output: process.stdout });
	const reply = await reader.question('Download it? [y/N] ');
	reader.close();
	return /^y(es)?$/i.test(reply.trim());
}

function introduction(url: string, { origin, endpoint }: Simulator, crm: Postgres | undefined): string {
	const database =
		crm === undefined
			? 'needs a PostgreSQL, and none is installed here: fill in the credential "CRM database"'
			: `reads a PostgreSQL of its own: psql -h 127.0.0.1 -p ${crm.login.port} -U postgres`;
	const key = `${WEBHOOK_KEY.name}: ${WEBHOOK_KEY.value}`;
	const outage = (isOut: boolean) => `curl -X POST ${origin}/_simulator/options -d '{"outage": ${isOut}}'`;
	return `
n8n is ready:  ${url}
  E-mail:      ${OWNER.email}
  Password:    ${OWNER.password}

Open the workflow "Tencent Cloud IoT: quick start" and click "Execute workflow". The other examples, by their files:
  push-spreadsheet-form              "Execute workflow" opens a form (login ${FORM_LOGIN.user}, ${FORM_LOGIN.password}): give it
                                     examples/messy-devices.xlsx
  set-customer-devices-webhook       publish it, then POST to ${url}/webhook/set-customer-devices with the header ${key}
  customer-order-bindings-insurance  "Execute workflow"
  crm-to-iot-sync                    "Execute workflow"; it ${database}
                                     Published, it prints its messages here: one when it breaks, one when it heals, and the link
                                     of its form when a safety check stops it
  approve-a-plan                     publish it: its form is at ${url}/form/approve-a-plan
  a-sync-is-red                      publish it, and choose it as the error workflow of crm-to-iot-sync
  write-back-to-crm                  as crm-to-iot-sync, and writes what became of each customer back
  monthly-audit                      "Execute workflow": what the simulator has beside the rows, in a message
  customer-support-form              "Execute workflow" opens a form; run crm-to-iot-sync before its Show
  ai-agent                           needs the credential of a model

An outage of the service, in which every connection is reset:
  begin it  ${outage(true)}
  end it    ${outage(false)}
${demoTour}
The credential of all examples leads to the simulator at ${endpoint}
(App Key ServiceAppKey, App Secret ServiceAppSecret). Ctrl-C ends everything and removes what was stored.
`;
}

function readPort(text: string, option: string): number {
	const port = Number(text);
	if (Number.isInteger(port) && port > 0 && port < 65_536) {
		return port;
	}
	throw new CannotStart(`${option} is a number from 1 to 65535, not '${text}'.`);
}
