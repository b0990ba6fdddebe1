import type { Build } from '../../embedded/embeddedEngine.mts';
import type { SimulatorAccess } from '../engine/operationRun.mts';
import { LoopWatch } from './loopWatch.mts';

/** What one call to a hostile service took. */
export interface HostileReport {
	/** Outcome and code of the first request that came to nothing. */
	code: string | undefined;
	longestBlockMs: number;
	/** Above what the process had before, MiB. */
	memoryMib: number;
}

/** A process of its own: node hostileCall.mts <build> <caller> <endpoint of a service that means well> <that of the other>. */
const [build, caller, good = '', hostile = ''] = process.argv.slice(2);
Object.assign(globalThis, { TESTED_BUILD: build as Build });
const { editors, runs } = await import('../faults/hostile/callers.mts');
const call = { ...runs, ...editors }[caller as keyof typeof runs | keyof typeof editors];
const access = (endpoint: string): SimulatorAccess => ({ endpoint, appKey: 'key', appSecret: 'secret' });

// n8n loads a great deal with the first call, and compiles it with the next ones.
for (let turn = 0; turn < 5; turn++) await call(access(good));
globalThis.gc?.();
const watch = new LoopWatch();
const startMib = process.memoryUsage().rss / 2 ** 20;
await new Promise((resolve) => setTimeout(resolve, 50));
watch.lap();
const { codes } = await call(access(hostile));
const { longestBlockMs, mostRssMib } = watch.lap();
watch.stop();
const report: HostileReport = {
	code: codes[0],
	longestBlockMs,
	memoryMib: Math.round(mostRssMib - startMib),
};
process.send?.(report);
process.disconnect?.();
