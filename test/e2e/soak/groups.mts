import { setTimeout as sleep } from 'node:timers/promises';
import { figuresOf, type Figures } from './figures.mts';
import type { WatchedCrm } from './watchedCrm.mts';

const EVERY_MS = 20_000;

/**
 * Several triggers at once, each time after a change, without any fault: one run of each group sends what changed; or all leave
 * the state as it was, so that the next run sends that, and nothing else.
 */
export async function soakGroups(crm: WatchedCrm, atOnce: number, groups: number): Promise<Figures> {
	const { requests } = crm.simulator;
	const rightMs: number[] = [];
	let left = 0;
	for (let group = 0; group < groups; group++) {
		await crm.edit();
		const startMs = performance.now();
		const before = requests.length;
		await Promise.all(Array.from({ length: atOnce }, async () => await crm.run()));
		const passedMs = performance.now() - startMs;
		if (requests.length === before) {
			left++;
			await crm.run();
		}
		const sent = requests.length - before;
		const isRight = sent === crm.changed && (await crm.isSame());
		rightMs.push(isRight ? passedMs : Infinity);
		if (!isRight) process.stdout.write(`  ${atOnce} at once: ${sent} requests for ${crm.changed} changes\n`);
		await sleep(Math.max(0, EVERY_MS - (performance.now() - startMs)));
	}
	return figuresOf(`${atOnce} triggers at once; ${left} times all of them left`, rightMs);
}
