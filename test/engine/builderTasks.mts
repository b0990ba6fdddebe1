import type { IDataObject } from 'n8n-workflow';

/** A request to n8n's AI builder, and the code that it writes from the node's types. */
export interface BuilderTask {
	task: string;
	/** The output of the first node. */
	rows: IDataObject[];
	/** `resource`, `operation` and the fields of the node, as SDK code. */
	parameters: string;
	/** The requests that the service receives. */
	sent: IDataObject[];
}

const CRM_ROWS = [
	{ customer_id: 'user_1', sn: 'SN-1', product_id: 'LOCK01', device: 'front', model: 'Smart Lock' },
	{ customer_id: 'user_1', sn: 'SN-2', product_id: 'LOCK01', device: 'back', model: 'Smart Lock' },
	{ customer_id: 'user_2', sn: 'SN-3', product_id: 'LOCK01', device: 'gate', model: 'Smart Lock' },
];

const device = (name: string, serial: string) => ({
	CustomerDeviceNo: serial,
	DeviceId: `LOCK01/${name}`,
	ProductName: 'Smart Lock',
});

const MAPPED = `columns: {
	mappingMode: 'defineBelow',
	value: {
		CustomerId: expr('{{ $json.customer_id }}'),
		CustomerDeviceNo: expr('{{ $json.sn }}'),
		DeviceId: expr('{{ $json.product_id }}/{{ $json.device }}'),
		ProductName: expr('{{ $json.model }}'),
	},
}`;

const BOUND = [
	{
		Action: 'ServiceBindDevice',
		CustomerId: 'user_1',
		DeviceInfos: [device('front', 'SN-1'), device('back', 'SN-2')],
	},
	{ Action: 'ServiceBindDevice', CustomerId: 'user_2', DeviceInfos: [device('gate', 'SN-3')] },
];

const D1 = `productId: 'P', deviceName: { __rl: true, mode: 'id', value: 'D1' }`;

export const BUILDER_TASKS: readonly BuilderTask[] = [
	{
		task: 'Every night, tell Tencent IoT about all customers of our CRM whose devices changed',
		rows: CRM_ROWS,
		parameters: `resource: 'deviceBinding', operation: 'sync', ${MAPPED}, options: { outputItemPer: 'run' }`,
		sent: BOUND,
	},
	{
		task: 'The sheet already has the columns CustomerId, CustomerDeviceNo, DeviceId and ProductName: push it',
		rows: [{ CustomerId: 'user_2', ...device('gate', 'SN-3') }],
		parameters: `resource: 'deviceBinding', operation: 'push', columns: { mappingMode: 'autoMapInputData', value: null }`,
		sent: BOUND.slice(1),
	},
	{
		task: 'Create a customer for each new CRM contact',
		rows: [{ id: 'user_3', phone: '13800138000' }],
		parameters: `resource: 'customer', operation: 'create', customerId: expr('{{ $json.id }}'), countryCode: '86', phoneNumber: expr('{{ $json.phone }}')`,
		sent: [
			{
				Action: 'ServiceCreateCustomer',
				CustomerId: 'user_3',
				CountryCode: '86',
				PhoneNumber: '13800138000',
			},
		],
	},
	{
		task: 'Switch the socket D1 of product P on',
		rows: [{}],
		parameters: `resource: 'device', operation: 'control', ${D1}, data: '{"power_switch": 1}'`,
		sent: [
			{ Action: 'ServiceControlDeviceData', ProductId: 'P', DeviceName: 'D1', Data: '{"power_switch": 1}' },
		],
	},
	{
		task: '查询设备昨天的温度记录',
		rows: [{}],
		parameters: `resource: 'deviceData', operation: 'getHistory', ${D1}, fieldName: { __rl: true, mode: 'id', value: 'temperature' }, startTime: '2026-01-01T00:00:00Z', endTime: '2026-01-02T00:00:00Z', limit: 50`,
		sent: [
			{
				Action: 'ServiceDescribeDeviceDataHistory',
				ProductId: 'P',
				DeviceName: 'D1',
				FieldName: 'temperature',
				MinTime: 1_767_225_600_000,
				MaxTime: 1_767_312_000_000,
				Limit: 50,
			},
		],
	},
];
