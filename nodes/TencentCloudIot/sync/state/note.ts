import type { Clock } from '../../service/transport/clock';
import { entryOf, NumberEntries } from './entries';
import { FencedStore, type StateStore } from './store';

/** What is noted of a node. */
export interface Noted {
	/** How many customers its last run had, within a tenth; undefined where that cannot be read. */
	customers: number | undefined;
	/** Another one after each loss of the state that somebody approved: a plan passes once. */
	generation: number;
}

const GENERATIONS = 64;

/**
 * That a node has had a sync state, and of how many customers: one that is empty is not that of a first run then. It stands in
 * the row of the workflow, which outlives that of the node. Other nodes, such as Remove Duplicates, may share it, so that nothing
 * else is touched there. It is read only where the node's own row is empty or cannot be read, and written where the number has
 * changed by a tenth.
 */
export class Note {
	readonly #store: FencedStore;
	readonly #isThere: string;
	readonly #customers: NumberEntries;
	readonly #generation: NumberEntries;
	#read: Promise<Noted | undefined> | undefined;

	/** @param store of the workflow @param node its id */
	constructor(store: StateStore, node: string, clock: Clock) {
		this.#store = new FencedStore(store, clock);
		this.#isThere = entryOf(['note', node]);
		this.#customers = new NumberEntries(`note ${node} customers`, { below: 2 ** 22 });
		this.#generation = new NumberEntries(`note ${node} generation`, { below: GENERATIONS });
	}

	/** Reads it, once in a run. @returns undefined where there is none */
	async read(): Promise<Noted | undefined> {
		return await (this.#read ??= this.#readOnce());
	}

	/** Puts it in the place of what was noted before. A loss of the state that was read before is over then. */
	async write(customers: number): Promise<void> {
		const before = await this.read();
		const generation = before === undefined ? 0 : (before.generation + 1) % GENERATIONS;
		await this.#store.forget([...this.#customers.all, ...this.#generation.all]);
		await this.#store.record([
			this.#isThere,
			...this.#customers.of(customers),
			...this.#generation.of(generation),
		]);
	}

	async #readOnce(): Promise<Noted | undefined> {
		const all = [this.#isThere, ...this.#customers.all, ...this.#generation.all];
		const there = await this.#store.record(all);
		await this.#store.forget(all.filter((entry) => !there.has(entry)));
		if (!there.has(this.#isThere)) return undefined;
		return { customers: this.#customers.read(there), generation: this.#generation.read(there) ?? 0 };
	}
}

/** That this many customers are noted, within a tenth, in the state of a node: then nothing has to be written. */
export function notedEntry(customers: number): string {
	return entryOf(['noted', String(stepOf(customers))]);
}

/** The same of all numbers that are near enough. */
export function notedNear(customers: number): string[] {
	return [-1, 0, 1].map((steps) => entryOf(['noted', String(stepOf(customers) + steps)]));
}

/** Each step is a tenth more than the one below. */
function stepOf(customers: number): number {
	return Math.floor(Math.log(Math.max(1, customers)) / Math.log(1.1));
}
