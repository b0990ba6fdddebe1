import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const customersFile = (count: number, ...more: string[]) => {
	const rows = Array.from({ length: count }, (_, index) => `C${index},S${index},P/D${index},锁`);
	return temporaryCsv(['客户编号,设备序列号,设备ID,产品名称', ...rows, ...more, ''].join('\n'));
};

const listed = (stdout: string) =>
	Array.from(
		stdout.matchAll(/^│ (\S+) +│ +(?:\d+|-) │ ([A-Z_]+|ready)/gm),
		([, id, status]) => `${id} ${status}`,
	);

test('Of more than 200 customers only those that failed are listed, below the summary', async () => {
	const simulator = await runSimulator({
		refuseCustomers: { C7: { Code: 'InvalidParameterValue', Message: 'x' } },
	});
	const rows = customersFile(201, 'C201,S201,no slash,锁');
	const { exitCode, stdout } = await start(['--rows', rows, '--endpoint', simulator.endpoint]);
	expect(exitCode).toBe(1);
	expect(listed(stdout)).toEqual(['C7 REFUSED', 'C201 NOT_SENT']);
	expect(stdout).toMatch(/^Pushed to .*\n200 of 201 customers without a bad row are OK/);
	expect(stdout).toContain('\n200 customers with nothing to tell, not listed below: --json lists all.\n');
	expect(stdout).toMatch(/\n│ +202 │ C201 .*[^]*\n\nNot done\.\n$/);
});

test('When all of them are OK, or ready, there is no list', async () => {
	const rows = customersFile(201);
	for (const flags of [[], ['--dry-run']]) {
		const { exitCode, stdout } = await start(['--rows', rows, ...flags]);
		expect(exitCode).toBe(0);
		expect(stdout).toContain('\n201 customers with nothing to tell');
		expect(stdout).not.toContain('│');
	}
});

test('Of 200 customers each is listed', async () => {
	const { stdout } = await start(['--rows', customersFile(200)]);
	expect(listed(stdout)).toHaveLength(200);
	expect(stdout).not.toContain('nothing to tell');
});
