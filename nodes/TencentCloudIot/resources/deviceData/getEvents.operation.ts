import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { parseJsonText, pick } from '../answerValues';

const properties: INodeProperties[] = [
	...deviceFields,
	{
		displayName: 'Type',
		name: 'type',
		type: 'options',
		required: true,
		default: 'all',
		options: [
			{ name: 'Alert', value: 'alert' },
			{ name: 'All', value: 'all' },
			{ name: 'Fault', value: 'fault' },
			{ name: 'Info', value: 'info' },
		],
		description: 'Which events to return',
	},
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: 'From when to when; left out: the last 24 hours',
		options: [
			{
				displayName: 'End Time',
				name: 'endTime',
				type: 'dateTime',
				default: '',
				description: 'The latest event to return; now if left out',
			},
			{
				displayName: 'Start Time',
				name: 'startTime',
				type: 'dateTime',
				default: '',
				description: 'The earliest event to return; 24 hours ago if left out',
			},
		],
	},
];

/** ServiceListEventHistory. It asks in Unix seconds, where 0 is 24 hours ago and now, and for all types by ''. */
export const getEvents = listOperation({
	value: 'getEvents',
	option: { name: 'Get Events', action: 'Get device events', description: 'List the events of a device' },
	properties,
	action: 'ServiceListEventHistory',
	paging: { list: 'EventHistory', size: 'Size', by: 'Context' },
	parameters: (item) => ({
		...readDevice(item),
		Type: item.choice('type') === 'all' ? '' : item.choice('type'),
		StartTime: item.optionalTime('filters.startTime', 'seconds') ?? 0,
		EndTime: item.optionalTime('filters.endTime', 'seconds') ?? 0,
	}),
	toRecord: (event) => ({
		...pick(event, ['TimeStamp', 'ProductId', 'DeviceName', 'EventId', 'Type']),
		Data: parseJsonText(event.Data),
	}),
	record: 'event',
});
