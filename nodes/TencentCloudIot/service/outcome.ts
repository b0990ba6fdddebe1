import type { AnswerData } from './response/answer';
import type { OwnCode } from './codes';

/** What became of one request. Anything that is not proven `OK` is not OK. */
export type OutcomeName = 'OK' | 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';

export interface Success {
	outcome: 'OK';
	/** The members that are read of it. */
	data: AnswerData;
	requestId: string | undefined;
	/** How long the answer was. */
	bytes?: number;
}

/** Why a request is not proven to be done, as facts and as sentences a user can act on. */
export interface Failure {
	outcome: Exclude<OutcomeName, 'OK'>;
	/** An `OwnCode`, e.g. `CONNECTION_RESET`; else Tencent's error code, or `HTTP_` and the status of a response without one. */
	code: string;
	/** What happened, one sentence. */
	reason: string;
	/** What to do next. */
	advice: string;
	/** Whether another try can help: not at all, after a short wait, or after a pause of all requests. */
	retry: 'never' | 'transient' | 'throttled';
	/** `run`: every other request would meet the same, e.g. a wrong secret. */
	scope: 'call' | 'run';
	/** Set when the key, the signature or the timestamp was refused. */
	refused?: 'signature' | 'timestamp' | 'appKey';
	/** Set when the service took key and signature, and failed at what it was asked for. */
	letIn?: boolean;
	/** Set when a value of the request was refused: which field it came from is for the operation to say. */
	ofValue?: boolean;
	/** True when the service itself answered, not merely something on the way to it. */
	answered?: boolean;
	/** The server's minimum wait before another try, milliseconds. */
	retryAfterMs?: number;
	/** The server's own clock when it answered, Unix milliseconds. */
	serverTimeMs?: number;
	requestId?: string;
	status?: number;
	/** Set for an Action that only reads: nothing can have been stored. */
	onlyReads?: boolean;
}

export type Outcome = Success | Failure;

const STORED: Readonly<Record<Failure['outcome'], string>> = {
	REFUSED: 'Tencent refused it; nothing was changed.',
	NOT_SENT: 'Nothing was sent.',
	UNKNOWN: 'It is unclear whether Tencent stored it.',
};

/** What happened and whether anything was stored, as the user reads it. */
export function describe(failure: Failure): string {
	const isHarmless = failure.onlyReads === true && failure.outcome === 'UNKNOWN';
	return `${failure.reason} ${isHarmless ? 'It only reads; nothing was changed.' : STORED[failure.outcome]}`;
}

/** An earlier attempt that may have been applied is not undone by a later one that was refused or never left. */
export function worseOf(one: Failure['outcome'], other: Failure['outcome']): Failure['outcome'] {
	const fromBest = ['NOT_SENT', 'REFUSED', 'UNKNOWN'];
	return fromBest.indexOf(one) > fromBest.indexOf(other) ? one : other;
}

/** A failure that is known before anything is sent. Every other request would meet it as well. */
export function notSent(code: OwnCode, reason: string, advice: string): Failure {
	return { outcome: 'NOT_SENT', code, reason, advice, retry: 'never', scope: 'run' };
}

/** Thrown when the run cannot start or go on; carries the facts of what would otherwise be each request's outcome. */
export class NotSendable extends Error {
	readonly failure: Failure;

	constructor(failure: Failure, options?: ErrorOptions) {
		super(describe(failure), options);
		this.name = 'NotSendable';
		this.failure = failure;
	}
}

/** Why the run cannot start or go on. Whatever else was thrown is thrown on. */
export function refusalOf(cause: unknown): Failure {
	if (cause instanceof NotSendable) return cause.failure;
	throw cause;
}
