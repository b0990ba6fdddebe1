import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { rePushesSince } from '../../nodes/TencentCloudIot/sync/verdicts';

const HOUR = 60;
const DAY = 24 * HOUR;
/** The fingerprints of the customers of a CRM. */
const fingerprints = Array.from({ length: 16_800 }, (_, index) =>
	createHash('sha256').update(`user_${index}`).digest('base64url'),
);
const START = 28_333_333;

function countDue(
	everyDays: number,
	minute: number,
	lastMinute: number | undefined,
	acceptedMinute = 0,
): number {
	const isScheduled = rePushesSince(everyDays, minute, lastMinute);
	return fingerprints.filter((fingerprint) => isScheduled(fingerprint, acceptedMinute)).length;
}

test('Customers are spread evenly over 168 slots', () => {
	const slots = Array.from({ length: 168 }, (_, hour) => {
		return countDue(7, START + (hour + 1) * HOUR, START + hour * HOUR);
	});
	// Six standard deviations of 100.
	for (const count of slots) {
		expect(Math.abs(count - 100)).toBeLessThan(60);
	}
});

describe('An unchanged customer is due', () => {
	test.each([1, 7, 30])('once in %i days, whenever the runs happen', (everyDays) => {
		const times = new Map<string, number>();
		// Runs at irregular intervals.
		const intervals = [1, 5, 59, 60, 61, 300, 1440, 5000, 3];
		let last = START;
		for (let run = 0; last < START + everyDays * DAY; run++) {
			const minute = Math.min(last + intervals[run % intervals.length]!, START + everyDays * DAY);
			const isScheduled = rePushesSince(everyDays, minute, last);
			for (const fingerprint of fingerprints) {
				if (isScheduled(fingerprint, 0)) {
					times.set(fingerprint, (times.get(fingerprint) ?? 0) + 1);
				}
			}
			last = minute;
		}
		expect(times.size).toBe(fingerprints.length);
		expect(new Set(times.values())).toEqual(new Set([1]));
	});

	test('in its slot only: no hourly run re-pushes more than one in a hundred customers', () => {
		for (let hour = 1; hour <= 200; hour++) {
			const due = countDue(7, START + hour * HOUR, START + (hour - 1) * HOUR);
			expect(due).toBeLessThan(fingerprints.length / 100);
			expect(due).toBeGreaterThan(0);
		}
	});

	test.each<[string, number, number | undefined, number]>([
		['never, at 0 days', 0, START - 400 * DAY, 0],
		['not in the same minute', 7, START, 0],
		['after a whole period', 7, START - 7 * DAY, fingerprints.length],
		['after many periods', 1, START - 400 * DAY, fingerprints.length],
		['not when the clock was some hours ahead', 7, START + 20 * HOUR, 0],
		['when the clock was far ahead', 7, START + 30 * DAY, fingerprints.length],
	])('%s', (_, everyDays, lastMinute, due) => {
		expect(countDue(everyDays, START, lastMinute)).toBe(due);
	});

	test.each<[string, number, number]>([
		['not in that minute', START, 0],
		['after a whole period', START - 7 * DAY, fingerprints.length],
		['if its acceptance is unknown too', 0, fingerprints.length],
		['when the clock was far ahead', START + 30 * DAY, fingerprints.length],
	])('if no run has ended, counted from its acceptance: %s', (_, acceptedMinute, due) => {
		expect(countDue(7, START, undefined, acceptedMinute)).toBe(due);
	});

	// An interrupted run stores which customers it pushed, but not that it ended.
	test.each<[string, number, number, number]>([
		['not if an interrupted run has pushed it since the last finished run', START - 7 * DAY, START - 5, 0],
		['not even if the clock of that finished run was far ahead', START + 30 * DAY, START - 5, 0],
		['but if a clock that was far ahead dated its acceptance', START - 7 * DAY, START + 30 * DAY, 16_800],
		['in its slot only, if it was accepted long ago', START, START - 7 * DAY, 0],
	])('%s', (_, lastMinute, acceptedMinute, due) => {
		expect(countDue(7, START, lastMinute, acceptedMinute)).toBe(due);
	});

	test.each([
		[7, 14],
		[14, 7],
		[1, 30],
	])('without a burst of re-pushes when %i days become %i', (_, everyDays) => {
		const due = countDue(everyDays, START, START - HOUR);
		expect(due).toBeLessThan(fingerprints.length / 20);
	});
});
