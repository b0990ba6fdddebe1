import { type FailureFacts, type OwnCode, type Words, wordsOf } from '../messages/failures';
import { REASONS } from '../messages/reasons';
import { inSentences, type Place, type Text, writeEnglish } from '../messages/text';

/** The members of a response without its envelope, e.g. `{ Status: 'OK' }`. Values are untyped: read them field by field. */
export type ResponseData = Readonly<Record<string, unknown>>;

/** `OK` only if success is proven. */
export type OutcomeName = Outcome['outcome'];

/** Why something is not proven to be done, as facts and as sentences a user can act on. */
export interface Failure extends Words {
	outcome: 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';
	/** An `OwnCode`, e.g. `CONNECTION_RESET`; else Tencent's error code, or `HTTP_` and the status of a response without one. */
	code: string;
	/** `run`: every other request would fail in the same way, e.g. for a wrong secret. */
	scope: 'call' | 'run';
	/** True for an Action that only reads: nothing can have been stored. */
	onlyReads?: boolean;
	requestId?: string;
	/** For a call that was not tried: the failure that ended the run. */
	endedBy?: Failure;
}

/** The failure of one request, with the facts that decide about a retry and about the run. */
export interface RequestFailure extends Failure {
	/** Whether a retry can help: not at all, after a short wait, or after a pause of all requests. */
	retry: 'never' | 'transient' | 'throttled';
	/** The server's minimum wait before a retry, milliseconds. */
	retryAfterMs?: number;
	/** The status of the HTTP response, if there was one. */
	status?: number;
	/** True when the service itself responded, not a proxy or web server in front of it. */
	isFromService?: boolean;
	/** Which part of its authentication the service refused. */
	authFailure?: 'signature' | 'timestamp' | 'appKey';
	/** True when the service accepted key and signature and failed later. */
	isAuthenticated?: boolean;
	/** True when a value of the request was refused; the operation knows its field. */
	isInvalidValue?: boolean;
	/** The server's clock when it responded, Unix milliseconds. */
	serverTimeMs?: number;
}

/** A failure whose error item has further members, as those of _Account: Check_ have. */
export interface DetailedFailure extends Failure {
	/** The further members of the error item. */
	details: object;
}

/** A success, with the members of the response that the operation reads. */
interface Success {
	outcome: 'OK';
	data: ResponseData;
	requestId: string | undefined;
}

/** What became of a call, or of anything else that had to be done. */
export type Outcome = Success | Failure;

/** What became of one request. */
export type RequestOutcome = Success | RequestFailure;

/** The failure as that of a request, if it is one; undefined for any other, e.g. one of invalid rows. */
export function requestFailureOf(failure: Failure | undefined): RequestFailure | undefined {
	return failure !== undefined && 'retry' in failure ? (failure as RequestFailure) : undefined;
}

/** Whether Tencent has applied a request with this outcome, or may have. Undefined means that there was no request. */
export function mayBeApplied(outcome: OutcomeName | undefined): boolean {
	return outcome === 'OK' || outcome === 'UNKNOWN';
}

/** A text that says what happened and whether Tencent stored anything. */
export function whatHappened({ reason, outcome, onlyReads }: Failure): Text {
	const hasOnlyRead = onlyReads === true && outcome === 'UNKNOWN';
	const stored = hasOnlyRead ? REASONS.onlyRead() : REASONS.stored[outcome]();
	return REASONS.happened({ reason, stored });
}

/** The text of `whatHappened` in English, written for the place where it is shown. */
export function describe(failure: Failure, place: Place): string {
	return writeEnglish(whatHappened(failure), place);
}

/** The text of `whatHappened` in English, with the advice: for readers who see only this message. */
export function explain(failure: Failure, place: Place = 'everything'): string {
	return writeEnglish(inSentences([whatHappened(failure), failure.advice]), place);
}

/** A failure before anything is sent, which every other request would share. @param facts see `wordsOf` */
export function notSent<Code extends OwnCode>(code: Code, ...facts: FailureFacts<Code>): Failure {
	return { outcome: 'NOT_SENT', code, ...wordsOf(code, ...facts), scope: 'run' };
}

/** Thrown when the run cannot start or continue; `failure` is then the outcome of every call. */
export class NotSendable extends Error {
	readonly failure: Failure;

	constructor(failure: Failure, options?: ErrorOptions) {
		super(describe(failure, 'everything'), options);
		this.name = 'NotSendable';
		this.failure = failure;
	}
}

/** The failure of a `NotSendable`, for `catch`. Rethrows any other error. */
export function failureOrRethrow(cause: unknown): Failure {
	if (cause instanceof NotSendable) {
		return cause.failure;
	}
	throw cause;
}
