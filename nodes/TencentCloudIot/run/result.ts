import type { Call, Calls, Operation, Withheld } from '../operation';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { DeliveryReport } from '../service/delivery/delivery';
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
interface SigningFacts extends Omit<DeliveryReport, 'delivered'> {
	/** Whether the scheme was detected rather than set in the credential. */
	isSchemeDetected: boolean;
}

/**
 * What a run did, formed once, at the end of sending. All items are functions of it, and what tells of
 * the run is one of its tally.
 */
export interface RunResult extends SigningFacts {
	/** In the order of the rows. */
	calls: readonly CallResult[];
	withheld: readonly Withheld[];
	/** The items of each customer that is left out because it has no device. */
	leftOut?: Calls['leftOut'] | undefined;
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

/** Whether each call of an operation brings a customer's full set of devices, and may replace it. */
export function bringsSets({ customers }: Pick<Operation<unknown>, 'customers'>): boolean {
	return customers !== undefined && customers.audit === undefined;
}
