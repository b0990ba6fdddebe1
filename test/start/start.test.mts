import { beforeAll, describe, expect, test } from '@jest/globals';
import type { StartRun } from './startRun.mts';
import { FAST, start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const header = '客户编号,设备序列号,设备ID,产品名称';
const linesOf = (count: number) => Array.from({ length: count }, (_, n) => `C${n},S${n},P/D${n},锁`);
const fileOf = (...lines: string[]) => temporaryCsv([header, ...lines, ''].join('\n'));

describe('The run without a flag', () => {
	let run: StartRun;
	beforeAll(async () => {
		run = await start([]);
	});

	test('pushes the example, all of which is as it must be', () => {
		expect(run.exitCode).toBe(0);
		expect(run.stdout).toMatch(
			/^139 of 170 customers, 392 devices pushed; 39 rows invalid \(not sent\); [^]*\n139 requests in /,
		);
		expect(run.stdout).toContain(
			'The simulator holds exactly what the items say: 392 devices of 139 customers.',
		);
		expect(run.stdout).toContain('\nThat is what this example must give.\n');
		expect(run.stdout).toContain('\nAccounted for in the items: 512 rows.\n');
		expect(run.stdout.match(/^│ \S+ +│ +\d+ │ OK +│ [0-9a-f-]{36} │ +1 │$/gm)).toHaveLength(139);
		expect(run.stdout.match(/│ +- │ NOT_SENT: withheld for rows? \d[\d, ]+│/g)).toHaveLength(28);
		expect(run.stdout).toMatch(/\n\nDone\.\n$/);
	});

	test('names each bad row by its number and field', () => {
		const named = Array.from(run.stdout.matchAll(/^│ +(\d+) │ \S+ +│ (\w+) +│/gm), ([, row, field]) => [
			Number(row),
			field,
		]);
		expect(named).toHaveLength(43);
		expect(named.slice(0, 5)).toEqual([...[2, 7, 8, 37].map((row) => [row, 'DeviceId']), [41, 'CustomerId']]);
	});

	test('shows its progress on stderr', () => {
		expect(run.stderr).toMatch(/^512 rows: 0 requests, 0 customers stored\n/);
		expect(run.stderr).toMatch(/\n512 rows: 139 requests, 139 customers stored\n$/);
	});
});

test('--dry-run sends nothing, and says what would be sent at the rate of the node', async () => {
	const { exitCode, stdout } = await start(['--dry-run']);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(
		/^Dry run: nothing was sent\. 139 customers, 392 devices: 139 requests, about 7 s at 20 requests per second; /,
	);
	expect(stdout).toContain(
		'\nThe requests would carry 392 devices of 139 customers.\nThat is what this example',
	);
	expect(stdout.match(/│ ready, not sent +│ - +│ +0 │/g)).toHaveLength(139);
});

test('--json writes the items and the verdict, and nothing else', async () => {
	const { exitCode, stdout } = await start([
		...['--json', '--set', 'rowsWithoutDevice=leaveOut', ...FAST],
		fileOf('A1,007,P/D1,门锁', 'A2,008,no slash,锁', 'A3,,,'),
	]);
	expect(exitCode).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({
		items: {
			pushed: [{ CustomerId: 'A1', rows: [1], DeviceInfos: [{ CustomerDeviceNo: '007' }], Attempts: 1 }],
			failed: [{ CustomerId: 'A2', rows: [2], code: 'INVALID_ROWS' }],
		},
		verdict: { differing: [], wrong: [], lostRows: [], notSent: [], isDone: true },
		requests: 1,
	});
});

test('Of more than 200 customers only those that failed are listed', async () => {
	const { stdout } = await start([...FAST, '--rows', fileOf(...linesOf(201), 'C201,S201,no slash,锁')]);
	const listed = Array.from(stdout.matchAll(/^│ (C\d+) +│ +(?:\d+|-) │ ([A-Z_]+)/gm), ([, id, status]) => [
		id,
		status,
	]);
	expect(listed).toEqual([['C201', 'NOT_SENT']]);
	expect(stdout).toContain('\n201 customers not listed below: --json lists all.\n');
});

test('Nothing of a terminal-breaking value reaches the terminal as it stands', async () => {
	const { exitCode, stdout } = await start([...FAST, fileOf('A1,007,P/\u001b[2JD1,门锁')]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain('P/<U+001B>[2JD1');
	expect(stdout).not.toContain('\u001b');
});

test('--help names every flag and a command that runs on every Node.js that may start it', async () => {
	const { exitCode, stdout, stderr } = await start(['--help']);
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	const flags =
		'rows column set dry-run sync json help probe live endpoint product out with-test-customer device';
	for (const flag of flags.split(' ')) expect(stdout).toContain(`  --${flag} `);
	expect(/npm start --silent [^)]*/.exec(stdout)?.[0]).toBe('npm start --silent -- --json');
	expect(stdout).not.toContain('node start');
});
