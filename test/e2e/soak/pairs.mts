import { setTimeout as sleep } from 'node:timers/promises';
import { figuresOf, type Figures } from './figures.mts';
import type { WatchedCrm } from './watchedCrm.mts';

const EVERY_MS = 45_000;

/** Two triggers at once each 45 seconds, each time after a change, without any fault: one of each pair sends what changed. */
export async function soakPairs(crm: WatchedCrm, pairs: number): Promise<Figures> {
	const rightMs: number[] = [];
	for (let pair = 0; pair < pairs; pair++) {
		await crm.edit();
		const startMs = performance.now();
		const requests = crm.simulator.requests.length;
		await Promise.all([crm.run(), crm.run()]);
		const passedMs = performance.now() - startMs;
		const sent = crm.simulator.requests.length - requests;
		rightMs.push(sent === crm.changed && (await crm.isSame()) ? passedMs : Infinity);
		await sleep(Math.max(0, EVERY_MS - (performance.now() - startMs)));
	}
	return figuresOf(`pairs of triggers each ${EVERY_MS / 1000} s, no fault`, rightMs);
}
