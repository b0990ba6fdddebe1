/**
 * A run of Sync, from the moment when it knows the rows and the state:
 *
 *     stopped     nothing may be sent: a safety check, invalid rows, another run, a Dry Run; it may leave a report
 *     unchanged   nobody is to be sent, and the state already says what this run would leave; it leaves a report
 *     stateless   everybody is sent, and nothing is kept: the workflow is not saved
 *     sending     customers are to be sent, and the run owns the lock row until its end
 *
 * A run keeps its kind. `end` is called once for each of them.
 */
import type { Failure, OutcomeName } from '../service/outcome';
import type { StateEnd, KnownBefore, LastReport } from './health';
import type { ChangeLast, LastCell } from './last';
import type { Standing, Verdict } from './verdicts';

/**
 * In which condition a run finds the sync state.
 * - `used`: the last run left it, and no customer is in doubt
 * - `otherAccount`: the last run pushed to another account, so no customer counts as unchanged
 * - `otherSecret`: as `otherAccount`, but only the App Secret is another one
 * - `empty`: there is none yet: this is the first run
 * - `lost`: earlier runs left one, and it is gone
 * - `interrupted`: a run died. Customers that it may have sent are sent again, and so are those that it had still to send
 * - `otherVersion`: another version of this package wrote it, in a format that this one cannot read
 * - `none`: the workflow is not saved, so nothing can be kept, and everybody is sent
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

/** A device that the state has of a customer and the rows do not: a push that replaces would take it away. */
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

/** Customers that an interrupted run may have sent: none of them has a receipt of it. */
interface InDoubt {
	/** Those whose rows can be sent now, by their index. */
	sendable: readonly number[];
	/** How many others there are. */
	others: number;
}

/** What a run knows when it has begun. */
export interface StartFacts extends KnownBefore {
	/** When the run began, minutes since 1970. */
	minute: number;
	/** Whether somebody runs the workflow by hand in the editor. */
	isManual: boolean;
	state: StateCondition;
	/** Of each customer, in their order. */
	verdicts: readonly Verdict[];
	/** Whom to send, by their index, in the order in which to send them. */
	order: readonly number[];
	/** What would change for each customer, in their order, in a Dry Run that could read the state. */
	deviceChanges?: readonly DeviceChanges[] | undefined;
	/** Whether the rows differ from those of the last run; left out where that is not known. */
	isChanged?: boolean | undefined;
	/**
	 * Whether no run with this account has reached its end yet, as far as the state shows. Then everybody is sent, apart from customers that an
	 * interrupted first run has saved as accepted. False for a run that has not read a state.
	 */
	isFirst: boolean;
	/** When the last run began that was not blocked, minutes since 1970; undefined where it is not known. */
	lastMinute: number | undefined;
	/** The number of the state; left out where it is not known. */
	stateNumber?: number | undefined;
	/** The hashes of the customers that have left the rows; left out where that is not known. */
	missing?: readonly string[] | undefined;
	/**
	 * The hashes of customers that no row names any more, while rows that cannot be sent have their devices. These rows may be theirs, so they
	 * count as withheld, not as missing.
	 */
	presumedWithheld?: ReadonlySet<string>;
	/** Whom interrupted runs may have sent without a word of it in the state. Left out where there is nobody, or it is not known. */
	inDoubt?: InDoubt | undefined;
	/** The plan that a safety check would have stopped, and that was approved. */
	passedPlan?: string | undefined;
	/** The cell `last` of the lock row; left out where the row was not read. */
	last?: LastCell;
	/** Why nothing may be sent; in a Dry Run, why nothing would be. */
	stopped: Failure | undefined;
	/** Whether a customer, by its index, that failed before is sent early in this run: each is in one of three. */
	isRetriedEarly: (index: number) => boolean;
}

interface RunOfKind<Kind extends string> {
	kind: Kind;
	facts: StartFacts;
	/**
	 * Writes what the run leaves to the next one. To be called once, when no request is under way any more, also after a cancel or a throw: a
	 * run that sends counts as interrupted without it. Never rejects.
	 * @param standings what became of each customer, in their order, from `standingOf`
	 * @param reported the last report, once this run has reported
	 * @param change of the lock row's `last` for people (news, a plan, the log), made by the same statement
	 * @returns undefined where there is nothing to keep
	 */
	end(
		standings: readonly Standing[],
		reported: LastReport,
		change?: ChangeLast,
	): Promise<StateEnd | undefined>;
}

/** Customers are to be sent, and the run owns the lock row. */
export interface Sending extends RunOfKind<'sending'> {
	/** The number of the state that it leaves. */
	readonly stateNumber: number;
	/**
	 * Whether a request may start, or be retried. To be called before each.
	 * @param index whose request it is; undefined for one that changes nothing at the service
	 */
	mayStart(index: number | undefined): Promise<boolean>;
	/** Whether a request that may start may still leave: false if this process has stood still since, so that another run may own the state. */
	readonly isHeld: boolean;
	/** Why `mayStart` gave false: true if another run owns the state now; false if the database did not respond, or this process stood still. */
	readonly isTakenOver: boolean;
	/**
	 * To be called when no request of a customer is under way any more.
	 * @param outcome what its requests prove together
	 */
	settled(index: number, outcome: OutcomeName): void;
	/**
	 * To be called when the receipts of these customers are in the log. Where a run writes receipts, the state says that a customer was accepted
	 * only after that: a run that dies in between sends the customer again, and its receipt is not lost.
	 */
	receiptsStand(indexes: readonly number[]): void;
}

/** A run of Sync of any kind: see the head of this file. */
export type SyncRun = RunOfKind<'stopped' | 'unchanged' | 'stateless'> | Sending;
