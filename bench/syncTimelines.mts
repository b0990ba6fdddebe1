import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { install } from '../test/e2e/install.mts';
import { startN8n, type N8nServer } from '../test/e2e/n8n/server.mts';
import { packedPackage } from '../test/e2e/setup/packedPackage.mts';
import { whenRegistered } from '../test/e2e/tests/exampleWorkflow.mts';
import { Dice, seedFor } from '../test/invariants/dice.mts';
import { Crm } from './crmTimeline.mts';
import { LossyService, type Judged, type Weather } from './lossyService.mts';
import { atMost, type Section } from './report.mts';
import { simulatorCredential } from './rows.mts';
import { WAYS, workflowOf, type Way } from './syncWays.mts';

const LINE = 'n8n-2';
const TIMELINES = 10;
const RUNS = 7;
const CUSTOMERS = 120;

/** How many timelines are played at once. */
const SIDE_BY_SIDE = 2;

/** The weather of a run is drawn from these. */
const WEATHERS: Weather[] = ['good', 'bad', 'bad', 'bad', 'outage'];

/** n8n's message if the last node outputs no item. */
const NO_ITEM = 'No item to return was found';

/**
 * Pushes the same random CRMs in different ways, in a real n8n, to a service that loses and refuses requests, and compares the
 * results.
 */
export async function measureSyncTimelines(): Promise<Section> {
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'bench-package-'));
	let server: N8nServer | undefined;
	try {
		server = await startN8n({
			line: LINE,
			tarball: await packedPackage('pool', folder),
			more: { N8N_LOG_LEVEL: 'warn' },
		});
		const running = server;
		const seeds = Array.from({ length: TIMELINES }, (_, index) => index + 1);
		// They wait more than they work: between attempts, and when Sync makes sure that no other run is active.
		const sideBySide = pLimit(SIDE_BY_SIDE);
		const timelines = await Promise.all(
			seeds.map(async (seed) => await sideBySide(async () => await playTimeline(seed, running))),
		);
		const judgedOf = (name: string) => timelines.map((judged) => judged.get(name)!);
		return report(new Map(WAYS.map(({ name }) => [name, judgedOf(name)])));
	} finally {
		await server?.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Pushes one CRM through its changes in all ways, and once more with nothing changed and in good weather. */
async function playTimeline(seed: number, server: N8nServer): Promise<Map<string, Judged>> {
	const service = new LossyService();
	await service.start();
	const crm = new Crm(seed, CUSTOMERS);
	const dice = new Dice(seedFor(seed, 'weather'));
	const ways = await Promise.all(
		WAYS.map(async (way, index) => await activate(way, `${seed}-${index}`, server, service)),
	);
	const runAll = async (run: number, weather: Weather) => {
		service.rows = crm.rows();
		service.beginRun(seedFor(seed, 'run', run), weather);
		await Promise.all(ways.map(async ({ run }) => await run()));
	};
	for (let run = 0; run < RUNS; run++) {
		if (run > 0) {
			crm.advance();
		}
		await runAll(run, dice.pick(WEATHERS));
	}
	await runAll(RUNS, 'good');
	const judged = new Map(ways.map(({ name, path }) => [name, service.judge(path)]));
	console.log(`timeline ${seed}: ${JSON.stringify(Object.fromEntries(judged))}`);
	await Promise.all(ways.map(async ({ stop }) => await stop()));
	service.stop();
	return judged;
}

async function activate(way: Way, id: string, { client, url }: N8nServer, service: LossyService) {
	const endpoint = service.urlOf(id);
	const credential = await client.createCredential(endpoint, simulatorCredential(endpoint));
	const workflow = await client.createWorkflow(
		workflowOf(way, {
			id,
			rowsUrl: service.urlOf('rows'),
			endpoint,
			credential: { id: credential.id, name: credential.name },
		}),
	);
	await client.activate(workflow);
	return {
		name: way.name,
		path: id,
		run: async () => {
			const response = await whenRegistered(async () => await fetch(`${url}/webhook/${id}`));
			const text = await response.text();
			// n8n responds with this error when no customer has changed.
			if (!response.ok && !text.includes(NO_ITEM)) {
				throw new Error(`${way.name}: ${response.status} ${text.slice(0, 300)}`);
			}
		},
		stop: async () => await client.deactivate(workflow),
	};
}

function report(totals: ReadonlyMap<string, readonly Judged[]>): Section {
	const sum = (way: string, figure: keyof Judged) =>
		totals.get(way)!.reduce((sum, each) => sum + each[figure], 0);
	const ofAll = (TIMELINES * CUSTOMERS).toLocaleString('en-US');
	return {
		title: 'Sync against ways by hand',
		about: [
			`${TIMELINES} random CRMs of ${CUSTOMERS} customers in a real n8n 2.x, each pushed ${RUNS} times: between two runs rows change, change back, appear, disappear and move to another customer.`,
			'The service loses responses before and after it has applied a request, refuses, throttles, and is down for whole runs; all ways meet the same conditions.',
			'The result is the state of the service after one more run in which nothing has changed and nothing goes wrong.',
			'It is not documented whether a push replaces the devices of a customer or adds to them, so the same requests are judged both ways. Replaces: a lost update is a customer whose devices at the service differ from the CRM.',
			'Adds: a lost update is a customer who lacks a device there, or has it with other texts; a device left over is still bound to a customer that it has left, because no Action unbinds.',
			'Each customer keeps at least one row. There is no rate limit.',
			...WAYS.slice(2).map(({ name, about }) => `*${name}*: ${about}.`),
			'HTTP Request is signed with the credential of the package, continues on errors and has Retry On Fail on, with which n8n repeats all of its requests if the first one failed; an error in a response with status 200 counts as a failure. The workflows are in bench/syncWays.mts.',
		].join(' '),
		head: [
			'',
			'lost updates',
			'timelines with some',
			'wrong devices',
			'lost updates, adds',
			'devices left over, adds',
			'requests',
			'of those of Push',
		],
		rows: WAYS.map(({ name }) => [
			name,
			String(sum(name, 'wrongCustomers')),
			`${totals.get(name)!.filter(({ wrongCustomers }) => wrongCustomers > 0).length} of ${TIMELINES}`,
			String(sum(name, 'wrongDevices')),
			String(sum(name, 'lackingCustomers')),
			String(sum(name, 'leftDevices')),
			String(sum(name, 'requests')),
			`${Math.round((100 * sum(name, 'requests')) / sum('Push every time', 'requests'))} %`,
		]),
		targets: [
			atMost(`lost updates of Sync, of ${ofAll} customers`, sum('Sync', 'wrongCustomers'), 0),
			atMost('lost updates of Sync where a push adds', sum('Sync', 'lackingCustomers'), 0),
		],
	};
}
