import { randomInt } from 'node:crypto';

import { generationOf, type Marks } from '../marks';
import type { Verdict } from '../plan';
import type { Random } from '../random';
import type { Lease } from './lease';

/** A customer whose rows can be sent. */
export interface SyncCustomer {
	customerId: string;
	/** The mark of what is to be sent, from `Marks.accepted`. */
	mark: string;
}

/** What decides on whose turn it is to be pushed again. */
export interface Turns {
	/** 'Push Again After', whole days; 0 for never. */
	everyDays: number;
	/** Days since 1970. */
	today: number;
	/** The day of the last run that ended; undefined when it is too long ago, and everybody's turn has come. */
	lastDay: number | undefined;
}

/** Asks the memory for customers, some at a time. To ask is to record: what was not there before is there now. */
export class Lookup {
	/** What the memory said of each customer. */
	readonly verdicts: Verdict[];
	readonly #lease: Lease;
	readonly #customers: readonly SyncCustomer[];
	readonly #marks: Marks;
	readonly #turns: Turns;
	/** Of whom it was asked whether they were left over. Asked twice, they would seem to be. */
	readonly #askedLeftOver = new Set<number>();

	constructor(lease: Lease, customers: readonly SyncCustomer[], marks: Marks, turns: Turns) {
		this.verdicts = customers.map(() => 'unjudged');
		this.#lease = lease;
		this.#customers = customers;
		this.#marks = marks;
		this.#turns = turns;
	}

	/** The customers of some that have this verdict. */
	among(indexes: readonly number[], verdict: Verdict): number[] {
		return indexes.filter((index) => this.verdicts[index] === verdict);
	}

	/** Asks whether exactly this was accepted: afterwards each is unchanged, due or changed. */
	async askAccepted(indexes: readonly number[]): Promise<void> {
		if (indexes.length === 0) return;
		const there = await this.#lease.record(indexes.map((index) => this.#customers[index]!.mark));
		for (const index of indexes) {
			const { customerId, mark } = this.#customers[index]!;
			this.verdicts[index] = !there.has(mark) ? 'changed' : this.#isDue(customerId) ? 'due' : 'unchanged';
		}
	}

	/** Asks which of the changed ones were left over from the last run. */
	async askLeftOver(indexes: readonly number[]): Promise<void> {
		const changed = this.among(indexes, 'changed').filter((index) => !this.#askedLeftOver.has(index));
		if (changed.length === 0) return;
		const asked = changed.map((index) => {
			const { customerId } = this.#customers[index]!;
			return { index, waiting: this.#marks.waiting(customerId), failed: this.#marks.failed(customerId) };
		});
		const there = await this.#lease.record(asked.flatMap(({ waiting, failed }) => [waiting, failed]));
		for (const { index, waiting, failed } of asked) {
			this.#askedLeftOver.add(index);
			if (there.has(failed)) this.verdicts[index] = 'failed';
			else if (there.has(waiting)) this.verdicts[index] = 'waiting';
		}
	}

	#isDue(customerId: string): boolean {
		const { everyDays, today, lastDay } = this.#turns;
		if (everyDays < 1 || today === lastDay) return false;
		if (lastDay === undefined) return true;
		return generationOf(customerId, today, everyDays) > generationOf(customerId, lastDay, everyDays);
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
