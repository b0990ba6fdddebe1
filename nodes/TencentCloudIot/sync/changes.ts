import { entriesOf, isInteger, readMembers } from './edited';

const DAY_MINUTES = 1440;

/** The node remembers this many changes. With fewer it cannot know how often a source usually changes. */
const CHANGES_KEPT = 10;

/** The node remembers gaps of a day or more for this long: it has then seen four weekends, and takes a holiday for no standstill. */
const GAPS_KEPT_DAYS = 28;

/** A source may stand still for five times its longest gap, and for three days in any case. */
const TIMES_LONGEST_GAP = 5;
const LEAST_DAYS = 3;

/** When the rows changed, as far back as the node remembers. */
interface Changes {
	/** The last ten changes, minutes since 1970, the oldest first. */
	minutes: readonly number[];
	/** The gaps between changes that took at least a day and ended within the last four weeks: when each ended, and its length. Minutes. */
	gaps: ReadonlyArray<readonly [endMinute: number, gap: number]>;
}

/** What `last` has; no changes where somebody has edited it. */
export function readChanges(value: unknown): Changes {
	const { minutes, gaps } = readMembers<Changes>(value);
	return { minutes: entriesOf(minutes, isInteger), gaps: entriesOf(gaps, isGap) };
}

function isGap(value: unknown): value is [number, number] {
	return Array.isArray(value) && value.length === 2 && value.every(isInteger);
}

/** The rows have changed in a run that began at this minute. */
export function addChange({ minutes, gaps }: Changes, minute: number): Changes {
	const last = minutes.at(-1);
	const gap = last === undefined ? 0 : minute - last;
	const oldest = minute - GAPS_KEPT_DAYS * DAY_MINUTES;
	const recent = gaps.filter(([end]) => end >= oldest && end <= minute);
	return {
		// A change in the future was noted by a clock that was wrong.
		minutes: [...minutes.filter((before) => before <= minute), minute].slice(-CHANGES_KEPT),
		gaps: gap >= DAY_MINUTES ? [...recent, [minute, gap]] : recent,
	};
}

/** For how long a source has stood still. All in minutes. */
interface Standstill {
	/** Since the last change. */
	since: number;
	/** The longest gap between changes that it had; undefined where *Expect Changes Within (Days)* says how long it may stand still. */
	longestGap: number | undefined;
}

/**
 * Whether a source has stood still for far longer than usual.
 * @param expectDays 'Expect Changes Within (Days)'; 0 for what its past says
 * @returns undefined where it has not, or where nobody knows
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
	const since = minute - last;
	if (expectDays > 0) {
		return since > expectDays * DAY_MINUTES ? { since, longestGap: undefined } : undefined;
	}
	if (minutes.length < CHANGES_KEPT) {
		return undefined;
	}
	const between = minutes.slice(1).map((change, index) => change - (minutes[index] ?? change));
	const oldest = minute - since - GAPS_KEPT_DAYS * DAY_MINUTES;
	const recent = gaps.flatMap(([end, gap]) => (end >= oldest ? gap : []));
	const longestGap = Math.max(...between, ...recent);
	const limit = Math.max(LEAST_DAYS * DAY_MINUTES, TIMES_LONGEST_GAP * longestGap);
	return since > limit ? { since, longestGap } : undefined;
}
