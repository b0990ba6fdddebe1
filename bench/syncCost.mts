import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../simulator/childMessage.mts';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { atMost, show, spreadOf, type Section, type Spread } from './report.mts';
import { alternate } from './rounds.mts';
import type { SyncCase, SyncFigures } from './syncCostProcess.mts';

const ROUNDS = 3;
const DEVICES = 5;

/** The default of 'Requests per Second'. */
const DEFAULT_RATE = 20;

const MOST_MS = 2_000;
const MOST_BYTES = 64;
const MOST_GROWTH = 1.2;

const sync = (customers: number, changedPercent: number, requestsPerSecond = 0): SyncCase => ({
	build: 'pool',
	operation: 'sync',
	customers,
	devices: DEVICES,
	changedPercent,
	requestsPerSecond,
});

const SMALL = 10_000;
const LARGE = 100_000;
const LARGEST = 1_000_000;

const push: SyncCase = { ...sync(SMALL, 100), operation: 'push' };
const CASES: SyncCase[] = [
	...[0, 1, 100].map((percent) => sync(SMALL, percent)),
	push,
	...[sync(SMALL, 100), push].map((each): SyncCase => ({ ...each, build: 'verified' })),
	...[0, 1].map((percent) => sync(LARGE, percent)),
];
const largest = sync(LARGEST, 0);
/** Cases that the service's rate limit makes equally slow on any machine. */
const AT_DEFAULT_RATE = [sync(SMALL, 1, DEFAULT_RATE), sync(LARGE, 1, DEFAULT_RATE)];
/** Slow cases, which run only once. */
const ONCE = [sync(LARGE, 100), largest, ...AT_DEFAULT_RATE];

type Measured = SyncFigures & { requests: number };

/** The cost of Sync in n8n's engine, by the number of customers and by how many of them have changed. */
export async function measureSyncCost(): Promise<Section> {
	const simulator = await startSimulatorProcess();
	try {
		const run = (each: SyncCase) => [nameOf(each), async () => await runInProcess(each, simulator)] as const;
		const inTurns = await alternate(Object.fromEntries(CASES.map(run)), { rounds: ROUNDS });
		const once = await alternate(Object.fromEntries(ONCE.map(run)), { rounds: 1 });
		return report({ ...inTurns, ...once });
	} finally {
		await simulator.stop();
	}
}

function report(runs: Readonly<Record<string, Measured[]>>): Section {
	const spread = (each: SyncCase, figure: (measured: Measured) => number): Spread =>
		spreadOf(runs[nameOf(each)]!.map(figure));
	const outsideMemory = ({ ms, memoryMs }: Measured) => ms - memoryMs;
	const median = (each: SyncCase, figure: (measured: Measured) => number) => spread(each, figure).median;
	const requests = ({ requests }: Measured) => requests;
	const seconds = ({ ms }: Measured) => ms / 1000;
	const bytes = ({ bytesPerCustomer }: Measured) => bytesPerCustomer;
	const cpu = ({ cpuMs }: Measured) => cpuMs;
	const unchanged = sync(LARGE, 0);
	const atDefaultRate = AT_DEFAULT_RATE[1]!;
	const growth = (figure: (measured: Measured) => number) =>
		median(largest, figure) / LARGEST / (median(unchanged, figure) / LARGE);
	return {
		title: 'Cost of Sync',
		about: `The built node on n8n-core, the pool build unless the case says otherwise, ${DEVICES} devices per customer, http, concurrency 16, each run in its own process that starts with the sync state of an earlier run; median (min–max) of ${ROUNDS} runs in turns, the last four cases once. Own ms is the time outside n8n's functions that read and write that state; CPU is the processor time of all threads. Peak MiB is what the process used beyond the rows; bytes are what n8n stores.`,
		head: ['case', 'requests', 'node ms', 'own ms', 'CPU ms', 'peak MiB', 'bytes per customer'],
		rows: [...CASES, ...ONCE].map((each) => [
			nameOf(each),
			...[requests, ({ ms }: Measured) => ms, outsideMemory, cpu, ({ peakMib }: Measured) => peakMib].map(
				(figure) => show(spread(each, figure)),
			),
			spread(each, bytes).median.toFixed(1),
		]),
		targets: [
			atMost('requests, 100,000 customers unchanged', median(unchanged, requests), 0),
			atMost(
				'own time, 100,000 customers unchanged, the fastest run',
				Math.min(...runs[nameOf(unchanged)]!.map(outsideMemory)),
				MOST_MS,
				' ms',
			),
			atMost('kept of each customer', median(unchanged, bytes), MOST_BYTES, ' bytes'),
			atMost('requests, 100,000 customers, 1 % changed', median(atDefaultRate, requests), 1_000),
			// 50 s for the requests, 4.5 s of waiting for other runs before the first one, and the run itself.
			atMost('time at 20 a second, 100,000 customers, 1 % changed', median(atDefaultRate, seconds), 60, ' s'),
			atMost(
				'processor time to that of a Push, 10,000 customers unchanged',
				median(sync(SMALL, 0), cpu) / median(push, cpu),
				0.5,
			),
			atMost(
				'processor time to that of a Push, 10,000 customers all changed',
				median(sync(SMALL, 100), cpu) / median(push, cpu),
				1.2,
			),
			atMost('own time per customer, 1,000,000 to 100,000', growth(outsideMemory), MOST_GROWTH, ' times'),
			atMost(
				'bytes per customer, 1,000,000 to 100,000',
				median(largest, bytes) / median(unchanged, bytes),
				MOST_GROWTH,
				' times',
			),
		],
	};
}

function nameOf({ build, operation, customers, changedPercent, requestsPerSecond }: SyncCase): string {
	const rate = requestsPerSecond > 0 ? `, ${requestsPerSecond} a second` : '';
	const run = operation === 'push' ? 'Push' : `Sync, ${changedPercent} % changed${rate}`;
	const suffix = build === 'pool' ? '' : `, ${build} build`;
	return `${customers} customers, ${run}${suffix}`;
}

async function runInProcess(each: SyncCase, simulator: SimulatorProcess): Promise<Measured> {
	const script = fileURLToPath(new URL('syncCostProcess.mts', import.meta.url));
	const child = fork(script, [JSON.stringify(each), simulator.endpoint], {
		execArgv: ['--expose-gc', '--max-old-space-size=12288'],
	});
	const ended = once(child, 'exit');
	await messageOf(child);
	await simulator.reset();
	child.send('go');
	const figures = await messageOf<SyncFigures>(child);
	await ended;
	const { requests } = await simulator.counts();
	console.log(`${nameOf(each)}: ${JSON.stringify({ ...figures, requests })}`);
	return { ...figures, requests };
}
