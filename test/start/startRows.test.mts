import { expect, test } from '@jest/globals';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { start, startJson } from './startRun.mts';
import { temporaryCsv } from './temporaryCsv.mts';

const columns = ['CustomerId=Kunde', 'CustomerDeviceNo=Nr. "alt"', 'DeviceId=Gerät', 'ProductName=Produkt'];
const mapped = columns.flatMap((column) => ['--column', column]);
const header = 'Produkt,Gerät,"Nr. ""alt""",Kunde\n';
const devices = {
	lock: { CustomerDeviceNo: '007', DeviceId: 'P/D1', ProductName: '门锁' },
	smoke: { CustomerDeviceNo: '008', DeviceId: 'P/D2', ProductName: '烟感' },
};
const twoCustomers = temporaryCsv(`${header}门锁,P/D1,007,A1\n烟感,P/D2,008,constructor\n`);

test('Columns of another file are mapped with --column, whatever they are called', async () => {
	const simulator = await runSimulator();
	const args = ['--rows', twoCustomers, ...mapped, '--endpoint', simulator.endpoint];
	const { exitCode, report } = await startJson(args);
	expect(exitCode).toBe(0);
	expect(report.summary).toMatchObject({ good: { customers: 2, devices: 2 }, refusedRows: 0 });
	expect([...simulator.bindings]).toEqual([
		['A1', [devices.lock]],
		['constructor', [devices.smoke]],
	]);
});

test.each([
	['客户编号,设备序列号,设备ID,产品名称', ','],
	['备注;会员 ID;SN码;平台设备编号;商品名', ';'],
	['customer_id\tSerial Number\tdevice-id\tproduct name', '\t'],
])('The columns %s are found by the names that the node knows', async (names, separator) => {
	const row = ['A1', '007', 'P/D1', '门锁'];
	const cells = names.startsWith('备注') ? ['x', ...row] : row;
	const simulator = await runSimulator();
	const file = temporaryCsv(`${names}\n${cells.join(separator)}\n`);
	const { exitCode } = await startJson(['--rows', file, '--endpoint', simulator.endpoint]);
	expect(exitCode).toBe(0);
	expect([...simulator.bindings]).toEqual([['A1', [devices.lock]]]);
});

test('The key and the secret for an endpoint come from the environment', async () => {
	const simulator = await runSimulator({ appKey: 'K', appSecret: 'S' });
	const args = ['--rows', twoCustomers, ...mapped, '--endpoint', simulator.endpoint];
	const environment = { TENCENT_IOT_APP_KEY: 'K', TENCENT_IOT_APP_SECRET: 'S' };
	expect(await startJson(args, environment)).toMatchObject({ exitCode: 0 });
	expect(simulator.bindings.size).toBe(2);
});

test('One row is reported in the singular', async () => {
	const args = ['--rows', temporaryCsv(`${header}门锁,P/D1,1,A1\n`), ...mapped, '--dry-run'];
	const { stdout, stderr } = await start(args);
	expect(stderr).toContain('Checking 1 row\n');
	expect(stdout).toContain('1 of 1 customer without a bad row is ready: 0 requests');
	expect(stdout).toContain('\n1 row is accounted for.\n');
});

test('A good customer that the service refuses makes it end with 1 and say why', async () => {
	const refusal = { Code: 'InvalidParameterValue', Message: 'invalid CustomerId' };
	const simulator = await runSimulator({ refuseCustomers: { A1: refusal } });
	const { exitCode, stdout } = await start([
		'--rows',
		twoCustomers,
		...mapped,
		'--endpoint',
		simulator.endpoint,
	]);
	expect(exitCode).toBe(1);
	expect(stdout).toMatch(/│ A1 +│ +1 │ REFUSED: Tencent responded with/);
	expect(stdout).toContain('1 of 2 customers without a bad row are OK');
	expect(stdout).toContain('Not OK: A1.');
	expect(stdout).toMatch(/\nNot done\.\n$/);
});

test('A wrong secret is reported once for all customers', async () => {
	const simulator = await runSimulator();
	const rows = Array.from({ length: 4 }, (_, index) => `门锁,P/D${index},${index},A${index}\n`).join('');
	const args = ['--rows', temporaryCsv(header + rows), ...mapped, '--endpoint', simulator.endpoint];
	const { exitCode, stdout } = await start(args, { TENCENT_IOT_APP_SECRET: 'wrong' });
	expect(exitCode).toBe(1);
	expect(stdout).toContain('Signature 无效');
	expect(stdout.match(/NOT_SENT: same as above/g)).toHaveLength(2);
	expect(stdout).not.toContain('wrong');
});

test('The secret is not in the output', async () => {
	const simulator = await runSimulator({ appSecret: 'CanarySecret' });
	const args = ['--rows', twoCustomers, ...mapped, '--endpoint', simulator.endpoint];
	for (const extra of [[], ['--json']]) {
		const run = await start([...args, ...extra], { TENCENT_IOT_APP_SECRET: 'CanarySecret' });
		expect(run.exitCode).toBe(0);
		expect(run.stdout + run.stderr).not.toContain('CanarySecret');
	}
});

test('Nothing of a terminal-breaking value reaches the terminal as it stands', async () => {
	const rows = temporaryCsv(`${header}门锁,P/\u001b[2JD1,007,A1\n烟感,P/D2,008,A2\n`);
	const { exitCode, stdout } = await start(['--rows', rows, ...mapped]);
	expect(exitCode).toBe(0);
	expect(stdout).toContain('P/<U+001B>[2JD1');
	expect(stdout).not.toContain('\u001b');
});
