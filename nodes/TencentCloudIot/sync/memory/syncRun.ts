import { dayMark, healthMark, type Health, type Marks } from '../marks';
import type { Standing } from '../plan';
import type { Begun } from './begun';
import type { Lease } from './lease';
import type { SyncCustomer } from './lookup';
import type { SyncMemory } from './memory';
import type { Watch } from './watch';

/** What a run needs at its end. */
interface Ends {
	/** Undefined when the memory did not work at the beginning; then it is only emptied. */
	opened: { lease: Lease; watch: Watch } | undefined;
	memory: SyncMemory;
	marks: Marks;
	customers: readonly SyncCustomer[];
	/** Customers of whom nothing was to be sent. */
	heldBack: readonly string[];
	/** The day on which the run was planned, counted from 1970. */
	today: number;
}

/** One run of Sync after its beginning. */
export class SyncRun {
	readonly begun: Begun;
	readonly #ends: Ends | undefined;

	/** @param ends undefined where the run leaves nothing: there is no memory, it was stopped, or it is a Dry Run */
	constructor(begun: Begun, ends?: Ends) {
		this.begun = begun;
		this.#ends = ends;
		ends?.opened?.watch.keep();
	}

	/** Whether a request may be begun, or sent again. To be asked before each. */
	async mayStart(): Promise<boolean> {
		return (await this.#ends?.opened?.watch.mayStart()) ?? true;
	}

	/**
	 * Remembers what became of the customers. To be called once, when no request is under way any more, also after a cancel
	 * or a throw: a run that does not come to this counts as killed. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`
	 * @returns whether the next run will know; if not, it sends everything
	 */
	async end(standings: readonly Standing[], health: Health): Promise<boolean> {
		if (this.#ends === undefined) return false;
		const { opened, memory, marks, customers, heldBack, today } = this.#ends;
		try {
			if (opened === undefined) {
				await memory.clear();
				return false;
			}
			const left = customers.map(({ customerId, mark }, index) => {
				const standing = standings[index] ?? 'waiting';
				return standing === 'accepted' ? mark : marks[standing](customerId);
			});
			for (const customerId of heldBack) left.push(marks.waiting(customerId));
			await opened.watch.end();
			return await opened.lease.end([marks.account, dayMark(today), healthMark(health), ...left]);
		} catch {
			// The memory is open, or empty: the next run sends everything.
			return false;
		}
	}
}
