/** How often the schedule of the examples starts them. Milliseconds. */
const SCHEDULE_MS = 15 * 60_000;

/** It starts them at some second of the first minute of each quarter of an hour. Milliseconds. */
const STARTING_MS = 60_000;

/**
 * Test files during which the schedule must not start anything, with the time that each takes on a busy machine: a
 * scheduled run that overlaps with a run of the test rightly fails with `ALREADY_RUNNING`. Minutes.
 */
export const QUIET_MINUTES = { straightLines: 4, phone: 6, redEnds: 6 } as const;

/**
 * How long to wait until the schedule starts nothing for these minutes, in milliseconds; 0 if it starts nothing
 * from now on.
 */
export function msUntilQuiet(minutes: number, nowMs = Date.now()): number {
	const sinceQuarterMs = nowMs % SCHEDULE_MS;
	if (sinceQuarterMs < STARTING_MS) {
		return STARTING_MS - sinceQuarterMs;
	}
	const endsTooLate = sinceQuarterMs + minutes * 60_000 > SCHEDULE_MS;
	return endsTooLate ? SCHEDULE_MS - sinceQuarterMs + STARTING_MS : 0;
}
