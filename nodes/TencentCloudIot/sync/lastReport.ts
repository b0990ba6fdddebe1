/**
 * What the last report of a node said, and how it changes with the customers that leave the rows and return. The sync state keeps it, so the
 * next run knows what is new.
 */
import type { Failure } from '../service/outcome';
import type { MovedDevice } from './stop';

/** The health of a node: the head of `health.ts` says what each one means. */
export type Health = 'ok' | 'degraded' | 'failing';

/** A customer that has left the rows: its hash, and whether it was ever pushed, as far as the state shows. */
export type GoneCustomer = readonly [key: string, isPushed: boolean];

/** The lock row keeps at most this many `gone` customers. A message names far fewer; the others are kept to notice if they come back. */
const MOST_GONE_KEPT = 50;

/** What the last report of a node said, and what has happened since that no report has said. Customers are named by id, or by hash if no row names them. */
export interface LastReport {
	health: Health;
	/** Why the whole run failed, as a code, e.g. `TOO_MANY_CHANGES`; `''` if the run did not fail as a whole, and for an outage (`OUTAGE_CODES`). */
	stop: string;
	/** When the report was made, minutes since 1970. */
	minute: number;
	/** When a report with the health `degraded` was last sent, minutes since 1970. */
	degradedMinute?: number | undefined;
	/** Whether a report has named the current standstill of the source. */
	isStale?: boolean | undefined;
	/** The code of the safety check that stopped the node, and when a report named it; undefined once a run has passed the checks. */
	check?: { code: string; minute: number } | undefined;
	/** How many customers have left the rows without a report that says so. */
	gone: number;
	/** How many of the `gone` customers this Sync has never pushed, as far as the state shows: Tencent has none of their devices. */
	neverPushed: number;
	/** At most 50 of the `gone` customers, by their hashes: the log may have their ids. */
	goneKeys: readonly GoneCustomer[];
	/** The ids of customers whose failure a report has named and that have not recovered since. The state keeps this with each customer. */
	reportedFailures?: ReadonlySet<string>;
	/** The ids of customers that failed since the last report, which no report has named. The state keeps this with each customer. */
	unreportedFailures?: ReadonlySet<string>;
	/** The ids of the customers that recovered in the run that makes this report. The state keeps with each customer when it recovered. */
	recoveredInRun?: ReadonlySet<string>;
	/** The ids of the customers that have lost all their devices without a report that says so. */
	idsWithoutDevices?: ReadonlySet<string>;
	/** The devices that have moved to another customer without a report that says so. */
	movedDevices?: readonly MovedDevice[];
}

/** Stands for the last report of a node that has not reported yet. */
export const ALL_WELL: LastReport = {
	health: 'ok',
	stop: '',
	minute: 0,
	gone: 0,
	neverPushed: 0,
	goneKeys: [],
};

/**
 * A report that the lock row could not keep, so only this process has it. If the run of the report could not read the lock row, it has only
 * the members that the run knew itself.
 */
export type UnstoredReport = Pick<LastReport, 'health' | 'stop' | 'minute'> & Partial<LastReport>;

/** What a run of Sync knows of the reports before it. Customers are named by their ids. */
export interface EarlierReports
	extends Required<
			Pick<LastReport, 'reportedFailures' | 'unreportedFailures' | 'idsWithoutDevices' | 'movedDevices'>
		>,
		Partial<Pick<LastReport, 'neverPushed' | 'goneKeys'>> {
	/** The ids of the customers that recovered from a failure within the last 24 hours, whether or not they fail now. */
	recentlyRecovered: ReadonlySet<string>;
	/** The last report; undefined if the run has not read it. */
	lastReport: LastReport | undefined;
	/** How many customers have left the rows without a report that says so; undefined if the run has not read the state. */
	gone: number | undefined;
}

/** What a run of Sync finds when it begins, as far as it decides what the run knows of the reports before it. */
interface FoundReports extends Omit<EarlierReports, 'gone' | 'neverPushed' | 'goneKeys'> {
	/** The customers that have left the rows since the last run; undefined if the table has no state of this account. */
	newlyGone?: readonly GoneCustomer[] | undefined;
	/** Why the run sends nothing; undefined if nothing stops it. */
	whyStopped: Failure | undefined;
}

/**
 * Gathers what earlier runs have reported and what they have not, for a run that has just begun.
 * @returns in `gone` and `goneKeys` the newly gone customers, and those that left earlier and that no report has named
 */
export function earlierReportsOf(facts: FoundReports): EarlierReports {
	const {
		whyStopped,
		reportedFailures,
		unreportedFailures,
		recentlyRecovered,
		idsWithoutDevices,
		movedDevices,
		newlyGone,
	} = facts;
	// A run that found another run active has not read the last report.
	const lastReport = whyStopped?.code === 'ALREADY_RUNNING' ? undefined : (facts.lastReport ?? ALL_WELL);
	const goneCount = (newlyGone?.length ?? 0) + (lastReport?.gone ?? 0);
	// A run that has not read the state cannot count which customers left the rows. It reports those that earlier runs counted, if any.
	const isGoneCountUnknown = newlyGone === undefined && goneCount === 0;
	return {
		lastReport,
		reportedFailures,
		unreportedFailures,
		recentlyRecovered,
		idsWithoutDevices,
		movedDevices,
		...addNewlyGone(lastReport ?? ALL_WELL, newlyGone),
		gone: isGoneCountUnknown ? undefined : goneCount,
	};
}

/** Adds the customers that have left the rows in this run to those that left earlier and that no report has named. */
function addNewlyGone(
	{ neverPushed, goneKeys }: Pick<LastReport, 'neverPushed' | 'goneKeys'>,
	newlyGone: readonly GoneCustomer[] = [],
): Pick<LastReport, 'neverPushed' | 'goneKeys'> {
	const pushedBeforeNeverPushed = [...goneKeys, ...newlyGone].sort(([, a], [, b]) => Number(b) - Number(a));
	return {
		neverPushed: neverPushed + countNeverPushed(newlyGone),
		goneKeys: pushedBeforeNeverPushed.slice(0, MOST_GONE_KEPT),
	};
}

/**
 * Removes from the last report the `gone` customers that have returned since.
 * @param returnedCustomerLists lists of customers that do not count as gone: those that the rows name now; and those that the state still has
 *   and the rows do not, since a later, interrupted run had them in its rows, so their loss counts anew
 */
export function withoutReturnedCustomers(
	lastReport: LastReport,
	returnedCustomerLists: ReadonlyArray<ReadonlyArray<{ key: string }>>,
): LastReport {
	const { gone, neverPushed, goneKeys } = lastReport;
	const customersStillGone = new Map(goneKeys);
	// The map makes one pass over the rows enough, however many customers are gone.
	for (const customers of returnedCustomerLists) {
		customers.forEach(({ key }) => customersStillGone.delete(key));
	}
	const returnedCustomers = goneKeys.filter(([key]) => !customersStillGone.has(key));
	return {
		...lastReport,
		gone: gone - returnedCustomers.length,
		neverPushed: neverPushed - countNeverPushed(returnedCustomers),
		goneKeys: [...customersStillGone],
	};
}

function countNeverPushed(customers: readonly GoneCustomer[]): number {
	return customers.filter(([, isPushed]) => !isPushed).length;
}

/**
 * Removes the customers that left the rows or lost all devices, and the moved devices, from what a run that sends nothing knows: the next run that
 * sends reports them.
 */
export function withoutLossesAndMoves<Reports extends EarlierReports>(earlierReports: Reports): Reports {
	const noneGoneOrMoved = { gone: undefined, neverPushed: undefined, goneKeys: undefined, movedDevices: [] };
	return { ...earlierReports, ...noneGoneOrMoved, idsWithoutDevices: new Set<string>() };
}

/** The last report as it was before a run. A run that reports nothing leaves the last report like that. */
export function reportBeforeRun(earlierReports: EarlierReports): LastReport {
	const {
		lastReport = ALL_WELL,
		gone = lastReport.gone,
		reportedFailures,
		unreportedFailures,
		idsWithoutDevices,
		movedDevices,
	} = earlierReports;
	const { neverPushed = lastReport.neverPushed, goneKeys = lastReport.goneKeys } = earlierReports;
	const facts = { gone, neverPushed, goneKeys };
	return { ...lastReport, ...facts, reportedFailures, unreportedFailures, idsWithoutDevices, movedDevices };
}
