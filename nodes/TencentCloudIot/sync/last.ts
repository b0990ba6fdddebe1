import { entriesOf, integerOf, isMinute, isText, readMembers, parseMembers } from './edited';
import { ALL_WELL, type GoneCustomer, type LastReport } from './lastReport';

/**
 * The customers that failed are divided into this many groups by their hashes. Each run retries one group early, among the other customers
 * instead of last (`sendOrderOf`).
 */
export const RETRY_GROUP_COUNT = 3;

/**
 * The JSON in the column `last` of the lock row: what a run leaves to the next run and to people, apart from the state. Members that this
 * version does not know stay as they are. So a version can add a member, and an older version keeps what a newer one wrote.
 */
export interface LastCell {
	/**
	 * The number of the state: random in a new row, and one higher after each run that has sent. The plan ID contains it, so an approval
	 * holds for one state only.
	 */
	stateNumber: number;
	/** Whether n8n's deduplication store has the node's entry. Until then each run that sends calls `SyncTable.ensureStoreEntry`. */
	hasStoreEntry: boolean;
	/** The last report, without what the state keeps with each customer. */
	reported: Omit<
		LastReport,
		'reportedFailures' | 'unreportedFailures' | 'recoveredInRun' | 'idsWithoutDevices' | 'movedDevices'
	>;
	/** When the last run that was not stopped began, minutes since 1970. */
	minute?: number | undefined;
	/**
	 * When the last run began that left no scheduled re-push to the next one, minutes since 1970. A run that passes with an approved plan sends
	 * none: the plan has none.
	 */
	rePushMinute?: number | undefined;
	/**
	 * When the last run got its rows, Unix milliseconds. Only runs count that claimed the lock row or had nothing to send. A run with older
	 * rows sends nothing: its older devices would replace those that the last run sent.
	 */
	beganMs?: number | undefined;
	/** Which third of the customers that failed is retried early in the next run that sends: 0 to 2 (`RETRY_GROUP_COUNT`). */
	turn: number;
	/** Members of other files (`news`, `plan`, `changes` and others), and members that only another version knows. */
	[member: string]: unknown;
}

/**
 * Gives the new content of the cell `last`. The function must keep members that it does not know: a person may have approved a plan since this
 * run read the row.
 */
export type ChangeLastCell = (storedLast: LastCell) => LastCell;

/** The cell `last` of a new lock row. */
export function makeLastCell(stateNumber: number): LastCell {
	return { stateNumber, hasStoreEntry: false, reported: storedReportOf(ALL_WELL), turn: 0 };
}

/** Reads the cell `last`. A member that somebody has edited so that it cannot be read is as in a new row. */
export function readLastCell(cellText: string): LastCell {
	const members = parseMembers<LastCell>(cellText);
	return {
		...members,
		stateNumber: integerOf(members.stateNumber),
		hasStoreEntry: members.hasStoreEntry === true,
		reported: storedReportOf(members.reported),
		minute: isMinute(members.minute) ? members.minute : undefined,
		// Earlier versions wrote `minute` only.
		rePushMinute: [members.rePushMinute, members.minute].find(isMinute),
		turn: integerOf(members.turn),
	};
}

const HEALTHS = ['ok', 'degraded', 'failing'] as const;

/** Reads what the cell keeps of the last report. */
function storedReportOf(value: unknown): LastCell['reported'] {
	const { health, stop, minute, hour, gone, neverPushed, goneKeys, check, degradedMinute, isStale } =
		readMembers<LastReport & { hour: number }>(value);
	const { code, minute: checkMinute } = readMembers<NonNullable<LastReport['check']>>(check);
	return {
		health: HEALTHS.find((name) => name === health) ?? ALL_WELL.health,
		stop: isText(stop) ? stop : ALL_WELL.stop,
		// The first version of this package wrote the hour of a report instead of its minute.
		minute: [minute, 60 * integerOf(hour)].find(isMinute) ?? ALL_WELL.minute,
		gone: integerOf(gone),
		neverPushed: integerOf(neverPushed),
		goneKeys: entriesOf(goneKeys, isGoneCustomer),
		check: isText(code) && isMinute(checkMinute) ? { code, minute: checkMinute } : undefined,
		degradedMinute: isMinute(degradedMinute) ? degradedMinute : undefined,
		isStale: isStale === true || undefined,
	};
}

/** Writes the cell `last`. It leaves out the last report's sets of customers: the state keeps those with each customer. */
export function writeLastCell(last: LastCell): string {
	return JSON.stringify({ ...last, reported: storedReportOf(last.reported) });
}

function isGoneCustomer(entry: unknown): entry is GoneCustomer {
	return Array.isArray(entry) && isText(entry[0]) && typeof entry[1] === 'boolean';
}
