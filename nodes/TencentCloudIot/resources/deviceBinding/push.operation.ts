import type { IDataObject } from 'n8n-workflow';

import { COLUMN_NAMES } from '../../binding/columnNames';
import { itemIndexesOf, CustomerGroups, type Customer } from '../../binding/customers';
import { RowReader, type DeviceInfo, type Field, type Row } from '../../binding/row';
import { columnList } from '../../editor/lists';
import { flag } from '../../input/fields/fields';
import { EFFECTS } from '../../service/actions';
import { counted, countedOf } from '../../service/words';
import type { Call, Calls, Withheld, Operation } from '../../operation';
import { inBatches } from '../../input/batches';
import { noRows } from '../../input/mapping';
import { COLUMN_PARAMETERS, devices as properties, readDeviceList } from './columns';
import { rowHandling } from './rowHandling';

const options = {
	rowHandling,
	includeDevices: flag({
		displayName: 'Include Devices in Output',
		description: 'Whether each output item lists the pushed devices',
	}),
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
	lists: [columnList],
	// Whether a push replaces a set is not documented, and so to be reckoned with.
	customers: { columns: COLUMN_NAMES },
	options,
	action: 'ServiceBindDevice',
	effect: EFFECTS.ServiceBindDevice,
	refusedAdvice: 'Correct what Tencent names and try again',

	inputReader(chosen) {
		const rowReader = new RowReader(chosen.rowHandling);
		return (reader, itemIndex) => {
			if (reader.stored('devicesFrom') === 'list') return readDeviceList(reader, itemIndex, rowReader);
			const read = (field: Field) => reader.read(COLUMN_PARAMETERS[field], itemIndex);
			if (reader.isHeader(itemIndex)) return rowReader.readHeader(itemIndex, read);
			const rows = rowReader.read(itemIndex, read, reader.unmapped(itemIndex));
			const isWithoutId = 'kind' in rows && rows.kind !== 'own';
			return isWithoutId && reader.isBlank(itemIndex) ? { ...rows, kind: 'blank' } : rows;
		};
	},

	async toCalls(batches, chosen): Promise<Calls> {
		const { emptyCustomerId, emptyProductName, sharedDevices, invalidRows, rowsWithoutDevice } =
			chosen.rowHandling;
		const groups = new CustomerGroups(emptyCustomerId, rowsWithoutDevice, emptyProductName);
		for await (const rows of batches) {
			for (const row of rows.flat()) groups.add(row);
		}
		const { customers, ownerless, leftOut, remarks, named } = groups.finish(sharedDevices);
		const calls: Call[] = [];
		const withheld: Withheld[] = [];
		for await (const batch of inBatches(customers)) {
			for (const customer of batch) {
				const isWhole = customer.findings.length === 0;
				const isSent = isWhole || (invalidRows === 'sendValid' && customer.devices.length > 0);
				if (isSent) calls.push(toCall(customer));
				// A row that is another customer's as well is reported there.
				const isReported = isSent && customer.badItemIndexes.length === 0;
				if (!isWhole && !isReported) withheld.push(toWithheld(customer, isSent));
			}
		}
		for (const { itemIndex, findings } of ownerless) {
			withheld.push({ parameters: {}, itemIndexes: [itemIndex], findings });
		}
		// Of rows in which every mapped column is empty only a remark is left.
		if (calls.length + withheld.length + leftOut.size === 0 && remarks.length > 0) throw noRows();
		return { calls, withheld, leftOut, remarks, named };
	},

	isDone: ({ Status }) => Status === 'OK',
	reads: [],

	toJson({ parameters, customer }, { RequestId, Attempts }, chosen): IDataObject {
		const { CustomerId, DeviceInfos } = parameters;
		return {
			CustomerId,
			Status: 'OK',
			RequestId,
			DeviceCount: customer?.devices.length,
			Attempts,
			...(chosen.includeDevices && { DeviceInfos }),
		};
	},

	unit: 'customer',
	namedBy: ['CustomerId'],

	countPlanned: (calls) => `${counted(calls.length, 'customer')}, ${countDevices(calls)}`,

	countDone: (calls, total) => {
		const customers = countedOf(calls.length, total, 'customer');
		return `${calls.length === 0 ? customers : `${customers}, ${countDevices(calls)}`} pushed`;
	},
};

function countDevices(calls: readonly Call[]): string {
	let count = 0;
	for (const { customer } of calls) count += customer?.devices.length ?? 0;
	return counted(count, 'device');
}

function toCall({ customerId, devices }: Customer): Call {
	const DeviceInfos = devices.map(({ info }) => info);
	return {
		parameters: { CustomerId: customerId, DeviceInfos },
		itemIndexes: sentItems(devices),
		ownParameters: () => ownDevices(devices),
		customer: { id: customerId, devices: DeviceInfos },
	};
}

/** The devices that each row names: one, or those of its list. */
function ownDevices(devices: Customer['devices']): ReadonlyMap<number, IDataObject> {
	const own = new Map<number, { DeviceInfos: DeviceInfo[] }>();
	for (const device of devices) {
		for (const itemIndex of itemIndexesOf(device)) {
			const known = own.get(itemIndex);
			if (known === undefined) own.set(itemIndex, { DeviceInfos: [device.info] });
			else known.DeviceInfos.push(device.info);
		}
	}
	return own;
}

function toWithheld({ customerId, devices, badItemIndexes, findings }: Customer, isSent: boolean): Withheld {
	// The rest of a customer that is sent is reported by its call.
	const good = isSent ? [] : sentItems(devices);
	return {
		parameters: { CustomerId: customerId },
		itemIndexes: [...new Set([...good, ...badItemIndexes])].sort((a, b) => a - b),
		customerId,
		findings,
	};
}

function sentItems(devices: Customer['devices']): number[] {
	const itemIndexes = devices.flatMap(itemIndexesOf);
	const isInOrder = itemIndexes.every((one, index) => index === 0 || itemIndexes[index - 1]! < one);
	return isInOrder ? itemIndexes : [...new Set(itemIndexes)].sort((a, b) => a - b);
}
