import { describe, expect, test } from '@jest/globals';
import { RateLimiter } from '../../../nodes/TencentCloudIot/service/delivery/rate/rateLimiter';
import { FakeClock } from '../../support/fakeClock.mts';

type RateLimiterOptions = ConstructorParameters<typeof RateLimiter>[0];

const SECOND_MS = 1_000;

/** Runs of one process that send to one account. */
class Account {
	readonly clock = new FakeClock();
	/** The start times of requests, with their runs. */
	readonly starts: Array<{ run: string; atMs: number }> = [];
	readonly limiters: RateLimiter[] = [];

	/** Starts a run that sends `count` requests, `lanes` of them at once; each takes `taskMs`. */
	run(
		run: string,
		count: number,
		{
			lanes = 10,
			taskMs = 5,
			...options
		}: Partial<RateLimiterOptions> & { lanes?: number; taskMs?: number } = {},
	): RateLimiter {
		const limiter = new RateLimiter({
			endpoint: new URL('https://service.test'),
			appKey: 'ServiceAppKey',
			requestsPerSecond: 20,
			clock: this.clock,
			...options,
		});
		this.limiters.push(limiter);
		let unsent = count;
		const send = async (): Promise<void> => {
			this.starts.push({ run, atMs: this.clock.elapsedMs() });
			await this.clock.sleep(taskMs);
		};
		const lane = async (): Promise<void> => {
			while (unsent > 0) {
				unsent--;
				await limiter.run(send);
			}
		};
		const working = Array.from({ length: Math.min(lanes, count) }, lane);
		void Promise.all(working).then(() => limiter.leave());
		return limiter;
	}

	/** The start times of this run's requests, or of all requests. */
	startsOf(run?: string): number[] {
		return this.starts.filter((start) => run === undefined || start.run === run).map(({ atMs }) => atMs);
	}
}

/** The largest number of starts in any second. */
function mostInASecond(startsMs: readonly number[]): number {
	return Math.max(
		...startsMs.map(
			(startMs, index) => startsMs.slice(index).filter((ms) => ms < startMs + SECOND_MS).length,
		),
	);
}

/** The number of starts from `fromMs` until before `toMs`. */
function countIn(startsMs: readonly number[], fromMs: number, toMs: number): number {
	return startsMs.filter((ms) => ms >= fromMs && ms < toMs).length;
}

describe('Runs that send to one account', () => {
	test('share one limit of 20 a second, use all of it, and take turns', async () => {
		const account = new Account();
		for (const run of ['a', 'b', 'c']) {
			account.run(run, 100_000);
		}
		await account.clock.advance(60 * SECOND_MS);
		expect(mostInASecond(account.startsOf())).toBeLessThanOrEqual(20);
		expect(account.starts.length / 60).toBeCloseTo(20, 1);
		for (const run of ['a', 'b', 'c']) {
			expect(account.startsOf(run).length / account.starts.length).toBeCloseTo(1 / 3, 2);
		}
	});

	test.each<[what: string, other: Partial<RateLimiterOptions>]>([
		['App Key', { appKey: 'AnotherAppKey' }],
		['endpoint', { endpoint: new URL('https://another.test') }],
	])('are independent if they send to another %s', async (_what, other) => {
		const account = new Account();
		account.run('a', 100_000);
		account.run('b', 100_000, other);
		await account.clock.advance(10 * SECOND_MS);
		expect(account.starts.length / 10).toBeCloseTo(40, 0);
	});

	test('slow down together when one of them is throttled', async () => {
		const account = new Account();
		account.run('a', 100_000);
		const b = account.run('b', 100_000);
		await account.clock.advance(5 * SECOND_MS);
		b.account.noteThrottling(account.clock.elapsedMs());
		b.account.pause(2 * SECOND_MS);
		await account.clock.advance(12 * SECOND_MS);
		const startsMs = account.startsOf();
		expect(countIn(startsMs, 5_001, 7_000)).toBe(0);
		// The limiters saw no success before they were throttled, so the rate falls to about one a second.
		expect(countIn(startsMs, 7_000, 17_000)).toBeLessThanOrEqual(11);
		expect(countIn(account.startsOf('a'), 7_000, 17_000)).toBeGreaterThan(0);
		expect(countIn(account.startsOf('b'), 7_000, 17_000)).toBeGreaterThan(0);
	});

	test('spread 20 requests over 1,030 ms after a strict service has throttled, so it throttles only once', async () => {
		const account = new Account();
		const { account: ofService } = account.run('a', 100_000);
		const sendUntil = async (endMs: number): Promise<void> => {
			while (account.clock.elapsedMs() < endMs) {
				await account.clock.advance(50);
				ofService.noteSuccess();
			}
		};
		await sendUntil(5 * SECOND_MS);
		ofService.noteThrottling(account.clock.elapsedMs());
		await sendUntil(125 * SECOND_MS);
		const laterMs = account.startsOf().filter((ms) => ms >= 65_000);
		// Every third request travels 30 ms longer than the others.
		const arrivalsMs = laterMs.map((ms, index) => ms + (index % 3 === 0 ? 30 : 0)).sort((a, b) => a - b);
		expect(mostInASecond(arrivalsMs)).toBe(20);
		expect(laterMs.length / 60).toBeCloseTo(20 / 1.03, 1);
	});

	test('that start after all others have ended are not slowed down by their throttling', async () => {
		const account = new Account();
		const before = account.run('a', 1);
		await account.clock.advance(SECOND_MS);
		before.account.noteThrottling(account.clock.elapsedMs());
		before.account.pause(60 * SECOND_MS);
		account.run('b', 100_000);
		await account.clock.advance(2 * SECOND_MS);
		expect(countIn(account.startsOf('b'), SECOND_MS, 3 * SECOND_MS)).toBe(40);
	});
});

describe('Different limits', () => {
	test('apply to each run, and the highest to all runs together', async () => {
		const account = new Account();
		account.run('fast', 100_000, { requestsPerSecond: 50 });
		account.run('slow', 100_000, { requestsPerSecond: 5 });
		account.run('usual', 100_000, { requestsPerSecond: 20 });
		await account.clock.advance(60 * SECOND_MS);
		expect(mostInASecond(account.startsOf())).toBeLessThanOrEqual(50);
		expect(account.starts.length / 60).toBeCloseTo(50, 0);
		expect(mostInASecond(account.startsOf('slow'))).toBeLessThanOrEqual(5);
		expect(mostInASecond(account.startsOf('usual'))).toBeLessThanOrEqual(20);
		expect(account.startsOf('slow').length / 60).toBeGreaterThan(4);
	});

	test('below the default add up, but not above the default', async () => {
		const two = new Account();
		for (const run of ['a', 'b']) {
			two.run(run, 100_000, { requestsPerSecond: 2.5 });
		}
		await two.clock.advance(20 * SECOND_MS);
		expect(two.starts.length / 20).toBeCloseTo(5, 0);
		const twelve = new Account();
		for (let part = 0; part < 12; part++) {
			twelve.run(`part ${part}`, 100_000, { requestsPerSecond: 2.5 });
		}
		await twelve.clock.advance(20 * SECOND_MS);
		expect(mostInASecond(twelve.startsOf())).toBeLessThanOrEqual(20);
		expect(twelve.starts.length / 20).toBeCloseTo(20, 0);
	});

	test('count only while their run is active', async () => {
		const account = new Account();
		account.run('usual', 100_000);
		const fast = account.run('fast', 200, { requestsPerSecond: 100 });
		await account.clock.advance(30 * SECOND_MS);
		expect(account.startsOf('fast')).toHaveLength(200);
		const endMs = account.startsOf('fast').at(-1)! + SECOND_MS;
		expect(mostInASecond(account.startsOf().filter((ms) => ms >= endMs))).toBeLessThanOrEqual(20);
		expect(fast).toBeDefined();
	});

	test('of 0 limit only the other runs', async () => {
		const account = new Account();
		account.run('unlimited', 2_000, { requestsPerSecond: 0, lanes: 10 });
		account.run('usual', 100_000);
		await account.clock.advance(10 * SECOND_MS);
		// Ten lanes of 5 ms each.
		expect(account.startsOf('unlimited').at(-1)!).toBeLessThanOrEqual(1_000);
		expect(mostInASecond(account.startsOf('usual'))).toBeLessThanOrEqual(20);
	});
});

describe('An order', () => {
	test('after a Sync of 100,000 and two more runs waits for at most one request', async () => {
		const account = new Account();
		for (const run of ['sync', 'sync 2', 'sync 3']) {
			account.run(run, 100_000);
		}
		await account.clock.advance(30 * SECOND_MS);
		for (let number = 0; number < 10; number++) {
			await account.clock.advance(1_313);
			const nowMs = account.clock.elapsedMs();
			account.run(`order ${number}`, 1);
			await account.clock.advance(150);
			expect(account.startsOf(`order ${number}`)[0]! - nowMs).toBeLessThanOrEqual(50);
		}
	});

	test('does not wait for the next start of a slower run', async () => {
		const account = new Account();
		account.run('slow', 100_000, { requestsPerSecond: 0.1 });
		await account.clock.advance(15 * SECOND_MS);
		account.run('order', 2);
		await account.clock.advance(SECOND_MS);
		expect(account.startsOf('order')).toEqual([15_000, 15_050]);
	});
});

test('An endless series of orders leaves a Sync a quarter of the rate', async () => {
	const account = new Account();
	account.run('sync', 100_000);
	await account.clock.advance(30 * SECOND_MS);
	for (let tick = 0; tick < 600; tick++) {
		account.run('order', 1);
		await account.clock.advance(33);
	}
	const share =
		countIn(account.startsOf('sync'), 30_000, 49_000) / countIn(account.startsOf(), 30_000, 49_000);
	expect(share).toBeGreaterThan(0.24);
	expect(share).toBeLessThan(0.27);
});
