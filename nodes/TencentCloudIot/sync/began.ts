import type { Failure } from '../service/outcome';
import type { Kept, KnownBefore, Reported } from './health';
import type { Standing, Verdict } from './verdicts';

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left
 * - `otherAccount`: the last run pushed to another account, so that nothing counts as unchanged
 * - `otherSecret`: the same, and the account differs in nothing but its App Secret
 * - `empty`: there is nothing: this is the first run, or what was there is lost
 * - `interrupted`: the last run was interrupted, so that nothing counts as unchanged
 * - `otherVersion`: another version of this package left it, which this one cannot read
 * - `none`: this n8n has no store for it, so that everything is sent
 */
export type StateCondition =
	| 'used'
	| 'otherAccount'
	| 'otherSecret'
	| 'empty'
	| 'interrupted'
	| 'otherVersion'
	| 'none';

/** What a run knows when it has begun. */
export interface Found extends KnownBefore {
	state: StateCondition;
	/** Of each customer, in their order. */
	verdicts: readonly Verdict[];
	/** When the last run began that was not blocked, minutes since 1970; undefined where it is not known. */
	lastMinute: number | undefined;
	/** The random number of the state; left out where it is not known. */
	novelty?: number | undefined;
	/** Why nothing may be sent; in a Dry Run, why nothing would be. */
	stopped: Failure | undefined;
	/** Whether a customer, by its index, that failed before is sent early in this run: each is in one of three. */
	hasTurn: (index: number) => boolean;
}

/** Customers are to be sent. */
export interface Sending {
	kind: 'sending';
	begun: Found;
	/** The random number of the state that it leaves; left out where it leaves none. */
	readonly novelty?: number;
	/** Whether a request may start, or be retried. To be called before each. */
	mayStart(): Promise<boolean>;
	/** Whether another run is why none may start; if not, the sync state does not respond, or this process stood still. */
	readonly isTakenOver: boolean;
	/** The service has accepted a customer: from now on a state of another account is of no use any more. */
	accepted(index: number): void;
	/**
	 * Records what became of the customers. To be called once, when no request is under way any more, also after a cancel or
	 * a throw: a run that does not come to this counts as interrupted. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`
	 * @returns undefined where there is nothing to keep
	 */
	end(standings: readonly Standing[], reported: Reported): Promise<Kept | undefined>;
}

/** How a run of Sync begins. */
export type Began =
	/** Nothing may be sent. Nothing is `kept` where it has left a state to another run, or there is none. */
	| { kind: 'stopped'; begun: Found; kept: Kept | undefined }
	/**
	 * Nobody is to be sent, and the state already says of all customers what this run would leave: its end leaves what is
	 * reported now in the place of what was reported before.
	 */
	| { kind: 'unchanged'; begun: Found; end(reported: Reported): Promise<Kept> }
	| Sending;
