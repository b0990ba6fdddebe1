import type { Arrived } from './unreliableService.mts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The number of re-push slots within 'Push Again After (Days)'. */
const SLOTS = 168;

/** The full set of each customer in the rows of a run, as a text, by CustomerId. */
export type Sets = ReadonlyMap<string, string>;

/** The input of a run. */
export interface Planned {
	account: string;
	sets: Sets;
	nowMs: number;
	pushAgainAfter: number;
}

/** The input and the requests of a run that finished. */
export interface FinishedRun extends Planned {
	log: readonly Arrived[];
	/** Whether somebody cancelled it; then the node may not have read every response, and requests may not have arrived. */
	isCancelled: boolean;
	/** Whether unchanged customers had to be sent too; those that the run did not reach may be sent by the next one. */
	sendsAll: boolean;
}

/**
 * What the sync state of a node must contain, judged only by the requests that arrived: a customer is known
 * while its last request got the response OK in a run that finished, and its rows have not changed since.
 */
export class ExpectedMemory {
	/** Whether a run did not finish, or overlapped with another one; then the next run may know nothing. */
	isDoubted = false;
	#account = '';
	/** When the last run that ended began, Unix milliseconds. */
	#endedMs = 0;
	#known = new Map<string, string>();

	/** Whether a customer may only be sent with 'Send': Every Customer. */
	isUnchanged(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && !this.#mayBeDue(planned);
	}

	/** Whether only a due re-push allows a customer to be sent; the node chooses which customers are due. */
	mayBeDueOnly(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && this.#mayBeDue(planned);
	}

	/** Whether a customer must be sent only because its re-push is overdue. */
	isDueOnly(id: string, planned: Planned): boolean {
		const { nowMs, pushAgainAfter } = planned;
		const isLong = pushAgainAfter > 0 && nowMs - this.#endedMs >= pushAgainAfter * DAY_MS + MINUTE_MS;
		return this.#isKnown(id, planned) && isLong;
	}

	/** Whether a re-push slot has begun since the last run, so that some customers may be due. */
	#mayBeDue({ nowMs, pushAgainAfter }: Planned): boolean {
		if (pushAgainAfter === 0) {
			return false;
		}
		const slotMs = (pushAgainAfter * DAY_MS) / SLOTS;
		// The run may have begun a moment later than `nowMs`.
		return Math.floor((nowMs + MINUTE_MS) / slotMs) > Math.floor((this.#endedMs - MINUTE_MS) / slotMs);
	}

	/** A run has finished. */
	end(finishedRun: FinishedRun): void {
		const { account, sets, nowMs, log, isCancelled, sendsAll } = finishedRun;
		const last = new Map(log.map(({ CustomerId, fate }) => [CustomerId, fate]));
		const fingerprints = new Map<string, string>();
		for (const [id, set] of sets) {
			const fate = last.get(id);
			const isAccepted =
				fate === undefined ? this.isUnchanged(id, finishedRun) && !sendsAll : fate === 'ok' && !isCancelled;
			if (isAccepted) {
				fingerprints.set(id, set);
			}
		}
		this.#known = fingerprints;
		this.#account = account;
		this.#endedMs = nowMs;
		this.isDoubted = false;
	}

	#isKnown(id: string, { account, sets }: Planned): boolean {
		return !this.isDoubted && this.#account === account && this.#known.get(id) === sets.get(id);
	}
}
