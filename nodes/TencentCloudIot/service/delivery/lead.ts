import { notSent, type Failure } from '../outcome';
import type { NestedRule } from '../signature';

/** So many calls in a row that the service did not really answer end the run. */
const MOST_LEADS = 3;

/** A clock that is further off than this is refused by the service. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/**
 * What the first calls of a run, each sent alone, find out for all the others: that the service is there, that it
 * takes the key, by which rule nested values are signed, and how far this server's clock is off.
 */
export class Lead {
	readonly #rules: readonly NestedRule[];
	#ruleIndex = 0;
	#unanswered = 0;
	#hasAnswer = false;
	/** The rule of a request that the service accepted. */
	acceptedRule: NestedRule | undefined;
	/** Requests that only served to find the rule or the clock's offset. */
	tries = 0;
	/** To be added to this server's clock, milliseconds. */
	clockOffsetMs = 0;

	/** @param rules at least one */
	constructor(rules: readonly NestedRule[]) {
		this.#rules = rules;
	}

	/** Whether the next call still has to go alone. */
	get isOpen(): boolean {
		return !this.#hasAnswer && this.gaveUp === undefined;
	}

	get nestedRule(): NestedRule {
		return this.#rules[this.#ruleIndex]!;
	}

	/** Set when no further call should be tried, because the service did not answer the first ones. */
	get gaveUp(): Failure | undefined {
		if (this.#hasAnswer || this.#unanswered < MOST_LEADS) return undefined;
		return notSent(
			'NO_ANSWER',
			`The service answered none of the first ${MOST_LEADS} requests.`,
			'Run the workflow again later',
		);
	}

	succeeded(): void {
		this.#hasAnswer = true;
		this.acceptedRule = this.nestedRule;
	}

	/** @param failure a call's last one */
	failed(failure: Failure): void {
		if (failure.answered && failure.outcome === 'REFUSED' && failure.retry === 'never')
			this.#hasAnswer = true;
		else this.#unanswered++;
	}

	/**
	 * Whether the refused request should be sent again at once, signed with the corrected clock or by the next rule.
	 * A request with a wrong signature is refused before it does anything, so this is always safe.
	 */
	canSignOtherwise({ refused, serverTimeMs }: Failure, nowMs: number): boolean {
		if (!this.isOpen || (refused !== 'signature' && refused !== 'timestamp')) return false;
		const offsetMs = serverTimeMs === undefined ? 0 : serverTimeMs - nowMs;
		if (this.clockOffsetMs === 0 && Math.abs(offsetMs) > CLOCK_TOLERANCE_MS) {
			this.clockOffsetMs = offsetMs;
			this.tries++;
			return true;
		}
		if (refused !== 'signature' || this.#ruleIndex + 1 >= this.#rules.length) return false;
		this.#ruleIndex++;
		this.tries++;
		return true;
	}
}
