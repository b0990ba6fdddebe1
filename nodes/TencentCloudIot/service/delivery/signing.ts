import type { Failure, Outcome } from '../outcome';
import { dependsOnRule, type EncodedParameter, type NestedRule } from '../signing/signature';
import type { Lead } from './lead';

const OWN_ADVICE =
	'Another request with the same App Key and App Secret was accepted, so that it is about this one alone: look for unusual characters in its values, and give the RequestId to Tencent Cloud support';
const RULE_ADVICE =
	"App Key and App Secret were accepted, the signature of nested values was not: set 'Nested Value Signing' to Automatic in the credential 'Tencent Cloud IoT API', or give the RequestId to Tencent Cloud support";

/** How one call is signed. A request with a wrong signature is refused before it does anything: it may be sent again. */
export class Signing {
	readonly #lead: Lead;
	readonly #isNested: boolean;
	readonly #refused = new Set<NestedRule>();
	#isKeyAsked = false;
	#isKeyAccepted = false;
	/** By which rule its next request is signed, or its last one was. */
	rule: NestedRule;

	constructor(lead: Lead, parameters: readonly EncodedParameter[]) {
		this.#lead = lead;
		this.#isNested = dependsOnRule(parameters);
		this.rule = lead.ruleAfter(this.#refused)!;
	}

	succeeded(): void {
		this.#lead.succeeded(this.#isNested ? this.rule : undefined);
	}

	/**
	 * What a failed request means for its call, when its key, signature or timestamp was refused.
	 * @param askForKey makes a request that every rule signs alike; undefined when none may start any more
	 * @returns the failure, or undefined when the request should be sent again at once, signed otherwise
	 */
	async afterRefusal(
		failure: Failure,
		nowMs: number,
		askForKey: () => Promise<Outcome | undefined>,
	): Promise<Failure | undefined> {
		const { refused } = failure;
		if (refused === undefined) return failure;
		if (this.#lead.canCorrectClock(failure, nowMs)) return undefined;
		// What is wrong with the key or the clock from the start is wrong for all.
		if (refused !== 'signature' && !this.#lead.hasAccepted) return this.#lead.withClockAdvice(failure, nowMs);
		if (!this.#isKeyAsked) {
			this.#isKeyAsked = true;
			const asked = await askForKey();
			if (asked === undefined) return { ...failure, scope: 'call' };
			if (asked.outcome !== 'OK' && asked.refused !== undefined) {
				return this.#lead.withClockAdvice(failure, nowMs);
			}
			this.#isKeyAccepted = asked.outcome === 'OK';
			if (this.#isKeyAccepted && !this.#isNested) this.#lead.succeeded(undefined);
		}
		return this.#nextRule() ? undefined : { ...failure, scope: 'call', advice: this.#advice(failure) };
	}

	#nextRule(): boolean {
		this.#refused.add(this.rule);
		const next = this.#isNested ? this.#lead.ruleAfter(this.#refused) : undefined;
		if (next === undefined) return false;
		this.rule = next;
		this.#lead.tries++;
		return true;
	}

	#advice({ advice }: Failure): string {
		if (this.#lead.hasAccepted) return OWN_ADVICE;
		return this.#isKeyAccepted ? RULE_ADVICE : advice;
	}
}
