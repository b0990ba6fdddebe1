import { randomInt } from 'node:crypto';

import { type Fate, isUpToDate, outcomeOf } from '../service/fate';

/**
 * What the sync state says of a customer whose rows can be sent.
 * - `new`: the rows of the last run did not have it, or had no device of it
 * - `changed`: it has other devices than Tencent last accepted, or the run has not read a state
 * - `waiting`: the last run did not reach it, e.g. because the time was over; or the last run died, and may have sent it
 * - `failed`: the last run sent it without proof that Tencent accepted it, or withheld its rows
 * - `due`: it is unchanged, and its scheduled re-push falls into this run
 * - `unchanged`: Tencent accepted exactly these devices last, and nothing was sent for it since
 */
export type Verdict = 'new' | 'changed' | 'waiting' | 'failed' | 'due' | 'unchanged';

/** Whether a customer with this verdict has exactly the devices that its record in the state has. */
export function hasSameDevices(verdict: Verdict | undefined): boolean {
	return verdict === 'unchanged' || verdict === 'due';
}

/**
 * What became of a customer in a run, as the record of the customer keeps it (`CustomerStatus`). The state keeps customers that were not accepted, too:
 * otherwise the run after an outage would count these customers as new, and be stopped because of too many changes.
 */
export type EndStatus = 'accepted' | 'waiting' | 'failed';

/** Before each customer that is retried early, this many other customers are sent. */
const CUSTOMERS_BEFORE_EARLY_RETRY = 2;

/**
 * Orders the customers to send:
 *
 * 1. the verdict `waiting`, beginning with a random one: otherwise runs that end early would never reach the same customers
 * 2. `new` and `changed`
 * 3. `due`, and then `unchanged` if every customer is sent
 * 4. `failed`, last so they hold up nobody, and beginning with a random one
 *
 * Some of the failed ones are retried early: one after every two customers of the groups above. Within a group the order is that of the rows.
 * @param sendAll whether unchanged customers are sent, too
 * @param isRetriedEarly whether a failed customer, given by its index, is retried early: see `StartFacts.isRetriedEarly`
 * @returns indexes of customers, the first one to send first
 */
export function sendOrderOf(
	verdicts: readonly Verdict[],
	sendAll: boolean,
	isRetriedEarly: (customerIndex: number) => boolean,
	random = randomInt as (min: number, max: number) => number,
): number[] {
	const indexesWithVerdict = (...wantedVerdicts: Verdict[]) =>
		[...verdicts.keys()].filter((index) => wantedVerdicts.includes(verdicts[index]!));
	const rotateRandomly = (indexes: readonly number[]) => {
		const firstPosition = indexes.length > 1 ? random(0, indexes.length) : 0;
		return [...indexes.slice(firstPosition), ...indexes.slice(0, firstPosition)];
	};
	const mainIndexes = [
		...rotateRandomly(indexesWithVerdict('waiting')),
		...indexesWithVerdict('new', 'changed'),
		...indexesWithVerdict('due'),
	];
	if (sendAll) {
		mainIndexes.push(...indexesWithVerdict('unchanged'));
	}
	const failedIndexes = rotateRandomly(indexesWithVerdict('failed'));
	const earlyRetries = failedIndexes.filter(isRetriedEarly);
	const earlyRetryCountAt = (position: number) => Math.floor(position / CUSTOMERS_BEFORE_EARLY_RETRY);
	const withEarlyRetries = mainIndexes.flatMap((index, position) => {
		return [index, ...earlyRetries.slice(earlyRetryCountAt(position), earlyRetryCountAt(position + 1))];
	});
	const lateRetries = failedIndexes.filter((index) => !isRetriedEarly(index));
	return [...withEarlyRetries, ...earlyRetries.slice(earlyRetryCountAt(mainIndexes.length)), ...lateRetries];
}

/**
 * Says what became of a customer in a run. An unchanged customer that was not sent counts as accepted.
 * @param fate undefined if the run ended before the customer was sent
 */
export function endStatusOf(verdict: Verdict, fate: Fate | undefined): EndStatus {
	if (fate !== undefined && isUpToDate(fate)) {
		return 'accepted';
	}
	const outcome = fate && outcomeOf(fate)?.outcome;
	const isSent = outcome !== undefined && outcome !== 'NOT_SENT';
	return isSent || verdict === 'failed' ? 'failed' : 'waiting';
}

const DAY_MINUTES = 1440;

/** 'Push Again After (Days)' is divided into this many re-push slots. With the default of 7 days a slot takes an hour. */
const RE_PUSH_SLOT_COUNT = 168;

/**
 * Decides which unchanged customers a run pushes again. Each customer has a slot, given by its fingerprint, so each run re-pushes a share
 * and each customer is re-pushed once in `everyDays`. A run re-pushes the customers whose slot has come since the later of two moments:
 *
 *     the last run that finished and left no re-push to the next one
 *     the acceptance of the customer: a run saved it and was interrupted later
 *
 * A time more than a day in the future was written by a wrong clock, and is ignored.
 * @param everyDays 'Push Again After (Days)', whole days; 0 for never
 * @param beganMinute when this run began, minutes since 1970
 * @param lastBeganMinute when that last run began (`LastCell.rePushMinute`), minutes since 1970; undefined if there was none
 * @returns whether a customer is re-pushed, by its fingerprint and the minute in which it was accepted (0 if not known)
 */
export function rePushesSince(
	everyDays: number,
	beganMinute: number,
	lastBeganMinute: number | undefined,
): (fingerprint: string, acceptedMinute: number) => boolean {
	if (everyDays < 1) {
		return () => false;
	}
	const slotNumberAt = (atMinute: number) =>
		Math.floor((atMinute * RE_PUSH_SLOT_COUNT) / (everyDays * DAY_MINUTES));
	const zeroIfInFuture = (atMinute: number) => (atMinute > beganMinute + DAY_MINUTES ? 0 : atMinute);
	const slotNumberOfRun = slotNumberAt(beganMinute);
	const lastRunMinute = zeroIfInFuture(lastBeganMinute ?? 0);
	return (fingerprint, acceptedMinute) => {
		const lastSlotNumber = slotNumberAt(Math.max(lastRunMinute, zeroIfInFuture(acceptedMinute)));
		// A run re-pushes the slots after `lastSlotNumber`, up to and including `slotNumberOfRun`: no slot is skipped, and none counts in two runs.
		const slotsUntilRePush =
			(((slotOf(fingerprint) - lastSlotNumber - 1) % RE_PUSH_SLOT_COUNT) + RE_PUSH_SLOT_COUNT) %
			RE_PUSH_SLOT_COUNT;
		return slotsUntilRePush < slotNumberOfRun - lastSlotNumber;
	};
}

/** The re-push slot of a customer, 0 to 167. Eight characters of its fingerprint are enough to spread the customers evenly over the slots. */
function slotOf(fingerprint: string): number {
	let slot = 0;
	for (let characterIndex = 0; characterIndex < 8; characterIndex++) {
		slot = (slot * 31 + fingerprint.charCodeAt(characterIndex)) % RE_PUSH_SLOT_COUNT;
	}
	return slot;
}
