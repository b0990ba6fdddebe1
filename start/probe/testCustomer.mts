import { createInterface } from 'node:readline/promises';
import { DEFAULT_COLUMNS } from '../fields.mts';
import { InputError } from '../inputError.mts';
import { pushRows } from '../pushRows.mts';
import type { OpenTarget } from '../target.mts';
import type { TestResult } from './page.mts';

/** A customer whose devices may be changed, and the two that are pushed for it. */
export interface TestCustomer {
	readonly customerId: string;
	/** Each `ProductId/DeviceName`. */
	readonly devices: readonly [string, string];
	/** Undefined: the ProductId. */
	readonly productName: string | undefined;
}

/**
 * Pushes one device for the customer, then the other one alone, and asks what the console shows.
 *
 * @throws InputError when a push was not accepted
 */
export async function testAddOrReplace(test: TestCustomer, target: OpenTarget): Promise<TestResult> {
	const { devices, customerId } = test;
	for (const device of devices) await pushDevice(test, device, target);
	const [first, second] = devices;
	const question =
		`Pushed ${first} for customer ${customerId}, then ${second} alone. Look at this customer on the console.\n` +
		`已为客户 ${customerId} 推送 ${first}，然后只推送 ${second}。请在控制台查看该客户。\n` +
		`1 = only ${second} (replaced / 替换)   2 = both (added / 追加)   Enter = later / 稍后\n`;
	process.stderr.write(question);
	if (!process.stdin.isTTY) return 'unknown';
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const reply = (await terminal.question('> ')).trim();
	terminal.close();
	return reply === '1' ? 'replaces' : reply === '2' ? 'adds' : 'unknown';
}

async function pushDevice(
	{ customerId, productName }: TestCustomer,
	device: string,
	target: OpenTarget,
): Promise<void> {
	const [product = ''] = device.split('/');
	const row = {
		[DEFAULT_COLUMNS.CustomerId]: customerId,
		[DEFAULT_COLUMNS.CustomerDeviceNo]: device.slice(product.length + 1),
		[DEFAULT_COLUMNS.DeviceId]: device,
		[DEFAULT_COLUMNS.ProductName]: productName ?? product,
	};
	const { customers, refusedRows, runFailures } = await pushRows(
		{ rows: [row], columns: DEFAULT_COLUMNS, target },
		{ dryRun: false },
	);
	if (customers[0]?.status === 'OK') return;
	const why = customers[0]?.message ?? refusedRows[0]?.reason ?? runFailures[0] ?? '';
	throw new InputError(`${device} could not be pushed for the test customer: ${why}`);
}
