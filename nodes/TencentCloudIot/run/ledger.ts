import type { Call, Withheld } from '../resources/operation/operation';
import { decidingRequestIdOf, outcomeOf, type Fate } from '../service/fate';
import type { Outcome } from '../service/outcome';
import { digestOf, encodeParameters, type Parameters } from '../service/signing/signature';

/** What is known of the requests of earlier attempts of a run, by place. The ledger adds to it. */
interface LedgerEntries {
	/** What must not be sent again. */
	settled: Map<Key, Settled>;
	/** Requests that may be sent again. It is not known whether they were applied. */
	unclear: Set<Key>;
}

type Place = Pick<Withheld, 'itemIndexes' | 'customerId'>;

/** The CustomerId, or the index of the first item: two items may ask for the same thing, and then both are done. */
type Key = string | number;

interface Settled {
	/** Of what was sent. */
	digest: string;
	outcome: Outcome;
	/** The call as it was sent. Undefined if it may be sent again once its parameters have changed. */
	call: Omit<Call, 'itemIndexes'> | undefined;
}

/**
 * What became of the requests of a run, for its next attempt by the engine's Retry On Fail. That attempt must not send again what was
 * stored, or may have been stored and would be done twice. Nor may it report as never attempted what an earlier one may have stored.
 * A call is known by its place: its parameters may evaluate to something else in each attempt (`$now`, a counter).
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
	 * What an earlier attempt has settled of this call, as it was sent then, if it must not be sent again.
	 * @param request the Action and the call's parameters
	 */
	find(call: Call, request: Parameters) {
		const place = placeOfCall(call);
		const kept = this.#settled(place);
		if (kept === undefined || kept.call !== undefined) {
			return this.findForGood(place);
		}
		const isSame = kept.digest === digestOf(encodeParameters(request));
		return isSame ? { call, outcome: kept.outcome } : undefined;
	}

	/** What an earlier attempt has settled in this place for good, even if its rows cannot be used any more. */
	findForGood(place: Place) {
		const { call, outcome } = this.#settled(place) ?? {};
		return call && { call: { ...call, itemIndexes: place.itemIndexes }, outcome: outcome! };
	}

	/** Whether an earlier attempt has, or may have, stored something in this place. */
	mayHold(place: Place): boolean {
		const isUnclear = !this.isFirstAttempt && this.#entries.unclear.has(keyOf(place));
		return isUnclear || this.#settled(place) !== undefined;
	}

	/**
	 * Keeps what became of a call.
	 * @param digest of what was sent
	 * @returns its fate with what an earlier attempt knows of it
	 */
	record(call: Call, fate: Fate, digest: string): Fate {
		const outcome = outcomeOf(fate);
		if (outcome === undefined) {
			return fate;
		}
		const { settled, unclear } = this.#entries;
		const place = placeOfCall(call);
		const key = keyOf(place);
		if (outcome.outcome === 'OK' || (outcome.outcome === 'UNKNOWN' && !this.#isIdempotent)) {
			const requestId = decidingRequestIdOf(fate) ?? '';
			const { action, parameters, customer } = call;
			const asSent = this.#isIdempotent ? undefined : { action, parameters, customer };
			settled.set(key, { digest, outcome: { ...outcome, requestId }, call: asSent });
		} else if (outcome.outcome === 'UNKNOWN') {
			settled.delete(key);
			unclear.add(key);
		} else if (this.mayHold(place)) {
			// An earlier attempt may have stored what this one was refused or did not send.
			const unknown: Outcome = { ...outcome, outcome: 'UNKNOWN' };
			return fate.kind === 'answered'
				? { ...fate, outcome: unknown }
				: { kind: 'earlierAttempt', outcome: unknown };
		}
		return fate;
	}

	#settled(place: Place): Settled | undefined {
		return this.isFirstAttempt ? undefined : this.#entries.settled.get(keyOf(place));
	}
}

function placeOfCall({ itemIndexes, customer }: Call): Place {
	return { itemIndexes, customerId: customer?.id };
}

function keyOf({ itemIndexes, customerId }: Place): Key {
	return customerId ?? itemIndexes[0] ?? '';
}
