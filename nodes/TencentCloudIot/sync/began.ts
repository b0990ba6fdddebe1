import type { Failure, OutcomeName } from '../service/outcome';
import type { Kept, KnownBefore, Reported } from './health';
import type { ChangeLast, Last } from './last';
import type { Standing, Verdict } from './verdicts';

/**
 * In which condition a run finds the sync state.
 * - `used`: it has what the last run left, and nobody is in doubt
 * - `otherAccount`: the last run pushed to another account, so that nothing counts as unchanged
 * - `otherSecret`: the same, and the account differs in nothing but its App Secret
 * - `empty`: there is nothing: this is the first run
 * - `lost`: what earlier runs left is gone
 * - `interrupted`: a run was interrupted: the customers that it may have sent are sent again, and who had not been sent yet
 * - `otherVersion`: another version of this package left it, which this one cannot read
 * - `none`: the workflow is not saved, so that there is none, and everything is sent
 */
export type StateCondition =
	| 'used'
	| 'otherAccount'
	| 'otherSecret'
	| 'empty'
	| 'lost'
	| 'interrupted'
	| 'otherVersion'
	| 'none';

/** A device that a push would take from its customer, as far as pushes replace. */
interface GoneDevice {
	/** The state has only its hash, so its name is known where the rows give it to somebody; else undefined. */
	deviceId: string | undefined;
	/** Who has it in the rows; undefined where nobody has. */
	to: string | undefined;
}

/** What a push would change for one customer, against the devices that were sent for it last. The ids are DeviceIds. */
export interface DeviceChanges {
	added: readonly string[];
	kept: readonly string[];
	gone: readonly GoneDevice[];
}

/** What a run knows when it has begun. */
export interface Found extends KnownBefore {
	state: StateCondition;
	/** Of each customer, in their order. */
	verdicts: readonly Verdict[];
	/** Whom to send, by their index, in the order in which to send them. */
	order: readonly number[];
	/** What would change for each customer, in their order, in a Dry Run that could read the state. */
	deviceChanges?: readonly DeviceChanges[] | undefined;
	/** Whether the rows are others than those of the last run; left out where nobody knows. */
	isChanged?: boolean | undefined;
	/** Whether no run with this account has come to its end yet, as far as the state knows. */
	isFirst: boolean;
	/** When the last run began that was not blocked, minutes since 1970; undefined where it is not known. */
	lastMinute: number | undefined;
	/** The number of the state; left out where it is not known. */
	stateNumber?: number | undefined;
	/** The hashes of the customers that have left the rows; left out where that is not known. */
	missing?: readonly string[] | undefined;
	/** The hashes of those that are in no row that names them, though rows that cannot be sent have their devices: they are withheld. */
	unnamed?: ReadonlySet<string>;
	/** The plan that a safety check would have stopped, and that was approved. */
	passedPlan?: string | undefined;
	/** What the lock row had besides; left out where it was not read. */
	last?: Last;
	/** Why nothing may be sent; in a Dry Run, why nothing would be. */
	stopped: Failure | undefined;
	/** Whether a customer, by its index, that failed before is sent early in this run: each is in one of three. */
	hasTurn: (index: number) => boolean;
}

/** A run of Sync that has begun. */
interface Begun<Kind extends string> {
	kind: Kind;
	begun: Found;
	/**
	 * Leaves what the run has to leave. To be called once, when no request is under way any more, also after a cancel or a throw: a run that
	 * sends and does not come to this counts as interrupted. Never rejects.
	 * @param standings of each customer, in their order, from `standingOf`: what became of them
	 * @param reported what has been reported after this run
	 * @param change what the run leaves for people, in the same statement
	 * @returns undefined where there is nothing to keep
	 */
	end(standings: readonly Standing[], reported: Reported, change?: ChangeLast): Promise<Kept | undefined>;
}

/** Customers are to be sent, and the run owns the lock row. */
export interface Sending extends Begun<'sending'> {
	/** The number of the state that it leaves. */
	readonly stateNumber: number;
	/**
	 * Whether a request may start, or be retried. To be called before each.
	 * @param index whose request it is; undefined for one that changes nothing at the service
	 */
	mayStart(index: number | undefined): Promise<boolean>;
	/** True if no request may start because another run owns the state; false if the state does not respond, or this process stood still. */
	readonly isTakenOver: boolean;
	/**
	 * No request of a customer is under way any more.
	 * @param outcome what its requests prove together
	 */
	settled(index: number, outcome: OutcomeName): void;
	/** The receipts of these customers stand in the log: before that, where a run writes some, the state does not say that they were accepted. */
	receiptsStand(indexes: readonly number[]): void;
}

/**
 * How a run of Sync begins.
 * - `stopped`: nothing may be sent
 * - `unchanged`: nobody is to be sent, and the state already says of all customers what this run would leave
 * - `stateless`: everybody is sent, and nothing is kept
 */
export type Began = Begun<'stopped' | 'unchanged' | 'stateless'> | Sending;
