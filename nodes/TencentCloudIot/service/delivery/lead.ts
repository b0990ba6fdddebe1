import { notSent, type Failure } from '../outcome';
import type { NestedRule } from '../signing/signature';

/** So many calls in a row that came to nothing clear end the run. */
const MOST_LEADS = 3;

/** A clock that is further off than this is refused by the service. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** A clock that is more than a day off may be anybody's; a minute more, as answers take time. Milliseconds. */
const MOST_CORRECTION_MS = 24 * 3_600_000 + 60_000;

/**
 * What the first calls of a run, each sent alone, find out for all the others: that the service is there, that it
 * takes the key, by which rule nested values are signed, and how far this server's clock is off.
 */
export class Lead {
	readonly #rules: readonly NestedRule[];
	#unclear = 0;
	#hasAnswer = false;
	#last: Failure | undefined;
	/** Whether the service accepted a request of this run. */
	hasAccepted = false;
	/** The rule of an accepted request that had nested values. */
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

	/** Set when no further call should be tried, because the first ones came to nothing clear. */
	get gaveUp(): Failure | undefined {
		if (this.#hasAnswer || this.#unclear < MOST_LEADS) return undefined;
		if (this.#last?.refused !== undefined) return this.#last;
		return notSent(
			'NO_ANSWER',
			`None of the first ${MOST_LEADS} requests got a clear answer.`,
			'Run the workflow again later',
		);
	}

	/** The rule for a call that was refused by some: the one that was accepted, or else the next one. */
	ruleAfter(refused: ReadonlySet<NestedRule>): NestedRule | undefined {
		const rules = this.acceptedRule === undefined ? this.#rules : [this.acceptedRule];
		return rules.find((rule) => !refused.has(rule));
	}

	/** @param rule by which its nested values were signed, if it had any */
	succeeded(rule: NestedRule | undefined): void {
		this.#hasAnswer = true;
		this.hasAccepted = true;
		this.acceptedRule ??= rule;
	}

	/** @param failure a call's last one */
	failed(failure: Failure): void {
		const { answered, outcome, retry, refused, letIn } = failure;
		const isRefusal = answered && outcome === 'REFUSED' && retry === 'never' && refused === undefined;
		this.#last = failure;
		if (isRefusal || letIn) this.#hasAnswer = true;
		else this.#unclear++;
	}

	/** The failure with what to do about a clock that is further off than anybody is believed. */
	withClockAdvice(failure: Failure, nowMs: number): Failure {
		const { refused, serverTimeMs = nowMs, advice } = failure;
		if (refused === 'appKey' || Math.abs(serverTimeMs - nowMs) <= MOST_CORRECTION_MS) return failure;
		const clock = "Check this server's clock, which is more than a day off that of the service";
		return { ...failure, advice: refused === 'signature' ? `${clock}. ${advice}` : clock };
	}

	/** Whether the request was refused for this server's clock, which is right from now on. It happens once in a run. */
	canCorrectClock({ refused, serverTimeMs }: Failure, nowMs: number): boolean {
		if (!this.isOpen || (refused !== 'signature' && refused !== 'timestamp')) return false;
		const offsetMs = serverTimeMs === undefined ? 0 : serverTimeMs - nowMs;
		if (this.clockOffsetMs !== 0 || Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return false;
		if (Math.abs(offsetMs) > MOST_CORRECTION_MS) return false;
		this.clockOffsetMs = offsetMs;
		this.tries++;
		return true;
	}
}
