import { entriesOf, isInteger, readMembers } from './edited';

const DAY_MINUTES = 1440;

/** This many changes are remembered. With fewer it is not known how often a source usually changes, so a standstill is not reported. */
const CHANGES_KEPT = 10;

/** Gaps of a day or more are remembered for this long: that is four weekends, so that a weekend is not taken for a standstill. */
const GAPS_KEPT_DAYS = 28;

/** A source may stand still for this many times its longest gap, and in any case for LEAST_DAYS. */
const TIMES_LONGEST_GAP = 5;
const LEAST_DAYS = 3;

/** When the rows changed, as far back as it is remembered. */
interface Changes {
	/** The last ten changes, minutes since 1970, the oldest first. */
	minutes: readonly number[];
	/** The gaps between changes that took at least a day and ended within the last four weeks: when each ended, and its length. Minutes. */
	gaps: ReadonlyArray<readonly [endMinute: number, gap: number]>;
}

/** Reads the member `changes` of `last`. What somebody has edited counts as left out. */
export function readChanges(value: unknown): Changes {
	const { minutes, gaps } = readMembers<Changes>(value);
	return { minutes: entriesOf(minutes, isInteger), gaps: entriesOf(gaps, isGap) };
}

function isGap(value: unknown): value is [number, number] {
	return Array.isArray(value) && value.length === 2 && value.every(isInteger);
}

/** Adds a change: the rows of a run that began at this minute differ from those of the run before it. */
export function addChange({ minutes, gaps }: Changes, minute: number): Changes {
	const lastChange = minutes.at(-1);
	const gap = lastChange === undefined ? 0 : minute - lastChange;
	const oldestMinute = minute - GAPS_KEPT_DAYS * DAY_MINUTES;
	const recentGaps = gaps.filter(([end]) => end >= oldestMinute && end <= minute);
	return {
		// A change in the future comes from a wrong clock.
		minutes: [...minutes.filter((before) => before <= minute), minute].slice(-CHANGES_KEPT),
		gaps: gap >= DAY_MINUTES ? [...recentGaps, [minute, gap]] : recentGaps,
	};
}

/** For how long a source has stood still. All in minutes. */
interface Standstill {
	/** Since the last change. */
	stillMinutes: number;
	/** The longest gap between changes that it had; undefined where *Expect Changes Within (Days)* says how long it may stand still. */
	longestGap: number | undefined;
}

/**
 * Whether a source has stood still for far longer than usual.
 * @param expectDays 'Expect Changes Within (Days)'; 0 to judge by its own past
 * @returns undefined where it has not, or where too few changes are known
 */
export function standstillOf(
	{ minutes, gaps }: Changes,
	minute: number,
	expectDays: number,
): Standstill | undefined {
	const last = minutes.at(-1);
	if (last === undefined) {
		return undefined;
	}
	const stillMinutes = minute - last;
	if (expectDays > 0) {
		return stillMinutes > expectDays * DAY_MINUTES ? { stillMinutes, longestGap: undefined } : undefined;
	}
	if (minutes.length < CHANGES_KEPT) {
		return undefined;
	}
	const gapsBetween = minutes.slice(1).map((change, index) => change - (minutes[index] ?? change));
	const oldestMinute = minute - stillMinutes - GAPS_KEPT_DAYS * DAY_MINUTES;
	const recentGaps = gaps.flatMap(([end, gap]) => (end >= oldestMinute ? gap : []));
	const longestGap = Math.max(...gapsBetween, ...recentGaps);
	const limitMinutes = Math.max(LEAST_DAYS * DAY_MINUTES, TIMES_LONGEST_GAP * longestGap);
	return stillMinutes > limitMinutes ? { stillMinutes, longestGap } : undefined;
}
