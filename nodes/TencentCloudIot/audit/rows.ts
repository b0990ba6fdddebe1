import type { Row } from '../binding/row';
import { textOfCell } from '../input/text';
import type { DeviceInfo } from '../service/devices';
import { rowNumber } from '../messages/rows';

/** A device that valid rows name. */
export interface NamedDevice {
	/** The CustomerId in the first row of the device. */
	CustomerId: string;
	CustomerDeviceNo: string;
	itemIndexes: number[];
}

/**
 * Rows that are invalid or belong to a customer with an invalid row. They are not compared. What they name does not count as missing from
 * the rows, and an earlier finding about it stays open.
 */
interface UnusedRows {
	/** How many rows are unused. */
	rowCount: number;
	/** Customers and devices that only unused rows name, as records of a report. */
	named: ReadonlyArray<{ Code: 'ROW_UNUSED'; CustomerId?: string; DeviceId?: string }>;
	/**
	 * Whether an unused row may belong to any customer, or name any device. If so, no customer (or device) that Tencent has is certainly missing
	 * from the rows.
	 */
	mayNameAnyCustomer: boolean;
	mayNameAnyDevice: boolean;
}

/** The customers and devices that the rows of a run name, to compare them with Tencent's lists. A row is given as the index of its item. */
export class AuditRows {
	/** The valid rows of each customer, by CustomerId. */
	readonly customers = new Map<string, readonly number[]>();
	/** The CustomerIds of customers without a device, a subset of `customers`. */
	readonly withoutDevice = new Set<string>();
	/** The devices by ProductId, then by DeviceName. */
	readonly devicesByProduct = new Map<string, Map<string, NamedDevice>>();
	/** The digits of the phone number of each row, with the country code if the row has it. */
	readonly phoneByRow = new Map<number, string>();
	/** All CustomerIds that valid rows name or that invalid rows may name. */
	readonly customerIds = new Set<string>();
	/** All DeviceNames that valid rows name or that invalid rows may name, by ProductId. */
	readonly deviceNamesByProduct = new Map<string, Set<string>>();
	/** Set by `finish`, when all rows are read. */
	unused!: UnusedRows;
	/** The number of each row in its sheet, which n8n's nodes add. */
	readonly #sheetRowNumbers = new Map<number, number>();

	/** Records which customers and devices a row names or may name, whether it is valid or not. */
	recordRow({ itemIndex, customerId, readCandidates, device, namedDeviceIds, readUnmappedCells }: Row): void {
		if (customerId !== undefined) {
			this.customerIds.add(customerId);
		}
		for (const candidate of readCandidates()) {
			if ('id' in candidate) {
				this.customerIds.add(candidate.id);
			}
		}
		for (const id of [device.DeviceId, ...namedDeviceIds].filter((deviceId) => deviceId !== '')) {
			const [productId, name] = splitDeviceId(id);
			const names = this.deviceNamesByProduct.get(productId) ?? new Set();
			this.deviceNamesByProduct.set(productId, names.add(name));
		}
		const sheetRowNumber = readUnmappedCells(itemIndex).get('row_number');
		if (/^\d{1,9}$/.test(textOfCell(sheetRowNumber))) {
			this.#sheetRowNumbers.set(itemIndex, Number(sheetRowNumber));
		}
	}

	/** Adds a customer whose rows are valid. */
	addCustomer(CustomerId: string, itemIndexes: readonly number[], devices: DevicesByRow = new Map()): void {
		this.customers.set(CustomerId, itemIndexes);
		if (devices.size === 0) {
			this.withoutDevice.add(CustomerId);
		}
		for (const [itemIndex, { DeviceInfos }] of devices) {
			for (const { DeviceId, CustomerDeviceNo } of DeviceInfos) {
				const [productId, name] = splitDeviceId(DeviceId);
				const devicesByName = this.devicesByProduct.get(productId) ?? new Map<string, NamedDevice>();
				const deviceSoFar = devicesByName.get(name);
				if (deviceSoFar !== undefined) {
					deviceSoFar.itemIndexes.push(itemIndex);
				} else {
					devicesByName.set(name, { CustomerId, CustomerDeviceNo, itemIndexes: [itemIndex] });
				}
				this.devicesByProduct.set(productId, devicesByName);
			}
		}
	}

	/**
	 * Finishes the record once all rows are read.
	 * @param mayBeOfAnyCustomer whether a withheld row without a customer may belong to any customer
	 * @param mayNameAnyDevice whether withheld rows may name any device
	 */
	finish(withheld: readonly Withheld[], mayBeOfAnyCustomer: boolean, mayNameAnyDevice: boolean): void {
		const idsWithoutValidRows = [...this.customerIds].filter((id) => !this.customers.has(id));
		const customerIds = new Set([
			...idsWithoutValidRows,
			...withheld.flatMap(({ customerId }) => customerId ?? []),
		]);
		const named: Array<UnusedRows['named'][number]> = [];
		for (const CustomerId of customerIds) {
			named.push({ Code: 'ROW_UNUSED', CustomerId });
		}
		for (const [productId, names] of this.deviceNamesByProduct) {
			const usedDevices = this.devicesByProduct.get(productId);
			for (const name of names) {
				if (!usedDevices?.has(name)) {
					named.push({ Code: 'ROW_UNUSED', DeviceId: `${productId}/${name}` });
				}
			}
		}
		const rowCount = new Set(withheld.flatMap(({ itemIndexes }) => itemIndexes)).size;
		const mayNameAnyCustomer =
			mayBeOfAnyCustomer && withheld.some(({ customerId }) => customerId === undefined);
		this.unused = { rowCount, named, mayNameAnyCustomer, mayNameAnyDevice };
	}

	/** The number of a row as people know it: its number in the sheet, or else its position in the input, from 1. */
	numberOf(itemIndex: number): number {
		return this.#sheetRowNumbers.get(itemIndex) ?? rowNumber(itemIndex);
	}
}

/** Withheld rows: those of a customer, or rows whose customer is not known. */
interface Withheld {
	customerId?: string | undefined;
	itemIndexes: readonly number[];
}

/** The devices that each row of a customer names. */
type DevicesByRow = ReadonlyMap<number, { DeviceInfos: readonly DeviceInfo[] }>;

function splitDeviceId(deviceId: string): [productId: string, name: string] {
	const slash = deviceId.indexOf('/');
	return [deviceId.slice(0, slash), deviceId.slice(slash + 1)];
}
