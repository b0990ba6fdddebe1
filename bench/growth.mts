import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../simulator/childMessage.mts';
import { startSimulatorProcess } from '../simulator/simulatorProcess.mts';
import type { GrowthFigures } from './growthProcess.mts';
import { show, spreadOf, type Section, type Target } from './report.mts';
import { alternate } from './rounds.mts';

const CONCURRENCY = 16;
const ROUNDS = 5;

interface Size {
	customers: number;
	/** Of each customer. */
	devices: number;
}

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
			const run = (size: Size) => async () => {
				await simulator.reset();
				return await pushInProcess(size, simulator.endpoint);
			};
			const runs = await alternate(Object.fromEntries(sizes.map((size) => [nameOf(size), run(size)])), {
				rounds: ROUNDS,
			});
			const perUnit = sizes.map((size) => {
				const { customers, devices } = size;
				const units = unit === 'customer' ? customers : customers * devices;
				const ofSize = runs[nameOf(size)]!;
				const ms = ofSize.map((figures) => figures.ms);
				const msPerThousand = spreadOf(ms.map((each) => (each * 1000) / units));
				const bytes = spreadOf(ofSize.map((figures) => figures.heapBytes / units));
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

const nameOf = ({ customers, devices }: Size) => `${customers} customers of ${devices}`;

async function pushInProcess({ customers, devices }: Size, endpoint: string): Promise<GrowthFigures> {
	const script = fileURLToPath(new URL('growthProcess.mts', import.meta.url));
	const args = [customers, devices, endpoint, CONCURRENCY].map(String);
	const child = fork(script, args, { execArgv: ['--expose-gc', '--max-old-space-size=8192'] });
	const ended = once(child, 'exit');
	const figures = await messageOf<GrowthFigures>(child);
	await ended;
	return figures;
}
