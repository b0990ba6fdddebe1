import { expect, test } from '@jest/globals';
import { getDevice } from '../../nodes/TencentCloudIot/resources/device/get.operation';
import { reportState } from '../../nodes/TencentCloudIot/resources/deviceData/reportState.operation';
import { readItem } from '../support/readItem.mts';

const itself: { self?: object } = {};
itself.self = itself;

/** Values that break code that trusts its input. */
test.each<[what: string, value: unknown]>([
	['an object with a text for toString', { toString: 'x', valueOf: 'y' }],
	['an object that holds itself', itself],
	['an object without a prototype', Object.create(null)],
	['a list within a list', [[[]]]],
	['a date of no day', new Date(NaN)],
])('%s is a finding of its field', (_, value) => {
	expect(readItem(getDevice, { productId: value, deviceName: 'D' }).findings).toHaveLength(1);
	expect(readItem(reportState, { deviceId: 'P/D', onlineStatus: value }).findings).toHaveLength(1);
});
