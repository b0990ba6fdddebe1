import { randomUUID } from 'node:crypto';

import { IN_PROGRESS, tokenEntry } from '../../entries/stateEntries';
import type { FencedStore } from '../fence';

/** What one run has added to the sync state, which is what it takes back when it leaves. */
export class AddedEntries {
	readonly #store: FencedStore;
	readonly #newToken: () => string;
	readonly #all = new Set<string>();
	/** What its last write has added. */
	#last: readonly string[] = [];
	/** Its tokens: no other run has them. */
	readonly #tokens: string[] = [];
	/** What it has removed of them, which another run may bring back. */
	#queries: readonly string[] = [];
	/** What it has announced last: a run that came at the same moment may have announced the same. */
	#announced: string | undefined;

	constructor(store: FencedStore, newToken: () => string = randomUUID) {
		this.#store = store;
		this.#newToken = newToken;
	}

	/** New entries that no other run has. */
	tokens(count: number): string[] {
		const tokens = Array.from({ length: count }, () => tokenEntry(this.#newToken()));
		this.#tokens.push(...tokens);
		return tokens;
	}

	announce(entry: string): void {
		this.#announced = entry;
	}

	/** Adds entries, and returns those that were there before. */
	async add(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.#store.record(entries);
		this.#last = entries.filter((entry) => !there.has(entry));
		for (const entry of this.#last) this.#all.add(entry);
		return there;
	}

	async remove(entries: readonly string[]): Promise<void> {
		for (const entry of entries) this.#all.delete(entry);
		if (entries.length > 0) await this.#store.forget(entries);
	}

	/** Removes what the last write has added. */
	async undoLast(): Promise<void> {
		const last = this.#last;
		this.#last = [];
		await this.remove(last);
	}

	/** After another run has overwritten the token: all but what may be that one's. */
	keepOwn(): void {
		const own = new Set(this.afterOverwriting);
		for (const entry of this.#all) if (!own.has(entry)) this.#all.delete(entry);
		this.#queries = [];
	}

	/** What the last write has only queried: all but `in progress`, the tokens and what it announced. */
	get lastQueries(): string[] {
		const others = [IN_PROGRESS, this.#announced, ...this.#tokens];
		return this.#last.filter((entry) => !others.includes(entry));
	}

	async undoQueries(queries: readonly string[]): Promise<void> {
		this.#queries = [...this.#queries, ...queries];
		await this.remove(queries);
	}

	get ownTokens(): readonly string[] {
		return this.#tokens;
	}

	get size(): number {
		return this.#all.size;
	}

	get all(): string[] {
		return [...this.#all];
	}

	/** What may be there of a run that leaves. */
	get left(): string[] {
		return [...this.#all, ...this.#queries];
	}

	/**
	 * What is there of a run whose token another one has overwritten: what it wrote last. All else that it has added may be
	 * what the other one has added.
	 */
	get afterOverwriting(): string[] {
		return [...this.#last.filter((entry) => entry !== this.#announced), ...this.#tokens];
	}
}
