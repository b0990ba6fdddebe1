import type { INodeProperties } from 'n8n-workflow';

import { asOne, FIELDS, type Field, type Row, type RowReader } from '../../binding/row';
import { columnList } from '../../editor/lists';
import { readPath } from '../../input/fieldSource';
import { whyNotEvaluated } from '../../input/finding';
import type { ItemReader } from '../../input/itemReader';

/** Where the user maps the columns of the rows. */
export const columns: INodeProperties = {
	displayName: 'Columns',
	name: 'columns',
	type: 'resourceMapper',
	noDataExpression: true,
	required: true,
	default: { mappingMode: 'defineBelow', value: null },
	description: 'The column of the rows for each field',
	builderHint: {
		propertyHint:
			"Map all four: { mappingMode: 'defineBelow', value: { CustomerId: expr('{{ $json.customer }}'), CustomerDeviceNo: expr('{{ $json.serial }}'), DeviceId: expr('{{ $json.product }}/{{ $json.device }}'), ProductName: expr('{{ $json.model }}') } }. Where the columns have these names: { mappingMode: 'autoMapInputData', value: null }",
	},
	typeOptions: {
		resourceMapper: {
			resourceMapperMethod: columnList.method,
			mode: 'add',
			valuesLabel: 'Columns',
			fieldWords: { singular: 'column', plural: 'columns' },
			addAllFields: true,
			multiKeyMatch: false,
			supportAutoMap: true,
		},
	},
};

/** Stands above the columns: n8n never shows the description of a resource mapper. */
export const columnsHelp: INodeProperties = {
	displayName:
		'DeviceId is ProductId/DeviceName: drag both, / between them. CustomerDeviceNo is your own serial number of the device.',
	name: 'columnsHelp',
	type: 'notice',
	default: '',
};

/** The parameter in which each field is mapped: the names stand ready, as they are asked for in every row. */
export const COLUMN_PARAMETERS: Readonly<Record<Field, string>> = {
	CustomerId: 'columns.CustomerId',
	CustomerDeviceNo: 'columns.CustomerDeviceNo',
	DeviceId: 'columns.DeviceId',
	ProductName: 'columns.ProductName',
};

const isTool = { '@tool': [true] };
const isList = { ...isTool, devicesFrom: ['list'] };

/** A tool is called with one item: so that it can push a whole set, a list may stand in it. */
export const devices: INodeProperties[] = [
	{
		displayName: 'Devices From',
		name: 'devicesFrom',
		type: 'options',
		noDataExpression: true,
		required: true,
		displayOptions: { show: isTool },
		default: 'list',
		options: [
			{
				name: 'Columns',
				value: 'columns',
				description: 'One device per call, or the rows that came into the agent',
			},
			{
				name: 'List',
				value: 'list',
				description: 'All devices of one customer, which the model can fill in',
			},
		],
		description: "Where to read the customer's devices from",
		builderHint: {
			propertyHint:
				"Only for the node as a tool of an AI agent. 'list': set customerId and devices by $fromAI; 'columns': map the agent's input",
		},
	},
	{
		displayName: 'Customer ID',
		name: 'customerId',
		type: 'string',
		required: true,
		displayOptions: { show: isList },
		default: '',
		placeholder: 'e.g. user_1024',
		description: "Your application's own ID for the customer",
	},
	{
		displayName: 'Devices',
		name: 'devices',
		type: 'json',
		required: true,
		displayOptions: { show: isList },
		default: '[]',
		description:
			'The full set, e.g. [{"CustomerDeviceNo": "SN-0001", "DeviceId": "ProductABC/Device001", "ProductName": "Smart Lock"}]',
	},
	// Hidden in tools rather than shown elsewhere: an n8n that does not know whether a node is a tool has to show them.
	{ ...columnsHelp, displayOptions: { hide: isTool } },
	{ ...columns, displayOptions: { hide: isTool } },
	{ ...columns, displayOptions: { show: { ...isTool, devicesFrom: ['columns'] } } },
];

/** The rows that one item stands for. Where one of them cannot be used, a single row that says all that is wrong. */
export function readDeviceList(reader: ItemReader, itemIndex: number, rowReader: RowReader): Row[] {
	const read = (device: unknown) =>
		rowReader.read(itemIndex, (field) =>
			field === 'CustomerId' ? reader.read('customerId', itemIndex) : readPath(device, [field]),
		);
	const list = readList(() => reader.read('devices', itemIndex));
	if (typeof list === 'string') {
		const [row] = [read(undefined)].flat();
		const findings = row!.findings.filter(({ field }) => field === 'CustomerId');
		return [{ ...row!, findings: [...findings, { itemIndex, field: 'Devices', text: list }] }];
	}
	const rows = list.flatMap(read);
	const findings = [...ofCustomer(rows[0]!), ...rows.flatMap(ofDevice), ...contradictions(rows)];
	return findings.length === 0 ? rows : [asOne(rows, findings)];
}

/** The list, at least one long, or why there is none. */
function readList(read: () => unknown): unknown[] | string {
	const example = `give a list like [{"${FIELDS.slice(1).join('": "…", "')}": "…"}]`;
	try {
		const value = read();
		const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
		if (!Array.isArray(list)) return `is not a list: ${example}`;
		return list.length > 0 ? list : `is empty, which would unbind all devices of the customer: ${example}`;
	} catch (cause) {
		if (cause instanceof SyntaxError) return `is not JSON: ${example}`;
		return whyNotEvaluated(cause);
	}
}

function ofCustomer({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field === 'CustomerId');
}

function ofDevice({ findings }: Row, index: number): Row['findings'] {
	return findings
		.filter(({ field }) => field !== 'CustomerId')
		.map((finding) => ({ ...finding, field: `Device ${index + 1}: ${finding.field}` }));
}

/** Which of two is right is not ours to say. */
function contradictions(rows: readonly Row[]): Row['findings'] {
	const known = new Map<string, { number: number; json: string }>();
	return rows.flatMap(({ device, itemIndex }, index) => {
		const json = JSON.stringify(device);
		const first = known.get(device.DeviceId);
		if (first === undefined) known.set(device.DeviceId, { number: index + 1, json });
		if (device.DeviceId === '' || first === undefined || first.json === json) return [];
		const text = `names a device that device ${first.number} describes differently: keep one of them`;
		return [{ itemIndex, field: `Device ${index + 1}: DeviceId`, text }];
	});
}
