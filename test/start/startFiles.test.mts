import { expect, test } from '@jest/globals';
import { FAST, start } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const names = '客户编号,设备序列号,设备编号,产品名称';
const MESSY = 'examples/messy-devices.xlsx';

test('An unusable file ends with exit code 2 and a sentence on stderr.', async () => {
	const { exitCode, stdout, stderr } = await start(['--rows', temporaryCsv(`${names}\nA1,1,PD,锁\n`)]);
	expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
	expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
		/^No column certainly fits DeviceId\. Nothing was sent\. .*'设备编号' may hold it\. .* \(here: by --column <field>=<column>\)\.$/,
	);
});

test('An untidy workbook is pushed with options of the node, and reported like a CSV file', async () => {
	const { exitCode, stdout } = await start([
		...FAST,
		MESSY,
		'--set',
		'emptyCustomerId=above',
		'--set',
		'phoneIds=digits',
		'--set',
		'severalDevices=split',
		'--set',
		'emptyProductName=sameProduct',
	]);
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(
		/\n7 of 16 customers, 13 devices pushed; 13 rows invalid \(not sent\); 1 row without a device or a CustomerId was left out; /,
	);
	expect(stdout).toContain('the simulator has the same 13 devices; accounted for: 29 of 29 rows\n');
});

test('--column maps a column of any name, and the others are found automatically', async () => {
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
