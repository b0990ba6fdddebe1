import { expect } from '@jest/globals';
import { device, done, named } from './operationCase.mts';
import type { OperationCase } from './operationCase.mts';

/** Times in n8n's own default zone. */
const info = {
	Status: 1,
	FirstOnlineTime: 1_700_000_000,
	FirstOnlineTimeISO: '2023-11-14T17:13:20.000-05:00',
	LoginTime: 1_700_000_100,
	LoginTimeISO: '2023-11-14T17:15:00.000-05:00',
	CreateTime: 1_699_999_999,
	CreateTimeISO: '2023-11-14T17:13:19.000-05:00',
	Version: '1.0.0',
	LogLevel: 1,
	DevAddr: '26011bda',
};
/** Devices and products. */
export const deviceCases: OperationCase[] = [
	{
		operation: 'device.get',
		parameters: device,
		sent: { Action: 'ServiceDescribeDevice', ...named },
		json: [{ ...named, ...info, ...done }],
	},
	{
		operation: 'device.getMany',
		parameters: { productId: 'P', returnAll: true },
		sent: { Action: 'ServiceGetDeviceList', ProductId: 'P', Offset: 0, Limit: 100 },
		json: [
			{ ...named, ...info },
			{ ProductId: 'P', DeviceName: 'D2', ...info, Status: 0 },
		],
	},
	{
		operation: 'device.control',
		parameters: { ...device, data: '={{ { power: 1 } }}' },
		sent: { Action: 'ServiceControlDeviceData', ...named, Data: '{"power":1}' },
		json: [{ ...named, Data: { power: 1 }, Result: { Sent: 1, Subscribed: 1 }, ...done }],
	},
	{
		operation: 'device.control',
		parameters: {
			...device,
			specifyData: 'fields',
			properties: {
				mappingMode: 'defineBelow',
				value: { on: '={{ true }}', volume: '={{ " 40 " }}', untouched: null },
				schema: [{ id: 'volume', displayName: '={{ $json.shout() }}', type: 'number' }],
				matchingColumns: [],
			} as never,
		},
		sent: { Action: 'ServiceControlDeviceData', ...named, Data: '{"on":1,"volume":40}' },
		json: [{ ...named, Data: { on: 1, volume: 40 }, Result: { Sent: 1, Subscribed: 1 }, ...done }],
	},
	{
		operation: 'device.callAction',
		parameters: {
			...device,
			actionId: 'open',
			additionalFields: { inputParams: ' {"n": 12345678901234567890} ' },
		},
		sent: {
			Action: 'ServiceCallDeviceActionSync',
			...named,
			ActionId: 'open',
			InputParams: '{"n": 12345678901234567890}',
		},
		json: [
			{
				...named,
				ActionId: 'open',
				ClientToken: expect.any(String) as unknown as string,
				OutputParams: { echo: { n: 12345678901234567000 } },
				Status: 'done',
				...done,
			},
		],
	},
	{
		operation: 'device.callAction',
		parameters: { ...device, actionId: 'open', waitForResult: false },
		sent: { Action: 'ServiceCallDeviceActionAsync', ...named, ActionId: 'open' },
		json: [
			{
				...named,
				ActionId: 'open',
				ClientToken: expect.any(String) as unknown as string,
				Status: 'sent',
				...done,
			},
		],
	},
	{
		operation: 'product.getModel',
		parameters: { productId: 'P' },
		sent: { Action: 'ServiceDescribeModelDefinition', ProductId: 'P' },
		json: [
			{
				ProductId: 'P',
				CategoryModel: '',
				CreateTime: 1_700_000_000,
				CreateTimeISO: '2023-11-14T17:13:20.000-05:00',
				UpdateTime: 1_700_000_100,
				UpdateTimeISO: '2023-11-14T17:15:00.000-05:00',
				ModelDefine: { version: '1.0', properties: [{ id: 'temperature' }] },
				...done,
			},
		],
	},
];
