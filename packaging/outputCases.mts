import type { IDataObject, INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import type { Fault, SimulatorOptions } from '../simulator/simulator.mts';

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

/** A value for each field, by name. Values of rows are read from `ROWS`, so that a row can be invalid. */
const VALUES: Readonly<Record<string, INodeParameters[string]>> = {
	...interval,
	actionId: 'open',
	columns,
	countryCode: '86',
	customerId: '={{ $json.id }}',
	data: '{"power":1}',
	deviceId: '={{ $json.path }}',
	deviceName: '={{ $json.device }}',
	fieldName: 'temperature',
	itemNum: 1,
	limit: '={{ $json.limit }}',
	liveDevice: true,
	onlineStatus: 0,
	orderNo: '={{ $json.id }}',
	phoneNumber: '13800138000',
	productId: '={{ $json.product }}',
	readings: { reading: [{ subType: 1002, value: 21.5 }] },
	reportTime: '2026-01-01',
};

/** Optional fields that an operation needs to output all of its members. */
const OPTIONAL_FIELDS: Readonly<Record<string, INodeParameters>> = {
	'device.callAction': { additionalFields: { inputParams: '{"n":1}' } },
	'deviceData.getEvents': { filters: interval },
	'sync.approvePlan': { planId: 'of nobody', decision: 'Approve', by: 'Li' },
	'sync.forget': { sync: 'Workflow' },
	'sync.getReceipts': { customerId: 'm0', limit: 50, startTime: '', endTime: '' },
	'sync.getStatus': { limit: 10 },
};

/** More runs, for operations that output some members only with other values. */
const FURTHER_RUNS: Readonly<Record<string, readonly INodeParameters[]>> = {
	'customer.getMany': [
		{ filters: { customerId: 'c0', countryCode: '86', phoneNumber: '13800138000' }, limit: 50 },
	],
	'insurancePage.getUrl': [{ itemId: 'CarInsurance2021', itemVNO: 'AutoVIP' }],
	'order.getMany': [{ filters: { customerId: 'c', orderNo: 'O' }, limit: 50 }],
	'sync.getStatus': [{ sync: 'nobody' }],
	'sync.getReceipts': [{ customerId: 'nobody' }, { receiptsAs: 'each' }],
	'sync.forget': [{ sync: 'nobody' }],
};

/**
 * The fields of the runs that together output all members of each operation, by `resource.operation`.
 * @param properties of the node
 */
export function outputCases(properties: readonly INodeProperties[]): Map<string, INodeParameters[]> {
	const cases = new Map<string, INodeParameters[]>();
	for (const { name, displayOptions, options = [] } of properties) {
		for (const option of name === 'operation' ? options : []) {
			const [resource] = displayOptions?.show?.resource ?? [];
			const operation = (option as INodePropertyOptions).value;
			const key = `${String(resource)}.${String(operation)}`;
			const fields = properties.filter(({ displayOptions: { show = {} } = {} }) => {
				return show.resource?.includes(resource!) && show.operation?.includes(operation);
			});
			const values = { ...valuesFor(fields), ...OPTIONAL_FIELDS[key] };
			const furtherRuns = FURTHER_RUNS[key] ?? [];
			cases.set(key, [values, ...furtherRuns.map((run) => ({ ...values, ...run }))]);
		}
	}
	return cases;
}

function valuesFor(fields: readonly INodeProperties[]): INodeParameters {
	const values: INodeParameters = {};
	for (const { name, type } of fields) {
		const value = VALUES[name];
		if (value !== undefined) {
			values[name] = type === 'resourceLocator' ? { __rl: true, mode: 'id', value: String(value) } : value;
		}
	}
	return values;
}

/** What the service has stored. */
export const CONTENTS = {
	customers: ['c0', 'c1', 'c2', 'c3', 'c4'].map((CustomerId) => ({
		CustomerId,
		CountryCode: '86',
		PhoneNumber: '13800138000',
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

/** Valid rows, a row of a customer without a device, and a row without any values. */
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

/** Refuses only the second request: Retry On Fail handles the rest. */
export function refusesOnce(request: { index: number }): Fault | undefined {
	return request.index === 1 ? REFUSAL : undefined;
}
