import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestRecord } from '../../../simulator/simulator.mts';
import { eventually } from '../setup/eventually.mts';
import { figuresOf, type Figures } from './figures.mts';
import type { SyncHost } from './hosts.mts';
import { HEALS_MS } from './stalls.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** What may happen in the middle of a run. */
export const DISTURBANCES = ['kill', 'terminate', 'stop', 'freeze 30 s', 'freeze 120 s', 'database'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/** A trigger comes so often afterwards. Milliseconds. */
const EVERY_MS = 5000;

/** n8n may not answer for an execution whose process is gone. Milliseconds. */
const LONGEST_END_MS = 20_000;

/** What came of one. */
export interface Disturbed {
	/** How long after its first request it came. Milliseconds. */
	readonly atMs: number;
	/** How many customers had changed. */
	readonly changed: number;
	/** How many requests the service had got by then. */
	readonly sentBefore: number;
	/** How many customers it got more than once with the same devices. */
	readonly sentAgain: number;
	/** How many customers it got that had not changed. */
	readonly needless: number;
	/** What the reports after it said: `State`, the code of the first failure or `Health`, and how many were pushed. */
	readonly told: string;
	/** How long after it all was right; Infinity when it was not in time. Milliseconds. */
	readonly rightMs: number;
}

/**
 * Changes customers, lets a run send them and something happen to it, and waits until all is right.
 * @param changed how many customers change
 * @param moment when in the time that the run would take, from 0 to 1
 */
export async function disturb(
	host: SyncHost,
	crm: WatchedCrm,
	disturbance: Disturbance,
	changed: number,
	moment: number,
): Promise<Disturbed> {
	const { requests } = crm.simulator;
	const ids = new Set(await crm.edit(crm.newSerial(), changed));
	const before = requests.length;
	const run = crm.run();
	await eventually(() => {
		if (requests.length === before) {
			throw new Error(`${crm.name} sends nothing`);
		}
	});
	const atMs = moment * changed * crm.latencyMs;
	await sleep(atMs);
	const sentBefore = requests.length - before;
	const startMs = performance.now();
	const over = happen(host, crm, disturbance);
	if (disturbance === 'kill' || disturbance === 'terminate') {
		// Until the processes are there again nothing runs, which takes minutes on a busy machine.
		await over;
	}
	// Triggers come on while it lasts.
	const afterwards = crm.reports.length;
	const rightMs = await crm.untilRight(EVERY_MS, HEALS_MS + LASTS_MS[disturbance]);
	await over;
	await Promise.race([run, sleep(LONGEST_END_MS)]);
	const counts = countSent(requests.slice(before), ids);
	const told = crm.reports
		.slice(afterwards)
		.map(({ State, Failures, Health, Pushed }) => `${State} ${Failures[0]?.code ?? Health} ${Pushed}`);
	return {
		atMs: Math.round(atMs),
		changed,
		sentBefore,
		...counts,
		told: [...new Set(told)].join(', '),
		rightMs: rightMs === Infinity ? Infinity : performance.now() - startMs,
	};
}

/** @param ids who had changed */
function countSent(
	requests: readonly RequestRecord[],
	ids: ReadonlySet<string>,
): Pick<Disturbed, 'sentAgain' | 'needless'> {
	const customers = new Set(requests.map(({ CustomerId }) => String(CustomerId)));
	const needless = [...customers].filter((id) => !ids.has(id));
	return { sentAgain: requests.length - customers.size, needless: needless.length };
}

/** How long it lasts at most while triggers come. Milliseconds. */
const LASTS_MS: Readonly<Record<Disturbance, number>> = {
	kill: 0,
	terminate: 0,
	stop: 0,
	'freeze 30 s': 30_000,
	'freeze 120 s': 120_000,
	database: 20_000,
};

async function happen(host: SyncHost, crm: WatchedCrm, disturbance: Disturbance): Promise<void> {
	switch (disturbance) {
		case 'kill':
			return await host.kill();
		case 'terminate':
			return await host.terminate();
		case 'stop':
			return await crm.stopRunning();
		case 'freeze 30 s':
			return await host.freeze(30_000);
		case 'freeze 120 s':
			return await host.freeze(120_000);
		case 'database':
			return await host.restartDatabase?.();
	}
}

/** Disturbs runs of some customers at moments that are spread over the whole of a run. */
export async function soakMoments(
	host: SyncHost,
	crm: WatchedCrm,
	disturbance: Disturbance,
	changed: number,
	times: number,
): Promise<Figures> {
	const rightMs: number[] = [];
	for (let time = 0; time < times; time++) {
		const moment = (time + Math.random()) / times;
		const disturbed = await disturb(host, crm, disturbance, changed, moment);
		const isRight = disturbed.rightMs < Infinity && disturbed.needless === 0;
		rightMs.push(isRight ? disturbed.rightMs : Infinity);
		process.stdout.write(`  ${disturbance}: ${JSON.stringify(disturbed)}\n`);
	}
	return figuresOf(`${crm.name}: ${disturbance}, ${changed} changed`, rightMs);
}

/**
 * Changes many customers, and runs the workflow under n8n's time limit until all is right: each run is cut, and the next one goes on
 * where it was.
 */
export async function soakLimits(crm: WatchedCrm, changed: number, times: number): Promise<Figures> {
	const rightMs: number[] = [];
	const { requests } = crm.simulator;
	for (let time = 0; time < times; time++) {
		const ids = new Set(await crm.edit(crm.newSerial(), changed));
		const before = requests.length;
		const runs = crm.runs;
		const afterMs = await crm.untilRight(EVERY_MS, HEALS_MS);
		const { sentAgain, needless } = countSent(requests.slice(before), ids);
		rightMs.push(needless === 0 ? afterMs : Infinity);
		process.stdout.write(
			`  limit: ${changed} changed, ${sentAgain} sent again, ${needless} needlessly, ${crm.runs - runs} runs\n`,
		);
	}
	return figuresOf(`${crm.name}: runs cut by n8n's time limit, ${changed} changed`, rightMs);
}
