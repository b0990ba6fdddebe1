import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueMode } from '../n8n/queueMode.mts';
import { figuresOf, type Figures } from './figures.mts';
import { HEALS_MS } from './stalls.mts';
import type { Watched, WatchedCrm } from './watchedCrm.mts';

/** How a workflow is triggered: so many runs at once, so often. */
export interface Triggered extends Watched {
	readonly everyMs: number;
	readonly atOnce: number;
}

/** So many workflows at once, each with a period or a time limit of its own. */
export const TRIGGERED: readonly Triggered[] = [
	{ name: 'Each 2 s', latencyMs: 100, everyMs: 2000, atOnce: 1 },
	{ name: 'Each 5 s', latencyMs: 100, everyMs: 5000, atOnce: 1 },
	{ name: 'Each 10 s', latencyMs: 100, everyMs: 10_000, atOnce: 1 },
	{ name: 'Pairs each 45 s', latencyMs: 100, everyMs: 45_000, atOnce: 2 },
	{ name: 'Limit of 15 s', latencyMs: 300, everyMs: 20_000, atOnce: 1, limitS: 15 },
	{ name: 'Limit of 20 s', latencyMs: 300, everyMs: 25_000, atOnce: 1, limitS: 20 },
];

/** Workers are killed while rows change and triggers come; afterwards all must be right within two minutes. */
export async function soakKills(
	n8n: QueueMode,
	crms: ReadonlyArray<readonly [Triggered, WatchedCrm]>,
	rounds: number,
): Promise<Figures[]> {
	const rightMs = new Map(crms.map(([{ name }]) => [name, [] as number[]]));
	for (let round = 0; round < rounds; round++) {
		const triggers = new AbortController();
		const editing = crms.map(async ([triggered, crm]) => {
			while (!triggers.signal.aborted) {
				await crm.edit();
				for (let run = 0; run < triggered.atOnce; run++) void crm.run();
				await sleep(triggered.everyMs, undefined, { signal: triggers.signal }).catch(() => undefined);
			}
		});
		const first = round % 2;
		await sleep(15_000 + 2500 * round);
		await n8n.crash(first);
		await sleep(2000 + 1500 * round);
		const restarted = n8n.crash(1 - first);
		triggers.abort();
		await Promise.all([
			...editing,
			restarted,
			...crms.map(async ([{ name, everyMs, atOnce }, crm]) => {
				rightMs.get(name)!.push(await crm.untilRight(everyMs, HEALS_MS, atOnce));
			}),
		]);
		process.stdout.write(
			`  round ${round + 1}: ${[...rightMs].map(([name, all]) => `${name} ${Math.round(all.at(-1)! / 1000)} s`).join(', ')}\n`,
		);
	}
	return crms.map(([{ name }]) => figuresOf(`${name}, workers killed`, rightMs.get(name)!));
}
