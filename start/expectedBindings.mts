import type { CrmRow } from './crmRows.mts';
import type { ColumnNames, DeviceInfo, Field } from './fields.mts';

/** CustomerId → the devices it has. */
export type Bindings = ReadonlyMap<string, readonly DeviceInfo[]>;

/** Line breaks, other control characters, characters that are not seen, halves of a character. */
const UNUSABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034F]/u;
const FULL_WIDTH = /[\uFF01-\uFF5E\u3000]/;
const DEVICE_ID = /^[^/]+\/[^/]+$/;

/**
 * What the service must hold after a run: the devices of every customer whose rows can all be used. Written without
 * the node's code, so that both do not share a fault.
 */
export function expectedBindings(rows: readonly CrmRow[], columns: ColumnNames): Bindings {
	const spoilt = new Set<string>();
	const devices = new Map<string, Map<string, DeviceInfo>>();
	const claimants = new Map<string, Set<string>>();
	for (const row of rows) {
		const customerId = usableText(row, columns, 'CustomerId');
		if (customerId === undefined) continue;
		const device = readDevice(row, columns);
		const own = devices.get(customerId) ?? new Map<string, DeviceInfo>();
		devices.set(customerId, own);
		if (device === undefined) {
			spoilt.add(customerId);
			continue;
		}
		const { DeviceId } = device;
		// A repeated row is harmless, two descriptions of one device are not.
		if (canonical([own.get(DeviceId) ?? device]) !== canonical([device])) spoilt.add(customerId);
		own.set(DeviceId, device);
		claimants.set(DeviceId, (claimants.get(DeviceId) ?? new Set()).add(customerId));
	}
	for (const customers of claimants.values()) {
		if (customers.size > 1) for (const customerId of customers) spoilt.add(customerId);
	}
	const good = [...devices].filter(([customerId]) => !spoilt.has(customerId));
	return new Map(good.map(([customerId, own]) => [customerId, [...own.values()]]));
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
	const DeviceId = usableText(row, columns, 'DeviceId');
	const ProductName = usableText(row, columns, 'ProductName');
	if (CustomerDeviceNo === undefined || DeviceId === undefined || ProductName === undefined) return undefined;
	if (FULL_WIDTH.test(DeviceId) || !DEVICE_ID.test(DeviceId)) return undefined;
	return { CustomerDeviceNo, DeviceId, ProductName };
}

function usableText(row: CrmRow, columns: ColumnNames, field: Field): string | undefined {
	const text = (row[columns[field]] ?? '').trim();
	return text === '' || UNUSABLE.test(text) ? undefined : text;
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
