/** The cost of the node in n8n's engine compared with an earlier commit: the same rows, the same engine, each run in its own process. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUILD_FOLDERS, type Build } from '../embedded/embeddedEngine.mts';
import { messageOf } from '../simulator/childMessage.mts';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator/simulatorProcess.mts';
import { buildAndPack, packedPackage } from '../test/e2e/setup/packedPackage.mts';
import type { BesideCase } from './besideProcess.mts';
import { packCommit } from './earlierCommit.mts';
import type { OwnFigures } from './processFigures.mts';
import { atLeast, atMost, show, spreadOf, type Section, type Target } from './report.mts';
import { alternate } from './rounds.mts';

const BEFORE = '64dd000';
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const DEVICES = 5;
/** Multiplies all numbers of customers; less than 1 to try out the bench itself. */
const SCALE = Number(process.env.BENCH_SCALE ?? 1);

/** A case without the path of the package that is measured. */
type Work = Omit<BesideCase, 'dist'> & { build: Build };

const work = (name: string, customers: number, settings: Partial<Work> = {}): [string, Work] => [
	name,
	{
		build: 'pool',
		kind: 'push',
		devices: DEVICES,
		mapping: 'byHand',
		...settings,
		customers: Math.ceil(customers * SCALE),
	},
];

const PUSH = 'Push, 200,000 rows';
const DRY_RUN = 'Dry Run, 1,000,000 rows';
const ORDINARY = {
	'Dry Run, 100,000 rows mapped by hand': 'byHand',
	'Dry Run, 100,000 rows mapped automatically': 'automatic',
} as const;
const REQUESTS: Record<string, Build> = {
	'Push, 20,000 customers, pool build': 'pool',
	'Push, 20,000 customers, verified build': 'verified',
};
const MANY_REQUESTS = 20_000;

/** The cases that both commits run. */
const COMPARED: ReadonlyMap<string, Work> = new Map([
	work(PUSH, 40_000),
	work(DRY_RUN, 200_000, { kind: 'dryRun' }),
	...Object.entries(ORDINARY).map(([name, mapping]) => work(name, 20_000, { kind: 'dryRun', mapping })),
	...Object.entries(REQUESTS).map(([name, build]) => work(name, MANY_REQUESTS, { devices: 1, build })),
]);

/** A Sync with nothing to send, by the number of rows. */
const FEWEST_ROWS = 1_000;
const MOST_ROWS = 1_000_000;
const GROWING: ReadonlyMap<number, Work> = new Map(
	[FEWEST_ROWS, 10_000, 100_000, MOST_ROWS].map((rows) => {
		const [, settings] = work('', rows / DEVICES, { kind: 'quietSync' });
		return [rows, settings];
	}),
);

type Version = 'now' | typeof BEFORE;
type Compared = Record<Version, OwnFigures[]>;

export async function measureBeside(): Promise<Section> {
	const folder = await mkdtemp(join(tmpdir(), 'bench-beside-'));
	const simulator = await startSimulatorProcess();
	try {
		const packed = await packBoth(folder);
		const compared = new Map<string, Compared>();
		for (const [name, { build, ...asked }] of COMPARED) {
			const turn = (version: Version) => async () => {
				return await runInProcess({ ...asked, dist: packed.dist[version][build] }, simulator);
			};
			const figures = await alternate({ now: turn('now'), [BEFORE]: turn(BEFORE) }, { rounds: ROUNDS });
			compared.set(name, figures);
			console.log(name, JSON.stringify(figures));
		}
		const growth = new Map<number, OwnFigures[]>();
		for (const [rows, { build, ...asked }] of GROWING) {
			const run = async () => await runInProcess({ ...asked, dist: packed.dist.now[build] }, simulator);
			const { now } = await alternate({ now: run }, { rounds: rows === MOST_ROWS ? 1 : ROUNDS });
			growth.set(rows, now);
			console.log(rows, JSON.stringify(now));
		}
		return report(compared, growth, packed);
	} finally {
		await simulator.stop();
		await rm(folder, { recursive: true, force: true });
	}
}

/** Both builds of both commits. */
interface Packed {
	dist: Record<Version, Record<Build, string>>;
	/** The size of the packed pool build, kB. */
	packedKb: Record<Version, number>;
	/** Processor time that n8n's process takes to load the node, without n8n's libraries. Milliseconds. */
	importMs: Record<Version, number[]>;
}

async function packBoth(folder: string): Promise<Packed> {
	const now = await packedPackage('pool', folder);
	await packedPackage('verified', folder);
	const { root, tarball: before } = await packCommit(BEFORE, 'pool', folder);
	await buildAndPack('verified', join(folder, 'packed-verified'), root);
	const dist = {
		now: BUILD_FOLDERS,
		[BEFORE]: { pool: join(root, 'build/pool/dist'), verified: join(root, 'dist') },
	};
	const sizeKb = async (tarball: string) => (await stat(tarball)).size / 1000;
	const turn = (version: Version) => async () => await measureImport(dist[version].pool);
	return {
		dist,
		packedKb: { now: await sizeKb(now), [BEFORE]: await sizeKb(before) },
		importMs: await alternate(
			{ now: turn('now'), [BEFORE]: turn(BEFORE) },
			{ rounds: 3 * ROUNDS, warmUps: 1 },
		),
	};
}

/** Loads n8n's library and then the node. @returns the processor time of loading the node */
async function measureImport(dist: string): Promise<number> {
	const load = `require('n8n-workflow');
		const before = process.cpuUsage();
		require(${JSON.stringify(join(dist, 'nodes/TencentCloudIot/TencentCloudIot.node.js'))});
		const { user, system } = process.cpuUsage(before);
		console.log((user + system) / 1000);`;
	const { stdout } = await promisify(execFile)(process.execPath, ['-e', load], { cwd: import.meta.dirname });
	return Number(stdout);
}

async function runInProcess(asked: BesideCase, simulator: SimulatorProcess): Promise<OwnFigures> {
	await simulator.reset();
	const script = fileURLToPath(new URL('besideProcess.mts', import.meta.url));
	const child = fork(script, [JSON.stringify(asked), simulator.endpoint], {
		execArgv: ['--expose-gc', '--max-old-space-size=8192'],
	});
	const ended = once(child, 'exit');
	const figures = await messageOf<OwnFigures>(child);
	await ended;
	return figures;
}

function report(
	compared: ReadonlyMap<string, Compared>,
	growth: ReadonlyMap<number, OwnFigures[]>,
	{ packedKb, importMs }: Packed,
): Section {
	const cpu = (figures: readonly OwnFigures[]) => spreadOf(figures.map(({ cpuMs }) => cpuMs));
	const memory = (figures: readonly OwnFigures[]) => spreadOf(figures.map(({ peakMib }) => peakMib));
	const ratioOf = ({ now, [BEFORE]: before }: Compared) => cpu(now).median / cpu(before).median;
	const ofCompared = (name: string) => ratioOf(compared.get(name)!);
	const cpuOfRows = (rows: number) => cpu(growth.get(rows)!).median;
	const exponent =
		Math.log(cpuOfRows(MOST_ROWS) / cpuOfRows(FEWEST_ROWS)) / Math.log(MOST_ROWS / FEWEST_ROWS);
	const importRatio = spreadOf(importMs.now).median / spreadOf(importMs[BEFORE]).median;
	const perCpuSecond: Target[] = Object.keys(REQUESTS).map((name) =>
		atLeast(`requests per CPU second to those of ${BEFORE}, ${name}`, 1 / ofCompared(name), 1),
	);
	return {
		title: `Beside ${BEFORE}`,
		about: `The built node of this commit and of ${BEFORE} on the same n8n-core, ${DEVICES} devices a customer unless the case says otherwise, http, concurrency 16, each run in its own process, median (min–max) of ${ROUNDS} runs in turns; a Sync of 1,000,000 rows with nothing to send runs once. CPU is the processor time of all threads while the node ran; peak is what the process used beyond what it had before.`,
		head: ['case', 'CPU ms', `CPU ms, ${BEFORE}`, 'peak MiB', `peak MiB, ${BEFORE}`],
		rows: [
			...Array.from(compared, ([name, { now, [BEFORE]: before }]) => [
				name,
				show(cpu(now)),
				show(cpu(before)),
				show(memory(now)),
				show(memory(before)),
			]),
			...Array.from(growth, ([rows, figures]) => [
				`Sync with nothing to send, ${rows} rows`,
				show(cpu(figures)),
				'',
				show(memory(figures)),
				'',
			]),
			['loading the node', show(spreadOf(importMs.now), 1), show(spreadOf(importMs[BEFORE]), 1), '', ''],
		],
		targets: [
			...[PUSH, DRY_RUN].map((name) => atMost(`processor time, ${name}`, ofCompared(name), 0.8)),
			...Object.keys(ORDINARY).map((name) => atMost(`processor time, ${name}`, ofCompared(name), 1.05)),
			...perCpuSecond,
			atMost('growth of a quiet Sync with its rows, exponent', exponent, 1),
			atMost('processor time of loading the node', importRatio, 1),
			atMost('packed pool build', packedKb.now, Math.round(packedKb[BEFORE]), ' kB'),
		],
	};
}
