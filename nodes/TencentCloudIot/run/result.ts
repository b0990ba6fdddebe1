import type { Call, Withheld } from '../operation';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { SignatureScheme } from '../service/signing/signature';
import type { SyncFacts } from '../sync/session';
import type { Verdict } from '../sync/verdicts';

/** A call and what became of it. */
export interface CallResult {
	call: Call;
	fate: Fate;
	/** How the sync state knows its customer; undefined for an operation without one. */
	verdict?: Verdict | undefined;
}

/** What sending showed about signature and clock. */
export interface SigningFacts {
	/** The scheme by which an accepted request was signed that had nested values. */
	acceptedScheme: SignatureScheme | undefined;
	/** Whether it was detected rather than set in the credential. */
	isSchemeDetected: boolean;
	/** Requests that only served to detect the scheme or the clock's offset. */
	detectionRequests: number;
	/** What had to be added to this server's clock to be accepted, milliseconds; 0 when it was right. */
	clockOffsetMs: number;
}

/**
 * What a run did, formed once, at the end of sending. Execution hint, stop message, all items and the health are functions
 * of it.
 */
export interface RunResult extends SigningFacts {
	/** In the order of the rows. */
	calls: readonly CallResult[];
	withheld: readonly Withheld[];
	/** What was assumed of the rows, for the summary. */
	remarks?: readonly string[] | undefined;
	/** Why nothing could be sent in this attempt. */
	blocked: Failure | undefined;
	/** Why no further request was started from some moment on. */
	endedEarly: Failure | undefined;
	/** Whether Retry On Fail ran the node before. */
	isRetry: boolean;
	/** For an operation with a sync state. */
	sync: SyncFacts | undefined;
	rowCount: number;
	durationMs: number;
}

/** What is shown of signature and clock where no request was made. */
export const NO_SIGNING: SigningFacts = {
	acceptedScheme: undefined,
	isSchemeDetected: false,
	detectionRequests: 0,
	clockOffsetMs: 0,
};

/** Whether a run did nothing at all for a reason of all its items, so that one message stands for all of them. */
export function isWhollyBlocked({ blocked, calls }: RunResult): boolean {
	return blocked?.scope === 'run' && calls.every(({ fate }) => fate.kind === 'notTried');
}
