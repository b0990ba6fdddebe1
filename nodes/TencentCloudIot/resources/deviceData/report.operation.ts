import { time } from '../../input/fields/fields';
import { customerId } from '../customerId';
import { deviceId } from '../deviceFields';
import { perItemOperation } from '../perItemOperation';
import { ZONE } from '../timeRange';
import { dataCategory, readings } from './readings';

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
			description: `Time of the measurement. ${ZONE}`,
		}),
		readings,
	},
	action: 'ServiceReportDeviceData',
	// It carries its own time: reported twice, it is the same measurement.
	effect: 'idempotent',
	parameters: (item) => ({
		DeviceId: item.deviceId,
		CustomerId: item.customerId,
		DataCategory: item.dataCategory,
		DataInfo: {
			ReportInfos: item.readings.map(({ subType, value }) => ({ SubType: subType, Value: value })),
			ReportTime: Math.floor(item.reportTime / 1000),
		},
	}),
	isDone: ({ Status }) => Status === 'OK',
	reads: [],
	toJson: ({ CustomerId, DeviceId }) => ({ CustomerId, DeviceId, Status: 'OK' }),
	unit: 'report',
	namedBy: ['DeviceId'],
	done: 'sent',
});
