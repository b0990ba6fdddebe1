import type { Call, Withheld } from '../operation/operation';
import { failureOf, outcomeOf, requestIdsOf, type Fate } from '../service/fate';
import type { Outcome } from '../service/outcome';
import { digestOf, encodeParameters, type Parameters, digestOfText } from '../service/signing/signature';

/** What earlier attempts of a run left behind, by place, changed in place. */
interface LedgerEntries {
	/** What must not be sent again. A plain Status OK is a text: the digest of what was sent, then the RequestId. */
	settled: Record<string, LedgerEntry>;
	/** What may be sent again, but of which nobody knows whether it was applied. */
	unclear: Record<string, true>;
}

type LedgerEntry = string | SettledAsSent | SettledForGood;

type Place = Pick<Withheld, 'itemIndexes' | 'customerId'>;

/** Settled for a call with the same parameters. */
interface SettledAsSent {
	digest: string;
	outcome: Outcome;
}

/** Settled whatever the call's parameters have become since. */
interface SettledForGood {
	call: Omit<Call, 'itemIndexes'>;
	outcome: Outcome;
}

const DIGEST_LENGTH = 22;

/**
 * What became of requests in this run of the node, so that another attempt by the engine's Retry On Fail neither sends again
 * what is already there, or may be there and would be done twice, nor reports as never attempted what an earlier one may have stored.
 * Parameters may evaluate to something else at each attempt (`$now`, a counter), so that a call is known by its place.
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
		const forGood = this.findForGood(place);
		const kept = this.#settled(place);
		if (forGood !== undefined || kept === undefined) return forGood;
		const { digest, outcome } = typeof kept === 'string' ? plainOk(kept) : (kept as SettledAsSent);
		return digest === digestOf(encodeParameters(request)) ? { call, outcome } : undefined;
	}

	/** What an earlier attempt has settled in this place whatever is read there now, usable or not. */
	findForGood(place: Place) {
		const kept = this.#settled(place);
		if (typeof kept !== 'object' || !('call' in kept)) return undefined;
		return { call: { ...kept.call, itemIndexes: place.itemIndexes }, outcome: kept.outcome };
	}

	/** Whether an earlier attempt has, or may have, stored something in this place. */
	mayHold(place: Place): boolean {
		return (
			!this.isFirstAttempt && (this.#settled(place) !== undefined || keyOf(place) in this.#entries.unclear)
		);
	}

	/**
	 * Keeps what became of a call.
	 * @param digest of what was sent
	 * @returns its fate with what an earlier attempt knows of it
	 */
	record(call: Call, fate: Fate, digest: string): Fate {
		const outcome = outcomeOf(fate);
		if (outcome === undefined) return fate;
		const { settled, unclear } = this.#entries;
		const place = placeOfCall(call);
		const key = keyOf(place);
		if (outcome.outcome === 'OK' || (outcome.outcome === 'UNKNOWN' && !this.#isIdempotent)) {
			const requestId = outcome.requestId ?? requestIdsOf(fate).at(-1) ?? '';
			settled[key] = this.#settledBy(call, { ...outcome, requestId }, digest);
		} else if (outcome.outcome === 'UNKNOWN') {
			delete settled[key];
			unclear[key] = true;
		} else if (this.mayHold(place)) {
			return asUnclear(fate);
		}
		return fate;
	}

	#settled(place: Place): LedgerEntry | undefined {
		return this.isFirstAttempt ? undefined : this.#entries.settled[keyOf(place)];
	}

	#settledBy({ action, parameters, customer }: Call, outcome: Outcome, digest: string): LedgerEntry {
		if (!this.#isIdempotent) return { call: { action, parameters, customer }, outcome };
		return isPlainOk(outcome) ? digest + outcome.requestId : { digest, outcome };
	}
}

/** An earlier attempt may have stored what this one was refused or did not send. */
function asUnclear(fate: Fate): Fate {
	const failure = failureOf(fate)!;
	const outcome: Outcome = { ...failure, outcome: 'UNKNOWN' };
	return fate.kind === 'answered' ? { ...fate, outcome } : { kind: 'earlierAttempt', outcome };
}

function placeOfCall({ itemIndexes, customer }: Call): Place {
	return { itemIndexes, customerId: customer?.id };
}

/** Two items may ask for the same thing, and each of them is done once. An id of a user is a key only as its digest. */
function keyOf({ itemIndexes, customerId }: Place): string {
	return customerId === undefined ? String(itemIndexes[0]) : digestOfText(customerId, DIGEST_LENGTH);
}

/** Whether nothing of the response is needed to report it once more. */
function isPlainOk(outcome: Outcome): boolean {
	return (
		outcome.outcome === 'OK' &&
		Object.keys(outcome.data).every((name) => name === 'Status' || name === 'RequestId')
	);
}

function plainOk(text: string): SettledAsSent {
	const requestId = text.slice(DIGEST_LENGTH);
	return { digest: text.slice(0, DIGEST_LENGTH), outcome: { outcome: 'OK', data: {}, requestId } };
}
