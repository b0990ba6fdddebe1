import { randomInt } from 'node:crypto';

import type { Verdict } from '../verdicts';
import type { Random } from '../random';
import type { StateEntries } from '../stateEntries';
import type { Lease } from './lease';
import type { SyncSettings } from './settings';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The fingerprint of what is to be sent, from `StateEntries.fingerprint`. */
	fingerprint: string;
}

/** Queries the sync state for customers, some at a time. To query is to record: what was not there before is there now. */
export class Lookup {
	/** What the sync state says of each customer. */
	readonly verdicts: Verdict[];
	/** Whether the withheld customers were left over from the last run, too. */
	areWithheldKnown: boolean;
	readonly #lease: Lease;
	readonly #customers: readonly SyncCustomer[];
	readonly #withheld: readonly string[];
	readonly #entries: StateEntries;
	readonly #isScheduled: (fingerprint: string) => boolean;
	/** Those queried for being left over. Queried twice, they would seem to be. */
	readonly #queriedLeftOver = new Set<number>();

	/** @param isScheduled from `rePushesSince` */
	constructor(
		lease: Lease,
		{ customers, withheld = [], entries }: SyncSettings,
		isScheduled: (fingerprint: string) => boolean,
	) {
		this.verdicts = customers.map(() => 'unjudged');
		this.areWithheldKnown = withheld.length === 0;
		this.#lease = lease;
		this.#customers = customers;
		this.#withheld = withheld;
		this.#entries = entries;
		this.#isScheduled = isScheduled;
	}

	/** The customers of some that have this verdict. */
	among(indexes: readonly number[], verdict: Verdict): number[] {
		return indexes.filter((index) => this.verdicts[index] === verdict);
	}

	/** Queries whether exactly this was accepted: afterwards each is unchanged, scheduled for its re-push, or changed. */
	async queryFingerprints(indexes: readonly number[]): Promise<void> {
		if (indexes.length === 0) return;
		const there = await this.#lease.record(indexes.map((index) => this.#customers[index]!.fingerprint));
		for (const index of indexes) {
			const { fingerprint } = this.#customers[index]!;
			this.verdicts[index] = !there.has(fingerprint)
				? 'changed'
				: this.#isScheduled(fingerprint)
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

	/** Queries the withheld customers. */
	async queryWithheld(): Promise<void> {
		if (this.areWithheldKnown) return;
		const waiting = this.#withheld.map((customerId) => this.#entries.waiting(customerId));
		const there = await this.#lease.record(waiting);
		this.areWithheldKnown = waiting.every((entry) => there.has(entry));
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
