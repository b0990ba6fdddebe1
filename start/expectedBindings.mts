import type { CrmRow } from './crmRows.mts';
import { isCustomerId, isNoId, mayMean, showsSomebody, UNUSABLE } from './customerIds.mts';
import { mergedRows } from './mergedRows.mts';
import type { ColumnNames, DeviceInfo, Field } from './fields.mts';

/** CustomerId → the devices it has. */
export type Bindings = ReadonlyMap<string, readonly DeviceInfo[]>;

const SEPARATING = /[,，、;；]/;
const FULL_WIDTH = /[\uFF01-\uFF5E\u3000]/;
const DEVICE_ID = /^[^/]*[^/\s]\/[^/\s][^/]*$/;

/**
 * What the service must hold after a run: the devices of every customer whose rows can all be used. Written without
 * the node's code, so that both do not share a fault.
 */
export function expectedBindings(rows: readonly CrmRow[], columns: ColumnNames): Bindings {
	const spoilt = new Set<string>();
	const devices = new Map<string, Map<string, DeviceInfo>>();
	const claims: Array<readonly [deviceId: string, claimants: readonly string[]]> = [];
	const damaged: CrmRow[] = [];
	for (const row of rows) {
		const customerId = usableText(row, columns, 'CustomerId');
		if (customerId === undefined || !isCustomerId(customerId)) {
			damaged.push(row);
			continue;
		}
		const deviceId = usableDeviceId(row, columns);
		if (deviceId !== undefined) claims.push([deviceId, [customerId]]);
		const device = readDevice(row, columns);
		const own = devices.get(customerId) ?? new Map<string, DeviceInfo>();
		devices.set(customerId, own);
		if (device === undefined) {
			spoilt.add(customerId);
			continue;
		}
		// A repeated row is harmless, two descriptions of one device are not.
		if (canonical([own.get(device.DeviceId) ?? device]) !== canonical([device])) spoilt.add(customerId);
		own.set(device.DeviceId, device);
	}
	for (const { row, above } of mergedRows(rows, columns)) {
		const cells = above.map((one) => one[columns.CustomerId] ?? '');
		const meant = [...devices.keys()].filter((id) =>
			cells.some((cell) => cell.trim() === id || mayMean(cell, id)),
		);
		for (const customerId of meant) spoilt.add(customerId);
		const deviceId = usableDeviceId(row, columns);
		if (deviceId !== undefined && (meant.length > 0 || cells.some(showsSomebody)))
			claims.push([deviceId, meant]);
	}
	for (const row of damaged) {
		const cell = row[columns.CustomerId] ?? '';
		const meant = [...devices.keys()].filter((customerId) => mayMean(cell, customerId));
		for (const customerId of meant) spoilt.add(customerId);
		const deviceId = usableDeviceId(row, columns);
		if (deviceId !== undefined && (meant.length > 0 || showsSomebody(cell))) claims.push([deviceId, meant]);
	}
	for (const customerId of contested(claims)) spoilt.add(customerId);
	const good = [...devices].filter(([customerId]) => !spoilt.has(customerId));
	return new Map(good.map(([customerId, own]) => [customerId, [...own.values()]]));
}

/** Customers who have a device that a row gives to somebody else. */
function contested(claims: ReadonlyArray<readonly [string, readonly string[]]>): Set<string> {
	const claimants = new Map<string, Array<readonly string[]>>();
	for (const [deviceId, customers] of claims) {
		claimants.set(deviceId, [...(claimants.get(deviceId) ?? []), customers]);
	}
	const all = [...claimants.values()].flatMap((lists) =>
		lists.flat().filter((customer) => lists.some((others) => !others.includes(customer))),
	);
	return new Set(all);
}

/** The customers whose devices are not the same, in whatever order. */
export function differingCustomers(expected: Bindings, actual: Bindings): string[] {
	const customers = new Set([...expected.keys(), ...actual.keys()]);
	return [...customers].filter((id) => canonical(expected.get(id)) !== canonical(actual.get(id)));
}

/** How many devices there are over all customers. */
export function countDevices(bindings: Bindings): number {
	return [...bindings.values()].reduce((sum, devices) => sum + devices.length, 0);
}

function readDevice(row: CrmRow, columns: ColumnNames): DeviceInfo | undefined {
	const CustomerDeviceNo = usableText(row, columns, 'CustomerDeviceNo');
	const DeviceId = usableDeviceId(row, columns);
	const ProductName = usableText(row, columns, 'ProductName');
	if (CustomerDeviceNo === undefined || SEPARATING.test(CustomerDeviceNo)) return undefined;
	if (DeviceId === undefined || ProductName === undefined) return undefined;
	return { CustomerDeviceNo, DeviceId, ProductName };
}

function usableDeviceId(row: CrmRow, columns: ColumnNames): string | undefined {
	const deviceId = usableText(row, columns, 'DeviceId');
	if (deviceId === undefined || SEPARATING.test(deviceId)) return undefined;
	if (FULL_WIDTH.test(deviceId) || deviceId.split('/').some(isNoId)) return undefined;
	return DEVICE_ID.test(deviceId) ? deviceId : undefined;
}

function usableText(row: CrmRow, columns: ColumnNames, field: Field): string | undefined {
	const text = (row[columns[field]] ?? '').trim();
	return text === '' || UNUSABLE.test(text) || isNoId(text) ? undefined : text;
}

function canonical(devices: readonly DeviceInfo[] | undefined): string {
	return (
		JSON.stringify(
			devices
				?.map(({ CustomerDeviceNo, DeviceId, ProductName }) => [DeviceId, CustomerDeviceNo, ProductName])
				.sort(),
		) ?? ''
	);
}
