/**
 * A run of Sync, once it has compared its rows with the state. It has one of four kinds, which it keeps to its end:
 *
 *     stopped     it sends nothing, because of a safety check, invalid rows, another run or a Dry Run; it may write a report
 *     unchanged   no customer has to be sent, and the state already says what this run would write; it writes a report only
 *     stateless   it sends every customer and keeps nothing, because the workflow is not saved
 *     sending     it sends customers, and owns the lock row until its end
 *
 * The caller calls `end` once, whatever the kind.
 */
import type { Failure, OutcomeName } from '../service/outcome';
import type { StateWriteResult } from './health';
import type { EarlierReports, GoneCustomer, LastReport } from './lastReport';
import type { ChangeLastCell, LastCell } from './last';
import type { EndStatus, Verdict } from './verdicts';

/**
 * In which condition a run finds the sync state.
 * - `used`: the last run finished, so no customer is in doubt
 * - `otherAccount`: the last run pushed to another account, so no customer counts as unchanged
 * - `otherSecret`: as `otherAccount`, but only the App Secret differs
 * - `empty`: there is no state yet, because this is the first run
 * - `lost`: earlier runs wrote a state, and it is gone
 * - `interrupted`: the last run died. The customers that it may have sent are sent again, and those that it had not reached are sent
 * - `otherVersion`: another version of this package wrote the state, in a format that this version cannot read
 * - `none`: the workflow is not saved, so no state can be kept and every customer is sent
 */
type StateCondition =
	| 'used'
	| 'otherAccount'
	| 'otherSecret'
	| 'empty'
	| 'lost'
	| 'interrupted'
	| 'otherVersion'
	| 'none';

/** A device that was sent for a customer last and that its rows no longer name. A push that replaces the full set unbinds the device. */
interface GoneDevice {
	/** The DeviceId; undefined if no row names the device any more, because the state has only its hash. */
	deviceId: string | undefined;
	/** The CustomerId that the rows name with the device now; undefined if no row names the device. */
	newOwnerId: string | undefined;
}

/** What a push would change for one customer, compared with the devices of the customer's last request. */
export interface DeviceChanges {
	/** The DeviceIds in the rows that the last request did not have. */
	addedDeviceIds: readonly string[];
	/** The DeviceIds that the rows and the last request both have. */
	keptDeviceIds: readonly string[];
	/** The devices of the last request that the customer's rows no longer have. */
	goneDevices: readonly GoneDevice[];
}

/** Customers that an interrupted run may have sent. That run died before it could write receipts for them. */
interface CustomersInDoubt {
	/** Indexes of the customers in doubt whose rows can be sent in this run. */
	sendableIndexes: readonly number[];
	/** How many customers in doubt have no rows that can be sent in this run. */
	unsendableCount: number;
}

/** What a run knows once it has compared its rows with the state. */
export interface StartFacts extends Omit<EarlierReports, 'gone' | 'neverPushed' | 'goneKeys'> {
	/** When this run began, minutes since 1970. */
	beganMinute: number;
	/** Whether somebody runs the workflow by hand in the editor. */
	isManual: boolean;
	/** In which condition the run found the state, e.g. `interrupted`. */
	stateCondition: StateCondition;
	/** The verdict of each customer whose rows can be sent, in the order of the rows. A customer's index is its position in this list. */
	verdicts: readonly Verdict[];
	/** Indexes of the customers to send, the first one to send first. */
	sendOrder: readonly number[];
	/**
	 * For each customer, in the order of `verdicts`, what a push would change; undefined if it is not known which devices Tencent has of the
	 * customer. Set only in a Dry Run that could read the state.
	 */
	deviceChanges?: ReadonlyArray<DeviceChanges | undefined> | undefined;
	/** Whether the rows differ from those of the last run; undefined if the run does not know. */
	areRowsChanged?: boolean | undefined;
	/**
	 * Whether no run with this account has finished yet, as far as the state shows. Then every customer is sent, except those that an
	 * interrupted first run has saved as accepted. False if the run has not read a state.
	 */
	isFirstForAccount: boolean;
	/** When the last run that was not stopped began, minutes since 1970; undefined if the run does not know. */
	lastRunMinute: number | undefined;
	/** The number of the state that the run found (`LastCell.stateNumber`); undefined if the run has not read the lock row. */
	stateNumber?: number | undefined;
	/**
	 * The hashes of the customers that had rows in the last run and have none now, without `presumedWithheldKeys`; undefined if the run has not
	 * read the state.
	 */
	missingKeys?: readonly string[] | undefined;
	/** The customers of `missingKeys`, and whether each was ever pushed; undefined if the table has no state of this account. */
	newlyGone?: readonly GoneCustomer[] | undefined;
	/**
	 * The hashes of customers that no row names any more, while rows that cannot be sent name their devices. Such customers count as withheld:
	 * if they counted as missing, some broken CustomerIds could stop the whole run.
	 */
	presumedWithheldKeys?: ReadonlySet<string>;
	/** The customers that interrupted runs may have sent; undefined if no run was interrupted, or this run has not read the state. */
	inDoubt?: CustomersInDoubt | undefined;
	/** The ID of the approved plan, if a safety check would have stopped this run without it. */
	passedPlanId?: string | undefined;
	/** The cell `last` of the lock row: the last report, and what else waits for later runs and people; undefined if the run has not read the row. */
	last?: LastCell;
	/** Why this run sends nothing; in a Dry Run, why a real run would send nothing. Undefined if nothing stops it. */
	whyStopped: Failure | undefined;
	/**
	 * Whether a customer that failed before, given by its index, is sent early in this run. Each such customer is sent early in one of
	 * three runs, and last in the other two.
	 */
	isRetriedEarly: (customerIndex: number) => boolean;
}

interface RunOfKind<Kind extends string> {
	kind: Kind;
	facts: StartFacts;
	/**
	 * Writes what the run leaves to the next one. Call it once, when no request is under way any more, also after a cancel or a throw:
	 * otherwise a sending run counts as interrupted, and the next run waits and sends customers again. Never rejects.
	 * @param endStatuses what became of each customer, in the order of `verdicts`, from `endStatusOf`
	 * @param reported the last report of the node: that of this run, or an earlier one if this run reports nothing
	 * @param changeLastCell changes the cell `last` for people (news, a plan, the log); the statement that writes the end writes that, too
	 * @returns undefined if the run has written nothing: it has no state, or leaves state and report as they were
	 */
	end(
		endStatuses: readonly EndStatus[],
		reported: LastReport,
		changeLastCell?: ChangeLastCell,
	): Promise<StateWriteResult | undefined>;
}

/** A run of the kind `sending`. */
export interface Sending extends RunOfKind<'sending'> {
	/**
	 * Whether a request may start. Call it before each request and each retry: it waits until the state names the customer as in doubt.
	 * @param customerIndex the index of the request's customer; undefined for a request that only reads
	 */
	mayStart(customerIndex: number | undefined): Promise<boolean>;
	/**
	 * Whether a request that was allowed to start may still leave. False if this process has stood still since then: another run may own the
	 * lock row by now.
	 */
	readonly mayLeave: boolean;
	/**
	 * Whether another run owns the lock row by now. Then `mayStart` gives false. But `mayStart` also gives false if the database did not
	 * respond, or this process stood still.
	 */
	readonly isLockTakenByOther: boolean;
	/**
	 * Notes what became of a customer, once none of its requests is under way any more.
	 * @param outcome what the requests of the customer, retries included, prove together
	 */
	noteOutcome(customerIndex: number, outcome: OutcomeName): void;
	/**
	 * Notes that the receipts of these customers are in the log. In a run that writes receipts, only then may the state say that they were
	 * accepted. If the run dies before that, the next run sends them again and writes their receipts.
	 */
	noteReceiptsWritten(indexes: readonly number[]): void;
}

/** A run of Sync of any kind. The head of this file lists the kinds. */
export type SyncRun = RunOfKind<'stopped' | 'unchanged' | 'stateless'> | Sending;
