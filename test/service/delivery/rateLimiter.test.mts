import { describe, expect, test } from '@jest/globals';
import { limiterOf } from '../../support/rateLimiters.mts';

describe('Spacing', () => {
	test('starts requests evenly, never more than configured in a second', async () => {
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

	test('that was not used is not saved up for later', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		await clock.advance(5_000);
		void run(3);
		await clock.advance(1_000);
		expect(startsMs).toEqual([5_000, 5_100, 5_200]);
	});
});

describe('In any second', () => {
	test('no more requests start than configured, also when a stalled event loop delayed some of them', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 10 });
		void run(40);
		await clock.advance(450);
		// All starts that fall due during a stall happen at its end.
		await clock.stall(500);
		await clock.advance(10_000);
		expect(startsMs).toHaveLength(40);
		for (const [index, startMs] of startsMs.slice(10).entries()) {
			expect(startMs - startsMs[index]!).toBeGreaterThanOrEqual(1_000);
		}
	});

	test('no more requests arrive than configured, also when one arrived late', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({ requestsPerSecond: 2 });
		// Its response shows that it may have arrived 100 ms later than the others.
		void limiter.run(async () => await clock.sleep(100));
		await clock.advance(0);
		void run(3);
		await clock.advance(5_000);
		expect(startsMs).toEqual([500, 1_100, 1_500]);
	});

	test('a request in flight counts from a quarter of a second after its start at most', async () => {
		const { clock, limiter, startsMs, run } = limiterOf({ requestsPerSecond: 1 });
		void limiter.run(async () => await clock.sleep(60_000));
		await clock.advance(0);
		void run(1);
		await clock.advance(5_000);
		expect(startsMs).toEqual([1_250]);
	});

	test('a delay that all requests share costs the jitter alone', async () => {
		const { clock, startsMs, run } = limiterOf({ requestsPerSecond: 4 }, 100);
		void run(6);
		await clock.advance(5_000);
		expect(startsMs).toEqual([0, 250, 500, 750, 1_010, 1_260]);
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
		expect(startsMs).toEqual([0, 1_000]);
		expect(clock.elapsedMs()).toBe(1_500);
		expect(clock.waiting).toBe(0);
	});

	test('does not wait for the end of a pause', async () => {
		const controller = new AbortController();
		const { clock, limiter, run } = limiterOf({ signal: controller.signal });
		limiter.pause(60_000);
		const done = run(1);
		await clock.advance(10);
		controller.abort();
		expect(await done).toEqual([undefined]);
		expect(clock.elapsedMs()).toBe(10);
	});

	test('that was cancelled before starts nothing', async () => {
		const { startsMs, run } = limiterOf({ signal: AbortSignal.abort() });
		expect(await run(2)).toEqual([undefined, undefined]);
		expect(startsMs).toEqual([]);
	});
});
