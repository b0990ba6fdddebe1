import { editorLists } from '../../editor/lists';
import { picker } from '../../input/fields/fields';
import { pick, withIsoTimes } from '../operation/responseValues';
import { deviceFields, readDevice } from '../fields/deviceFields';
import { listOperation } from '../operation/perItemOperation';
import { readTimeRange, timeRangeFields } from '../fields/timeRange';

/** ServiceDescribeDeviceDataHistory. Its times are in Unix milliseconds, both ways. */
export const getDataHistory = listOperation({
	value: 'getHistory',
	option: {
		name: 'Get History',
		action: 'Get device data history',
		description: 'List past values of a device property',
	},
	toolAdvice:
		'Times are like 2026-01-31T08:00:00Z; in the response Time is in Unix milliseconds and TimeISO is the same as text',
	fields: {
		...deviceFields,
		fieldName: picker({
			displayName: 'Field Name',
			description: "Identifier of the property in the product's model",
			placeholder: 'e.g. temperature',
			list: editorLists.properties,
		}),
		...timeRangeFields('value'),
	},
	action: 'ServiceDescribeDeviceDataHistory',
	paging: { list: 'Results', size: 'Limit', by: 'Context' },
	parameters: (item) => {
		const { startMs: MinTime, endMs: MaxTime } = readTimeRange(item);
		return { ...readDevice(item), FieldName: item.fieldName, MinTime, MaxTime };
	},
	shown: ['ProductId', 'DeviceName', 'FieldName'],
	toRecord: (result, _, timezone) => withIsoTimes(pick(result, ['Time', 'Value']), ['Time'], timezone),
	recordUnit: 'value',
});
