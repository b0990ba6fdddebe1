import { randomInt } from 'node:crypto';

import { outcomeOf, type Fate } from '../service/fate';

/** A random integer, `min` included, `max` not. */
export type Random = (min: number, max: number) => number;

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

/** In this order those are sent that did not fail before: what had to wait goes first. New ones go with the changed ones. */
const SENT_FIRST: readonly Verdict[] = ['waiting', 'changed', 'due'];

/** How many others are sent before each customer that failed before. */
const OTHERS_BEFORE_FAILED = 2;

/** Whether a customer is not to be sent, because nothing has changed. */
export function isSkipped(verdict: Verdict | undefined, sendAll: boolean): boolean {
	return verdict === 'unchanged' && !sendAll;
}

/**
 * The customers to send, by their index, in the order in which to send them: that of the rows within each verdict. Those that
 * were left over last time begin with any of them, since a run that ends early could leave out the same ones again and
 * again. Of those that failed before some have their turn: they are mixed in among the others, and never come first; the
 * rest of them comes last, and holds up nobody.
 * @param sendAll whether also those are sent that are unchanged
 * @param hasTurn whether a customer that failed before has its turn: each in one of three runs
 */
export function sendingOrder(
	verdicts: readonly Verdict[],
	sendAll: boolean,
	hasTurn: (index: number) => boolean,
	random: Random = randomInt,
): number[] {
	const groups = new Map<Verdict, number[]>();
	for (const [index, verdict] of verdicts.entries()) {
		const kind = verdict === 'new' ? 'changed' : verdict;
		const group = groups.get(kind);
		if (group === undefined) groups.set(kind, [index]);
		else group.push(index);
	}
	const of = (verdict: Verdict) => groups.get(verdict) ?? [];
	const fromAny = (group: readonly number[]) => {
		const first = group.length > 1 ? random(0, group.length) : 0;
		return [...group.slice(first), ...group.slice(0, first)];
	};
	groups.set('waiting', fromAny(of('waiting')));
	const others = [...SENT_FIRST.flatMap(of), ...(sendAll ? of('unchanged') : [])];
	const failed = fromAny(of('failed'));
	const mixed = mix(others, failed.filter(hasTurn));
	return [...mixed, ...failed.filter((index) => !hasTurn(index)), ...of('unjudged')];
}

function mix(others: readonly number[], failed: readonly number[]): number[] {
	const mixed: number[] = [];
	let next = 0;
	for (const [position, index] of others.entries()) {
		mixed.push(index);
		const isNext = position % OTHERS_BEFORE_FAILED === OTHERS_BEFORE_FAILED - 1 && next < failed.length;
		if (isNext) mixed.push(failed[next++]!);
	}
	return [...mixed, ...failed.slice(next)];
}

/**
 * What to keep of a customer. Only what was accepted in this run, or is unchanged and was not to be sent, is not sent again.
 * @param fate undefined when the run was thrown out of before
 */
export function standingOf(verdict: Verdict, fate: Fate | undefined): Standing {
	const outcome = fate && outcomeOf(fate)?.outcome;
	if (outcome === 'OK' || fate?.kind === 'unchanged') return 'accepted';
	const isSent = outcome !== undefined && outcome !== 'NOT_SENT';
	return isSent || verdict === 'failed' ? 'failed' : 'waiting';
}
