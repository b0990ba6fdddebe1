import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { StartRun } from './startRun.mts';
import { FAST, start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const header = '客户编号,设备序列号,设备ID,产品名称';
const fileOf = (...lines: string[]) => temporaryCsv([header, ...lines, ''].join('\n'));

/** The lines below the execution hint. */
const resultOf = ({ stdout }: StartRun) =>
	stdout
		.slice(stdout.indexOf('\n\n') + 2)
		.trimEnd()
		.split('\n');

/** The entries of the list that a run has written. */
function listOf({ stdout }: StartRun): Array<Record<string, string>> {
	const path = /^Whole list +(\S+)/m.exec(stdout)?.[1] ?? '';
	return parse(readFileSync(path), { columns: true, bom: true });
}

describe('A run without flags', () => {
	let run: StartRun;
	beforeAll(async () => {
		run = await start([]);
	});

	test('begins with the execution hint as n8n shows it', () => {
		expect(run.exitCode).toBe(0);
		expect(run.stdout).toMatch(
			/^What n8n shows .*:\n139 of 170 customers, 392 devices pushed; 39 rows invalid \(not sent\); /,
		);
	});

	test('ends with its result, in at most ten lines', () => {
		const lines = resultOf(run);
		expect(lines.length).toBeLessThanOrEqual(10);
		expect(lines[0]).toMatch(
			/^Pushed +392 devices of 139 customers, to the simulator: 139 requests in [\d.]+ s$/,
		);
		expect(lines[1]).toMatch(/^Not pushed +31 customers, for these reasons:$/);
		expect(lines[2]).toMatch(/^ +· DeviceId of 26 rows, e\.g\. row 2 of 00010042 names a device that row 7 /);
		expect(lines.at(-2)).toMatch(
			/^Checked +the simulator has the same 392 devices, which is what this example must give; accounted for: 512 of 512 rows$/,
		);
		expect(lines.at(-1)).toMatch(/^Whole list +build\/start\/crm-devices\.result\.csv$/);
		expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(130);
	});

	test('lists the result of each row', () => {
		const list = listOf(run);
		expect(list.map(({ Row }) => Number(Row))).toEqual(Array.from({ length: 512 }, (_, index) => index + 1));
		const pushed = list.filter(({ Status }) => Status === 'OK');
		expect(new Set(pushed.map(({ CustomerId }) => CustomerId)).size).toBe(139);
		expect(pushed.every(({ RequestId, Reason }) => /^[0-9a-f-]{36}$/.test(RequestId!) && Reason === '')).toBe(
			true,
		);
		const notPushed = list.filter(({ Status }) => Status === 'NOT_SENT');
		expect(notPushed.filter(({ Reason }) => Reason === '')).toEqual([]);
		expect(notPushed.filter(({ Reason }) => Reason!.startsWith('withheld for row')).length).toBeGreaterThan(
			20,
		);
		expect(notPushed.filter(({ Reason }) => /withheld for rows? *$/.test(Reason!))).toEqual([]);
		expect(list[1]).toMatchObject({
			CustomerId: '00010042',
			Reason: 'DeviceId names a device that row 7 describes differently: keep one of them',
		});
	});

	test('shows no colours and no progress bar without a terminal', () => {
		expect(`${run.stdout}${run.stderr}`).not.toContain('\u001b');
	});
});

test('A terminal gets colours, unless NO_COLOR is set, and a bar that is removed at the end', async () => {
	const rows = fileOf('A1,007,P/D1,门锁');
	const { stdout } = await start([...FAST, rows], { isTTY: true });
	expect(stdout).toContain('\u001b[32m1 device of 1 customer, to the simulator');
	const { stdout: plain } = await start([...FAST, rows], { isTTY: true, environment: { NO_COLOR: '1' } });
	expect(plain).not.toContain('\u001b');
	const slow = Array.from({ length: 50 }, (_, n) => `C${n},S${n},P/D${n},锁`);
	const { stderr } = await start([fileOf(...slow)], { isTTY: true });
	expect(stderr).toMatch(/\[#+-*\] +\d+ % {2}\d+ requests for 50 rows/);
	expect(stderr.endsWith('\r\u001b[2K')).toBe(true);
});

test("--dry-run sends nothing, and says what would be sent at the node's rate", async () => {
	const run = await start(['--dry-run']);
	expect(run.exitCode).toBe(0);
	expect(run.stdout).toContain(
		'\nDry run: nothing was sent. 139 customers, 392 devices: 139 requests, about 7 s at 20 requests per second; ',
	);
	expect(resultOf(run)[0]).toMatch(
		/^Dry Run +392 devices of 139 customers could be pushed; a Dry Run sends nothing$/,
	);
	expect(run.stdout).toContain(
		'the simulator got nothing, which is what this example must give; accounted for: 512 of 512 rows',
	);
	expect(listOf(run).filter(({ Status }) => Status === 'WOULD_SEND').length).toBeGreaterThan(300);
});

test('--json writes the items and the verdict, and nothing else', async () => {
	const { exitCode, stdout } = await start([
		'--json',
		'--set',
		'rowsWithoutDevice=leaveOut',
		...FAST,
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

test('The list says which rows were left out, and contains no formulas for a spreadsheet', async () => {
	const run = await start([
		...FAST,
		'--set',
		'rowsWithoutDevice=leaveOut',
		fileOf('=1+1,007,P/D1,门锁', '-+A,008,P/D2,锁', 'A3,,,', 'C4,9,"x, ""y""",z'),
	]);
	expect(listOf(run)).toMatchObject([
		{ Row: '1', CustomerId: "'=1+1" },
		{ Row: '2', CustomerId: "'-+A" },
		{ Row: '3', CustomerId: '', Status: 'LEFT_OUT' },
		{
			Row: '4',
			CustomerId: 'C4',
			Status: 'NOT_SENT',
			Reason: expect.stringContaining('DeviceId') as unknown,
		},
	]);
});

test('Control characters in values are never written to the terminal', async () => {
	const { exitCode, stdout } = await start([...FAST, fileOf('A1,0\u001b[2J07,no slash,门锁')]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain('row 1 of A1 has a control character');
	expect(stdout).not.toContain('\u001b');
});

test('--help names every flag and a command that works with every supported Node.js', async () => {
	const { exitCode, stdout, stderr } = await start(['--help']);
	expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
	const flags = 'rows column set dry-run sync json help probe live endpoint product out customer device';
	for (const flag of flags.split(' ')) {
		expect(stdout).toContain(`  --${flag} `);
	}
	expect(/npm start --silent [^)]*/.exec(stdout)?.[0]).toBe('npm start --silent -- --json');
	expect(stdout).not.toContain('node start');
});

test('As a process it ends with the same code and text', async () => {
	const script = join(import.meta.dirname, '../../start/start.mts');
	const failed = await promisify(execFile)(process.execPath, [script, '--bogus']).catch(
		(error: unknown) => error as { code: number; stderr: string },
	);
	expect(failed).toMatchObject({ code: 2, stderr: "Unknown option '--bogus'; see --help.\n" });
	const { stdout } = await promisify(execFile)(process.execPath, [
		script,
		...FAST,
		fileOf('A1,007,P/D1,门锁'),
	]);
	expect(stdout).toMatch(/\nPushed +1 device of 1 customer, to the simulator: 1 request in /);
});
