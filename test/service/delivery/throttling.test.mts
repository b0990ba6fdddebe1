import { describe, expect, test } from '@jest/globals';
import type { RateLimiter } from '../../../nodes/TencentCloudIot/service/delivery/rateLimiter';
import type { FakeClock } from '../../support/fakeClock.mts';
import { paceOf } from '../../support/rateLimiters.mts';

/** Throttles as a request does that started and was refused at this moment. */
async function throttle(clock: FakeClock, pace: RateLimiter): Promise<void> {
	await clock.advance(1);
	pace.throttled(clock.elapsedMs());
}

describe('Throttling', () => {
	test('halves the slots, down to one', async () => {
		const { clock, pace } = paceOf({ concurrency: 10 });
		const found: number[] = [];
		for (let times = 0; times < 5; times++) {
			await throttle(clock, pace);
			found.push(pace.concurrency);
		}
		expect(found).toEqual([5, 2, 1, 1, 1]);
	});

	test('counts once for all requests that were in flight at that moment', async () => {
		const { clock, pace } = paceOf({ concurrency: 8 });
		await clock.advance(100);
		for (const startedMs of [10, 50, 99, 100]) pace.throttled(startedMs);
		expect(pace.concurrency).toBe(4);
		await clock.advance(100);
		pace.throttled(101);
		expect(pace.concurrency).toBe(2);
	});

	test('is recovered from by one slot for each full round of successes, up to all of them', async () => {
		const { clock, pace } = paceOf({ concurrency: 4 });
		await throttle(clock, pace);
		const found = Array.from({ length: 12 }, () => {
			pace.succeeded();
			return pace.concurrency;
		});
		expect(found).toEqual([2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]);
	});

	test('in the middle of a round starts the round anew', async () => {
		const { clock, pace } = paceOf({ concurrency: 8 });
		await throttle(clock, pace);
		for (let successes = 0; successes < 3; successes++) pace.succeeded();
		await throttle(clock, pace);
		pace.succeeded();
		expect(pace.concurrency).toBe(2);
		pace.succeeded();
		expect(pace.concurrency).toBe(3);
	});

	test('spaces requests by what was accepted in the last second, even if no limit was set', async () => {
		const { clock, pace, startsMs, run } = paceOf({ requestsPerSecond: 0 });
		for (let successes = 0; successes < 10; successes++) pace.succeeded();
		await throttle(clock, pace);
		void run(3);
		await clock.advance(1_000);
		const [first = NaN, second = NaN, third = NaN] = startsMs;
		// Ten were accepted: a little less than ten a second are tried.
		expect(second - first).toBeGreaterThan(100);
		expect(second - first).toBeLessThan(115);
		expect(third - second).toBeCloseTo(second - first, 5);
	});
});

test.each<[when: string, pauseMs: number, spacingMs: number]>([
	['in a run that goes on for long', 0, 1_031],
	['right after a pause, too short to measure', 5_000, 103],
])(
	'Throttling without a success spaces requests, %s (%d ms), by %d ms',
	async (_when, pauseMs, spacingMs) => {
		const { clock, pace, startsMs, run } = paceOf({});
		await clock.advance(10_000);
		if (pauseMs > 0) pace.pause(pauseMs);
		await clock.advance(pauseMs);
		await throttle(clock, pace);
		void run(2);
		await clock.advance(5_000);
		const [first = NaN, second = NaN] = startsMs;
		expect(Math.round(second - first)).toBe(spacingMs);
	},
);

describe('A pause', () => {
	test('holds back requests that come later', async () => {
		const { clock, pace, startsMs, run } = paceOf({ requestsPerSecond: 10 });
		pace.pause(1_000);
		void run(2);
		await clock.advance(2_000);
		expect(startsMs).toEqual([1_000, 1_100]);
	});

	test('holds back requests that were waiting for their turn, and keeps them apart afterwards', async () => {
		const { clock, pace, startsMs, run } = paceOf({ requestsPerSecond: 10 });
		void run(4);
		await clock.advance(150);
		pace.pause(1_000);
		await clock.advance(5_000);
		expect(startsMs.slice(0, 2)).toEqual([0, 100]);
		expect(startsMs[2]).toBeGreaterThanOrEqual(1_150);
		expect(startsMs[3]! - startsMs[2]!).toBeGreaterThanOrEqual(100);
	});

	test('that is shorter than another ends nothing earlier for requests that come later', async () => {
		const { clock, pace, startsMs, run } = paceOf({});
		pace.pause(1_000);
		pace.pause(100);
		void run(1);
		await clock.advance(5_000);
		expect(startsMs).toEqual([1_000]);
	});

	test('that comes during another makes it longer, never shorter', async () => {
		const { clock, pace, startsMs, run } = paceOf({});
		pace.pause(1_000);
		void run(1);
		await clock.advance(500);
		pace.pause(100);
		await clock.advance(400);
		pace.pause(600);
		await clock.advance(5_000);
		expect(startsMs).toEqual([1_500]);
	});
});
