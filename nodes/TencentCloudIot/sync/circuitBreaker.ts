import type { Fate } from '../service/fate';
import type { Verdict } from './verdicts';

/** How many of the last customers are judged. */
const JUDGED = 20;

/** How many of how many customers failed. */
export interface BadShare {
	count: number;
	of: number;
	/** Whether all of them had failed in the last run as well. */
	isKnown: boolean;
}

/** Opens when more than half of the last 20 customers failed that were sent. */
export class CircuitBreaker {
	/** Of each of the last customers: whether it failed, and had failed before. */
	readonly #last: Array<{ isBad: boolean; isKnown: boolean }> = [];

	/**
	 * A customer has its fate. One of which no request was made says nothing.
	 * @returns how bad it is, while the breaker is open
	 */
	record(verdict: Verdict, fate: Fate): BadShare | undefined {
		if (fate.kind !== 'answered') return undefined;
		this.#last.push({ isBad: fate.outcome.outcome !== 'OK', isKnown: verdict === 'failed' });
		if (this.#last.length > JUDGED) this.#last.shift();
		const bad = this.#last.filter(({ isBad }) => isBad);
		if (this.#last.length < JUDGED || 2 * bad.length <= JUDGED) return undefined;
		return { count: bad.length, of: JUDGED, isKnown: bad.every(({ isKnown }) => isKnown) };
	}
}
