import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { pick, withIsoTimes } from '../answerValues';
import { picker } from '../picker';
import { readTimeRange, timeRangeFields } from '../timeRange';

const { startTime, endTime } = timeRangeFields('value');

const properties: INodeProperties[] = [
	...deviceFields,
	picker({
		displayName: 'Field Name',
		name: 'fieldName',
		description: "The identifier of the property in the product's model",
		placeholder: 'e.g. temperature',
		searchListMethod: 'searchProperties',
	}),
	startTime,
	endTime,
];

/** ServiceDescribeDeviceDataHistory. Its times are in Unix milliseconds, both ways. */
export const getDataHistory = listOperation({
	value: 'getHistory',
	option: {
		name: 'Get History',
		action: 'Get device data history',
		description: 'List the values that a property of a device had',
	},
	toolAdvice:
		'Times are like 2026-01-31T08:00:00Z; in the answer Time is in Unix milliseconds and TimeISO is the same as text',
	properties,
	action: 'ServiceDescribeDeviceDataHistory',
	paging: { list: 'Results', size: 'Limit', by: 'Context' },
	parameters: (item) => {
		const { startMs: MinTime, endMs: MaxTime } = readTimeRange(item);
		return { ...readDevice(item), FieldName: item.text('fieldName'), MinTime, MaxTime };
	},
	toRecord: (result, { ProductId, DeviceName, FieldName }, _, timezone) => ({
		ProductId,
		DeviceName,
		FieldName,
		...withIsoTimes(pick(result, ['Time', 'Value']), ['Time'], timezone),
	}),
	record: 'value',
});
