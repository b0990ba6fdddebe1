import { integerOf, isInteger, readMembers, parseMembers } from './edited';
import { ALL_WELL, type Reported } from './health';

/**
 * The column `last` of the lock row: all that is small and may grow. Members that this version does not know are kept as they are,
 * so that a member can be added at any time, and an older version of this package does no harm to a newer one's.
 */
export interface Last {
	/**
	 * The number of the state: random in a new row, and one more after each run that has sent. A plan that was approved for one state
	 * does not pass for another one.
	 */
	stateNumber: number;
	/** Whether the deduplication store has its entry; written before the first request, and tried again until it is. */
	isNoted: boolean;
	/** What was reported last. */
	reported: Pick<Reported, 'health' | 'stop' | 'minute' | 'gone' | 'check' | 'degradedMinute' | 'isStale'>;
	/** When the last run began that was not blocked, minutes since 1970. */
	minute?: number | undefined;
	/** When the run got its rows that claimed the row last, or found nothing to send. Unix milliseconds. */
	beganMs?: number | undefined;
	/** Which of the customers that failed have their turn after it, 0 to 2. */
	turn: number;
	/** Members of other operations and versions. */
	[member: string]: unknown;
}

/** Changes members of its own; the others stay as they are in the row at that moment. */
export type ChangeLast = (before: Last) => Last;

/** Of a new row. */
export function newLast(stateNumber: number): Last {
	return { stateNumber, isNoted: false, reported: reportOf(ALL_WELL), turn: 0 };
}

/** Where somebody has edited the cell, what cannot be read is as in a new row. */
export function readLast(text: string): Last {
	const found = parseMembers<Last>(text);
	const reported = readMembers<Reported & { hour: number }>(found.reported);
	// The first version wrote the hour of a report.
	const minute = 60 * integerOf(reported.hour);
	return {
		...found,
		stateNumber: integerOf(found.stateNumber),
		isNoted: found.isNoted === true,
		reported: reportOf({ ...ALL_WELL, minute, ...(reported as Partial<Reported>) }),
		minute: isInteger(found.minute) ? found.minute : undefined,
		turn: integerOf(found.turn),
	};
}

export function writeLast(last: Last): string {
	return JSON.stringify({ ...last, reported: reportOf(last.reported) });
}

function reportOf(reported: Last['reported']): Last['reported'] {
	const { health, stop, minute, gone, check, degradedMinute, isStale } = reported;
	return { health, stop, minute, gone, check, degradedMinute, isStale };
}
