import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestRecord } from '../../../simulator/simulator.mts';
import { figuresOf, type Figures } from './figures.mts';
import type { SyncHost } from './hosts.mts';
import { LONGEST_HEALING_MS } from './stalls.mts';
import type { WatchedCrm } from './watchedCrm.mts';

/** What may happen in the middle of a run. */
export const DISTURBANCES = [
	'kill',
	'terminate',
	'stop',
	'freeze 30 s',
	'freeze 120 s',
	'database',
	'full',
] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/**
 * Customers that a run sent within three heartbeats may be in doubt: a customer counts as accepted by the heartbeat
 * after the one that wrote its receipt. Heartbeats come every 8 s. Milliseconds.
 */
export const IN_DOUBT_MS = 3 * 8000 + 2000;

/** The interval of the triggers after a disturbance. Milliseconds. */
const EVERY_MS = 5000;

/** How often to check whether a run sends something. Milliseconds. */
const LOOK_MS = 50;

/** How long to wait for a disturbed run: n8n may never respond for an execution whose process is gone. Milliseconds. */
const LONGEST_END_MS = 20_000;

/** The result of a disturbance. */
export interface Disturbed {
	/** How long after the run's first request it came. Milliseconds. */
	readonly atMs: number;
	/** How many customers had changed. */
	readonly changed: number;
	/** How many requests of the run the service had got by then. */
	readonly sentBefore: number;
	/** How many requests repeated a customer with the same devices. */
	readonly sentAgain: number;
	/** How many unchanged customers were sent. */
	readonly needless: number;
	/** What later runs reported: `State`, the code of the first failure or `Health`, and how many customers were pushed. */
	readonly told: string;
	/** How long after it everything was in sync; Infinity if that took too long. Milliseconds. */
	readonly rightMs: number;
}

/** A run that is sending. */
interface SendingRun {
	readonly crm: WatchedCrm;
	/** The customers that had changed. */
	readonly ids: ReadonlySet<string>;
	/** How many requests the service had got before it. */
	readonly before: number;
	readonly run: Promise<unknown>;
	/** When its first request came. */
	readonly firstMs: number;
}

/** How many runs may end without a request before one sends: the machine may be too busy. */
const MOST_IDLE_RUNS = 5;

/** Changes customers, and starts a run that sends them. */
async function startSending(crm: WatchedCrm, changed: number): Promise<SendingRun> {
	const { requests } = crm.simulator;
	const ids = new Set(await crm.edit(crm.newSerial(), changed));
	const before = requests.length;
	for (let tried = 0; tried < MOST_IDLE_RUNS; tried++) {
		const run = crm.run();
		let isOver = false;
		void run.finally(() => {
			isOver = true;
		});
		while (requests.length === before && !isOver) {
			await sleep(LOOK_MS);
		}
		if (requests.length > before) {
			return { crm, ids, before, run, firstMs: performance.now() };
		}
		const [failure] = (await run)?.Failures ?? [];
		process.stdout.write(`  ${crm.name} sent nothing: ${failure?.message ?? 'no report'}\n`);
	}
	throw new Error(`${crm.name} sends nothing`);
}

/**
 * Changes customers of each CRM, disturbs all the runs that send them at the same moment, and waits until everything
 * is in sync.
 * @param changed how many customers change
 * @param moments for each CRM, how much of its run's usual duration has passed then, from 0 to 1
 */
export async function disturb(
	host: SyncHost,
	crms: readonly WatchedCrm[],
	disturbance: Disturbance,
	changed: number,
	moments: readonly number[],
): Promise<Disturbed[]> {
	const latest = Math.max(...moments);
	const sendingRuns = await Promise.all(
		crms.map(async (crm, place) => {
			const moment = moments[place] ?? latest;
			const wholeMs = changed * crm.latencyMs;
			await sleep((latest - moment) * wholeMs);
			const sending = await startSending(crm, changed);
			await sleep(moment * wholeMs);
			return sending;
		}),
	);
	const startMs = performance.now();
	const sentBefore = sendingRuns.map(({ crm, before }) => crm.simulator.requests.length - before);
	const disturbanceOver = Promise.all(startDisturbance(host, crms, disturbance));
	if (disturbance === 'kill' || disturbance === 'terminate') {
		// Nothing runs until the processes have restarted, which takes minutes on a busy machine.
		await disturbanceOver;
	}
	const disturbed = sendingRuns.map(async ({ crm, ids, before, run, firstMs }, place): Promise<Disturbed> => {
		// Triggers continue during the disturbance.
		const reportsBefore = crm.reports.length;
		const rightMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS + LASTS_MS[disturbance]);
		await disturbanceOver;
		await Promise.race([run, sleep(LONGEST_END_MS)]);
		return {
			atMs: Math.round(startMs - firstMs),
			changed,
			sentBefore: sentBefore[place] ?? 0,
			...countSent(crm.simulator.requests.slice(before), ids),
			told: crm.outcomesSince(reportsBefore),
			rightMs: rightMs === Infinity ? Infinity : performance.now() - startMs,
		};
	});
	return await Promise.all(disturbed);
}

/** @param ids the customers that had changed */
function countSent(
	requests: readonly RequestRecord[],
	ids: ReadonlySet<string>,
): Pick<Disturbed, 'sentAgain' | 'needless'> {
	const customers = new Set(requests.map(({ CustomerId }) => String(CustomerId)));
	const needless = [...customers].filter((id) => !ids.has(id));
	return { sentAgain: requests.length - customers.size, needless: needless.length };
}

/** How long the space of Data Tables is used up: longer than a run holds its row without a heartbeat. Milliseconds. */
const FULL_MS = 25_000;

/** How long a disturbance lasts at most while triggers continue. Milliseconds. */
const LASTS_MS: Readonly<Record<Disturbance, number>> = {
	kill: 0,
	terminate: 0,
	stop: 0,
	'freeze 30 s': 30_000,
	'freeze 120 s': 120_000,
	database: 20_000,
	full: FULL_MS,
};

function startDisturbance(
	host: SyncHost,
	crms: readonly WatchedCrm[],
	disturbance: Disturbance,
): Array<Promise<void> | undefined> {
	switch (disturbance) {
		case 'kill':
			return [host.kill()];
		case 'terminate':
			return [host.terminate()];
		case 'stop':
			return crms.map(async (crm) => await crm.stopRunning());
		case 'freeze 30 s':
			return [host.freeze(30_000)];
		case 'freeze 120 s':
			return [host.freeze(120_000)];
		case 'database':
			return [host.restartDatabase?.()];
		case 'full':
			return [host.useUpSpace?.(FULL_MS)];
	}
}

/** In the first second of a run nothing is saved yet, so the next one may send every customer. Milliseconds. */
const NOTHING_SAVED_MS = 1000;

/** How many more requests may be sent between the count and the disturbance. */
const MOST_SENT_BETWEEN = 2;

/** Disturbances during which a run cannot save anything, but continues to send as long as it holds its row. */
const RUN_CONTINUES: ReadonlySet<Disturbance> = new Set<Disturbance>(['database', 'full']);

/** Whether everything was in sync in time, and only customers in doubt were sent again. */
function isAsPromised(
	disturbance: Disturbance,
	{ atMs, changed, sentBefore, sentAgain, needless, rightMs }: Disturbed,
	latencyMs: number,
) {
	const mostInDoubt = Math.ceil(IN_DOUBT_MS / latencyMs);
	const mostAgain = RUN_CONTINUES.has(disturbance)
		? mostInDoubt
		: Math.min(sentBefore + MOST_SENT_BETWEEN, mostInDoubt);
	const isNotAll = sentAgain < changed || atMs < NOTHING_SAVED_MS;
	return rightMs < Infinity && needless === 0 && sentAgain <= mostAgain && isNotAll;
}

/**
 * Disturbs runs at moments that are spread over the whole run.
 * @param crmsOf returns the CRMs whose runs are disturbed together, by the number of the round
 * @param times how many runs are disturbed
 * @param runs what the runs are, for the table
 */
export async function soakMoments(
	host: SyncHost,
	crmsOf: (round: number) => Promise<readonly WatchedCrm[]>,
	{
		disturbance,
		changed,
		times,
		runs,
	}: { disturbance: Disturbance; changed: number; times: number; runs: string },
): Promise<Figures> {
	const rightMs: number[] = [];
	for (let round = 0; rightMs.length < times; round++) {
		const crms = await crmsOf(round);
		const moments = crms.map((_, place) => (rightMs.length + place + Math.random()) / times);
		const results = await disturb(
			host,
			crms,
			disturbance,
			changed,
			moments.map((moment) => moment % 1),
		);
		for (const [place, disturbed] of results.entries()) {
			const isRight = isAsPromised(disturbance, disturbed, crms[place]?.latencyMs ?? 1);
			rightMs.push(isRight ? disturbed.rightMs : Infinity);
			process.stdout.write(`  ${runs}: ${disturbance}: ${JSON.stringify(disturbed)}\n`);
		}
	}
	return figuresOf(`${runs}: ${disturbance}, ${changed} changed`, rightMs);
}

/**
 * Changes many customers, and runs the workflow under n8n's time limit until everything is in sync: each run is cut
 * off, and the next one continues where it stopped.
 */
export async function soakLimits(crm: WatchedCrm, changed: number, times: number): Promise<Figures> {
	const rightMs: number[] = [];
	const { requests } = crm.simulator;
	for (let time = 0; time < times; time++) {
		const ids = new Set(await crm.edit(crm.newSerial(), changed));
		const before = requests.length;
		const runsBefore = crm.runs;
		const afterMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
		const { sentAgain, needless } = countSent(requests.slice(before), ids);
		rightMs.push(needless === 0 ? afterMs : Infinity);
		process.stdout.write(
			`  limit: ${changed} changed, ${sentAgain} sent again, ${needless} needlessly, ${crm.runs - runsBefore} runs\n`,
		);
	}
	return figuresOf(`${crm.name}: runs cut by n8n's time limit, ${changed} changed`, rightMs);
}
