import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueMode } from '../n8n/queueMode.mts';
import { eventually } from '../setup/eventually.mts';
import { figuresOf, type Figures } from './figures.mts';
import { LONGEST_HEALING_MS } from './stalls.mts';
import type { Watched, WatchedCrm } from './watchedCrm.mts';

/** A workflow with a trigger: how often it starts, and how many runs at once. */
interface Triggered extends Watched {
	readonly everyMs: number;
	readonly atOnce: number;
}

/** The workflows, each with a different interval or time limit. */
export const TRIGGERED: readonly Triggered[] = [
	{ name: 'Each 2 s', latencyMs: 100, everyMs: 2000, atOnce: 1 },
	{ name: 'Each 5 s', latencyMs: 100, everyMs: 5000, atOnce: 1 },
	{ name: 'Each 10 s', latencyMs: 100, everyMs: 10_000, atOnce: 1 },
	{ name: 'Pairs each 45 s', latencyMs: 100, everyMs: 45_000, atOnce: 2 },
	{ name: 'Limit of 15 s', latencyMs: 300, everyMs: 20_000, atOnce: 1, limitS: 15 },
	{ name: 'Limit of 20 s', latencyMs: 300, everyMs: 25_000, atOnce: 1, limitS: 20 },
];

/** How long after a kill the next run is waiting to take over. Milliseconds. */
const WAITING_MS = 8000;

/**
 * In each round, both workers are killed once for each workflow, while it sends; in every second round, they are
 * killed again while the next runs wait. Rows change until the workers are back. Everything must then be in sync
 * within two minutes.
 */
export async function soakKills(
	n8n: QueueMode,
	crms: ReadonlyArray<readonly [Triggered, WatchedCrm]>,
	rounds: number,
): Promise<Figures[]> {
	const rightMs = new Map(crms.map(([{ name }]) => [name, [] as number[]]));
	const crashBoth = async () =>
		await Promise.all(n8n.workers.map(async (_, worker) => await n8n.crash(worker)));
	for (let round = 0; round < rounds * crms.length; round++) {
		const triggers = new AbortController();
		const editing = crms.map(async ([triggered, crm]) => {
			while (!triggers.signal.aborted) {
				await crm.edit();
				for (let run = 0; run < triggered.atOnce; run++) {
					void crm.run();
				}
				await sleep(triggered.everyMs, undefined, { signal: triggers.signal }).catch(() => undefined);
			}
		});
		const [{ name: killed }, { simulator }] = crms[round % crms.length]!;
		const requestsBefore = simulator.requests.length;
		await eventually(() => {
			if (simulator.requests.length === requestsBefore) {
				throw new Error(`${killed} sends nothing`);
			}
		});
		if (Math.floor(round / crms.length) % 2 === 1) {
			await crashBoth();
			await sleep(WAITING_MS);
		}
		await crashBoth();
		triggers.abort();
		await Promise.all([
			...editing,
			...crms.map(async ([{ name, everyMs, atOnce }, crm]) => {
				rightMs.get(name)!.push(await crm.untilInSync(everyMs, LONGEST_HEALING_MS, atOnce));
			}),
		]);
		const healingTimes = [...rightMs].map(
			([name, times]) => `${name}: ${Math.round(times.at(-1)! / 1000)} s`,
		);
		process.stdout.write(`  killed while '${killed}' sent; right after: ${healingTimes.join(', ')}\n`);
	}
	return crms.map(([{ name }]) => figuresOf(`${name}, workers killed`, rightMs.get(name)!));
}
