import { describe, expect, test } from '@jest/globals';
import { limiterOf } from '../../support/rateLimiters.mts';

describe('Spacing', () => {
	test('starts requests evenly, never more than configured in a second', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 4 });
		const done = run(6);
		await clock.advance(5_000);
		expect(startsMs).toEqual([0, 257.5, 515, 772.5, 1_030, 1_287.5]);
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
		expect(startsMs).toEqual([0, 2_060, 4_120]);
	});

	test('that was not used is not saved up for later', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		await clock.advance(5_000);
		void run(3);
		await clock.advance(1_000);
		expect(startsMs).toEqual([5_000, 5_103, 5_206]);
	});
});

describe('In any second', () => {
	test.each([100, 500])('no more start than configured, also after a stall of %d ms', async (stallMs) => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		void run(40);
		await clock.advance(450);
		// All starts that fall due during a stall happen at its end.
		await clock.stall(stallMs);
		await clock.advance(10_000);
		expect(startsMs).toHaveLength(40);
		for (const [index, startMs] of startsMs.slice(10).entries()) {
			expect(startMs - startsMs[index]!).toBeGreaterThanOrEqual(1_000);
		}
	});

	test('as many start as otherwise although each one is some milliseconds late', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 20 });
		void run(200);
		for (let slice = 0; slice < 1_100; slice++) await clock.stall(10);
		expect(startsMs.at(-1)).toBeLessThanOrEqual(199 * 51.5 + 10);
	});
});

test('A task that throws is over, and its caller gets the error', async () => {
	const { limiter } = limiterOf({});
	await expect(limiter.run(() => Promise.reject(new Error('thrown')))).rejects.toThrow('thrown');
	await expect(limiter.run(async () => 'done')).resolves.toBe('done');
});

describe('A cancelled run', () => {
	test('starts nothing more: all waits end at once', async () => {
		const controller = new AbortController();
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 1, signal: controller.signal });
		const done = run(5);
		await clock.advance(1_500);
		controller.abort();
		expect(await done).toEqual(['done', 'done', undefined, undefined, undefined]);
		expect(startsMs).toEqual([0, 1_030]);
		expect(clock.elapsedMs()).toBe(1_500);
		expect(clock.waiting).toBe(0);
	});
});
