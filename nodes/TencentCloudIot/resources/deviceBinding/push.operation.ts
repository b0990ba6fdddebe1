import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Row } from '../../binding/row';
import { editorLists } from '../../editor/lists';
import { choice, flag, json, propertiesOf, text } from '../../input/fields/fields';
import { EFFECTS } from '../../service/actions';
import { counted, countedOf } from '../../messages/words';
import type { Call, Operation } from '../operation/operation';
import { columns, columnsHelp } from './columns';
import { makeRowReader, planRows } from './customerRows';
import { keepReceipts, largestLog } from './keeping';
import { mappedColumns, rowHandling } from './rowHandling';
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

	inputReader: ({ rowHandling: rules }) => makeRowReader(rules),
	toCalls: async (batches, { rowHandling: rules }) => await planRows(batches, rules),

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

function countDevices(calls: readonly Call[]): string {
	const count = calls.reduce((sum, { customer }) => sum + (customer?.devices.length ?? 0), 0);
	return counted(count, 'device');
}
