import { expect, test } from '@jest/globals';
import type { Row } from '../../nodes/TencentCloudIot/binding/row';
import { FINDING_TEXT } from '../../nodes/TencentCloudIot/messages/findings';
import { pushOperation } from '../../nodes/TencentCloudIot/resources/deviceBinding/push.operation';
import { readRunOptions } from '../../nodes/TencentCloudIot/resources/runOptions';
import { readItem } from '../support/readItem.mts';
import { englishOf } from '../support/texts.mts';

const { options } = readRunOptions(pushOperation, () => ({}));
const device = (n: number) => ({ CustomerDeviceNo: `SN-${n}`, DeviceId: `P/D${n}`, ProductName: 'Lock' });

/** The result of reading a device list from an AI model: the devices, or why none of them may be pushed. */
function read(values: { customerId: string; devices: unknown }): string[] {
	const operation = { inputReader: () => pushOperation.inputReader(options) };
	const rows = [readItem(operation, values, { devicesFrom: 'list' }) as unknown as Row | Row[]].flat();
	const findings = rows.flatMap((row) =>
		row.findings.map((finding) => `'${finding.field}' ${englishOf(FINDING_TEXT.why(finding))}`),
	);
	return findings.length > 0 ? findings : rows.map((row) => row.device.DeviceId);
}

test.each([[[device(1), device(2)]], [JSON.stringify([device(1), device(2)])]])(
	'Devices are pushed from the list of a model: %j',
	(devices) => {
		expect(read({ customerId: 'a', devices })).toEqual(['P/D1', 'P/D2']);
	},
);

test.each<[devices: unknown, finding: string]>([
	[device(1), "'Devices' is not a list: give one like [{"],
	[null, "'Devices' is not a list"],
	[[], "'Devices' is empty, which would unbind all devices of the customer"],
	['[{"DeviceId": ', "'Devices' is not a list"],
	[['P/D1'], "'Device 1: CustomerDeviceNo' is missing"],
	[[device(1), null], "'Device 2: CustomerDeviceNo' is missing"],
	[[device(1), { ...device(2), ProductName: '' }], "'Device 2: ProductName' is"],
	[[device(1), { ...device(2), DeviceId: 12 }], "'Device 2: DeviceId' is not ProductId/"],
	[[device(1), { ...device(2), DeviceId: 'P/D1' }], 'that device 1 describes differently'],
])('No device is pushed if a model sends %j: %s', (devices, finding) => {
	expect(read({ customerId: 'a', devices }).join()).toContain(finding);
});

test('No device is pushed without a customer', () => {
	expect(read({ customerId: 'null', devices: [device(1)] }).join()).toContain(
		"'CustomerId' has 'null', which",
	);
});
