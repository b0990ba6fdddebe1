import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { planPushes } from '../../binding/pushes';
import { joinRows, FIELDS, type MappedField, type Row } from '../../binding/row';
import { RowReader } from '../../binding/rowReader';
import { editorLists } from '../../editor/lists';
import { choice, flag, json, propertiesOf, text } from '../../input/fields/fields';
import { EFFECTS } from '../../service/actions';
import { counted, countedOf } from '../../messages/words';
import type { Call, Operation } from '../operation/operation';
import { readPath } from '../../input/fieldSource';
import { noRowsError } from '../../input/mapping';
import type { ItemReader } from '../../input/itemReader';
import { because, whyNotEvaluated, type Why, ELSEWHERE } from '../../messages/findings';
import { COLUMN_PARAMETERS, columns, columnsHelp } from './columns';
import { keepReceipts, largestLog } from './keeping';
import { mappedColumns, rowHandling } from './rowHandling';
import { ours } from '../../messages/text';
import { OPERATION_ADVICE } from '../../messages/operations';

const toolCondition = { '@tool': [true] };
const listCondition = { ...toolCondition, devicesFrom: ['list'] };

/** The fields that the node has only as a tool of an AI agent. A model gives one item, so it gives all devices of a customer as a list. */
const toolFields = {
	devicesFrom: choice({
		displayName: 'Devices From',
		noDataExpression: true,
		displayOptions: { show: toolCondition },
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
	}),
	customerId: text({
		displayName: 'Customer ID',
		displayOptions: { show: listCondition },
		placeholder: 'e.g. user_1024',
		description: "Your application's own ID for the customer",
	}),
	devices: json({
		displayName: 'Devices',
		displayOptions: { show: listCondition },
		default: '[]',
		description: 'All devices, e.g. [{"CustomerDeviceNo": "7", "DeviceId": "P/D", "ProductName": "Lock"}]',
	}),
};

const properties: INodeProperties[] = [
	...propertiesOf(toolFields),
	// n8n may not know whether the node is a tool. Then it shows fields that are hidden in tools, and hides fields that are shown only in tools.
	{ ...columnsHelp, displayOptions: { hide: toolCondition } },
	{ ...columns, displayOptions: { hide: toolCondition } },
	{ ...columns, displayOptions: { show: { ...toolCondition, devicesFrom: ['columns'] } } },
];

const options = {
	rowHandling,
	includeDevices: flag({
		displayName: 'Include Devices in Output',
		description: 'Whether each output item lists the pushed devices',
	}),
	// A Push writes no receipts unless somebody adds the option, so that it works without Data Tables.
	keepReceipts: { ...keepReceipts, ifNotAdded: 0 },
	largestLog,
};

/** ServiceBindDevice: pushes all devices of each customer as one request (product 1465, page 59071). */
export const pushOperation: Operation<Row | Row[], typeof options> = {
	value: 'push',
	option: {
		name: 'Push',
		action: 'Push device bindings',
		description: 'Send the full set of devices of each customer to Tencent, one request per customer',
	},
	toolAdvice:
		'Give ALL devices of the customer in one call, also those that stay: a device left out may be unbound, or may stay bound, which no operation can undo',
	properties,
	lists: [editorLists.columns],
	// Tencent does not document whether a push replaces a customer's devices. The node assumes it, so an invalid row withholds its customer.
	customers: { purpose: 'push', columns: mappedColumns },
	options,
	action: 'ServiceBindDevice',
	effect: EFFECTS.ServiceBindDevice,
	refusedAdvice: OPERATION_ADVICE.correctNamed(),

	inputReader(chosen) {
		const rowReader = new RowReader(chosen.rowHandling);
		return (reader, itemIndex) => {
			if (reader.stored('devicesFrom') === 'list') {
				return readDeviceList(reader, itemIndex, rowReader);
			}
			const read = (field: MappedField) => reader.read(COLUMN_PARAMETERS[field], itemIndex);
			if (reader.isHeader(itemIndex)) {
				return rowReader.readHeader(itemIndex, read);
			}
			const rows = rowReader.read(itemIndex, read, reader.unmappedCells);
			const isWithoutId = 'kind' in rows && ['empty', 'null'].includes(rows.kind);
			if (!isWithoutId) {
				return rows;
			}
			if (reader.isBlank(itemIndex)) {
				return { ...rows, kind: 'blank' };
			}
			return reader.isRecordMissing('CustomerId', itemIndex) ? { ...rows, kind: 'stock' } : rows;
		};
	},

	async toCalls(batches, { rowHandling: rules }) {
		const pushes = await planPushes(batches, rules);
		const { calls, withheld, leftOut, remarks } = pushes;
		// The mapped columns of all rows are empty.
		if (calls.length + withheld.length + leftOut.size === 0 && remarks.length > 0) {
			throw noRowsError();
		}
		return pushes;
	},

	isDone: ({ Status }) => Status === 'OK',
	reads: [],

	toJson({ parameters, customer }, { RequestId, Attempts }, chosen): IDataObject {
		const { CustomerId, DeviceInfos } = parameters;
		const DeviceCount = customer?.devices.length;
		const json = { CustomerId, Status: 'OK', RequestId, DeviceCount, Attempts };
		return chosen.includeDevices ? { ...json, DeviceInfos } : json;
	},

	unit: 'customer',
	namedBy: ['CustomerId'],

	countPlanned: (calls) => `${counted(calls.length, 'customer')}, ${countDevices(calls)}`,

	countDone: (doneCalls, total) => {
		const customers = countedOf(doneCalls.length, total, 'customer');
		return `${doneCalls.length === 0 ? customers : `${customers}, ${countDevices(doneCalls)}`} pushed`;
	},
};

/** The rows of an item with a list of devices: one for each device, or a single row with all findings if a device is invalid. */
function readDeviceList(reader: ItemReader, itemIndex: number, rowReader: RowReader): Row[] {
	const readDevice = (device: unknown) =>
		rowReader.read(itemIndex, (field) =>
			field === 'CustomerId' ? reader.read('customerId', itemIndex) : readPath(device, [field]),
		);
	const list = readList(() => reader.read('devices', itemIndex));
	if (!Array.isArray(list)) {
		const [row] = [readDevice(undefined)].flat();
		return [{ ...row!, findings: [...findingsOfCustomer(row!), { itemIndex, field: 'Devices', ...list }] }];
	}
	const rows = list.flatMap(readDevice);
	const findings = [
		...findingsOfCustomer(rows[0]!),
		...rows.flatMap(findingsOfDevice),
		...findContradictions(rows),
	];
	return findings.length === 0 ? rows : [joinRows(rows, findings)];
}

/** Reads the list of devices, or returns why it cannot be used. It has to name at least one device. */
function readList(read: () => unknown): unknown[] | Why {
	const example = ours(`[{"${FIELDS.slice(1).join('": "…", "')}": "…"}]`);
	try {
		const value = read();
		const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
		if (!Array.isArray(list)) {
			return because('notDevices', { example });
		}
		return list.length > 0 ? list : because('noDevices', { example });
	} catch (cause) {
		return cause instanceof SyntaxError ? because('notDevices', { example }) : whyNotEvaluated(cause);
	}
}

function findingsOfCustomer({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field === 'CustomerId');
}

function findingsOfDevice({ findings }: Row, index: number): Row['findings'] {
	return findings
		.filter(({ field }) => field !== 'CustomerId')
		.map((finding) => ({ ...finding, field: `Device ${index + 1}: ${finding.field}` }));
}

/** The findings about devices that a list describes in two ways: the node cannot know which description is right. */
function findContradictions(rows: readonly Row[]): Row['findings'] {
	const firstById = new Map<string, { deviceNumber: number; json: string }>();
	return rows.flatMap(({ device, itemIndex }, index) => {
		const json = JSON.stringify(device);
		const first = firstById.get(device.DeviceId);
		if (first === undefined) {
			firstById.set(device.DeviceId, { deviceNumber: index + 1, json });
		}
		if (device.DeviceId === '' || first === undefined || first.json === json) {
			return [];
		}
		const other = ELSEWHERE.device({ number: first.deviceNumber });
		return [{ itemIndex, field: `Device ${index + 1}: DeviceId`, ...because('described', { other }) }];
	});
}

function countDevices(calls: readonly Call[]): string {
	const count = calls.reduce((sum, { customer }) => sum + (customer?.devices.length ?? 0), 0);
	return counted(count, 'device');
}
