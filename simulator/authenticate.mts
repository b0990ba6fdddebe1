import type { Habits } from './habits.mts';
import { integer, text } from './parameters.mts';
import type { ValuesOf } from './parameters.mts';
import { invalidParameter, Refusal } from './refusal.mts';
import type { ReplayGuard } from './replayGuard.mts';

/** The service documents no window; this is the one Tencent Cloud's signed APIs use. */
const WINDOW_SECONDS = 300;

/** The parameters every request must have. */
export const commonParameters = {
	Action: text,
	RequestId: text,
	AppKey: text,
	Signature: text,
	Timestamp: integer(1),
	Nonce: integer(1, 2 ** 31 - 1),
};

/** What a request is checked against. */
export interface Authority {
	readonly appKey: string;
	/** Unix seconds by the service's clock. */
	readonly nowSeconds: number;
	readonly replayGuard: ReplayGuard;
	readonly signatureValid: boolean;
	readonly habits: Habits;
}

/**
 * Admits a request or throws a Refusal. The nonce is checked last: a request that is refused for another reason
 * must not use up the nonce of the valid request.
 */
export function authenticate(request: ValuesOf<typeof commonParameters>, authority: Authority): void {
	const { Timestamp, Nonce } = request;
	const { takesOldTimestamps = false, takesRepeatedNonces = false } = authority.habits;
	if (request.AppKey !== authority.appKey) {
		throw invalidParameter('AppKey');
	}
	if (!takesOldTimestamps && Math.abs(Timestamp - authority.nowSeconds) > WINDOW_SECONDS) {
		throw invalidParameter('Timestamp', '请求已过期');
	}
	if (!authority.signatureValid) {
		throw invalidParameter('Signature');
	}
	const isNew = authority.replayGuard.admits(Timestamp, Nonce, authority.nowSeconds - WINDOW_SECONDS);
	if (!isNew && !takesRepeatedNonces) {
		throw new Refusal('InvalidParameterValue', 'Nonce 重复');
	}
}
