import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { parseJsonText, pick, withIsoTimes } from '../answerValues';
import { readTimeRange, timeRangeFields } from '../timeRange';

const { startTime, endTime } = timeRangeFields('event');

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
		options: [endTime, startTime],
	},
];

/** ServiceListEventHistory. It asks in Unix seconds, where 0 is 24 hours ago and now, and for all types by ''. */
export const getEvents = listOperation({
	value: 'getEvents',
	option: { name: 'Get Events', action: 'Get device events', description: 'List the events of a device' },
	properties,
	action: 'ServiceListEventHistory',
	paging: { list: 'EventHistory', size: 'Size', by: 'Context' },
	parameters: (item) => {
		const { startMs, endMs, isStartSet, isEndSet } = readTimeRange(item, 'filters.');
		return {
			...readDevice(item),
			Type: item.choice('type') === 'all' ? '' : item.choice('type'),
			StartTime: isStartSet || isEndSet ? Math.floor(startMs / 1000) : 0,
			EndTime: isEndSet ? Math.floor(endMs / 1000) : 0,
		};
	},
	toRecord: (event, _, __, timezone) => ({
		...withIsoTimes(
			pick(event, ['TimeStamp', 'ProductId', 'DeviceName', 'EventId', 'Type']),
			['TimeStamp'],
			timezone,
		),
		Data: parseJsonText(event.Data),
	}),
	record: 'event',
});
