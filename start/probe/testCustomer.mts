import { createInterface } from 'node:readline/promises';
import { InputError } from '../inputError.mts';
import { runRows } from '../runRows.mts';
import type { TestResult } from './page.mts';
import type { Target, TestCustomer } from './settings.mts';

/**
 * Pushes one device for the customer, then the other one alone, and asks what the console shows.
 *
 * @throws InputError when a push was not accepted
 */
export async function testAddOrReplace(test: TestCustomer, target: Target): Promise<TestResult> {
	const { devices, customerId } = test;
	for (const device of devices) {
		await pushDevice(test, device, target);
	}
	const [first, second] = devices;
	const question =
		`Pushed ${first} for customer ${customerId}, then ${second} alone. Does the console show which devices this customer has?\n` +
		`已为客户 ${customerId} 推送 ${first}，然后只推送 ${second}。控制台是否显示该客户的设备？\n` +
		`1 = only ${second} (replaced / 替换)   2 = both (added / 追加)   3 = it shows none / 不显示   Enter = later / 稍后\n`;
	process.stderr.write(question);
	if (!process.stdin.isTTY) {
		return 'unknown';
	}
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const reply = (await terminal.question('> ')).trim();
	terminal.close();
	return ({ 1: 'replaces', 2: 'adds', 3: 'notShown' } as const)[reply] ?? 'unknown';
}

async function pushDevice(
	{ customerId, productName }: TestCustomer,
	deviceId: string,
	{ credentials }: Target,
): Promise<void> {
	const [product = '', name = ''] = deviceId.split('/');
	const row = {
		CustomerId: customerId,
		CustomerDeviceNo: name,
		DeviceId: deviceId,
		ProductName: productName ?? product,
	};
	const { failed } = await runRows([row], {
		operation: 'push',
		columns: { mappingMode: 'autoMapInputData', value: null },
		chosen: {},
		credentials,
	});
	const [failure] = failed;
	if (failure === undefined) {
		return;
	}
	throw new InputError(
		`${deviceId} could not be pushed for the test customer: ${failure.message} ${failure.advice}.`,
	);
}
