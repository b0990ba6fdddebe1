import { expect } from '@jest/globals';
import { picked } from '../support/picked.mts';
import { device, done, named } from './operationCase.mts';
import type { OperationCase } from './operationCase.mts';

const interval = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T08:00:01.500+08:00' };

/** In n8n's own default zone. */
const midnight = '2025-12-31T19:00:00.000-05:00';
const aSecondLater = '2025-12-31T19:00:01.000-05:00';

/** Data, events and states of devices. */
export const deviceDataCases: OperationCase[] = [
	{
		operation: 'deviceData.getLatest',
		parameters: device,
		sent: { Action: 'ServiceDescribeDeviceData', ...named },
		json: [
			{
				...named,
				Data: {
					temperature: {
						Value: 21.5,
						LastUpdate: expect.any(Number) as unknown as number,
						LastUpdateISO: expect.stringMatching(/^2.*-0[45]:00$/) as unknown as string,
					},
				},
				...done,
			},
		],
	},
	{
		operation: 'deviceData.getHistory',
		parameters: { ...device, fieldName: 'temperature', ...interval },
		sent: {
			Action: 'ServiceDescribeDeviceDataHistory',
			...named,
			FieldName: 'temperature',
			MinTime: 1_767_225_600_000,
			MaxTime: 1_767_225_601_500,
			Limit: 50,
		},
		json: [
			{ ...named, FieldName: 'temperature', Time: 1_767_225_600_000, TimeISO: midnight, Value: 20 },
			{ ...named, FieldName: 'temperature', Time: 1_767_225_601_000, TimeISO: aSecondLater, Value: 21 },
		],
	},
	{
		operation: 'deviceData.getEvents',
		parameters: { ...device, filters: interval },
		sent: {
			Action: 'ServiceListEventHistory',
			...named,
			Type: '',
			StartTime: 1_767_225_600,
			EndTime: 1_767_225_601,
			Size: 50,
		},
		json: [
			{
				...named,
				TimeStamp: 1_767_225_600,
				TimeStampISO: midnight,
				EventId: 'hot',
				Type: 'alert',
				Data: { t: 90 },
			},
			{
				...named,
				TimeStamp: 1_767_225_601,
				TimeStampISO: aSecondLater,
				EventId: 'odd',
				Type: 'info',
				Data: 'not JSON',
			},
		],
	},
	{
		operation: 'deviceData.getEvents',
		parameters: { ...device, type: 'fault' },
		sent: { Action: 'ServiceListEventHistory', ...named, Type: 'fault', StartTime: 0, EndTime: 0, Size: 50 },
		json: [],
	},
	{
		operation: 'deviceData.report',
		parameters: {
			customerId: picked('c1'),
			deviceId: 'P/D1',
			reportTime: "={{ DateTime.fromMillis(1767225600999, { zone: 'Asia/Shanghai' }) }}",
			readings: {
				reading: [
					{ subType: 1002, value: '={{ "21.5" }}' },
					{ subType: '={{ 1001 }}', value: 220 },
				],
			},
		},
		sent: {
			Action: 'ServiceReportDeviceData',
			CustomerId: 'c1',
			DeviceId: 'P/D1',
			DataCategory: '200',
			DataInfo: {
				ReportTime: 1_767_225_600,
				ReportInfos: [
					{ SubType: 1002, Value: 21.5 },
					{ SubType: 1001, Value: 220 },
				],
			},
		},
		json: [{ CustomerId: 'c1', DeviceId: 'P/D1', Status: 'OK', ...done }],
	},
	{
		operation: 'deviceData.reportState',
		parameters: { deviceId: 'P/D1', onlineStatus: 0 },
		sent: { Action: 'ServiceReportDeviceState', DeviceId: 'P/D1', OnlineStatus: 0 },
		json: [{ DeviceId: 'P/D1', OnlineStatus: 0, Status: 'OK', ...done }],
	},
];
