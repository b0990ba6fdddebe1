import { dayMark, healthMark, OPEN_MARK, type Health } from '../marks';

/** Beside those of its customers a run leaves the marks of its account, its day and its health. */
const MARKS_OF_A_RUN = 3;

/** Good health leaves nothing that would have to be asked for: it is what is left. */
const BAD_HEALTH: readonly Health[] = ['failing', 'degraded'];

/**
 * What the memory is to a run.
 * - `used`: it has what the last run left
 * - `empty`: it knows nothing of this account: this is the first run, or the first with it
 * - `doubted`: the last run did not end, so that nothing counts as unchanged
 * - `none`: there is none or it does not work, so that everything is sent
 */
export type MemoryState = 'used' | 'empty' | 'doubted' | 'none';

/**
 * What the last run left of itself. Its day is no part of each customer's mark: a workflow that rests over a weekend, or
 * another 'Push Again After', would look as if all customers had changed.
 */
export interface LastRun {
	memory: MemoryState;
	/** How many customers it left. */
	customers: number;
	/** Its day, counted from 1970; undefined when it is too long ago: everybody's turn has come since. */
	day: number | undefined;
	/** Undefined when there was none. One that did not end counts as failing. */
	health: Health | undefined;
}

/** Who asks for the last run, and when. */
export interface Asking {
	/** The mark of the account. */
	account: string;
	/** Days since 1970. */
	today: number;
	/** 'Push Again After', days. */
	everyDays: number;
}

/** What has to be asked for to know the last run. */
export function marksOfLastRun({ account, today, everyDays }: Asking): string[] {
	return [account, ...BAD_HEALTH.map(healthMark), ...possibleDays(today, everyDays).map(dayMark)];
}

/**
 * Reads what the memory says to that.
 * @param count how many marks there were
 * @param there those that were there of what was asked for
 */
export function readLastRun(
	count: number,
	there: ReadonlySet<string>,
	{ account, today, everyDays }: Asking,
): LastRun {
	const known = there.has(account) ? 'used' : 'empty';
	return {
		memory: there.has(OPEN_MARK) ? 'doubted' : known,
		customers: Math.max(0, count - MARKS_OF_A_RUN),
		day: possibleDays(today, everyDays).find((day) => there.has(dayMark(day))),
		health: count === 0 ? undefined : (BAD_HEALTH.find((health) => there.has(healthMark(health))) ?? 'ok'),
	};
}

/** From the newest. The clock of the worker that did the last run may be ahead. */
function possibleDays(today: number, everyDays: number): number[] {
	return Array.from({ length: everyDays + 1 }, (_, age) => today + 1 - age);
}
