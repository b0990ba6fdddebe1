import { expect, test } from '@jest/globals';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { runSimulator } from '../simulator/runningSimulator.mts';
import { documentedParameters, undocumented } from '../support/documentedParameters.mts';
import { expectNoSecrets } from './invariants.mts';
import { ownParameters, runOperation } from './operationRun.mts';
import { linksOf } from './pushRun.mts';
import { contents } from './serviceContents.mts';

interface Case {
	operation: string;
	parameters: INodeParameters;
	/** What the service receives: Action and own parameters, in their types. */
	sent: IDataObject;
	/** What comes out. */
	json: IDataObject[];
}

const picked = (value: string) => ({ __rl: true, mode: 'id', value });
const device = { productId: 'P', deviceName: picked('D1') };
const named = { ProductId: 'P', DeviceName: 'D1' };
const done = { RequestId: expect.any(String) as unknown as string, Attempts: 1 };
const info = {
	Status: 1,
	FirstOnlineTime: 1_700_000_000,
	LoginTime: 1_700_000_100,
	CreateTime: 1_699_999_999,
	Version: '1.0.0',
	LogLevel: 1,
	DevAddr: '26011bda',
};
const interval = { startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-01T08:00:01.500+08:00' };

const CASES: Case[] = [
	{
		operation: 'customer.create',
		parameters: { customerId: 'c3', countryCode: '86', phoneNumber: '={{ 13800138000 }}' },
		sent: {
			Action: 'ServiceCreateCustomer',
			CustomerId: 'c3',
			CountryCode: '86',
			PhoneNumber: '13800138000',
		},
		json: [{ CustomerId: 'c3', Status: 'OK', ...done }],
	},
	{
		operation: 'customer.getMany',
		parameters: { filters: { phoneNumber: '={{ "2" }}', countryCode: ' ' } },
		sent: { Action: 'ServiceGetCustomerList', PhoneNumber: '2', Offset: 0, Limit: 50 },
		json: [{ CustomerId: 'c2', CountryCode: '86', PhoneNumber: '2' }],
	},
	{
		operation: 'order.create',
		parameters: { customerId: picked('c1'), orderNo: 'O-1', itemNum: '={{ "2" }}' },
		sent: {
			Action: 'ServiceCreateOrder',
			CustomerId: 'c1',
			OrderNo: 'O-1',
			ItemId: 'D-FireInsurance2020',
			ItemVNO: 'FireBusiness',
			ItemNum: 2,
		},
		json: [{ CustomerId: 'c1', OrderNo: 'O-1', ItemId: 'D-FireInsurance2020', Status: 'OK', ...done }],
	},
	{
		operation: 'order.getMany',
		parameters: { filters: { customerId: 'nobody' }, limit: 7 },
		sent: { Action: 'ServiceGetOrderList', CustomerId: 'nobody', Offset: 0, Limit: 7 },
		json: [],
	},
	{
		operation: 'insurancePage.getUrl',
		parameters: { customerId: picked('={{ "c1" }}') },
		sent: { Action: 'ServiceGetInsurancePageURL', CustomerId: 'c1', ItemId: 'D-FireInsurance2020' },
		json: [
			{
				CustomerId: 'c1',
				ItemId: 'D-FireInsurance2020',
				URL: 'https://insurance.example/D-FireInsurance2020?customer=c1',
				...done,
			},
		],
	},
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
		operation: 'deviceData.getLatest',
		parameters: device,
		sent: { Action: 'ServiceDescribeDeviceData', ...named },
		json: [
			{
				...named,
				Data: { temperature: { Value: 21.5, LastUpdate: expect.any(Number) as unknown as number } },
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
			{ ...named, FieldName: 'temperature', Time: 1_767_225_600_000, Value: 20 },
			{ ...named, FieldName: 'temperature', Time: 1_767_225_601_000, Value: 21 },
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
			{ ...named, TimeStamp: 1_767_225_600, EventId: 'hot', Type: 'alert', Data: { t: 90 } },
			{ ...named, TimeStamp: 1_767_225_601, EventId: 'odd', Type: 'info', Data: 'not JSON' },
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
	{
		operation: 'product.getModel',
		parameters: { productId: 'P' },
		sent: { Action: 'ServiceDescribeModelDefinition', ProductId: 'P' },
		json: [
			{
				ProductId: 'P',
				CategoryModel: '',
				CreateTime: 1_700_000_000,
				UpdateTime: 1_700_000_100,
				ModelDefine: { version: '1.0', properties: [{ id: 'temperature' }] },
				...done,
			},
		],
	},
];

const named1 = CASES.map((one) => [one.operation, one.sent.Action, one] as const);

test.each(named1)('%s asks by %s, with right names and types, and tells the answer.', async (_, __, one) => {
	const simulator = await runSimulator(contents);
	const { operation, parameters, sent, json } = one;
	const result = await runOperation(simulator, { operation, parameters });
	expect(result.failure).toBeUndefined();
	expect(ownParameters(simulator)).toEqual([sent]);
	expect(ownParameters(simulator).flatMap(undocumented)).toEqual([]);
	expect(result.success.map((item) => item.json)).toEqual(json);
	expect(result.success.map(linksOf)).toEqual(json.map(() => [0]));
	expect(result.hints).toHaveLength(1);
	expect(JSON.stringify(result.success)).not.toContain('secret-');
	expectNoSecrets(result, simulator);
});

test.each(named1)('%s by %s can be shown by Dry Run, and sends nothing then.', async (_, __, one) => {
	const simulator = await runSimulator(contents);
	const { operation, parameters, sent } = one;
	const { success } = await runOperation(simulator, { operation, parameters, options: { dryRun: true } });
	expect(success.map(({ json }) => JSON.parse(JSON.stringify(json)))).toEqual([sent]);
	expect(simulator.requests).toHaveLength(0);
});

test('Every Action of the API is asked for by one of these.', () => {
	const asked = new Set(CASES.map(({ sent }) => sent.Action));
	expect(Object.keys(documentedParameters).filter((action) => !asked.has(action))).toEqual([
		'ServiceBindDevice',
	]);
});

test.each(['device.get', 'device.getMany'])(
	'%s gives the secrets of devices to who asks for them.',
	async (operation) => {
		const simulator = await runSimulator(contents);
		const options = { includeSecrets: true };
		const { success } = await runOperation(simulator, { operation, parameters: device, options });
		expect(success[0]?.json).toMatchObject({
			DevicePsk: 'secret-psk-D1',
			DeviceCert: 'secret-cert-D1',
			AppKey: 'secret-app-key-D1',
			DevEUI: 'secret-dev-eui-D1',
			AppSKey: 'secret-app-s-key-D1',
			NwkSKey: 'secret-nwk-s-key-D1',
		});
	},
);
