import { describe, expect, test } from '@jest/globals';
import type { RateLimiter } from '../../../nodes/TencentCloudIot/service/delivery/rate/rateLimiter';
import type { FakeClock } from '../../support/fakeClock.mts';
import { limiterOf } from '../../support/rateLimiters.mts';

/** Throttles like a request that starts and is refused at this moment. */
async function throttle(clock: FakeClock, limiter: RateLimiter): Promise<void> {
	await clock.advance(1);
	limiter.account.noteThrottling(clock.elapsedMs());
}

describe('Throttling', () => {
	test('counts once for all requests that were in flight at that moment', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({ requestsPerSecond: 40 });
		await clock.advance(100);
		// Each halves the rate while nothing was accepted in the last second.
		for (const startedMs of [10, 50, 99, 100]) {
			limiter.account.noteThrottling(startedMs);
		}
		void run(2);
		await clock.advance(1_000);
		expect(startsMs[1]! - startsMs[0]!).toBeCloseTo(1_030 / (20 * 0.97), 0);
	});
});

test.each<[when: string, pauseMs: number, spacingMs: number]>([
	['in a long run', 0, 1_062],
	['right after a pause, too short to measure', 5_000, 106],
])(
	'Throttling without a success spaces requests, %s (%d ms), by %d ms',
	async (_when, pauseMs, spacingMs) => {
		const { clock, limiter, startsMs, run } = limiterOf({});
		await clock.advance(10_000);
		if (pauseMs > 0) {
			limiter.account.pause(pauseMs);
		}
		await clock.advance(pauseMs);
		await throttle(clock, limiter);
		void run(2);
		await clock.advance(5_000);
		const [first = NaN, second = NaN] = startsMs;
		expect(Math.round(second - first)).toBe(spacingMs);
	},
);

describe('A pause', () => {
	test('delays waiting requests, and spaces them afterwards', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		void run(4);
		await clock.advance(150);
		limiter.account.pause(1_000);
		await clock.advance(5_000);
		expect(startsMs.slice(0, 2)).toEqual([0, 100]);
		expect(startsMs[2]).toBeGreaterThanOrEqual(1_150);
		expect(startsMs[3]! - startsMs[2]!).toBeGreaterThanOrEqual(100);
	});

	test('that is shorter than the current one does not end it, even for a request that arrives then', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({});
		limiter.account.pause(1_000);
		await clock.advance(500);
		limiter.account.pause(100);
		void run(1);
		await clock.advance(5_000);
		expect(startsMs).toEqual([1_000]);
	});

	test('during another one makes it longer, never shorter', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({});
		limiter.account.pause(1_000);
		void run(1);
		await clock.advance(500);
		limiter.account.pause(100);
		await clock.advance(400);
		limiter.account.pause(600);
		await clock.advance(5_000);
		expect(startsMs).toEqual([1_500]);
	});
});
