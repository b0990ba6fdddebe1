import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { Fault, SimulatorOptions } from '../simulator/simulator.mts';

const picked = (value: string) => ({ __rl: true, mode: 'id', value });
const device = { productId: 'P', deviceName: picked('={{ $json.device }}') };
const customer = { customerId: picked('={{ $json.id }}') };
const columns = {
	mappingMode: 'defineBelow',
	value: {
		CustomerId: '={{ $json.id }}',
		CustomerDeviceNo: '={{ $json.serial }}',
		DeviceId: '={{ $json.path }}',
		ProductName: 'Smart Lock',
	},
};
const interval = { startTime: '2025-12-31', endTime: '2026-01-02' };

/**
 * Each operation as `resource.operation`, with the fields of runs that between them have all members of its output. What is
 * of one row is read from `ROWS`, so that a row can be wrong.
 */
export const OUTPUT_CASES: Readonly<Record<string, readonly INodeParameters[]>> = {
	'account.check': [{}],
	'customer.create': [{ customerId: '={{ $json.id }}', countryCode: '86', phoneNumber: '13800138000' }],
	'customer.getMany': [
		{ limit: '={{ $json.limit }}' },
		{ filters: { customerId: 'c0', countryCode: '86', phoneNumber: '1' }, limit: 50 },
	],
	'device.get': [device],
	'device.getMany': [{ productId: '={{ $json.product }}', limit: 50 }],
	'device.control': [{ ...device, data: '{"power":1}', liveDevice: true }],
	'device.callAction': [
		{ ...device, actionId: 'open', additionalFields: { inputParams: '{"n":1}' }, liveDevice: true },
	],
	'deviceBinding.push': [{ columns }],
	'deviceBinding.sync': [{ columns }],
	'deviceBinding.audit': [{ columns }],
	'deviceData.getLatest': [device],
	'deviceData.getHistory': [{ ...device, ...interval, fieldName: picked('temperature'), limit: 50 }],
	'deviceData.getEvents': [{ ...device, filters: interval, limit: 50 }],
	'deviceData.report': [
		{
			...customer,
			deviceId: 'P/D1',
			reportTime: '2026-01-01',
			readings: { reading: [{ subType: 1002, value: 21.5 }] },
		},
	],
	'deviceData.reportState': [{ deviceId: '={{ $json.path }}', onlineStatus: 0 }],
	'insurancePage.getUrl': [customer, { ...customer, itemId: 'CarInsurance2021', itemVNO: 'AutoVIP' }],
	'order.create': [{ ...customer, orderNo: '={{ $json.id }}', itemNum: 1 }],
	'order.getMany': [
		{ limit: '={{ $json.limit }}' },
		{ filters: { customerId: 'c', orderNo: 'O' }, limit: 50 },
	],
	'product.getModel': [{ productId: '={{ $json.product }}' }],
	'sync.getStatus': [{}, { sync: 'nobody' }],
	'sync.getReceipts': [{ customerId: 'm0' }, { customerId: 'nobody' }, { receiptsAs: 'each' }],
	'sync.approvePlan': [{ planId: 'of nobody', decision: 'Approve', by: 'Li' }],
	'sync.confirmNews': [{}],
	'sync.forget': [{ sync: 'nobody' }, { sync: 'Workflow' }],
};

/** What the service has. */
export const CONTENTS = {
	customers: ['c0', 'c1', 'c2', 'c3', 'c4'].map((CustomerId) => ({
		CustomerId,
		CountryCode: '86',
		PhoneNumber: '1',
	})),
	orders: [
		{ CustomerId: 'c', OrderNo: 'O', ItemId: 'D-FireInsurance2020', ItemVNO: 'FireBusiness', ItemNum: 1 },
	],
	devices: [
		{
			ProductId: 'P',
			DeviceName: 'D1',
			data: { temperature: 21.5 },
			history: { temperature: [{ Time: 1_767_225_600_000, Value: 20 }] },
			events: [{ TimeStamp: 1_767_225_600, EventId: 'hot', Type: 'alert', Data: '{"t":90}' }],
		},
	],
	models: { P: '{"version":"1.0"}' },
} satisfies SimulatorOptions;

/** Rows that can be used, one of a customer without a device, and one that names nothing at all. */
export const ROWS: readonly IDataObject[] = [
	...['c0', 'c1', 'c2', 'c3', 'c4'].map((id, index) => ({
		id,
		serial: `SN-${index}`,
		path: `P/D${index}`,
		device: 'D1',
		product: 'P',
		limit: 50,
	})),
	{ id: 'c5', serial: 'SN-5', path: 'N/A', device: 'N/A', product: 'N/A', limit: 'N/A' },
	{ id: 'c7', serial: 'SN-7', path: 'no slash', device: 'N/A', product: 'N/A', limit: 'N/A' },
	{ id: 'N/A', serial: 'SN-6', path: 'N/A', device: 'N/A', product: 'N/A', limit: 'N/A' },
];

const REFUSAL: Fault = { kind: 'error', Code: 'InvalidParameterValue', Message: 'no' };

/** The first request gets no response and is repeated, the fourth is refused, and those after it fail. */
export function brokenService(request: { index: number }): Fault | undefined {
	if (request.index === 0) {
		return { kind: 'reset' };
	}
	if (request.index === 3) {
		return REFUSAL;
	}
	return request.index > 3 ? { kind: 'status', status: 500 } : undefined;
}

/** Only the second request is refused: Retry On Fail does what is left. */
export function refusesOnce(request: { index: number }): Fault | undefined {
	return request.index === 1 ? REFUSAL : undefined;
}
