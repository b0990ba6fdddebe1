/** How often the schedule of the examples starts them. Milliseconds. */
const SCHEDULE_MS = 15 * 60_000;

/** It does so at some second of the minute that begins a quarter of an hour. Milliseconds. */
const STARTING_MS = 60_000;

/**
 * How long the test files take on a busy machine that must not meet a start by the schedule: a run that comes by itself beside that of a
 * test is right to end red, with `ALREADY_RUNNING`. Minutes.
 */
export const QUIET_MINUTES = { straightLines: 4, phone: 6, redEnds: 6 } as const;

/** How long it takes until the schedule starts nothing for so long, milliseconds; 0 from now on. */
export function msUntilQuiet(minutes: number, nowMs = Date.now()): number {
	const sinceQuarterMs = nowMs % SCHEDULE_MS;
	if (sinceQuarterMs < STARTING_MS) {
		return STARTING_MS - sinceQuarterMs;
	}
	const endsTooLate = sinceQuarterMs + minutes * 60_000 > SCHEDULE_MS;
	return endsTooLate ? SCHEDULE_MS - sinceQuarterMs + STARTING_MS : 0;
}
