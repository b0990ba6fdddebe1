import { describe, expect, test } from '@jest/globals';
import { limiterOf } from '../../support/rateLimiters.mts';

describe('Spacing', () => {
	test('starts requests evenly, never more per second than configured', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 4 });
		const done = run(6);
		await clock.advance(5_000);
		expect(startsMs).toEqual([0, 250, 500, 750, 1_000, 1_250]);
		expect(await done).toEqual(new Array(6).fill('done'));
	});

	test('of 0 is none', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 0 });
		const done = run(5);
		await clock.advance(0);
		expect(startsMs).toEqual([0, 0, 0, 0, 0]);
		await done;
	});

	test('below one request per second waits longer than a second', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 0.5 });
		void run(3);
		await clock.advance(10_000);
		expect(startsMs).toEqual([0, 2_000, 4_000]);
	});

	test('that was not used is not saved for later', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		await clock.advance(5_000);
		void run(3);
		await clock.advance(1_000);
		expect(startsMs).toEqual([5_000, 5_100, 5_200]);
	});
});

describe('In any second', () => {
	test.each([100, 500])(
		'no more requests start than configured, even after a stall of %d ms',
		async (stallMs) => {
			const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
			void run(40);
			await clock.advance(450);
			// All starts that are due during a stall happen at its end.
			await clock.stall(stallMs);
			await clock.advance(10_000);
			expect(startsMs).toHaveLength(40);
			expectAtMost(10, startsMs);
		},
	);

	test('exactly as many requests start as configured: 1,200 in a minute at 20 a second', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 20 });
		void run(1_300);
		await clock.advance(60_000 - 1);
		expect(startsMs).toHaveLength(1_200);
		expectAtMost(20, startsMs);
	});

	test.each([
		[3, 1_196],
		[7, 1_190],
		[20, 1_180],
	])(
		'hardly fewer requests start if each is up to %d ms late: %d in a minute at 20 a second',
		async (lateMs, leastStarts) => {
			const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 20 });
			void run(1_300);
			await clock.advance(0);
			while (clock.elapsedMs() < 60_000) {
				await clock.stall(lateMs);
			}
			expect(startsMs.length).toBeGreaterThanOrEqual(leastStarts);
			expectAtMost(20, startsMs);
		},
	);
});

test('The limiter catches up after a stall at twice the rate, not with a burst', async () => {
	const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 20 });
	void run(12);
	await clock.advance(110);
	await clock.stall(150);
	await clock.advance(500);
	expect(startsMs).toEqual([0, 50, 100, 260, 285, 310, 335, 360, 400, 450, 500, 550]);
});

/** Expects no second with more starts than this. */
function expectAtMost(most: number, startsMs: readonly number[]): void {
	for (const [index, startMs] of startsMs.slice(most).entries()) {
		expect(startMs - startsMs[index]!).toBeGreaterThanOrEqual(1_000);
	}
}

test('A task that throws ends, and its caller gets the error', async () => {
	const { limiter } = limiterOf({});
	await expect(limiter.run(() => Promise.reject(new Error('thrown')))).rejects.toThrow('thrown');
	await expect(limiter.run(async () => 'done')).resolves.toBe('done');
});

describe('A cancelled run', () => {
	test('starts no more requests: all waits end at once', async () => {
		const controller = new AbortController();
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 1, signal: controller.signal });
		const done = run(5);
		await clock.advance(1_500);
		controller.abort();
		expect(await done).toEqual(['done', 'done', undefined, undefined, undefined]);
		expect(startsMs).toEqual([0, 1_000]);
		expect(clock.elapsedMs()).toBe(1_500);
		expect(clock.waiting).toBe(0);
	});
});
