import { list, choice, number, time } from '../../input/fields/fields';
import { customerId } from '../fields/customerFields';
import { deviceId } from '../fields/deviceFields';
import { perItemOperation } from '../operation/perItemOperation';
import { ZONE_SENTENCE } from '../fields/timeRange';

/** What kind of data a report holds (product 1465, pages 59062–59079). */
const dataCategory = choice({
	displayName: 'Data Category',
	default: '200',
	options: [
		{ name: 'Current', value: '300' },
		{ name: 'Leakage Current', value: '310' },
		{ name: 'Power', value: '400' },
		{ name: 'Smoke', value: '500' },
		{ name: 'Temperature', value: '200' },
		{ name: 'Voltage', value: '100' },
	],
	description: 'Category of the report',
});

/** The values of one report, each with the kind of what was measured. */
const readings = list({
	displayName: 'Readings',
	placeholder: 'Add reading',
	description: 'Values that the device measured',
	entry: { name: 'reading', displayName: 'Reading' },
	default: [{ subType: 1002, value: 0 }],
	fields: {
		subType: choice({
			displayName: 'Sub Type',
			default: 1002,
			options: [
				{ name: 'Current', value: 1003 },
				{ name: 'Leakage Current', value: 1005 },
				{ name: 'Number of Circuits', value: 1000 },
				{ name: 'Power', value: 1006 },
				{ name: 'Rated Current', value: 1004 },
				{ name: 'Smoke', value: 1007 },
				{ name: 'Temperature', value: 1002 },
				{ name: 'Voltage', value: 1001 },
			],
			description: 'Kind of the value',
		}),
		value: number({ displayName: 'Value', description: 'Measured value' }),
	},
});

/** ServiceReportDeviceData (product 1465, pages 59062–59079). Its table lists DataInfo as an array, its example sends one object. */
export const reportData = perItemOperation({
	value: 'report',
	option: {
		name: 'Report',
		action: 'Report device data',
		description: 'Report the measurements of a device to Tencent',
	},
	fields: {
		customerId,
		deviceId,
		dataCategory,
		reportTime: time({
			displayName: 'Report Time',
			description: `Time of the measurement. ${ZONE_SENTENCE}`,
		}),
		readings,
	},
	action: 'ServiceReportDeviceData',
	parameters: (item) => ({
		DeviceId: item.deviceId,
		CustomerId: item.customerId,
		DataCategory: item.dataCategory,
		DataInfo: {
			ReportInfos: item.readings.map(({ subType, value }) => ({ SubType: subType, Value: value })),
			ReportTime: Math.floor(item.reportTime / 1000),
		},
	}),
	shown: ['CustomerId', 'DeviceId'],
	unit: 'report',
	namedBy: ['DeviceId'],
	done: 'sent',
});
