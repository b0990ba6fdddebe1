/** Lets real n8n in queue mode meet what a database, killed workers and triggers may do to Sync. Takes most of an hour. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { install } from './install.mts';
import { startQueueMode } from './n8n/queueMode.mts';
import { postgresPart, startPostgres } from './services/postgres.mts';
import { redisPart } from './services/redis.mts';
import { buildFor } from './setup/folders.mts';
import { requireOnMachine } from './setup/machinePart.mts';
import { endByExit } from './setup/ownedProcesses.mts';
import { packedPackage } from './setup/packedPackage.mts';
import { runMain } from './setup/stopMessage.mts';
import { soakRejections } from './soak/faults.mts';
import type { Figures } from './soak/figures.mts';
import { soakGroups } from './soak/groups.mts';
import { soakKills, TRIGGERED } from './soak/heals.mts';
import { allStalls, soakStalls } from './soak/stalls.mts';
import { WatchedCrm, type Watched } from './soak/watchedCrm.mts';
import { createCrm } from './tests/syncScene.mts';

const HELP = `Runs Sync in real n8n 2.x in queue mode: two workers, PostgreSQL, Redis.

  --only <kills | groups | stalls | rejections>
                           workers that are killed; two and three triggers at once; a proxy that holds statements; or one that
                           rejects them, before rows of a wrong join
  --rounds <number>        so often workers are killed while each of the workflows sends (2)
  --groups <number>        how many times two triggers, and three, come at once (30)
  --seconds <list>         so long a statement is held (5,30,60)
  --beside <number>        how many workflows whose statements are held or rejected (6)
`;

const LINE = 'n8n-2';
/** How many executions a worker runs at once: all that wait for something, and more. */
const CONCURRENCY = 30;

await runMain(async () => {
	const { values } = parseArgs({
		options: {
			help: { type: 'boolean', default: false },
			only: { type: 'string' },
			rounds: { type: 'string', default: '2' },
			groups: { type: 'string', default: '30' },
			seconds: { type: 'string', default: '5,30,60' },
			beside: { type: 'string', default: '6' },
		},
	});
	if (values.help) return void process.stdout.write(HELP);
	endByExit();
	await requireOnMachine([postgresPart, redisPart]);
	await install([LINE]);
	const folder = await mkdtemp(join(tmpdir(), 'soak-'));
	const postgres = await startPostgres();
	const n8n = await startQueueMode(LINE, await packedPackage(buildFor[LINE], folder), {
		concurrency: CONCURRENCY,
	});
	const crms: WatchedCrm[] = [];
	const start = async (parts: Awaited<ReturnType<typeof createCrm>>, watched: Watched) => {
		const crm = await WatchedCrm.start(n8n, parts, watched);
		crms.push(crm);
		// The first run pushes everybody.
		await crm.untilRight(10_000, 120_000);
		return crm;
	};
	try {
		const parts = await createCrm(n8n.client, postgres);
		const figures: Figures[] = [];
		const rounds = Number(values.rounds);
		const isChosen = (part: string) => values.only === undefined || values.only === part;
		const startSome = async (name: string) => {
			const names = Array.from({ length: Number(values.beside) }, (_, index) => `${name} ${index + 1}`);
			return await Promise.all(names.map(async (each) => await start(parts, { name: each, latencyMs: 100 })));
		};
		if (isChosen('kills')) {
			const triggered = await Promise.all(
				TRIGGERED.map(async (each) => [each, await start(parts, each)] as const),
			);
			figures.push(...(await soakKills(n8n, triggered, rounds)));
		}
		if (isChosen('groups')) {
			const ofGroups = [2, 3].map(async (atOnce) => {
				const crm = await start(parts, { name: `${atOnce} at once`, latencyMs: 100 });
				return await soakGroups(crm, atOnce, Number(values.groups));
			});
			figures.push(...(await Promise.all(ofGroups)));
		}
		if (isChosen('stalls')) {
			const seconds = values.seconds.split(',').map(Number);
			figures.push(...(await soakStalls(await startSome('Stalled'), n8n.holds, allStalls(seconds))));
		}
		if (isChosen('rejections'))
			figures.push(...(await soakRejections(await startSome('Rejected'), n8n.holds)));
		print(figures, crms);
	} finally {
		await n8n.stop();
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
	for (const { what, tried, right, longestMs } of figures) {
		table.push([what, tried, right, (longestMs / 1000).toFixed(1)]);
	}
	const wrong = crms.flatMap((crm) => crm.wrong);
	process.stdout.write(`${table.toString()}\nwrong after ok: ${wrong.length}\n`);
	for (const one of wrong) process.stdout.write(`  ${one}\n`);
	for (const { name, ends } of crms) {
		const runs = [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
		process.stdout.write(`runs of '${name}': ${runs}\n`);
	}
	// What no run came to shows nothing.
	const isRight = figures.every(({ tried, right }) => tried > 0 && tried === right) && wrong.length === 0;
	process.exitCode = isRight ? 0 : 1;
}
