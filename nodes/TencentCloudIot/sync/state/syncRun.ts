import type { Clock } from '../../service/transport/clock';
import type { Standing } from '../verdicts';
import type { Reported } from '../reported';
import { slotOf } from '../rePush';
import { missedProducts } from '../entries/rowCounts';
import { entryOf } from '../entries/stateEntries';
import { countsOf, type Begun, type SyncSettings } from './settings';
import { stopwatch, type FencedStore } from './fence';
import { Heartbeat } from './ownership/heartbeat';
import { closedState, replaceRun, TURNS } from './lastRun';
import type { Lease } from './ownership/lease';
import { restore } from './ownership/leave';

/**
 * What a run may do at its end.
 * - `clears`: the store did not work at the beginning, so that the state is only cleared
 * - `restores`: the state says already what this run would leave
 * - `owns`: requests may start
 */
export type Hold = { kind: 'clears' } | { kind: 'restores' | 'owns'; lease: Lease };

/** What a run needs at its end. */
interface Ends {
	hold: Hold;
	store: FencedStore;
	settings: SyncSettings;
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Which of the customers that failed have their turn. */
	turn: number;
	/** Customers, by index, that are known to have been accepted with what is in the rows, besides those that are unchanged. */
	asAccepted?: ReadonlySet<number> | undefined;
}

const MOST_ATTEMPTS = 4;

/** One run of Sync after its beginning. */
export class SyncRun {
	readonly begun: Begun;
	readonly #ends: Ends | undefined;
	readonly #heartbeat: Heartbeat | undefined;

	/** @param ends undefined where the run leaves nothing: there is no store, it was stopped, or it is a Dry Run */
	constructor(begun: Begun, ends?: Ends) {
		this.begun = begun;
		this.#ends = ends;
		if (ends?.hold.kind !== 'owns') return;
		this.#heartbeat = new Heartbeat(ends.hold.lease, ends.settings.clock);
		this.#heartbeat.start();
	}

	/** Whether a request may start, or be retried. To be called before each. */
	async mayStart(): Promise<boolean> {
		if (this.#heartbeat !== undefined) return await this.#heartbeat.mayStart();
		return this.#ends === undefined || this.#ends.hold.kind === 'clears';
	}

	/** Whether another run is why none may start; if not, the sync state does not respond. */
	get isTakenOver(): boolean {
		return this.#heartbeat?.isLost ?? false;
	}

	/** Whether a customer that failed before is sent early in this run: each is in one of three. */
	hasTurn(index: number): boolean {
		const { settings, turn } = this.#ends ?? {};
		const customerId = settings?.customers[index]?.customerId ?? '';
		return slotOf(entryOf(['turn', customerId])) % TURNS === turn;
	}

	/**
	 * Records what became of the customers. To be called once, when no request is under way any more, also after a cancel or
	 * a throw: a run that does not come to this counts as interrupted. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`
	 * @returns whether the next run will know; if not, it sends everything
	 */
	async end(standings: readonly Standing[], reported: Reported): Promise<boolean> {
		if (this.#ends === undefined) return false;
		try {
			await this.#heartbeat?.stop();
			return await this.#end(this.#ends, standings, reported);
		} catch {
			// The state is in progress, or empty: the next run sends everything.
			return false;
		}
	}

	async #end(
		{ hold, store, settings, minute, turn, asAccepted }: Ends,
		standings: readonly Standing[],
		reported: Reported,
	): Promise<boolean> {
		if (hold.kind === 'clears') {
			await store.clear();
			return false;
		}
		const { lease } = hold;
		if (hold.kind === 'restores') {
			await restore(lease, replaceRun(reported, minute));
			return true;
		}
		const { entries, customers, withheld = [], rows, clock } = settings;
		const left = customers.flatMap(({ customerId, fingerprint }, index) => {
			const standing = standings[index] ?? 'waiting';
			if (standing === 'accepted') return fingerprint;
			const verdict = this.begun.verdicts[index];
			const wasAccepted = verdict === 'due' || verdict === 'unchanged' || asAccepted?.has(index);
			const entry = entries[standing](customerId);
			return wasAccepted ? [entry, entries.compared(customerId), entries.acceptedLast(fingerprint)] : entry;
		});
		for (const { customerId } of customers) left.push(entries.known(customerId));
		for (const customerId of withheld) left.push(entries.failed(customerId), entries.known(customerId));
		for (const name of missedProducts(rows.products)) left.push(entries.product(name));
		const counts = countsOf(settings);
		const state = closedState({ account: entries.account, minute, reported, counts, turn }, left);
		for (let attempt = 0; attempt < MOST_ATTEMPTS && !lease.isLost; attempt++) {
			if (await this.#heartbeat?.query()) return await close(lease, store, clock, state);
		}
		return false;
	}
}

/**
 * Closes the state: the entries replace all that was there. Gives up, and leaves the state in progress or empty, when this
 * takes longer than the fence.
 * @returns whether the state has the entries now
 */
async function close(
	lease: Lease,
	store: FencedStore,
	clock: Clock,
	entries: readonly string[],
): Promise<boolean> {
	const passedMs = stopwatch(clock);
	await lease.record([]);
	if (lease.isLost) return false;
	await store.clear();
	if (passedMs() > lease.timing.fenceMs) return false;
	return (await store.close(entries)).size === 0;
}
