import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSimulatorProcess } from '../test/simulator/simulatorProcess.mts';
import type { GrowthFigures } from './growthProcess.mts';
import { show, spreadOf, type Section, type Target } from './report.mts';

const CONCURRENCY = 16;
const ROUNDS = 5;

/** By the number of customers, and by the number of devices of each; a unit is what there is more of. */
const GROWTHS = [
	{ unit: 'customer', sizes: [1_000, 2_000, 10_000, 50_000].map((customers) => ({ customers, devices: 5 })) },
	{ unit: 'device', sizes: [1, 10, 1_000].map((devices) => ({ customers: 200, devices })) },
];

/** Per unit it may become less, as what there is only once is shared, but not more. */
const MOST_GROWTH = 1.2;

/** Time and memory per customer and per device, from few to many. */
export async function measureGrowth(): Promise<Section> {
	const section: Section = {
		title: 'Growth',
		about: `The built node on n8n-core, http, concurrency ${CONCURRENCY}, each run in a process of its own; median (min–max) of ${ROUNDS} in turns.`,
		head: ['customers', 'devices each', 'node ms', 'ms per 1,000 units', 'heap bytes per unit'],
		rows: [],
		targets: [],
	};
	const simulator = await startSimulatorProcess();
	try {
		for (const { unit, sizes } of GROWTHS) {
			const runs = sizes.map(() => [] as GrowthFigures[]);
			for (let round = 0; round < ROUNDS; round++) {
				for (const [index, { customers, devices }] of sizes.entries()) {
					await simulator.reset();
					runs[index]!.push(await pushInProcess(customers, devices, simulator.endpoint));
				}
			}
			const perUnit = sizes.map(({ customers, devices }, index) => {
				const units = unit === 'customer' ? customers : customers * devices;
				const ms = runs[index]!.map((run) => run.ms);
				const msPerThousand = spreadOf(ms.map((each) => (each * 1000) / units));
				const bytes = spreadOf(runs[index]!.map((run) => run.heapBytes / units));
				section.rows.push([
					...[String(customers), String(devices), show(spreadOf(ms)), show(msPerThousand, 1), show(bytes)],
				]);
				return { ms: msPerThousand.median, bytes: bytes.median };
			});
			section.targets.push(
				growthTarget(
					`time per ${unit}`,
					perUnit.map(({ ms }) => ms),
				),
				growthTarget(
					`memory per ${unit}`,
					perUnit.map(({ bytes }) => bytes),
				),
			);
		}
	} finally {
		await simulator.stop();
	}
	return section;
}

/** The most that a unit costs, against the smallest size. */
function growthTarget(name: string, perUnit: readonly number[]): Target {
	const [first = NaN, ...others] = perUnit;
	return {
		name: `growth of ${name}`,
		measured: Math.max(...others) / first,
		atMost: MOST_GROWTH,
		unit: ' times',
	};
}

async function pushInProcess(customers: number, devices: number, endpoint: string): Promise<GrowthFigures> {
	const script = fileURLToPath(new URL('growthProcess.mts', import.meta.url));
	const args = [customers, devices, endpoint, CONCURRENCY].map(String);
	const child = fork(script, args, { execArgv: ['--expose-gc', '--max-old-space-size=8192'] });
	const ended = once(child, 'exit');
	const figures = once(child, 'message') as Promise<[GrowthFigures]>;
	const [first] = await Promise.race([figures, ended]);
	if (typeof first !== 'object') throw new Error(`A push of ${customers} customers ended with ${first}`);
	await ended;
	return first;
}
