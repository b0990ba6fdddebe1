import { randomInt } from 'node:crypto';

import { rePushSlotOf, type StateEntries } from '../stateEntries';
import type { Verdict } from '../plan';
import type { Random } from '../random';
import type { Lease } from './lease';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The fingerprint of what is to be sent, from `StateEntries.fingerprint`. */
	fingerprint: string;
}

/** What decides which customers are due for their scheduled re-push. */
export interface RePush {
	/** 'Push Again After', whole days; 0 for never. */
	everyDays: number;
	/** Days since 1970. */
	today: number;
	/** The day of the last run that ended; undefined when it is too long ago: every customer is due. */
	lastDay: number | undefined;
}

/** Queries the sync state for customers, some at a time. To query is to record: what was not there before is there now. */
export class Lookup {
	/** What the sync state says of each customer. */
	readonly verdicts: Verdict[];
	readonly #lease: Lease;
	readonly #customers: readonly SyncCustomer[];
	readonly #entries: StateEntries;
	readonly #rePush: RePush;
	/** Those queried for being left over. Queried twice, they would seem to be. */
	readonly #queriedLeftOver = new Set<number>();

	constructor(lease: Lease, customers: readonly SyncCustomer[], entries: StateEntries, rePush: RePush) {
		this.verdicts = customers.map(() => 'unjudged');
		this.#lease = lease;
		this.#customers = customers;
		this.#entries = entries;
		this.#rePush = rePush;
	}

	/** The customers of some that have this verdict. */
	among(indexes: readonly number[], verdict: Verdict): number[] {
		return indexes.filter((index) => this.verdicts[index] === verdict);
	}

	/** Queries whether exactly this was accepted: afterwards each is unchanged, due or changed. */
	async queryFingerprints(indexes: readonly number[]): Promise<void> {
		if (indexes.length === 0) return;
		const there = await this.#lease.record(indexes.map((index) => this.#customers[index]!.fingerprint));
		for (const index of indexes) {
			const { customerId, fingerprint } = this.#customers[index]!;
			this.verdicts[index] = !there.has(fingerprint)
				? 'changed'
				: this.#isDue(customerId)
					? 'due'
					: 'unchanged';
		}
	}

	/** Queries which of the changed ones were left over from the last run. */
	async queryLeftOver(indexes: readonly number[]): Promise<void> {
		const changed = this.among(indexes, 'changed').filter((index) => !this.#queriedLeftOver.has(index));
		if (changed.length === 0) return;
		const queried = changed.map((index) => {
			const { customerId } = this.#customers[index]!;
			return { index, waiting: this.#entries.waiting(customerId), failed: this.#entries.failed(customerId) };
		});
		const there = await this.#lease.record(queried.flatMap(({ waiting, failed }) => [waiting, failed]));
		for (const { index, waiting, failed } of queried) {
			this.#queriedLeftOver.add(index);
			if (there.has(failed)) this.verdicts[index] = 'failed';
			else if (there.has(waiting)) this.verdicts[index] = 'waiting';
		}
	}

	#isDue(customerId: string): boolean {
		const { everyDays, today, lastDay } = this.#rePush;
		if (everyDays < 1 || today === lastDay) return false;
		if (lastDay === undefined) return true;
		return rePushSlotOf(customerId, today, everyDays) > rePushSlotOf(customerId, lastDay, everyDays);
	}
}

/**
 * Chooses some of so many, each set of them as likely as any other (Robert Floyd's algorithm).
 * @returns indexes, ascending
 */
export function sampleOf(size: number, of: number, random: Random = randomInt): number[] {
	const chosen = new Set<number>();
	for (let last = of - Math.min(size, of); last < of; last++) {
		const index = random(0, last + 1);
		chosen.add(chosen.has(index) ? last : index);
	}
	return [...chosen].sort((a, b) => a - b);
}
