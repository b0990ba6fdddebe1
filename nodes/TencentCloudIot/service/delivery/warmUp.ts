import { ADVICE } from '../../messages/reasons';
import { inSentences } from '../../messages/text';
import { notSent, type Failure, type RequestFailure, type RequestOutcome } from '../outcome';
import { dependsOnScheme, type SignatureScheme, type EncodedParameter } from '../signing/signature';

/** The run ends after this many warm-up calls without a clear response. */
const MOST_WARM_UP_CALLS = 3;

/** The service rejects timestamps that are further off. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** A server time more than a day away is not trusted. The extra minute covers the time that the response travels. */
export const MOST_CORRECTION_MS = 24 * 3_600_000 + 60_000;

/** For Actions that must happen only once: a request signed for hours ahead could be replayed, e.g. one that unlocks a door. */
const MOST_CORRECTION_ONCE_MS = 3_600_000 + 60_000;

/**
 * The warm-up of a run: its first calls are sent one at a time until the service has responded. They detect whether the key is
 * accepted, which signature scheme applies and how far this server's clock is off.
 */
export class WarmUp {
	readonly #schemes: readonly SignatureScheme[];
	readonly #mostCorrectionMs: number;
	/** How many warm-up calls got no clear response. */
	#unclearCount = 0;
	/** Whether a call got a clear response, which ends the warm-up. */
	#hasResponse = false;
	#lastFailure: RequestFailure | undefined;
	/** Whether the service accepted a request of this run. */
	hasAccepted = false;
	/** The scheme of an accepted request that had nested values. */
	acceptedScheme: SignatureScheme | undefined;
	/** Number of requests that only served to detect the key, the scheme or the clock's offset. */
	detectionRequests = 0;
	/** Milliseconds to add to this server's clock so that the service accepts it; 0 if it is right. */
	clockOffsetMs = 0;

	/**
	 * @param schemes the candidates in the order of detection, at least one
	 * @param isIdempotent whether a request that may have been applied may be sent again
	 */
	constructor(schemes: readonly SignatureScheme[], isIdempotent: boolean) {
		this.#schemes = schemes;
		this.#mostCorrectionMs = isIdempotent ? MOST_CORRECTION_MS : MOST_CORRECTION_ONCE_MS;
	}

	/** Whether the next call still has to be sent alone. */
	get isOpen(): boolean {
		return !this.#hasResponse && this.giveUpReason === undefined;
	}

	/** Why no further call should be sent: the warm-up calls got no clear response. */
	get giveUpReason(): Failure | undefined {
		if (this.#hasResponse || this.#unclearCount < MOST_WARM_UP_CALLS) {
			return undefined;
		}
		if (this.#lastFailure?.authFailure !== undefined) {
			return this.#lastFailure;
		}
		return notSent('NO_RESPONSE', { requests: MOST_WARM_UP_CALLS });
	}

	/** The scheme to try next for a call: the accepted one, or else the next candidate that was not refused. */
	schemeAfter(refusedSchemes: ReadonlySet<SignatureScheme>): SignatureScheme | undefined {
		const candidates = this.acceptedScheme === undefined ? this.#schemes : [this.acceptedScheme];
		return candidates.find((scheme) => !refusedSchemes.has(scheme));
	}

	/**
	 * Notes that the service accepted a request.
	 * @param scheme of the request's nested values, if it had any
	 */
	noteSuccess(scheme: SignatureScheme | undefined): void {
		this.#hasResponse = true;
		this.hasAccepted = true;
		this.acceptedScheme ??= scheme;
	}

	/**
	 * Notes that a call failed for good.
	 * @param failure of the call's last attempt
	 * @param countsForWarmUp whether a missing response to this call means that the service does not respond at all
	 */
	noteFailure(failure: RequestFailure, countsForWarmUp = true): void {
		const { isFromService, outcome, retry, authFailure, isAuthenticated } = failure;
		const isRefusal =
			isFromService && outcome === 'REFUSED' && retry === 'never' && authFailure === undefined;
		this.#lastFailure = failure;
		if (isRefusal || isAuthenticated) {
			this.#hasResponse = true;
		} else if (countsForWarmUp) {
			this.#unclearCount++;
		}
	}

	/** Starts the choice of the signature scheme for a call. */
	signingOf(parameters: readonly EncodedParameter[]): CallSigning {
		return new CallSigning(this, parameters);
	}

	/** The failure, with advice about the clock if it is off by more than the node corrects. */
	withClockAdvice(failure: RequestFailure, nowMs: number): RequestFailure {
		const { authFailure, serverTimeMs = nowMs, advice } = failure;
		if (authFailure === 'appKey' || Math.abs(serverTimeMs - nowMs) <= this.#mostCorrectionMs) {
			return failure;
		}
		const most = this.#mostCorrectionMs < MOST_CORRECTION_MS ? ADVICE.anHour() : ADVICE.aDay();
		const setClock = ADVICE.setClock({ most });
		return { ...failure, advice: authFailure === 'signature' ? inSentences([setClock, advice]) : setClock };
	}

	/** Corrects the clock by the server's time, once in a run, and returns whether the request should be sent again. */
	tryCorrectClock({ authFailure, serverTimeMs }: RequestFailure, nowMs: number): boolean {
		const mayBeClock = authFailure === 'signature' || authFailure === 'timestamp';
		if (!this.isOpen || !mayBeClock) {
			return false;
		}
		const offsetMs = serverTimeMs === undefined ? 0 : serverTimeMs - nowMs;
		if (this.clockOffsetMs !== 0 || Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) {
			return false;
		}
		if (Math.abs(offsetMs) > this.#mostCorrectionMs) {
			return false;
		}
		this.clockOffsetMs = offsetMs;
		this.detectionRequests++;
		return true;
	}
}

/** Chooses the signature scheme of one call. A wrong signature is refused before anything is applied, so the request can be sent again. */
class CallSigning {
	readonly #warmUp: WarmUp;
	readonly #hasNestedValues: boolean;
	readonly #refusedSchemes = new Set<SignatureScheme>();
	#isKeyChecked = false;
	#isKeyAccepted = false;
	/** The scheme of the call's next request; after the call, that of its last request. */
	scheme: SignatureScheme;

	constructor(warmUp: WarmUp, parameters: readonly EncodedParameter[]) {
		this.#warmUp = warmUp;
		this.#hasNestedValues = dependsOnScheme(parameters);
		this.scheme = warmUp.schemeAfter(this.#refusedSchemes)!;
	}

	noteSuccess(): void {
		this.#warmUp.noteSuccess(this.#hasNestedValues ? this.scheme : undefined);
	}

	/**
	 * Decides what a refused key, signature or timestamp means for the call.
	 * @param checkKey sends a request whose signature does not depend on the scheme; gives undefined when no further request may start
	 * @returns the failure, or undefined when the request should be sent again at once with another signature
	 */
	async afterAuthFailure(
		failure: RequestFailure,
		nowMs: number,
		checkKey: () => Promise<RequestOutcome | undefined>,
	): Promise<RequestFailure | undefined> {
		const { authFailure } = failure;
		if (authFailure === undefined) {
			return failure;
		}
		if (this.#warmUp.tryCorrectClock(failure, nowMs)) {
			return undefined;
		}
		// A wrong key or clock fails every call with every scheme, so no other scheme is tried.
		if (authFailure !== 'signature' && !this.#warmUp.hasAccepted) {
			return this.#warmUp.withClockAdvice(failure, nowMs);
		}
		if (!this.#isKeyChecked) {
			this.#isKeyChecked = true;
			const keyOutcome = await checkKey();
			if (keyOutcome === undefined) {
				return { ...failure, scope: 'call' };
			}
			if (keyOutcome.outcome !== 'OK' && keyOutcome.authFailure !== undefined) {
				return this.#warmUp.withClockAdvice(failure, nowMs);
			}
			this.#isKeyAccepted = keyOutcome.outcome === 'OK';
			if (this.#isKeyAccepted && !this.#hasNestedValues) {
				this.#warmUp.noteSuccess(undefined);
			}
		}
		this.#refusedSchemes.add(this.scheme);
		const nextScheme = this.#hasNestedValues ? this.#warmUp.schemeAfter(this.#refusedSchemes) : undefined;
		if (nextScheme !== undefined) {
			this.scheme = nextScheme;
			this.#warmUp.detectionRequests++;
			return undefined;
		}
		if (this.#warmUp.hasAccepted) {
			return { ...failure, scope: 'call', advice: ADVICE.ownSignature() };
		}
		if (this.#isKeyAccepted) {
			return { ...failure, scope: 'call', advice: ADVICE.nestedSignature() };
		}
		return { ...failure, scope: 'call' };
	}
}
