import { describe, expect, test } from '@jest/globals';
import { paceOf } from '../../support/rateLimiters.mts';

describe('Spacing', () => {
	test('starts requests evenly, never more than were asked for in a second', async () => {
		const { clock, startsMs, run } = paceOf({ requestsPerSecond: 4 });
		const done = run(6);
		await clock.advance(5_000);
		expect(startsMs).toEqual([0, 250, 500, 750, 1_000, 1_250]);
		expect(await done).toEqual(new Array(6).fill('done'));
	});

	test('of 0 is none', async () => {
		const { clock, startsMs, run } = paceOf({ requestsPerSecond: 0 });
		const done = run(5);
		await clock.advance(0);
		expect(startsMs).toEqual([0, 0, 0, 0, 0]);
		await done;
	});

	test('below one request per second waits longer than a second', async () => {
		const { clock, startsMs, run } = paceOf({ requestsPerSecond: 0.5 });
		void run(3);
		await clock.advance(10_000);
		expect(startsMs).toEqual([0, 2_000, 4_000]);
	});

	test('that was not used is not saved up for later', async () => {
		const { clock, startsMs, run } = paceOf({ requestsPerSecond: 10 });
		await clock.advance(5_000);
		void run(3);
		await clock.advance(1_000);
		expect(startsMs).toEqual([5_000, 5_100, 5_200]);
	});
});

describe('Slots', () => {
	test('are never more in use than there are', async () => {
		const { clock, startsMs, run, most } = paceOf({ concurrency: 3 }, 100);
		void run(7);
		await clock.advance(1_000);
		expect(startsMs).toEqual([0, 0, 0, 100, 100, 100, 200]);
		expect(most()).toBe(3);
	});

	test('are free again after a task that throws, and whoever waits for it hears of it', async () => {
		const { pace } = paceOf({ concurrency: 1 });
		await expect(pace.run(() => Promise.reject(new Error('thrown')))).rejects.toThrow('thrown');
		await expect(pace.run(async () => 'done')).resolves.toBe('done');
	});
});

describe('A cancelled run', () => {
	test('starts nothing more: whoever waits is informed at once', async () => {
		const controller = new AbortController();
		const { clock, startsMs, run } = paceOf({ requestsPerSecond: 1, signal: controller.signal });
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
		const { clock, pace, run } = paceOf({ signal: controller.signal });
		pace.pause(60_000);
		const done = run(1);
		await clock.advance(10);
		controller.abort();
		expect(await done).toEqual([undefined]);
		expect(clock.elapsedMs()).toBe(10);
	});

	test('that was cancelled before starts nothing', async () => {
		const { startsMs, run } = paceOf({ signal: AbortSignal.abort() });
		expect(await run(2)).toEqual([undefined, undefined]);
		expect(startsMs).toEqual([]);
	});
});
