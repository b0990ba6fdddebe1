import type { IDataObject } from 'n8n-workflow';

import { itemIndexesOf, type Customer, type CustomerDevice } from '../../binding/customer';
import { CustomerGroups } from '../../binding/customers';
import { FIELDS, readRow, type DeviceInfo, type Row } from '../../binding/row';
import { counted, countedOf } from '../counted';
import { readUnusualIds } from '../customerId';
import type { Call, Calls, HeldBack, Operation } from '../../operation';
import { inStretches } from '../../input/stretches';
import { COLUMN_PARAMETERS } from './columns';
import { devices as properties, readDeviceList } from './deviceList';
import { options } from './options';

/** ServiceBindDevice: pushes all devices of each customer as one request (product 1465, page 59071). */
export const pushOperation: Operation<Row | Row[]> = {
	value: 'push',
	option: {
		name: 'Push',
		action: 'Push device bindings',
		description: 'Tell Tencent which devices belong to which customer, one request per customer',
	},
	toolAdvice:
		"Each call REPLACES the customer's whole set of devices: give all devices of the customer in one call, also those that stay, or those left out may be unbound",
	properties,
	columns: FIELDS,
	options,
	action: 'ServiceBindDevice',
	repeatable: true,
	refusedAdvice: 'Correct the rows and run the workflow again',
	// Not documented, and so to be reckoned with.
	replaces: { owner: 'CustomerId', members: 'DeviceInfos', by: 'DeviceId' },

	readItem(reader, itemIndex, chosen) {
		const unusualIds = readUnusualIds(chosen);
		if (reader.stored('devicesFrom') === 'list') return readDeviceList(reader, itemIndex, unusualIds);
		return readRow(itemIndex, (field) => reader.read(COLUMN_PARAMETERS[field], itemIndex), unusualIds);
	},

	async toCalls(batches, { sharedDevices, invalidRows }): Promise<Calls> {
		const groups = new CustomerGroups();
		for await (const rows of batches) {
			for (const row of rows.flat()) groups.add(row);
		}
		const { customers, ownerless } = groups.finish(sharedDevices === 'allow' ? 'allow' : 'refuse');
		const calls: Call[] = [];
		const heldBack: HeldBack[] = [];
		for await (const batch of inStretches(customers)) {
			for (const customer of batch) {
				const isWhole = customer.findings.length === 0;
				const isSent = isWhole || (invalidRows === 'sendValid' && customer.devices.length > 0);
				if (isSent) calls.push(toCall(customer));
				// A row that is another customer's as well is told of there.
				const isTold = isSent && customer.badItemIndexes.length === 0;
				if (!isWhole && !isTold) heldBack.push(toHeldBack(customer, isSent));
			}
		}
		for (const { itemIndex, findings } of ownerless) {
			heldBack.push({ parameters: {}, itemIndexes: [itemIndex], findings });
		}
		return { calls, heldBack };
	},

	isDone: ({ Status }) => Status === 'OK',

	toJson(
		{ parameters: { CustomerId, DeviceInfos } },
		{ RequestId, Attempts },
		{ includeDevices },
	): IDataObject {
		const DeviceCount = (DeviceInfos as DeviceInfo[]).length;
		return {
			CustomerId,
			Status: 'OK',
			RequestId,
			DeviceCount,
			Attempts,
			...(includeDevices === true && { DeviceInfos }),
		};
	},

	unit: 'customer',

	countPlanned: (calls) => `${counted(calls.length, 'customer')}, ${countDevices(calls)}`,

	countDone: (calls, total) => {
		const customers = countedOf(calls.length, total, 'customer');
		return `${calls.length === 0 ? customers : `${customers}, ${countDevices(calls)}`} pushed`;
	},
};

function countDevices(calls: readonly Call[]): string {
	const devices = calls.map(({ parameters }) => (parameters.DeviceInfos as DeviceInfo[]).length);
	return counted(
		devices.reduce((sum, count) => sum + count, 0),
		'device',
	);
}

function toCall({ customerId, devices }: Customer): Call {
	return {
		parameters: { CustomerId: customerId, DeviceInfos: devices.map(({ info }) => info) },
		itemIndexes: sentItems(devices),
		ownParameters: () => ownDevices(devices),
		subject: customerId,
	};
}

/** The devices that each row names: one, or those of its list. */
function ownDevices(devices: readonly CustomerDevice[]): ReadonlyMap<number, IDataObject> {
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

function toHeldBack(customer: Customer, isSent: boolean): HeldBack {
	const good = isSent ? [] : sentItems(customer.devices);
	return {
		parameters: { CustomerId: customer.customerId },
		itemIndexes: [...good, ...customer.badItemIndexes].sort((a, b) => a - b),
		findings: customer.findings,
		// The rest of a customer that is sent is told of by its call.
		...(!isSent && { subject: customer.customerId }),
	};
}

function sentItems(devices: readonly CustomerDevice[]): number[] {
	const itemIndexes = devices.flatMap(itemIndexesOf);
	const isInOrder = itemIndexes.every(
		(itemIndex, index) => index === 0 || itemIndexes[index - 1]! < itemIndex,
	);
	return isInOrder ? itemIndexes : [...new Set(itemIndexes)].sort((a, b) => a - b);
}
