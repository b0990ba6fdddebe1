import { expect, test } from '@jest/globals';
import { FAST, start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const names = '客户编号,设备序列号,设备ID,产品名称';
const rows = (content: string) => ['--rows', temporaryCsv(content)];
const MESSY = 'examples/messy-devices.xlsx';

test.each([
	[
		'a quotation mark that is never closed',
		rows(`${names}\nA1,1,P/D,锁\nA2,2,P/E,"锁\nA3,3,P/F,锁\n`),
		/^rows-\d+\.csv is no CSV file: the first row below line 2 has a quotation mark that is never closed\.$/,
	],
	[
		'columns that the node does not find',
		rows('a;b\n1;2\n'),
		/^No column fits CustomerId, .*The rows have: a, b/,
	],
	[
		'columns that are not clear',
		rows('客户编号,设备序列号,设备编号,产品名称\nA1,1,P/D,锁\n'),
		/^No column fits DeviceId for sure\. Nothing was sent\. .*'设备编号' may hold it\. .* \(here: by --column <field>=<column>\)\.$/,
	],
	[
		'a column that is not there',
		[...rows(`${names}\nA1,1,P/D,锁\n`), '--column', 'ProductName=型号'],
		/^ProductName is mapped to a column that no row has\. Nothing was sent\. .*There is no '型号'\./,
	],
])('A file with %s is refused with 2 and a sentence that ends stderr', async (_, args, sentence) => {
	const { exitCode, stdout, stderr } = await start(args);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	expect(stderr.trimEnd().split('\n').at(-1)).toMatch(sentence);
});

test('A workbook as people keep it is pushed with options of the node', async () => {
	const { exitCode, stdout } = await start([
		...FAST,
		MESSY,
		...['--set', 'emptyCustomerId=above', '--set', 'phoneIds=digits', '--set', 'severalDevices=split'],
		...['--set', 'emptyProductName=sameProduct'],
	]);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(
		/^7 of 16 customers, 13 devices pushed; 13 rows invalid; .*; 1 blank row left out; /,
	);
	expect(stdout).toContain('\nAccounted for in the items: 29 rows.\n');
});

test('A column is given by its name, whatever it is called, and the others are found', async () => {
	const file = temporaryCsv('product,device,"Nr. ""alt""",Kunde\n门锁,P/D1,007,A1\n');
	const args = [
		...FAST,
		'--json',
		file,
		'--column',
		'CustomerDeviceNo=Nr. "alt"',
		'--column',
		'CustomerId=Kunde',
	];
	const { exitCode, stdout } = await start(args);
	expect(exitCode).toBe(0);
	expect(JSON.parse(stdout)).toMatchObject({
		items: {
			pushed: [
				{
					CustomerId: 'A1',
					DeviceInfos: [{ CustomerDeviceNo: '007', DeviceId: 'P/D1', ProductName: '门锁' }],
				},
			],
		},
	});
});
