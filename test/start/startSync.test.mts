import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SimulatorProcess } from '../../simulator/simulatorProcess.mts';
import { startSimulatorProcess } from '../../simulator/simulatorProcess.mts';
import { temporaryFolder } from '../support/temporaryFolder.mts';
import type { StartRun, SyncJson } from './startRun.mts';
import { start, startJson } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const names = '客户编号,设备序列号,设备ID,产品名称';
const csv = (...rows: string[]) => temporaryCsv([names, ...rows, ''].join('\n'));
const rowsOf = (count: number, product = '锁') =>
	Array.from({ length: count }, (_, index) => `C${index},S${index},P/D${index},${product}`);

describe('--sync runs three times: all, nothing, and exactly what changed', () => {
	let run: StartRun;
	beforeAll(async () => {
		run = await start(['--sync']);
	});

	test('in a table', () => {
		expect(run.exitCode).toBe(0);
		const cells = run.stdout
			.split('\n')
			.filter((line) => /^│ \d: /.test(line))
			.map((line) => line.split('│').map((cell) => cell.trim()));
		// Run, Customers, Pushed, Unchanged, Withheld, Not OK, Requests; then Seconds; then Memory.
		expect(cells.map((line) => [...line.slice(1, 8), line[9]])).toEqual([
			['1: the rows', '170', '144', '0', '26', '0', '144', 'empty'],
			['2: the same rows', '170', '0', '144', '26', '0', '0', 'used'],
			['3: 4 of them changed', '170', '3', '141', '26', '0', '3', 'used'],
		]);
	});

	test('in words', () => {
		expect(run.stdout).toContain(
			'Before run 3 these got another ProductName: 00010035, 00010028, 00010021 (rows 1, 3, 5, 6).',
		);
		expect(run.stdout).toContain(
			'Run 2 sent nothing, run 3 exactly what changed, and the service held what the rows said after each.',
		);
		expect(run.stdout).toMatch(/\n39 rows cannot be used: 26 customers withheld, .*\nDone\.\n$/);
	});

	test('as JSON, whatever the signing rule', async () => {
		const { exitCode, report } = await startJson<SyncJson>(['--sync', '--rule', 'goFmt']);
		expect(exitCode).toBe(0);
		expect(report.runs.map(({ report: { Customers }, problems }) => [Customers, problems])).toMatchObject([
			[{ Pushed: 144, Unchanged: 0 }, []],
			[{ Pushed: 0, Unchanged: 144 }, []],
			[{ Pushed: 3, Unchanged: 141 }, []],
		]);
		expect(report.runs[1]?.requests).toBe(0);
		expect(report.summary.changedCustomers).toEqual(['00010035', '00010028', '00010021']);
	});
});

test.concurrent.each([
	[
		'a product name that is the CustomerId',
		['--column', 'ProductName=客户编号'],
		'another CustomerDeviceNo: C0, C1',
	],
	['a product name that is the DeviceId', ['--column', 'ProductName=设备ID'], 'another ProductName: C0, C1'],
])('--sync changes rows so that they can be used still: %s', async (_name, flags, sentence) => {
	const { exitCode, stdout } = await start([
		'--sync',
		'--rows',
		csv(...rowsOf(2), ' C0 , S0,P/D0 ,锁'),
		...flags,
	]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain(`${sentence} (rows 1, 2, 3).`);
	expect(stdout).toContain('run 3 exactly what changed');
});

test.concurrent('--sync claims nothing where no customer can be pushed', async () => {
	const { exitCode, stdout } = await start(['--sync', '--rows', csv('C0,S0,no slash,锁')]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain('Nothing could be changed before run 3: no customer has only good rows.');
	expect(stdout).toContain('\n1 row cannot be used: 1 customer withheld');
	expect(stdout).not.toContain('exactly what changed');
});

test.concurrent('--sync --strict ends with 1 because of rows that cannot be used alone', async () => {
	const bad = await start(['--sync', '--strict', '--rows', csv(...rowsOf(2), 'C9,S9,no slash,锁')]);
	expect(bad.exitCode).toBe(1);
	expect(bad.stdout).toMatch(/\nDone, but with --strict the rows that cannot be used make the run fail\.\n$/);
	expect((await start(['--sync', '--strict', '--rows', csv(...rowsOf(2))])).exitCode).toBe(0);
});

describe('--memory keeps between two commands what was accepted', () => {
	let simulator: SimulatorProcess;
	let folder: string;
	beforeAll(async () => {
		simulator = await startSimulatorProcess();
	});
	afterAll(async () => await simulator.stop());
	beforeEach(async () => {
		await simulator.reset();
		folder = temporaryFolder();
	});

	const args = (rows: string[], memory = join(folder, 'new')) =>
		['--sync', '--memory', memory, '--endpoint', simulator.endpoint, '--rows', csv(...rows)] as const;
	const sync = async (...given: Parameters<typeof args>) => {
		const before = (await simulator.counts()).requests;
		const { exitCode, report } = await startJson<SyncJson>(args(...given));
		const [run, ...others] = report.runs;
		expect(others).toEqual([]);
		const received = (await simulator.counts()).requests - before;
		return { exitCode, received, told: run?.requests, memory: run?.report.Memory };
	};

	test('the second sends nothing, the third what has changed', async () => {
		const rows = rowsOf(5);
		expect(await sync(rows)).toEqual({ exitCode: 0, received: 5, told: 5, memory: 'empty' });
		expect(await sync(rows)).toEqual({ exitCode: 0, received: 0, told: 0, memory: 'used' });
		const changed = [...rows.slice(0, 4), 'C4,S4,P/D4,门锁'];
		expect(await sync(changed)).toEqual({ exitCode: 0, received: 1, told: 1, memory: 'used' });
		// Another folder knows nothing of it.
		expect(await sync(changed, folder)).toEqual({ exitCode: 0, received: 5, told: 5, memory: 'empty' });
		expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toHaveLength(1);
	});

	test('a guard that trips ends it with 1 and sends nothing', async () => {
		await sync(rowsOf(120));
		const { requests } = await simulator.counts();
		const { exitCode, stdout } = await start(args(rowsOf(120, '错列')));
		expect(exitCode).toBe(1);
		expect(stdout).toContain(
			"120 of 120 customers are new or changed, above the limit of 50 % in 'Stop Above (% Changed)'.",
		);
		expect(stdout).toMatch(/\nNot done\.\n$/);
		expect((await simulator.counts()).requests).toBe(requests);
	});

	test('a memory that cannot be read sends everything and is not said to be kept', async () => {
		const rows = rowsOf(2);
		await sync(rows, folder);
		for (const name of readdirSync(folder)) writeFileSync(join(folder, name), '{"mode');
		const { exitCode, stdout } = await start(args(rows, folder));
		expect(exitCode).toBe(0);
		expect(stdout).toContain(
			`\nThe memory in ${folder} could not be used: the next run sends every customer`,
		);
		expect(stdout).not.toContain('is kept in');
		expect(await simulator.counts()).toMatchObject({ requests: 4 });
	});

	test('a wrong secret ends it with 1 and leaves the memory as it was', async () => {
		await sync(rowsOf(2));
		const wrong = { TENCENT_IOT_APP_SECRET: 'wrong' };
		const { exitCode, stdout } = await start(args(rowsOf(3)), wrong);
		expect(exitCode).toBe(1);
		expect(stdout).toMatch(/\nNot done\.\n$/);
		expect(await sync(rowsOf(3))).toMatchObject({ exitCode: 0, received: 1 });
	});
});
