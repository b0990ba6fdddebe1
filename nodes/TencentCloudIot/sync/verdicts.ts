import { randomInt } from 'node:crypto';

import { type Fate, outcomeOf } from '../service/fate';

/**
 * What the sync state says of a customer whose rows can be sent.
 * - `new`: it was not in the rows of the last run
 * - `changed`: it has other devices than were last accepted; also where nothing is known of the last run
 * - `waiting`: the last run did not send it, e.g. because the time was over, or may not have sent it because it died
 * - `failed`: the last run sent it and got no proof that it was accepted, or withheld its rows
 * - `due`: it is unchanged, and it is time for its re-push
 * - `unchanged`: exactly this was accepted last, and nothing has been sent since
 */
export type Verdict = 'new' | 'changed' | 'waiting' | 'failed' | 'due' | 'unchanged';

/**
 * What became of a customer in a run, as the sync state keeps it. Customers that were not accepted are kept, too. Without them the next run
 * after an outage, after *Longest Run (Minutes)* or after invalid rows would count them as new, and stop because of so many changes.
 */
export type Standing = 'accepted' | 'waiting' | 'failed';

/** This many other customers are sent before each one that failed before and has its turn. */
const OTHERS_BEFORE_FAILED = 2;

/**
 * The customers to send, by index, in the order in which to send them. Within each group it is the order of the rows:
 *
 * 1. those that had to wait, beginning with a random one: a run that ends early would leave out the same ones again and again
 * 2. new and changed ones
 * 3. those whose re-push is due
 * 4. those that failed before, so that they hold up nobody. Each has its turn in one of three runs: then it comes earlier, one after
 *    every two customers of the groups above
 * @param sendAll whether also those are sent that are unchanged
 * @param isRetriedEarly whether a customer that failed before has its turn: each in one of three runs
 */
export function sendingOrder(
	verdicts: readonly Verdict[],
	sendAll: boolean,
	isRetriedEarly: (index: number) => boolean,
	random = randomInt as (min: number, max: number) => number,
): number[] {
	const withVerdict = (...wanted: Verdict[]) =>
		[...verdicts.keys()].filter((index) => wanted.includes(verdicts[index]!));
	const fromRandomStart = (group: readonly number[]) => {
		const first = group.length > 1 ? random(0, group.length) : 0;
		return [...group.slice(first), ...group.slice(0, first)];
	};
	const toSend = [
		...fromRandomStart(withVerdict('waiting')),
		...withVerdict('new', 'changed'),
		...withVerdict('due'),
	];
	if (sendAll) {
		toSend.push(...withVerdict('unchanged'));
	}
	const failed = fromRandomStart(withVerdict('failed'));
	const earlyRetries = failed.filter(isRetriedEarly);
	const earlyRetriesUntil = (position: number) => Math.floor(position / OTHERS_BEFORE_FAILED);
	const mixed = toSend.flatMap((index, position) => {
		return [index, ...earlyRetries.slice(earlyRetriesUntil(position), earlyRetriesUntil(position + 1))];
	});
	const lateRetries = failed.filter((index) => !isRetriedEarly(index));
	return [...mixed, ...earlyRetries.slice(earlyRetriesUntil(toSend.length)), ...lateRetries];
}

/**
 * What became of a customer in a run. One that is unchanged and was not to be sent counts as accepted.
 * @param fate undefined where the run ended before the customer was sent
 */
export function standingOf(verdict: Verdict, fate: Fate | undefined): Standing {
	const outcome = fate && outcomeOf(fate)?.outcome;
	if (outcome === 'OK' || fate?.kind === 'unchanged') {
		return 'accepted';
	}
	const isSent = outcome !== undefined && outcome !== 'NOT_SENT';
	return isSent || verdict === 'failed' ? 'failed' : 'waiting';
}

const DAY_MINUTES = 1440;

/** 'Push Again After (Days)' is divided into this many re-push slots: of an hour each for 7 days. */
const SLOTS = 168;

/**
 * Which unchanged customers are re-pushed. Each is once in `everyDays`, in the slot that its fingerprint falls into, so that every run
 * re-pushes a share. A slot counts where it lies after both the last run and the acceptance of the customer: a run that is interrupted
 * leaves whom the service has accepted, but not that it has ended. A time more than a day ahead comes from a clock that was wrong, and
 * counts for nothing.
 * @param everyDays 'Push Again After (Days)', whole days; 0 for never
 * @param minute when this run began, and when the last one that ended, minutes since 1970
 * @param lastMinute undefined where none has ended, as after a first run that was interrupted
 * @returns whether a customer is scheduled, by its fingerprint and the minute in which it was accepted; 0 where that is not known
 */
export function rePushesSince(
	everyDays: number,
	minute: number,
	lastMinute: number | undefined,
): (fingerprint: string, acceptedMinute: number) => boolean {
	if (everyDays < 1) {
		return () => false;
	}
	const slotAt = (time: number) => Math.floor((time * SLOTS) / (everyDays * DAY_MINUTES));
	const unlessAhead = (time: number) => (time > minute + DAY_MINUTES ? 0 : time);
	const slotOfThisRun = slotAt(minute);
	const lastRunMinute = unlessAhead(lastMinute ?? 0);
	return (fingerprint, acceptedMinute) => {
		const lastSlot = slotAt(Math.max(lastRunMinute, unlessAhead(acceptedMinute)));
		// Those whose slot lies after the last one, up to this run's: in a whole period that is each customer once.
		const slotsUntilRePush = (((slotOf(fingerprint) - lastSlot - 1) % SLOTS) + SLOTS) % SLOTS;
		return slotsUntilRePush < slotOfThisRun - lastSlot;
	};
}

/** The slot of a fingerprint, 0 to 167. A fingerprint is random: all of its characters but the last are evenly spread. */
function slotOf(fingerprint: string): number {
	let slot = 0;
	for (let index = 0; index < 8; index++) {
		slot = (slot * 31 + fingerprint.charCodeAt(index)) % SLOTS;
	}
	return slot;
}
