import { notSent, type Failure } from '../outcome';
import type { SignatureScheme } from '../signing/signature';

/** The run ends after this many warm-up calls without a clear response. */
const MOST_WARM_UP_CALLS = 3;

/** The service refuses timestamps that are further off. Milliseconds. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** A server time more than a day away is not trusted; one minute more for the response's travel. Milliseconds. */
const MOST_CORRECTION_MS = 24 * 3_600_000 + 60_000;

/**
 * The warm-up of a run: its first calls are sent one at a time until the service has responded. They detect for all others
 * whether the key is accepted, which signature scheme applies and how far this server's clock is off.
 */
export class WarmUp {
	readonly #schemes: readonly SignatureScheme[];
	#unclear = 0;
	#hasResponse = false;
	#last: Failure | undefined;
	/** Whether the service accepted a request of this run. */
	hasAccepted = false;
	/** The scheme of an accepted request that had nested values. */
	acceptedScheme: SignatureScheme | undefined;
	/** Requests that only served to detect the scheme or the clock's offset. */
	detectionRequests = 0;
	/** To be added to this server's clock, milliseconds. */
	clockOffsetMs = 0;

	/** @param schemes the candidates in the order of detection, at least one */
	constructor(schemes: readonly SignatureScheme[]) {
		this.#schemes = schemes;
	}

	/** Whether the next call still has to be sent alone. */
	get isOpen(): boolean {
		return !this.#hasResponse && this.giveUpReason === undefined;
	}

	/** Why no further call should be sent: the warm-up calls got no clear response. */
	get giveUpReason(): Failure | undefined {
		if (this.#hasResponse || this.#unclear < MOST_WARM_UP_CALLS) return undefined;
		if (this.#last?.authFailure !== undefined) return this.#last;
		return notSent(
			'NO_RESPONSE',
			`None of the first ${MOST_WARM_UP_CALLS} requests got a clear response.`,
			'Run the workflow again later',
		);
	}

	/** The scheme for a call that some were refused for: the accepted one, or else the next candidate. */
	schemeAfter(refused: ReadonlySet<SignatureScheme>): SignatureScheme | undefined {
		const candidates = this.acceptedScheme === undefined ? this.#schemes : [this.acceptedScheme];
		return candidates.find((scheme) => !refused.has(scheme));
	}

	/** @param scheme of its nested values, if it had any */
	succeeded(scheme: SignatureScheme | undefined): void {
		this.#hasResponse = true;
		this.hasAccepted = true;
		this.acceptedScheme ??= scheme;
	}

	/**
	 * @param failure the last one of a call
	 * @param countsForWarmUp whether it counts that the call got no response
	 */
	failed(failure: Failure, countsForWarmUp = true): void {
		const { isFromService, outcome, retry, authFailure, isAuthenticated } = failure;
		const isRefusal =
			isFromService && outcome === 'REFUSED' && retry === 'never' && authFailure === undefined;
		this.#last = failure;
		if (isRefusal || isAuthenticated) this.#hasResponse = true;
		else if (countsForWarmUp) this.#unclear++;
	}

	/** The failure with advice about the clock where it is off by more than can be corrected. */
	withClockAdvice(failure: Failure, nowMs: number): Failure {
		const { authFailure, serverTimeMs = nowMs, advice } = failure;
		if (authFailure === 'appKey' || Math.abs(serverTimeMs - nowMs) <= MOST_CORRECTION_MS) return failure;
		const clock = "Check this server's clock, which is more than a day off that of the service";
		return { ...failure, advice: authFailure === 'signature' ? `${clock}. ${advice}` : clock };
	}

	/** Corrects the clock by the server's time, once in a run, and returns whether the request should be sent again. */
	tryCorrectClock({ authFailure, serverTimeMs }: Failure, nowMs: number): boolean {
		if (!this.isOpen || (authFailure !== 'signature' && authFailure !== 'timestamp')) return false;
		const offsetMs = serverTimeMs === undefined ? 0 : serverTimeMs - nowMs;
		if (this.clockOffsetMs !== 0 || Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return false;
		if (Math.abs(offsetMs) > MOST_CORRECTION_MS) return false;
		this.clockOffsetMs = offsetMs;
		this.detectionRequests++;
		return true;
	}
}
