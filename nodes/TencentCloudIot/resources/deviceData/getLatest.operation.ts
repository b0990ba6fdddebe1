import { parseJsonText } from '../answerValues';
import { perItemOperation } from '../perItemOperation';
import { deviceFields, readDevice } from '../deviceFields';

/** ServiceDescribeDeviceData. LastUpdate of each property is in Unix milliseconds. */
export const getLatestData = perItemOperation({
	value: 'getLatest',
	option: {
		name: 'Get Latest',
		action: 'Get latest device data',
		description: 'Get the last value of each property of a device',
	},
	properties: deviceFields,
	action: 'ServiceDescribeDeviceData',
	repeatable: true,
	readsOnly: true,
	parameters: readDevice,
	isDone: ({ Data }) => typeof Data === 'string',
	toJson: ({ ProductId, DeviceName }, { Data }) => ({ ProductId, DeviceName, Data: parseJsonText(Data) }),
	unit: 'device',
	done: 'read',
});
