import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { eventually } from '../support/eventually.mts';
import { start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const header = '客户编号,设备序列号,设备ID,产品名称';
const rows = Array.from({ length: 497 }, (_, index) => `c${index},SN-${index},P/D${index},门锁`);
const fileOf = (lines: readonly string[]) => temporaryCsv([header, ...lines, ''].join('\n'));

test('A quotation mark that is never closed is named by the line in which it opens', async () => {
	const lines = rows.with(41, 'c41,SN-41,P/D41,"门锁');
	const { exitCode, stderr } = await start(['--rows', fileOf(lines)]);
	expect([exitCode, stderr]).toEqual([
		2,
		expect.stringMatching(/is no CSV file: the quotation mark that opens in line 43 is never closed\.\n$/),
	]);
});

test('Rows that a pair of stray quotation marks swallows are an error, not one cell', async () => {
	const lines = rows.with(41, 'c41,SN-41,P/D41,"门锁').with(480, 'c480,SN-480,P/D480,门锁"');
	const { exitCode, stderr } = await start(['--rows', fileOf(lines)]);
	expect([exitCode, stderr]).toEqual([
		2,
		expect.stringMatching(/the cell that opens in line 43 has more than 5 line breaks/),
	]);
});

test('A few line breaks in a cell are data', async () => {
	const lines = [`${rows[0]!.replace('门锁', '"门锁\n带摄像头\n黑色"')}`, rows[1]!];
	const { exitCode, stderr } = await start(['--rows', fileOf(lines), '--dry-run']);
	expect([exitCode, stderr.includes('2 rows;')]).toEqual([0, true]);
});

test('Ctrl+C ends a push with a report of what was pushed', async () => {
	const simulator = await runSimulator({ latencyMs: 30 });
	const script = join(import.meta.dirname, '../../start/start.mts');
	const args = [script, '--json', '--rows', fileOf(rows), '--endpoint', simulator.endpoint];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
	const stdout = text(child.stdout);
	await eventually(() => simulator.bindings.size > 10, true);
	child.kill('SIGINT');
	const [exitCode] = (await once(child, 'close')) as [number];
	const { customers } = JSON.parse(await stdout) as { customers: Array<{ status: string }> };
	const done = customers.filter(({ status }) => status === 'OK').length;
	expect(exitCode).toBe(1);
	expect(customers).toHaveLength(rows.length);
	expect(done).toBeGreaterThan(0);
	expect(done).toBeLessThanOrEqual(simulator.bindings.size);
});
