import { collection, choice } from '../../input/fields/fields';
import { parseJsonText, pick, withIsoTimes } from '../operation/responseValues';
import { deviceFields, readDevice } from '../fields/deviceFields';
import { listOperation } from '../operation/perItemOperation';
import { readTimeRange, timeRangeFields } from '../fields/timeRange';

const { startTime, endTime } = timeRangeFields('event');

/**
 * ServiceListEventHistory. Its times are Unix seconds. A start time of 0 means 24 hours ago, an end time of 0 means now, and a type of `''`
 * means all types.
 */
export const getEvents = listOperation({
	value: 'getEvents',
	option: { name: 'Get Events', action: 'Get device events', description: 'List the events of a device' },
	fields: {
		...deviceFields,
		type: choice({
			displayName: 'Type',
			default: 'all',
			options: [
				{ name: 'Alert', value: 'alert' },
				{ name: 'All', value: 'all' },
				{ name: 'Fault', value: 'fault' },
				{ name: 'Info', value: 'info' },
			],
			description: 'Which events to return',
		}),
		filters: collection({
			displayName: 'Filters',
			placeholder: 'Add filter',
			description: 'Time range of the events (default: the last 24 hours)',
			fields: { endTime, startTime },
		}),
	},
	action: 'ServiceListEventHistory',
	paging: { list: 'EventHistory', size: 'Size', by: 'Context' },
	parameters: (item) => {
		const { startTime: start, endTime: end } = item.filters;
		const { startMs, endMs } = readTimeRange(item.filters);
		return {
			...readDevice(item),
			Type: item.type === 'all' ? '' : item.type,
			StartTime: start === undefined && end === undefined ? 0 : secondsOf(startMs),
			EndTime: end === undefined ? 0 : secondsOf(endMs),
		};
	},
	toRecord: (event, _, timezone) => ({
		...withIsoTimes(
			pick(event, ['TimeStamp', 'ProductId', 'DeviceName', 'EventId', 'Type']),
			['TimeStamp'],
			timezone,
		),
		Data: parseJsonText(event.Data),
	}),
	recordUnit: 'event',
});

/** Unix seconds, at least 1, because the service reads 0 as a time that is not set. */
function secondsOf(ms: number): number {
	return Math.max(1, Math.floor(ms / 1000));
}
