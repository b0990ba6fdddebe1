import { randomInt } from 'node:crypto';

import { outcomeOf, type Fate } from '../service/fate';
import type { Random } from './random';

/**
 * What the sync state says of a customer whose rows can be sent.
 * - `new`: it was not in the rows of the last run
 * - `changed`: with other devices than were last accepted; and where nothing is known of the last run
 * - `waiting`: it was not sent last time, e.g. because the time was over
 * - `failed`: it was sent last time and is not known to be accepted, or its rows were withheld
 * - `due`: unchanged, and scheduled for its re-push
 * - `unchanged`: exactly this was accepted last, and nothing has been sent since
 * - `unjudged`: a Dry Run looked at a part of the customers, and not at this one
 */
export type Verdict = 'new' | 'changed' | 'waiting' | 'failed' | 'due' | 'unchanged' | 'unjudged';

/**
 * What the sync state keeps of a customer at the end of a run. It knows also those that were not accepted: the run after an
 * outage, after a time budget, or after rows that could not be used, would look like a mass change otherwise.
 */
export type Standing = 'accepted' | 'waiting' | 'failed';

/** In this order customers are sent: what had to wait goes first; what failed before goes last and holds up nobody. */
const SENT_FIRST: readonly Verdict[] = ['waiting', 'changed', 'due', 'failed', 'unchanged', 'unjudged'];

/** Whether a customer is not to be sent, because nothing has changed. */
export function isSkipped(verdict: Verdict | undefined, sendAll: boolean): boolean {
	return verdict === 'unchanged' && !sendAll;
}

/**
 * The customers to send, by their index, in the order in which to send them: that of the rows within each verdict. Only
 * those that were left over last time begin with any of them, since a run that ends early could leave out the same ones
 * again and again.
 * @param sendAll whether also those are sent that are unchanged
 */
export function sendingOrder(
	verdicts: readonly Verdict[],
	sendAll: boolean,
	random: Random = randomInt,
): number[] {
	const groups = new Map<Verdict, number[]>(SENT_FIRST.map((verdict) => [verdict, []]));
	for (const [index, verdict] of verdicts.entries()) {
		groups.get(verdict === 'new' ? 'changed' : verdict)!.push(index);
	}
	for (const verdict of ['waiting', 'failed'] as const) {
		const group = groups.get(verdict)!;
		const first = group.length > 1 ? random(0, group.length) : 0;
		groups.set(verdict, [...group.slice(first), ...group.slice(0, first)]);
	}
	if (!sendAll) groups.delete('unchanged');
	return [...groups.values()].flat();
}

/**
 * What to keep of a customer. Only what was accepted, or was accepted before and not sent since, is not sent again, unless
 * it was to be sent all the same and was postponed.
 * @param fate undefined when the run was thrown out of before
 */
export function standingOf(verdict: Verdict, fate: Fate | undefined): Standing {
	const outcome = fate && outcomeOf(fate)?.outcome;
	if (outcome === 'OK' || fate?.kind === 'unchanged') return 'accepted';
	if (outcome === 'NOT_SENT' && verdict === 'unchanged') return 'accepted';
	const isSent = outcome !== undefined && outcome !== 'NOT_SENT';
	return isSent || verdict === 'failed' ? 'failed' : 'waiting';
}
