import {
	type FailureFacts,
	HAPPENED,
	type OwnCode,
	storedBy,
	type Words,
	wordsOf,
} from '../messages/failures';
import { type Place, type Text, write, inSentences } from '../messages/text';

/** The members of a response without its envelope, e.g. `{ Status: 'OK' }`. Values are untyped: read them field by field. */
export type ResponseData = Readonly<Record<string, unknown>>;

/** What became of one request. Anything that is not proven `OK` is not OK. */
export type OutcomeName = Outcome['outcome'];

/** Why a request is not proven to be done, as facts and as sentences a user can act on. */
export interface Failure extends Words {
	outcome: 'REFUSED' | 'NOT_SENT' | 'UNKNOWN';
	/** An `OwnCode`, e.g. `CONNECTION_RESET`; else Tencent's error code, or `HTTP_` and the status of a response without one. */
	code: string;
	/** What authentication refused. */
	authFailure?: 'signature' | 'timestamp' | 'appKey';
	/** True when the service itself responded, not a proxy or web server before it. */
	isFromService?: boolean;
	/** True for an Action that only reads: nothing can have been stored. */
	onlyReads?: boolean;
	status?: number;
	/** Whether a retry can help: not at all, after a short wait, or after a pause of all requests. */
	retry: 'never' | 'transient' | 'throttled';
	/** `run`: every other request would fail in the same way, e.g. for a wrong secret. */
	scope: 'call' | 'run';
	/** True when the service accepted key and signature and failed later. */
	isAuthenticated?: boolean;
	/** True when a value of the request was refused; the operation knows its field. */
	isInvalidValue?: boolean;
	/** The server's minimum wait before a retry, milliseconds. */
	retryAfterMs?: number;
	/** The server's clock when it responded, Unix milliseconds. */
	serverTimeMs?: number;
	requestId?: string;
	/** Set when a safety check stopped a Sync: what a user approves to let exactly this pass, e.g. `q3BzX0yAf9LmK2dV`. */
	planId?: string;
	/** What exactly that would do. `before` is undefined where nothing is known of the last run. */
	plan?: {
		before: { customers: number; devices: number } | undefined;
		now: { customers: number; devices: number; withheld: number };
		/** Undefined where nothing is known of the customers: the state is lost, or of another account. */
		changes:
			| {
					/** Ids of customers that the state does not know, and of those that have other devices. */
					added: readonly string[];
					changed: readonly string[];
					/** How many customers are no longer in the rows. */
					missing: number;
					/** How many devices the state has under another customer. */
					moved: number;
			  }
			| undefined;
		/** How many requests it takes, without retries. */
		requests: number;
	};
	/** What to do where that is not meant, and the first customers that it is about. */
	correction?: Record<'examples' | 'advice', Text>;
	/** Of a call that was not tried: the failure that ended the run. */
	endedBy?: Failure;
	/** Further members of its error item. */
	details?: object;
}

export type Outcome =
	/** With the members that the operation reads. */
	{ outcome: 'OK'; data: ResponseData; requestId: string | undefined } | Failure;

/** What happened and whether anything was stored. */
export function happened({ reason, outcome, onlyReads }: Failure): Text {
	return HAPPENED({ reason, stored: storedBy(outcome, onlyReads) });
}

/** The same in English, as it is shown at a place. */
export function describe(failure: Failure, place: Place): string {
	return write(happened(failure), place)[0];
}

/** The same with what to do, for who gets to see no more than a message. */
export function explain(failure: Failure): string {
	return write(inSentences([happened(failure), failure.advice]), 'everything')[0];
}

/** A failure before anything is sent, which every other request would share. @param facts see `wordsOf` */
export function notSent<Code extends OwnCode>(code: Code, ...facts: FailureFacts<Code>): Failure {
	return { outcome: 'NOT_SENT', code, ...wordsOf(code, ...facts), retry: 'never', scope: 'run' };
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

/** The failure of a `NotSendable`. Rethrows any other error. */
export function blockedBy(cause: unknown): Failure {
	if (cause instanceof NotSendable) {
		return cause.failure;
	}
	throw cause;
}
