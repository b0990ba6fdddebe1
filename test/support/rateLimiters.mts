import {
	RateLimiter,
	type RateLimiterOptions,
} from '../../nodes/TencentCloudIot/service/delivery/rateLimiter';
import { FakeClock } from './fakeClock.mts';

/** A pace whose tasks take `taskMs`, with the times at which they started. */
export function paceOf(options: Partial<RateLimiterOptions>, taskMs = 0) {
	const clock = new FakeClock();
	const pace = new RateLimiter({ concurrency: 100, requestsPerSecond: 0, clock, ...options });
	const startsMs: number[] = [];
	let running = 0;
	let most = 0;
	const task = async (): Promise<string> => {
		startsMs.push(clock.elapsedMs());
		most = Math.max(most, ++running);
		await clock.sleep(taskMs);
		running--;
		return 'done';
	};
	const run = (count: number) => Promise.all(Array.from({ length: count }, () => pace.run(task)));
	return { clock, pace, startsMs, run, most: () => most };
}
