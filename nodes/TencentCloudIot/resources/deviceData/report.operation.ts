import type { INodeProperties } from 'n8n-workflow';

import { perItemOperation } from '../perItemOperation';
import { customerId, readCustomerId } from '../customerId';
import { deviceId, readDeviceId } from '../deviceFields';
import { dataCategory, readings } from './readings';

const reportTime: INodeProperties = {
	displayName: 'Report Time',
	name: 'reportTime',
	type: 'dateTime',
	required: true,
	default: '',
	description: "When it was measured, in the workflow's time zone unless the time names its own",
};

/** ServiceReportDeviceData (product 1465, pages 59062–59079). Its table says that DataInfo is a list, its example sends one object. */
export const reportData = perItemOperation({
	value: 'report',
	option: {
		name: 'Report',
		action: 'Report device data',
		description: 'Tell Tencent what a device measured',
	},
	properties: [customerId, deviceId, dataCategory, reportTime, readings],
	action: 'ServiceReportDeviceData',
	// It carries its own time: told twice, it is the same measurement.
	effect: 'idempotent',
	parameters: (item) => ({
		DeviceId: readDeviceId(item),
		CustomerId: readCustomerId(item),
		DataCategory: item.choice('dataCategory'),
		DataInfo: {
			ReportInfos: item.entries('readings.reading', (reading) => ({
				SubType: reading.choice('subType'),
				Value: reading.number('value'),
			})),
			ReportTime: item.time('reportTime', 'seconds'),
		},
	}),
	isDone: ({ Status }) => Status === 'OK',
	reads: [],
	toJson: ({ CustomerId, DeviceId }) => ({ CustomerId, DeviceId, Status: 'OK' }),
	unit: 'report',
	done: 'sent',
});
