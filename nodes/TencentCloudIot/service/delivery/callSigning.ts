import type { Failure, Outcome } from '../outcome';
import { dependsOnScheme, type EncodedParameter, type SignatureScheme } from '../signing/signature';
import type { WarmUp } from './warmUp';

const OWN_ADVICE =
	'Another request with the same App Key and App Secret was accepted, so the credential is right: look for unusual characters in the values of this request, and give the RequestId to Tencent Cloud support';
const SCHEME_ADVICE =
	"App Key and App Secret were accepted, the signature of nested values was not: set 'Nested Value Signing' to Automatic in the credential 'Tencent Cloud IoT API', or give the RequestId to Tencent Cloud support";

/** Signs one call. A request with a wrong signature is refused before anything is applied, so it can be sent again. */
export class CallSigning {
	readonly #warmUp: WarmUp;
	readonly #isNested: boolean;
	readonly #refused = new Set<SignatureScheme>();
	#isKeyChecked = false;
	#isKeyAccepted = false;
	/** The scheme of its next request, or of its last one. */
	scheme: SignatureScheme;

	constructor(warmUp: WarmUp, parameters: readonly EncodedParameter[]) {
		this.#warmUp = warmUp;
		this.#isNested = dependsOnScheme(parameters);
		this.scheme = warmUp.schemeAfter(this.#refused)!;
	}

	succeeded(): void {
		this.#warmUp.succeeded(this.#isNested ? this.scheme : undefined);
	}

	/**
	 * Decides what a refused key, signature or timestamp means for the call.
	 * @param checkKey sends a request whose signature does not depend on the scheme; undefined when none may start any more
	 * @returns the failure, or undefined when the request should be sent again at once with another signature
	 */
	async afterAuthFailure(
		failure: Failure,
		nowMs: number,
		checkKey: () => Promise<Outcome | undefined>,
	): Promise<Failure | undefined> {
		const { authFailure } = failure;
		if (authFailure === undefined) return failure;
		if (this.#warmUp.tryCorrectClock(failure, nowMs)) return undefined;
		// A wrong key or clock affects every call.
		if (authFailure !== 'signature' && !this.#warmUp.hasAccepted)
			return this.#warmUp.withClockAdvice(failure, nowMs);
		if (!this.#isKeyChecked) {
			this.#isKeyChecked = true;
			const checked = await checkKey();
			if (checked === undefined) return { ...failure, scope: 'call' };
			if (checked.outcome !== 'OK' && checked.authFailure !== undefined) {
				return this.#warmUp.withClockAdvice(failure, nowMs);
			}
			this.#isKeyAccepted = checked.outcome === 'OK';
			if (this.#isKeyAccepted && !this.#isNested) this.#warmUp.succeeded(undefined);
		}
		return this.#tryNextScheme() ? undefined : { ...failure, scope: 'call', advice: this.#advice(failure) };
	}

	#tryNextScheme(): boolean {
		this.#refused.add(this.scheme);
		const next = this.#isNested ? this.#warmUp.schemeAfter(this.#refused) : undefined;
		if (next === undefined) return false;
		this.scheme = next;
		this.#warmUp.detectionRequests++;
		return true;
	}

	#advice({ advice }: Failure): string {
		if (this.#warmUp.hasAccepted) return OWN_ADVICE;
		return this.#isKeyAccepted ? SCHEME_ADVICE : advice;
	}
}
