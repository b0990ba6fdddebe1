import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { pick } from '../answerValues';

const properties: INodeProperties[] = [
	...deviceFields,
	{
		displayName: 'Field Name',
		name: 'fieldName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. temperature',
		description: "The identifier of the property in the product's model",
	},
	{
		displayName: 'Start Time',
		name: 'startTime',
		type: 'dateTime',
		required: true,
		default: '',
		description: "The earliest value to return, in the workflow's time zone unless the time names its own",
	},
	{
		displayName: 'End Time',
		name: 'endTime',
		type: 'dateTime',
		required: true,
		default: '',
		description: "The latest value to return, in the workflow's time zone unless the time names its own",
	},
];

/** ServiceDescribeDeviceDataHistory. Its times are in Unix milliseconds, both ways. */
export const getDataHistory = listOperation({
	value: 'getHistory',
	option: {
		name: 'Get History',
		action: 'Get device data history',
		description: 'List the values that a property of a device had',
	},
	properties,
	action: 'ServiceDescribeDeviceDataHistory',
	paging: { list: 'Results', size: 'Limit', by: 'Context' },
	parameters: (item) => ({
		...readDevice(item),
		FieldName: item.text('fieldName'),
		MinTime: item.time('startTime', 'milliseconds'),
		MaxTime: item.time('endTime', 'milliseconds'),
	}),
	toRecord: (result, { ProductId, DeviceName, FieldName }) => ({
		ProductId,
		DeviceName,
		FieldName,
		...pick(result, ['Time', 'Value']),
	}),
	record: 'value',
});
