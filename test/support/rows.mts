import { itemIndexesOf } from '../../nodes/TencentCloudIot/binding/customer';
import { CustomerGroups } from '../../nodes/TencentCloudIot/binding/customers';
import type { Row } from '../../nodes/TencentCloudIot/binding/row';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { deepFreeze } from './deepFreeze.mts';
import { withoutPause } from './withoutPause.mts';

/** The cells of a row: customer, device, and optionally the vendor's number, the product and columns without a field. */
export type Cells = readonly [
	customerId: unknown,
	deviceId: unknown,
	deviceNo?: unknown,
	product?: unknown,
	unmapped?: Readonly<Record<string, unknown>>,
];

export type EmptyIdMode = ConstructorParameters<typeof CustomerGroups>[0];
export type GroupedRows = ReturnType<typeof finish>;

const RULES = { phoneIds: 'refuse', severalDevices: 'refuse' } as const;

/** Reads a row whose cells list one device each. */
export function readRow(
	itemIndex: number,
	read: Parameters<RowReader['read']>[1],
	unusualCustomerIds: 'refuse' | 'allow',
	unmapped: Row['readUnmappedCells'] = () => new Map(),
): Row {
	return new RowReader({ ...RULES, unusualCustomerIds }).read(itemIndex, read, unmapped) as Row;
}

/** Reads rows as a run does, and freezes them. */
export function rowsOf(table: readonly Cells[], unusualCustomerIds: 'refuse' | 'allow' = 'allow'): Row[] {
	const unmapped = (itemIndex: number) => new Map(Object.entries(table[itemIndex]?.[4] ?? {}));
	return table.map(
		(
			[CustomerId, DeviceId, CustomerDeviceNo = `SN of ${String(DeviceId)}`, ProductName = 'Lock'],
			itemIndex,
		) => {
			const cells = { CustomerId, CustomerDeviceNo, DeviceId, ProductName };
			return deepFreeze(readRow(itemIndex, (field) => cells[field], unusualCustomerIds, unmapped));
		},
	);
}

/** Groups a table of rows. */
export function group(
	table: readonly Cells[],
	sharedDevices: 'refuse' | 'allow' = 'refuse',
	emptyIds: EmptyIdMode = 'nobody',
): GroupedRows {
	const groups = new CustomerGroups(emptyIds);
	for (const row of rowsOf(table)) {
		groups.add(row);
	}
	return finish(groups, sharedDevices);
}

/** Groups the rows of a run, without a pause. */
export function finish(groups: CustomerGroups, sharedDevices: 'refuse' | 'allow' = 'refuse') {
	return withoutPause(groups.finish(sharedDevices));
}

/** A short form of each customer: its id, the rows of each device, and its bad rows. */
export function inShort({ customers, ownerlessRows }: GroupedRows) {
	return {
		customers: customers.map(({ customerId, devices, invalidItemIndexes }) => ({
			customerId,
			devices: devices.map((device) => [device.info.DeviceId, ...itemIndexesOf(device)]),
			bad: invalidItemIndexes,
		})),
		ownerless: ownerlessRows.map(({ itemIndex }) => itemIndex),
	};
}
