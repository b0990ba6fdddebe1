import type { Arrived } from './unreliableService.mts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How often within 'Push Again After (Days)' some customers are due. */
const SLOTS = 168;

/** A customer's id → its set as a text, as the rows of a run have it. */
export type Sets = ReadonlyMap<string, string>;

/** What a run was about. */
export interface Planned {
	account: string;
	sets: Sets;
	nowMs: number;
	pushAgainAfter: number;
}

/** How a run that came to its end left the memory. */
export interface Ended extends Planned {
	log: readonly Arrived[];
	/** Whether somebody cancelled it: the node may not have read every answer, and requests may not have arrived. */
	isCancelled: boolean;
	/** Whether also unchanged customers were to be sent: those that the run did not come to may be sent by the next one. */
	sendsAll: boolean;
}

/**
 * What the runs of a node must know, by the requests that arrived and by nothing that the node says: a customer is known
 * while its last request was answered with OK, in a run that came to its end, and its rows say the same.
 */
export class ExpectedMemory {
	/** Whether a run did not come to its end, or met another one: then the next run may know nothing. */
	isDoubted = false;
	#account = '';
	/** When the last run that ended began, Unix milliseconds. */
	#endedMs = 0;
	#known = new Map<string, string>();

	/** Whether nothing of a customer may be sent but for 'Send': Every Customer. */
	isUnchanged(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && !this.#mayBeDue(planned);
	}

	/** Whether a customer is to be sent only since it is due; which customers are is for the node to choose. */
	mayBeDueOnly(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && this.#mayBeDue(planned);
	}

	/** Whether a customer has to be sent, since it was not for as long as that is allowed. */
	isDueOnly(id: string, planned: Planned): boolean {
		const { nowMs, pushAgainAfter } = planned;
		const isLong = pushAgainAfter > 0 && nowMs - this.#endedMs >= pushAgainAfter * DAY_MS + MINUTE_MS;
		return this.#isKnown(id, planned) && isLong;
	}

	/** Each day has the slots of some customers. */
	#mayBeDue({ nowMs, pushAgainAfter }: Planned): boolean {
		if (pushAgainAfter === 0) {
			return false;
		}
		const slotMs = (pushAgainAfter * DAY_MS) / SLOTS;
		// The run may have begun a moment later than the one who plans.
		return Math.floor((nowMs + MINUTE_MS) / slotMs) > Math.floor((this.#endedMs - MINUTE_MS) / slotMs);
	}

	/** A run came to its end. */
	end(ended: Ended): void {
		const { account, sets, nowMs, log, isCancelled, sendsAll } = ended;
		const last = new Map(log.map(({ CustomerId, fate }) => [CustomerId, fate]));
		const fingerprints = new Map<string, string>();
		for (const [id, set] of sets) {
			const fate = last.get(id);
			const isAccepted =
				fate === undefined ? this.isUnchanged(id, ended) && !sendsAll : fate === 'ok' && !isCancelled;
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
