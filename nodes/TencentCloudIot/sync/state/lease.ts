import { randomUUID } from 'node:crypto';

import { IN_PROGRESS, tokenEntry } from '../stateEntries';
import type { StateStore } from './settings';

/** Which of the added entries stay, and what is removed besides. */
interface Exceptions {
	except?: readonly string[];
	also?: readonly string[];
}

/**
 * The right of one run to rely on the sync state and to write it. The entry `in progress` says that a run holds it, and
 * stays if that process dies. A token of its own says whether it still is this run. The number of entries says, without a
 * write, whether another run has written.
 *
 * The token alone is not enough: of two runs that overlap, the first to end would close the state while the other one still
 * sends, and what that one sends before it dies would be recorded nowhere.
 *
 * Whatever rejects here leaves the state in progress.
 */
export class Lease {
	readonly #store: StateStore;
	readonly #newToken: () => string;
	readonly #token: string;
	readonly #added: string[] = [];
	/** The number of entries if no other run writes. */
	#count: number;
	#isLost = false;

	/** @param count the number of entries there are */
	constructor(store: StateStore, count: number, newToken: () => string = randomUUID) {
		this.#store = store;
		this.#newToken = newToken;
		this.#token = tokenEntry(newToken());
		this.#count = count;
	}

	/** Puts the state in progress with more entries, and returns those that were there before: `in progress` above all. */
	async acquire(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const queried = [IN_PROGRESS, this.#token, ...entries];
		const there = await this.#store.record(queried);
		const added = queried.filter((entry) => !there.has(entry));
		this.#count += added.length;
		for (const entry of added) this.#added.push(entry);
		return there;
	}

	/** Records more entries, and returns those that were there before. Without `in progress` or the token the lease is lost. */
	async record(entries: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await this.acquire(entries);
		if (!there.has(IN_PROGRESS) || !there.has(this.#token)) this.markLost();
		return there;
	}

	/** Whether no other run has written since this one acquired the state. */
	async isAlone(): Promise<boolean> {
		return !this.#isLost && (await this.#store.count()) === this.#count;
	}

	/** Whether another run has taken over. */
	get isLost(): boolean {
		return this.#isLost;
	}

	markLost(): void {
		this.#isLost = true;
	}

	/** Adds one more entry, the heartbeat: a waiting run sees at its next query that this run is active. */
	async signalAlive(): Promise<void> {
		await this.record([tokenEntry(this.#newToken())]);
	}

	/** Removes what this run has added, if no other run has written. */
	async undoIfAlone(exceptions?: Exceptions): Promise<void> {
		if (await this.isAlone()) await this.undo(exceptions);
	}

	/** Removes what this run has added. What others left stays. */
	async undo({ except = [], also = [] }: Exceptions = {}): Promise<void> {
		await this.#store.forget([...this.#added.filter((entry) => !except.includes(entry)), ...also]);
	}

	/**
	 * Ends the run. If it has been the only one, the entries replace all that was there. Otherwise the state stays in progress,
	 * and a heartbeat makes every other active run leave it so as well.
	 * @returns whether the state has the entries now
	 */
	async close(entries: readonly string[]): Promise<boolean> {
		await this.record([]);
		if (!(await this.isAlone())) {
			await this.signalAlive();
			return false;
		}
		await this.#store.clear();
		// What is there already belongs to a run that has just begun; the state is in progress then.
		return (await this.#store.record(entries)).size === 0;
	}
}
