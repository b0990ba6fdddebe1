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

/** Never fails: where somebody has edited the cell, what cannot be read is as in a new row. */
export function readLast(text: string): Last {
	const found = parse(text);
	const { stateNumber = 0, isNoted, reported, minute, turn = 0 } = found as Partial<Last>;
	return {
		...found,
		stateNumber: Number.isInteger(stateNumber) ? stateNumber : 0,
		isNoted: isNoted === true,
		reported: reportOf({ ...ALL_WELL, ...reported }),
		minute: Number.isInteger(minute) ? minute : undefined,
		turn: Number.isInteger(turn) ? turn : 0,
	};
}

export function writeLast(last: Last): string {
	return JSON.stringify({ ...last, reported: reportOf(last.reported) });
}

function parse(text: string): object {
	try {
		const found: unknown = JSON.parse(text);
		return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : {};
	} catch {
		return {};
	}
}

function reportOf(reported: Last['reported']): Last['reported'] {
	const { health, stop, minute, gone, check, degradedMinute, isStale } = reported;
	return { health, stop, minute, gone, check, degradedMinute, isStale };
}
