import { expect, test } from '@jest/globals';
import { FAST, start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const csv = (...rows: string[]) =>
	temporaryCsv(['客户编号,设备序列号,设备ID,产品名称', ...rows, ''].join('\n'));

test('--sync runs three times and sends everything, nothing, and exactly what changed', async () => {
	const { exitCode, stdout } = await start(['--sync', ...FAST]);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(
		/^Run 1, the rows\. What n8n shows .*:\n31 customers newly failed; 139 of 170 customers are up to date, 139 pushed now \(\d+ devices\); /,
	);
	expect(stdout).toMatch(
		/\nRun 2, the same rows\. .*\n.*139 of 170 customers are up to date, 0 pushed now; /,
	);
	expect(stdout).toMatch(
		/\nRun 3, 6 of them changed\. .*\n.* 139 of 170 customers are up to date, 3 pushed now \(\d+ devices\); /,
	);
	const lines = stdout.trimEnd().split('\n').slice(-6);
	expect(lines).toEqual([
		expect.stringMatching(/^Run 1 +the rows: 139 requests, [\d.]+ s$/),
		expect.stringMatching(/^Run 2 +the same rows: 0 requests, [\d.]+ s$/),
		expect.stringMatching(/^Run 3 +6 of them changed: 3 requests, [\d.]+ s$/),
		'Changed     before run 3 these got another ProductName: 00010035, 00010028, 00010021',
		'Checked     run 2 sent nothing, run 3 exactly what changed, and the simulator held what the items say after each run',
		'Whole list  build/start/crm-devices.result.csv (run 1)',
	]);
});

test.each([
	[['--column', 'ProductName=客户编号'], 'another CustomerDeviceNo: C0, C1'],
	[['--column', 'ProductName={{ "锁" }}'], 'another CustomerDeviceNo: C0, C1'],
])('--sync changes rows so that they remain valid: %j', async (flags, sentence) => {
	const rows = csv('C0,S0,P/D0,锁', 'C1,S1,P/D1,锁');
	const { exitCode, stdout } = await start(['--sync', ...FAST, rows, ...flags]);
	expect(stdout).toContain(sentence);
	expect(stdout).toContain('run 3 exactly what changed');
	expect(exitCode).toBe(0);
});

test('--sync claims nothing if no customer can be pushed', async () => {
	const { exitCode, stdout } = await start(['--sync', ...FAST, csv('C0,S0,no slash,锁')]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain('nothing before run 3: no customer was pushed');
	expect(stdout).not.toContain('exactly what changed');
});
