import { createHash } from 'node:crypto';
import type { Arrived } from './unreliableService.mts';

const DAY_MS = 86_400_000;

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
	#day = 0;
	#known = new Map<string, string>();

	/** Whether nothing of a customer may be sent but for 'Send': Every Customer. */
	isUnchanged(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && !this.#isTurn(id, planned);
	}

	/** Whether a customer is to be sent only since its turn has come. */
	isDueOnly(id: string, planned: Planned): boolean {
		return this.#isKnown(id, planned) && this.#isTurn(id, planned);
	}

	#isTurn(id: string, { nowMs, pushAgainAfter }: Planned): boolean {
		return turnsOf(id, dayOf(nowMs), pushAgainAfter) > turnsOf(id, this.#day, pushAgainAfter);
	}

	/** A run came to its end. */
	end(ended: Ended): void {
		const { account, sets, nowMs, log, isCancelled, sendsAll } = ended;
		const last = new Map(log.map(({ CustomerId, fate }) => [CustomerId, fate]));
		const known = new Map<string, string>();
		for (const [id, set] of sets) {
			const fate = last.get(id);
			const isAccepted =
				fate === undefined ? this.isUnchanged(id, ended) && !sendsAll : fate === 'ok' && !isCancelled;
			if (isAccepted) known.set(id, set);
		}
		this.#known = known;
		this.#account = account;
		this.#day = dayOf(nowMs);
		this.isDoubted = false;
	}

	#isKnown(id: string, { account, sets }: Planned): boolean {
		return !this.isDoubted && this.#account === account && this.#known.get(id) === sets.get(id);
	}
}

function dayOf(unixMs: number): number {
	return Math.floor(unixMs / DAY_MS);
}

/** How often a customer's turn has come until a day: once in so many days, on a day of its own. */
function turnsOf(id: string, day: number, everyDays: number): number {
	if (everyDays === 0) return 0;
	const own = createHash('sha256').update(id).digest().readUIntBE(0, 6) % everyDays;
	return Math.floor((day + own) / everyDays);
}
