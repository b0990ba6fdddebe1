import type { GenericValue, IDataObject } from 'n8n-workflow';

import { parseJsonText, withIsoTimes } from '../operation/responseValues';
import { perItemOperation } from '../operation/perItemOperation';
import { isObject } from '../../service/response/parseResponse';
import { deviceFields, readDevice } from '../fields/deviceFields';

/** ServiceDescribeDeviceData. LastUpdate of each property is in Unix milliseconds. */
export const getLatestData = perItemOperation({
	value: 'getLatest',
	option: {
		name: 'Get Latest',
		action: 'Get latest device data',
		description: 'Get the latest value of each property of a device',
	},
	fields: deviceFields,
	action: 'ServiceDescribeDeviceData',
	parameters: readDevice,
	isDone: ({ Data }) => typeof Data === 'string',
	reads: ['Data'],
	toJson: ({ Data }, _, timezone) => ({ Data: withLastUpdates(parseJsonText(Data), timezone) }),
	unit: 'device',
	namedBy: ['ProductId', 'DeviceName'],
	done: 'read',
});

/** Adds LastUpdate as ISO text to each property, next to the number. */
function withLastUpdates(data: GenericValue, timezone: string): GenericValue {
	if (!isObject(data)) {
		return data;
	}
	const properties = Object.entries(data).map(([name, property]) => [
		name,
		isObject(property) ? withIsoTimes(property as IDataObject, ['LastUpdate'], timezone) : property,
	]);
	return Object.fromEntries(properties) as IDataObject;
}
