import { expect, test } from '@jest/globals';
import { start, startJson } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const header = '客户编号,设备序列号,设备ID,产品名称\n';
const merged = temporaryCsv(
	`${header}C001,S1,LOCK01/a,智能门锁\n,S2,LOCK01/b,智能门锁\n,,,\nC002,S3,LOCK01/c,智能门锁\n`,
);

test.each([[[]], [['--dry-run']]])(
	'Rows that look like merged cells are named, and do not end with 0: %j',
	async (more) => {
		const { exitCode, report } = await startJson(['--rows', merged, ...more]);
		expect(exitCode).toBe(1);
		expect(report.summary).toMatchObject({ good: { customers: 1, devices: 1 }, mergedRows: 1, lostRows: [] });
		expect(report.refusedRows).toMatchObject([
			{ row: 2, field: 'CustomerId', reason: expect.stringContaining('looks like merged cells') },
		]);
	},
);

test('The report says so in a sentence, and that nothing of these customers was sent', async () => {
	const { stdout, exitCode } = await start(['--rows', merged]);
	expect(exitCode).toBe(1);
	expect(stdout).toContain(
		'1 row without a CustomerId looks like merged cells, whose customers are withheld',
	);
	expect(stdout).toContain('1 blank row left out');
	expect(stdout).toMatch(/\nNot done\.\n$/);
});

test('Sync ends in the same way', async () => {
	const { stdout, exitCode } = await start(['--sync', '--rows', merged]);
	expect(exitCode).toBe(1);
	expect(stdout).toContain('1 row without a CustomerId looks like merged cells');
});

test('A table whose ids repeat from row to row has devices in stock, and ends with 0', async () => {
	const stock = temporaryCsv(`${header}C001,S1,P/a,锁\nC001,S2,P/b,锁\n,S3,P/c,锁\nC002,S4,P/d,锁\n`);
	const { exitCode, report } = await startJson(['--rows', stock]);
	expect(exitCode).toBe(0);
	expect(report.summary).toMatchObject({ good: { customers: 2, devices: 3 }, mergedRows: 0 });
});
