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
 * Whom a run has sent in the last three beats may be in doubt: what it sends counts as accepted by the beat after the one that has written
 * its receipt. Beats come every 8 s. Milliseconds.
 */
export const IN_DOUBT_MS = 3 * 8000 + 2000;

/** A trigger comes so often afterwards. Milliseconds. */
const EVERY_MS = 5000;

/** How often it is looked whether a run sends something. Milliseconds. */
const LOOK_MS = 50;

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

/** A run that is sending. */
interface Begun {
	readonly crm: WatchedCrm;
	/** Who had changed. */
	readonly ids: ReadonlySet<string>;
	/** How many requests the service had got before it. */
	readonly before: number;
	readonly run: Promise<unknown>;
	/** When its first request came. */
	readonly firstMs: number;
}

/** So many runs may end without a request, as on a machine that is too busy, before one sends. */
const MOST_TRIED = 5;

/** Changes customers, and lets a run send them. */
async function begin(crm: WatchedCrm, changed: number): Promise<Begun> {
	const { requests } = crm.simulator;
	const ids = new Set(await crm.edit(crm.newSerial(), changed));
	const before = requests.length;
	for (let tried = 0; tried < MOST_TRIED; tried++) {
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
 * Changes customers, lets a run of each CRM send them and something happen to all of them at once, and waits until all is right.
 * @param changed how many customers change
 * @param moments for each CRM when in the time that the run would take, from 0 to 1
 */
export async function disturb(
	host: SyncHost,
	crms: readonly WatchedCrm[],
	disturbance: Disturbance,
	changed: number,
	moments: readonly number[],
): Promise<Disturbed[]> {
	const latest = Math.max(...moments);
	const begun = await Promise.all(
		crms.map(async (crm, place) => {
			const moment = moments[place] ?? latest;
			const wholeMs = changed * crm.latencyMs;
			await sleep((latest - moment) * wholeMs);
			const sending = await begin(crm, changed);
			await sleep(moment * wholeMs);
			return sending;
		}),
	);
	const startMs = performance.now();
	const sentBefore = begun.map(({ crm, before }) => crm.simulator.requests.length - before);
	const over = Promise.all(happen(host, crms, disturbance));
	if (disturbance === 'kill' || disturbance === 'terminate') {
		// Until the processes are there again nothing runs, which takes minutes on a busy machine.
		await over;
	}
	const disturbed = begun.map(async ({ crm, ids, before, run, firstMs }, place): Promise<Disturbed> => {
		// Triggers come on while it lasts.
		const afterwards = crm.reports.length;
		const rightMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS + LASTS_MS[disturbance]);
		await over;
		await Promise.race([run, sleep(LONGEST_END_MS)]);
		return {
			atMs: Math.round(startMs - firstMs),
			changed,
			sentBefore: sentBefore[place] ?? 0,
			...countSent(crm.simulator.requests.slice(before), ids),
			told: crm.told(afterwards),
			rightMs: rightMs === Infinity ? Infinity : performance.now() - startMs,
		};
	});
	return await Promise.all(disturbed);
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

/** How long the space of Data Tables is used up: longer than a run holds its row without a beat. Milliseconds. */
const FULL_MS = 25_000;

/** How long it lasts at most while triggers come. Milliseconds. */
const LASTS_MS: Readonly<Record<Disturbance, number>> = {
	kill: 0,
	terminate: 0,
	stop: 0,
	'freeze 30 s': 30_000,
	'freeze 120 s': 120_000,
	database: 20_000,
	full: FULL_MS,
};

function happen(
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

/** In the first second of a run nothing is saved yet: the next one may send everybody. Milliseconds. */
const NOTHING_SAVED_MS = 1000;

/** So many more requests may leave between the count and the disturbance. */
const BETWEEN = 2;

/** What leaves a run alive that cannot save anything meanwhile: it sends on as long as it holds its row. */
const GOES_ON: ReadonlySet<Disturbance> = new Set<Disturbance>(['database', 'full']);

/** Whether all is right after it, and nobody was sent once more but those in doubt. */
function isAsPromised(
	disturbance: Disturbance,
	{ atMs, changed, sentBefore, sentAgain, needless, rightMs }: Disturbed,
	latencyMs: number,
) {
	const mostInDoubt = Math.ceil(IN_DOUBT_MS / latencyMs);
	const mostAgain = GOES_ON.has(disturbance) ? mostInDoubt : Math.min(sentBefore + BETWEEN, mostInDoubt);
	const isNotAll = sentAgain < changed || atMs < NOTHING_SAVED_MS;
	return rightMs < Infinity && needless === 0 && sentAgain <= mostAgain && isNotAll;
}

/**
 * Disturbs runs of some customers at moments that are spread over the whole of a run.
 * @param crmsOf gives the CRMs whose runs are disturbed together, by the number of the round
 * @param times at how many moments
 */
export async function soakMoments(
	host: SyncHost,
	crmsOf: (round: number) => Promise<readonly WatchedCrm[]>,
	{
		disturbance,
		changed,
		times,
		of,
	}: { disturbance: Disturbance; changed: number; times: number; of: string },
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
			process.stdout.write(`  ${of}: ${disturbance}: ${JSON.stringify(disturbed)}\n`);
		}
	}
	return figuresOf(`${of}: ${disturbance}, ${changed} changed`, rightMs);
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
		const afterMs = await crm.untilInSync(EVERY_MS, LONGEST_HEALING_MS);
		const { sentAgain, needless } = countSent(requests.slice(before), ids);
		rightMs.push(needless === 0 ? afterMs : Infinity);
		process.stdout.write(
			`  limit: ${changed} changed, ${sentAgain} sent again, ${needless} needlessly, ${crm.runs - runs} runs\n`,
		);
	}
	return figuresOf(`${crm.name}: runs cut by n8n's time limit, ${changed} changed`, rightMs);
}
