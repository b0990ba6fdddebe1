import { dayEntry, healthEntry, type Health, type StateEntries } from '../stateEntries';
import type { Standing } from '../plan';
import type { Begun } from './begun';
import type { Lease } from './lease';
import type { SyncCustomer } from './lookup';
import type { StateStore } from './settings';
import type { Heartbeat } from './heartbeat';

/** What a run needs at its end. */
interface Ends {
	/** Undefined when the store did not work at the beginning; then it is only cleared. */
	opened: { lease: Lease; heartbeat: Heartbeat } | undefined;
	store: StateStore;
	entries: StateEntries;
	customers: readonly SyncCustomer[];
	/** Customers of whom nothing was to be sent. */
	withheld: readonly string[];
	/** The day on which the run was planned, counted from 1970. */
	today: number;
}

/** One run of Sync after its beginning. */
export class SyncRun {
	readonly begun: Begun;
	readonly #ends: Ends | undefined;

	/** @param ends undefined where the run leaves nothing: there is no store, it was stopped, or it is a Dry Run */
	constructor(begun: Begun, ends?: Ends) {
		this.begun = begun;
		this.#ends = ends;
		ends?.opened?.heartbeat.start();
	}

	/** Whether a request may start, or be retried. To be called before each. */
	async mayStart(): Promise<boolean> {
		return (await this.#ends?.opened?.heartbeat.mayStart()) ?? true;
	}

	/**
	 * Records what became of the customers. To be called once, when no request is under way any more, also after a cancel or
	 * a throw: a run that does not come to this counts as interrupted. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`
	 * @returns whether the next run will know; if not, it sends everything
	 */
	async end(standings: readonly Standing[], health: Health): Promise<boolean> {
		if (this.#ends === undefined) return false;
		const { opened, store, entries, customers, withheld, today } = this.#ends;
		try {
			if (opened === undefined) {
				await store.clear();
				return false;
			}
			const left = customers.map(({ customerId, fingerprint }, index) => {
				const standing = standings[index] ?? 'waiting';
				return standing === 'accepted' ? fingerprint : entries[standing](customerId);
			});
			for (const customerId of withheld) left.push(entries.waiting(customerId));
			await opened.heartbeat.stop();
			return await opened.lease.close([entries.account, dayEntry(today), healthEntry(health), ...left]);
		} catch {
			// The state is in progress, or empty: the next run sends everything.
			return false;
		}
	}
}
