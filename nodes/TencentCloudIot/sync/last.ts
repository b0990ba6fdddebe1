import { integerOf, isInteger, readMembers, parseMembers } from './edited';
import { ALL_WELL, type LastReport } from './health';

/**
 * The JSON in the column `last` of the lock row: everything small that a run leaves to the next one and to people. Members that this version
 * does not know stay as they are. So a member can be added at any time, and an older version of this package keeps what a newer one wrote.
 */
export interface LastCell {
	/**
	 * The number of the state: random in a new row, and one more after each run that has sent. A plan that was approved for one state
	 * does not pass for another one.
	 */
	stateNumber: number;
	/** Whether n8n's deduplication store has the entry of `SyncTable.noteState`. Until it has, each run that sends tries to write it. */
	isNoted: boolean;
	/** What was reported last. */
	reported: Pick<LastReport, 'health' | 'stop' | 'minute' | 'gone' | 'check' | 'degradedMinute' | 'isStale'>;
	/** When the last run began that was not blocked, minutes since 1970. */
	minute?: number | undefined;
	/** When the last run that claimed the row, or found nothing to send, got its rows. Unix milliseconds. A run with older rows sends nothing. */
	beganMs?: number | undefined;
	/** Which of the customers that failed have their turn in the next run that sends: 0 to 2. */
	turn: number;
	/** Members of other operations (news, a plan, the log) and of other versions. */
	[member: string]: unknown;
}

/** Gives the new `last`. It changes only its own members of the row as it is at that moment: others may have changed the rest. */
export type ChangeLast = (before: LastCell) => LastCell;

/** The `last` of a new lock row. */
export function newLast(stateNumber: number): LastCell {
	return { stateNumber, isNoted: false, reported: reportOf(ALL_WELL), turn: 0 };
}

/** Reads the cell. What somebody has edited so that it cannot be read is as in a new row. */
export function readLast(text: string): LastCell {
	const found = parseMembers<LastCell>(text);
	const reported = readMembers<LastReport & { hour: number }>(found.reported);
	// The first version wrote the hour of a report.
	const minute = 60 * integerOf(reported.hour);
	return {
		...found,
		stateNumber: integerOf(found.stateNumber),
		isNoted: found.isNoted === true,
		reported: reportOf({ ...ALL_WELL, minute, ...(reported as Partial<LastReport>) }),
		minute: isInteger(found.minute) ? found.minute : undefined,
		turn: integerOf(found.turn),
	};
}

/** Writes the cell. Of the last report only the members of `Last['reported']` are written: the rest stands with each customer. */
export function writeLast(last: LastCell): string {
	return JSON.stringify({ ...last, reported: reportOf(last.reported) });
}

function reportOf(reported: LastCell['reported']): LastCell['reported'] {
	const { health, stop, minute, gone, check, degradedMinute, isStale } = reported;
	return { health, stop, minute, gone, check, degradedMinute, isStale };
}
