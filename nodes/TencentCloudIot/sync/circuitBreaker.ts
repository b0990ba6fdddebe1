import { outcomeOf, type Fate } from '../service/fate';
import type { Verdict } from './verdicts';

/** How many of the last responses are judged. */
const JUDGED = 20;

/** How many of how many responses were bad. */
export interface BadShare {
	count: number;
	of: number;
}

/** Opens when more than half of the last 20 customers were refused or unclear. */
export class CircuitBreaker {
	/** Whether each of the last responses was bad. */
	readonly #last: boolean[] = [];

	/**
	 * A customer has its fate. One that failed in the last run, too, says nothing of this one, and neither does one of which
	 * nothing was sent.
	 * @returns how bad it is, while the breaker is open
	 */
	record(verdict: Verdict, fate: Fate): BadShare | undefined {
		const outcome = outcomeOf(fate)?.outcome ?? 'NOT_SENT';
		if (verdict === 'failed' || outcome === 'NOT_SENT') return undefined;
		this.#last.push(outcome !== 'OK');
		if (this.#last.length > JUDGED) this.#last.shift();
		const count = this.#last.filter(Boolean).length;
		return this.#last.length === JUDGED && 2 * count > JUDGED ? { count, of: JUDGED } : undefined;
	}
}
