import { entriesOf, isMinute, readMembers } from './edited';

const DAY_MINUTES = 1440;

/**
 * The state remembers this many changes of the rows. Before a source has changed this often, nobody knows how often it usually changes, so no
 * standstill is reported.
 */
const ROW_CHANGES_KEPT = 10;

/**
 * Gaps of a day or more between two changes of the rows are remembered for this many days. In four weeks there are four weekends, so
 * a weekend without changes counts as usual.
 */
const GAPS_KEPT_DAYS = 28;

/** A standstill is reported only if it is longer than this many times the longest remembered gap. */
const LONGEST_GAP_FACTOR = 5;
/** A standstill is reported only if it is longer than this many days: even a source that changes every minute may rest over a long weekend. */
const LEAST_STANDSTILL_DAYS = 3;

/** A source whose rows have not changed for far longer than usual: perhaps an export that no longer runs. */
interface Standstill {
	/** The minutes since the last change of the rows. */
	stillMinutes: number;
	/** The longest remembered gap between two changes, minutes; undefined if *Expect Changes Within (Days)* sets the limit instead. */
	longestGapMinutes: number | undefined;
}

/** When the rows of a node changed, as the cell `last` keeps it in its member `changes`. */
export class RowChanges {
	/** The times of the last ten changes, minutes since 1970, the oldest first. */
	readonly minutes: readonly number[];
	/** The gaps of at least a day between two changes, if they ended within the last four weeks: when each ended, and its length. Minutes. */
	readonly gaps: ReadonlyArray<readonly [endMinute: number, gapMinutes: number]>;

	/** @param storedChanges the member `changes` of the cell `last`. An entry that somebody has edited so that it cannot be read is ignored */
	constructor(storedChanges: unknown) {
		const { minutes, gaps } = readMembers<RowChanges>(storedChanges);
		this.minutes = entriesOf(minutes, isMinute);
		this.gaps = entriesOf(gaps, isGap);
	}

	/** The times of the remembered changes without those in the future, which a wrong clock noted. Minutes since 1970, the oldest first. */
	minutesUntil(nowMinute: number): number[] {
		return this.minutes.filter((changeMinute) => changeMinute <= nowMinute);
	}

	/** Gives the remembered changes of the rows with one more. @param beganMinute when the run with the changed rows began, minutes since 1970 */
	withChange(beganMinute: number): RowChanges {
		const earlierMinutes = this.minutesUntil(beganMinute);
		const lastChangeMinute = earlierMinutes.at(-1);
		const newGapMinutes = lastChangeMinute === undefined ? 0 : beganMinute - lastChangeMinute;
		const oldestKeptMinute = beganMinute - GAPS_KEPT_DAYS * DAY_MINUTES;
		const recentGaps = this.gaps.filter(
			([endMinute]) => endMinute >= oldestKeptMinute && endMinute <= beganMinute,
		);
		return new RowChanges({
			minutes: [...earlierMinutes, beganMinute].slice(-ROW_CHANGES_KEPT),
			gaps: newGapMinutes >= DAY_MINUTES ? [...recentGaps, [beganMinute, newGapMinutes]] : recentGaps,
		});
	}

	/**
	 * Judges whether the source stands still.
	 * @param nowMinute now, minutes since 1970
	 * @param expectDays 'Expect Changes Within (Days)'; 0 to take the limit from the remembered gaps
	 * @returns undefined if the source does not stand still, or too few changes are known to judge
	 */
	standstillAt(nowMinute: number, expectDays: number): Standstill | undefined {
		const minutes = this.minutesUntil(nowMinute);
		const lastChangeMinute = minutes.at(-1);
		if (lastChangeMinute === undefined) {
			return undefined;
		}
		const stillMinutes = nowMinute - lastChangeMinute;
		if (expectDays > 0) {
			return stillMinutes > expectDays * DAY_MINUTES
				? { stillMinutes, longestGapMinutes: undefined }
				: undefined;
		}
		// A change with a wrong time is still a change: it counts here.
		if (this.minutes.length < ROW_CHANGES_KEPT) {
			return undefined;
		}
		const minutesOfLastGaps = minutes
			.slice(1)
			.map((changeMinute, index) => changeMinute - (minutes[index] ?? changeMinute));
		const oldestCountedMinute = lastChangeMinute - GAPS_KEPT_DAYS * DAY_MINUTES;
		const minutesOfRecentGaps = this.gaps.flatMap(([endMinute, gapMinutes]) =>
			endMinute >= oldestCountedMinute && endMinute <= nowMinute ? gapMinutes : [],
		);
		const longestGapMinutes = Math.max(...minutesOfLastGaps, ...minutesOfRecentGaps);
		const limitMinutes = Math.max(
			LEAST_STANDSTILL_DAYS * DAY_MINUTES,
			LONGEST_GAP_FACTOR * longestGapMinutes,
		);
		return stillMinutes > limitMinutes ? { stillMinutes, longestGapMinutes } : undefined;
	}
}

/** Whether a value can be an entry of `RowChanges.gaps`: the minute in which the gap ended, and its length in minutes. */
function isGap(value: unknown): value is [number, number] {
	return Array.isArray(value) && value.length === 2 && value.every(isMinute);
}
