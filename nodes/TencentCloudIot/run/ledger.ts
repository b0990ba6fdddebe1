import type { Call, Withheld } from '../resources/operation/operation';
import { decidingRequestIdOf, outcomeOf, type Fate } from '../service/fate';
import type { Outcome } from '../service/outcome';
import { digestOf, encodeParameters, type Parameters } from '../service/signing/signature';

/** What the attempts of a run have found out about its calls. The ledger of each attempt reads these entries and adds to them. */
interface LedgerEntries {
	/** By key, the calls that must not be sent again; some of them may be sent once their parameters have changed: see `SettledCall.call`. */
	settledCalls: Map<IdentityKey, SettledCall>;
	/**
	 * The keys of the idempotent calls whose earlier request Tencent may have applied. They may be sent again. If the further request is refused,
	 * that does not prove that nothing was applied.
	 */
	unclearCallKeys: Set<IdentityKey>;
}

/** What identifies a call in every attempt of a run: its items and its customer. */
type CallIdentity = Pick<Withheld, 'itemIndexes' | 'customerId'>;

/** The key of a call identity: the CustomerId, else the index of the first item. Not the parameters, as two items may ask for the same thing. */
type IdentityKey = string | number;

interface SettledCall {
	/** The digest of the parameters that were sent. */
	parametersDigest: string;
	outcome: Outcome;
	/** The call as it was sent, if it must never be sent again. Undefined if it may be sent once its parameters have changed. */
	call: Omit<Call, 'itemIndexes'> | undefined;
}

/**
 * Keeps what became of the calls of a run, for the run's next attempt by n8n's Retry On Fail. That attempt must not send a call again that
 * Tencent has applied, or may have applied and would do twice. Nor may it report a call as never sent that an earlier attempt sent.
 * A call is recognized by its identity, because its parameters may evaluate to something else in each attempt (`$now`, a counter).
 */
export class Ledger {
	/** Whether no attempt of the run came before. */
	readonly isFirstAttempt: boolean;
	readonly #entries: LedgerEntries;
	readonly #isIdempotent: boolean;

	/** @param isIdempotent whether a call may be sent again when its response was lost */
	constructor(entries: LedgerEntries, isFirstAttempt: boolean, isIdempotent: boolean) {
		this.isFirstAttempt = isFirstAttempt;
		this.#entries = entries;
		this.#isIdempotent = isIdempotent;
	}

	/**
	 * Finds the call as an earlier attempt of the run sent it, with the outcome of that attempt.
	 * @param requestParameters the call's parameters, and the Action
	 * @returns undefined if the call may be sent
	 */
	findSettled(call: Call, requestParameters: Parameters) {
		const callIdentity = identityOf(call);
		const settledCall = this.#settledCallOf(callIdentity);
		if (settledCall === undefined || settledCall.call !== undefined) {
			return this.findUnrepeatable(callIdentity);
		}
		const isSameRequest = settledCall.parametersDigest === digestOf(encodeParameters(requestParameters));
		return isSameRequest ? { call, outcome: settledCall.outcome } : undefined;
	}

	/**
	 * Finds the call of this identity as an earlier attempt sent it, with the outcome of that attempt. Finds only calls that must never be sent
	 * again, even if their items have changed.
	 */
	findUnrepeatable(callIdentity: CallIdentity) {
		const { call, outcome } = this.#settledCallOf(callIdentity) ?? {};
		return call && { call: { ...call, itemIndexes: callIdentity.itemIndexes }, outcome: outcome! };
	}

	/** Whether Tencent has applied, or may have applied, the call of this identity in an earlier attempt. */
	mayBeApplied(callIdentity: CallIdentity): boolean {
		const isUnclear = !this.isFirstAttempt && this.#entries.unclearCallKeys.has(identityKeyOf(callIdentity));
		return isUnclear || this.#settledCallOf(callIdentity) !== undefined;
	}

	/**
	 * Keeps the fate of a call.
	 * @param parametersDigest the digest of the parameters that were sent
	 * @returns the fate; unclear instead of refused or not sent, if an earlier attempt's request may have been applied
	 */
	recordFate(call: Call, fate: Fate, parametersDigest: string): Fate {
		const outcome = outcomeOf(fate);
		if (outcome === undefined) {
			return fate;
		}
		const { settledCalls, unclearCallKeys } = this.#entries;
		const callIdentity = identityOf(call);
		const key = identityKeyOf(callIdentity);
		// A non-idempotent call with an unclear outcome might be done twice if it were sent again.
		const mustNotRepeat = outcome.outcome === 'UNKNOWN' && !this.#isIdempotent;
		if (outcome.outcome === 'OK' || mustNotRepeat) {
			const requestId = decidingRequestIdOf(fate) ?? '';
			const { action, parameters, customer } = call;
			const callAsSent = this.#isIdempotent ? undefined : { action, parameters, customer };
			settledCalls.set(key, { parametersDigest, outcome: { ...outcome, requestId }, call: callAsSent });
		} else if (outcome.outcome === 'UNKNOWN') {
			settledCalls.delete(key);
			unclearCallKeys.add(key);
		} else if (this.mayBeApplied(callIdentity)) {
			// This attempt was refused or not sent, but an earlier one may have been applied.
			const unknownOutcome: Outcome = { ...outcome, outcome: 'UNKNOWN' };
			return fate.kind === 'answered'
				? { ...fate, outcome: unknownOutcome }
				: { kind: 'earlierAttempt', outcome: unknownOutcome };
		}
		return fate;
	}

	#settledCallOf(callIdentity: CallIdentity): SettledCall | undefined {
		return this.isFirstAttempt ? undefined : this.#entries.settledCalls.get(identityKeyOf(callIdentity));
	}
}

function identityOf({ itemIndexes, customer }: Call): CallIdentity {
	return { itemIndexes, customerId: customer?.id };
}

function identityKeyOf({ itemIndexes, customerId }: CallIdentity): IdentityKey {
	return customerId ?? itemIndexes[0] ?? '';
}
