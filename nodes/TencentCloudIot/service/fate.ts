import type { Failure, Outcome } from './outcome';

/**
 * The fate of a call for which at least one request was made in this execution attempt, e.g.
 * `{ kind: 'answered', outcome, requestIds: ['5c0…'] }`.
 */
interface Answered {
	kind: 'answered';
	/** What the call's requests prove together. */
	outcome: Outcome;
	/** The RequestId of every request, oldest first; at least one. */
	requestIds: readonly string[];
	/** How many pages of a list were requested, each with its own attempts; undefined for a call without pages. */
	pages?: number;
	/** Whether Tencent may have applied the call twice: an earlier request than the one that succeeded may also have been applied. */
	mayBeTwice?: boolean;
}

/** The fate of a call for which no request was made, because the run ended first. */
interface NotTried {
	kind: 'notTried';
	why: Failure;
}

/** The fate of a call that the next run of Sync sends: no request was made, or none was applied and the call waited for its next attempt. */
interface Postponed {
	kind: 'postponed';
	why: Failure;
	requestIds?: readonly string[];
}

/** What became of one call that the run had to send. */
export type Delivered = (Answered | NotTried | Postponed) & {
	/** The digest of the call's parameters, 22 characters of base64url (`digestOf`). */
	parametersDigest?: string;
};

/** What became of a call. Formed once, at the end of sending; every report is a function of it. */
export type Fate =
	| Answered
	| NotTried
	| Postponed
	/** An earlier execution attempt (n8n's Retry On Fail) has settled it. */
	| { kind: 'earlierAttempt'; outcome: Outcome }
	/** Sync made no request: what the service accepted last for this customer is the same. */
	| { kind: 'unchanged' };

/** The proven outcome of a call; undefined for a call that this run did not have to send. */
export function outcomeOf(fate: Fate): Outcome | undefined {
	switch (fate.kind) {
		case 'answered':
		case 'earlierAttempt':
			return fate.outcome;
		case 'notTried':
			return fate.why;
		default:
			return undefined;
	}
}

/** Why a call is not done; undefined for a call that is done, or that this run did not have to send. */
export function failureOf(fate: Fate): Failure | undefined {
	const outcome = outcomeOf(fate);
	return outcome === undefined || outcome.outcome === 'OK' ? undefined : outcome;
}

/** The RequestIds of all requests that were made for a call in this execution attempt, oldest first. */
export function requestIdsOf(fate: Fate): readonly string[] {
	return fate.kind === 'answered' || fate.kind === 'postponed' ? (fate.requestIds ?? []) : [];
}

/** The RequestId of the response that decided what became of a call, or else of its last request; undefined without a request. */
export function decidingRequestIdOf(fate: Fate): string | undefined {
	return outcomeOf(fate)?.requestId ?? requestIdsOf(fate).at(-1);
}

/** Whether the service is proven to have carried out a call, in this execution attempt or an earlier one. */
export function isAccepted(fate: Fate): boolean {
	return outcomeOf(fate)?.outcome === 'OK';
}

/** Whether a call leaves nothing to send: the service has accepted it, or Sync found its customer unchanged. */
export function isUpToDate(fate: Fate): boolean {
	return fate.kind === 'unchanged' || isAccepted(fate);
}

/** Whether requests were made for a call, in this execution attempt or an earlier one. */
export function isAttempted({ kind }: Fate): boolean {
	return kind === 'answered' || kind === 'earlierAttempt';
}
