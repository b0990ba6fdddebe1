/**
 * Tests Sync in real n8n against database faults, killed processes and overlapping triggers: in queue mode with
 * PostgreSQL, or in one process with SQLite. All parts together take some hours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { install } from './install.mts';
import { MANY_CONNECTIONS, startQueueMode, type QueueMode } from './n8n/queueMode.mts';
import { startN8n } from './n8n/server.mts';
import { buildTablesNode } from './n8n/tablesNode.mts';
import { postgresPart, startPostgres } from './services/postgres.mts';
import { Holds } from './services/postgresProxy.mts';
import { redisPart } from './services/redis.mts';
import { buildFor } from './setup/folders.mts';
import { requireOnMachine } from './setup/machinePart.mts';
import { endByExit } from './setup/ownedProcesses.mts';
import { packedPackage } from './setup/packedPackage.mts';
import { CannotStart, runMain } from './setup/stopMessage.mts';
import { soakCopies } from './soak/copies.mts';
import { soakRejections } from './soak/faults.mts';
import type { Figures } from './soak/figures.mts';
import { soakGroups } from './soak/groups.mts';
import { soakKills, TRIGGERED } from './soak/heals.mts';
import { hostOf, hostOfQueue, settingsOfSpace, type SyncHost, withLittleSpace } from './soak/hosts.mts';
import { DISTURBANCES, soakLimits, soakMoments } from './soak/moments.mts';
import { allStalls, soakStalls } from './soak/stalls.mts';
import { WatchedCrm, type Watched } from './soak/watchedCrm.mts';
import { createCrm } from './tests/syncScene.mts';

const HELP = `Runs Sync in real n8n 2.x in queue mode: two workers, PostgreSQL, Redis.

  --sqlite                 in one process with SQLite instead
  --only <list>            some of: copies, groups, first, kill, terminate, stop, limit, freeze 30 s, freeze 120 s, database, triggers, stalls, rejections, full
  --groups <number>        how many times two, three and five triggers come at once (30)
  --moments <number>       at how many moments of a run each of the disturbances comes (20)
  --together <number>      so many workflows meet each of them at once, each at a moment of its own (5)
  --customers <number>     how many customers the runs have that are disturbed (300)
  --changed <number>       and how many of them have changed (300)
  --copies <number>        how many copies of a workflow start at the same moment (4)
  --ofCopy <number>        how many customers each of them has (25000)
  --rounds <number>        so often workers are killed while each of several workflows with triggers sends (2)
  --seconds <list>         so long a statement is held (5,30,60)
`;

const LINE = 'n8n-2';
/** How many executions a worker runs at once: more than ever wait for something at the same time. */
const CONCURRENCY = 30;
/**
 * How long the service takes to respond: a run of 300 customers takes 30 s, longer than three heartbeats.
 * Milliseconds.
 */
const LATENCY_MS = 100;
/** n8n's time limit for the runs that it cuts off. Seconds. */
const LIMIT_S = 8;

/** The n8n that runs Sync, and how to end it. */
interface StartedHost {
	readonly host: SyncHost;
	readonly holds: Holds;
	/** Undefined with SQLite. */
	readonly queue: QueueMode | undefined;
	end(): Promise<void>;
}

/** @param more environment variables of n8n */
async function startHost(
	{ isSqlite, holdsStatements }: { isSqlite: boolean; holdsStatements: boolean },
	tarball: string,
	more: Readonly<Record<string, string>> = {},
): Promise<StartedHost> {
	if (isSqlite) {
		const server = await startN8n({ line: LINE, tarball, more });
		const end = async () => await server.stop();
		return { host: hostOf(server), holds: new Holds(), queue: undefined, end };
	}
	const connections = holdsStatements ? { connections: MANY_CONNECTIONS } : {};
	const queue = await startQueueMode(LINE, tarball, { concurrency: CONCURRENCY, ...connections, more });
	return { host: hostOfQueue(queue), holds: queue.holds, queue, end: async () => await queue.stop() };
}

await runMain(async () => {
	const { values } = parseArgs({
		options: {
			help: { type: 'boolean', default: false },
			sqlite: { type: 'boolean', default: false },
			only: { type: 'string' },
			groups: { type: 'string', default: '30' },
			moments: { type: 'string', default: '20' },
			together: { type: 'string', default: '5' },
			customers: { type: 'string', default: '300' },
			changed: { type: 'string', default: '300' },
			copies: { type: 'string', default: '4' },
			ofCopy: { type: 'string', default: '25000' },
			rounds: { type: 'string', default: '2' },
			seconds: { type: 'string', default: '5,30,60' },
		},
	});
	if (values.help) {
		process.stdout.write(HELP);
		return;
	}
	const chosen = values.only?.split(',').map((part) => part.trim());
	const isChosen = (part: string) => chosen === undefined || chosen.includes(part);
	const needQueue = ['triggers', 'stalls', 'rejections'];
	const holdsStatements = isChosen('stalls') || isChosen('rejections');
	if (values.sqlite && chosen?.some((part) => needQueue.includes(part))) {
		throw new CannotStart(`${needQueue.join(', ')}: in queue mode only.`);
	}
	endByExit();
	await requireOnMachine([postgresPart, redisPart]);
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'soak-'));
	const postgres = await startPostgres();
	const tarball = await packedPackage(buildFor[LINE], folder);
	const kind = { isSqlite: values.sqlite, holdsStatements };
	let started = await startHost(kind, tarball);
	const { host, holds, queue } = started;
	const crms: WatchedCrm[] = [];
	const parts = await createCrm(host.client, postgres);
	const startNew = async (watched: Watched) => {
		const crm = await WatchedCrm.start(host, parts, watched);
		crms.push(crm);
		return crm;
	};
	const start = async (watched: Watched) => {
		const crm = await startNew(watched);
		// The first run pushes every customer.
		await crm.untilInSync(10_000, 240_000);
		return crm;
	};
	const figures: Figures[] = [];
	// Prints the table even if it is ended from outside. A part that was cut off has printed its lines, but is not in it.
	let isWhole = false;
	process.once('exit', () => {
		print(figures, crms);
		if (!isWhole) {
			process.stdout.write('ended before its end\n');
		}
	});
	try {
		if (isChosen('copies')) {
			figures.push(...(await soakCopies(host, parts, Number(values.copies), Number(values.ofCopy))));
		}
		if (isChosen('groups')) {
			const figuresOfGroups = [2, 3, 5].map(async (atOnce) => {
				const crm = await start({ name: `${atOnce} at once`, latencyMs: LATENCY_MS });
				return await soakGroups(crm, atOnce, Number(values.groups));
			});
			figures.push(...(await Promise.all(figuresOfGroups)));
		}
		const customers = Number(values.customers);
		const changed = Number(values.changed);
		const times = Number(values.moments);
		const together = Number(values.together);
		if (isChosen('first')) {
			const startFirst = async (round: number) => {
				const names = Array.from({ length: together }, (_, place) => `First ${round} ${place}`);
				return await Promise.all(
					names.map(async (name) => await startNew({ name, latencyMs: LATENCY_MS, customers })),
				);
			};
			const first = { disturbance: 'kill', changed: customers, times, runs: 'First runs' } as const;
			figures.push(await soakMoments(host, startFirst, first));
		}
		const chosenDisturbances = DISTURBANCES.filter(
			(disturbance) => isChosen(disturbance) && disturbance !== 'full',
		);
		const names = Array.from({ length: together }, (_, place) => `Disturbed ${place}`);
		const hasDisturbances = chosenDisturbances.length > 0;
		const disturbed = hasDisturbances
			? await Promise.all(names.map(async (name) => await start({ name, latencyMs: LATENCY_MS, customers })))
			: [];
		for (const disturbance of chosenDisturbances) {
			if (disturbance !== 'database' || host.restartDatabase !== undefined) {
				const ofCustomers = { disturbance, changed, times, runs: `Runs of ${customers}` };
				figures.push(await soakMoments(host, async () => disturbed, ofCustomers));
			}
		}
		if (isChosen('limit')) {
			const crm = await start({ name: 'Limited', latencyMs: LATENCY_MS, limitS: LIMIT_S, customers });
			figures.push(await soakLimits(crm, changed, Number(values.moments)));
		}
		if (queue !== undefined && isChosen('triggers')) {
			const triggered = await Promise.all(TRIGGERED.map(async (each) => [each, await start(each)] as const));
			figures.push(...(await soakKills(queue, triggered, Number(values.rounds))));
		}
		if (queue !== undefined && isChosen('stalls')) {
			const seconds = values.seconds.split(',').map(Number);
			const crm = await start({ name: 'Stalled', latencyMs: LATENCY_MS });
			figures.push(...(await soakStalls([crm], holds, allStalls(seconds))));
		}
		if (queue !== undefined && isChosen('rejections')) {
			const crm = await start({ name: 'Rejected', latencyMs: LATENCY_MS });
			figures.push(...(await soakRejections([crm], holds)));
		}
		if (isChosen('full')) {
			// With n8n's default limit, using up the space would take minutes.
			await started.end();
			started = await startHost(kind, tarball, settingsOfSpace(await buildTablesNode()));
			const small = await withLittleSpace(started.host, values.sqlite ? 'sqlite' : 'postgres');
			const partsOfSmall = await createCrm(small.client, postgres);
			const namesOfSmall = Array.from({ length: together }, (_, place) => `Of full ${place}`);
			const crmsOfSmall = await Promise.all(
				namesOfSmall.map(async (name) => {
					const watched = { name, latencyMs: LATENCY_MS, customers };
					const crm = await WatchedCrm.start(small, partsOfSmall, watched);
					crms.push(crm);
					await crm.untilInSync(10_000, 240_000);
					return crm;
				}),
			);
			const full = { disturbance: 'full', changed, times, runs: `Runs of ${customers}` } as const;
			figures.push(await soakMoments(small, async () => crmsOfSmall, full));
		}
		isWhole = true;
	} finally {
		await started.end();
		await postgres.stop();
		await Promise.all(crms.map(async (crm) => await crm.close()));
		await rm(folder, { recursive: true, force: true });
	}
});

function print(figures: readonly Figures[], crms: readonly WatchedCrm[]): void {
	const table = new Table({
		head: ['What', 'Tried', 'Right in time', 'Longest, s'],
		style: { head: [], border: [] },
	});
	for (const { setting, tried, right, longestMs } of figures) {
		table.push([setting, tried, right, (longestMs / 1000).toFixed(1)]);
	}
	const wrong = crms.flatMap((crm) => crm.wrong);
	process.stdout.write(`${table.toString()}\nwrong after ok: ${wrong.length}\n`);
	for (const message of wrong) {
		process.stdout.write(`  ${message}\n`);
	}
	for (const { name, ends } of crms) {
		const runs = [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
		process.stdout.write(`runs of '${name}': ${runs}\n`);
	}
	// A fault that no run met proves nothing.
	const isRight = figures.every(({ tried, right }) => tried > 0 && tried === right) && wrong.length === 0;
	if (!isRight) {
		process.exitCode = 1;
	}
}
