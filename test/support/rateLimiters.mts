import { RateLimiter } from '../../nodes/TencentCloudIot/service/delivery/rate/rateLimiter';
import { FakeClock } from './fakeClock.mts';

/** A rate limiter whose tasks take `taskMs`, with the times at which they started. */
export function limiterOf(options: Partial<ConstructorParameters<typeof RateLimiter>[0]>, taskMs = 0) {
	const clock = new FakeClock();
	const account = { endpoint: new URL('https://service.test'), appKey: 'ServiceAppKey' };
	const limiter = new RateLimiter({ ...account, requestsPerSecond: 0, clock, ...options });
	const startsMs: number[] = [];
	const task = async (): Promise<string> => {
		startsMs.push(clock.elapsedMs());
		await clock.sleep(taskMs);
		return 'done';
	};
	const run = (count: number) => Promise.all(Array.from({ length: count }, () => limiter.run(task)));
	return { clock, limiter, startsMs, run };
}
