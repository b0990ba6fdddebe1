import type { DeviceInfo, Row } from '../binding/row';
import { rowNumber } from '../messages/findings';

/** A device that rows name which can be used. */
interface NamedDevice {
	/** Of its first row. */
	CustomerId: string;
	CustomerDeviceNo: string;
	itemIndexes: number[];
}

/**
 * Rows that cannot be used, or wait for one of their customer: they are compared with nothing. What they name is not missing
 * in the rows, and what was found of it before is not over.
 */
interface UnusedRows {
	count: number;
	/** The customers and devices that only they name, as records of a report. */
	named: ReadonlyArray<{ Code: 'ROW_UNUSED'; CustomerId?: string; DeviceId?: string }>;
	/** Whether one of them may be any customer's, and whether one may name any device. */
	hideCustomers: boolean;
	hideDevices: boolean;
}

/** What the rows of a run name, as Tencent's lists are compared with it. Rows are indexes of input items. */
export class AuditRows {
	/** By CustomerId, its rows that can be used. */
	readonly customers = new Map<string, readonly number[]>();
	/** Those of them that have no device. */
	readonly withoutDevice = new Set<string>();
	/** By ProductId, then by DeviceName. */
	readonly products = new Map<string, Map<string, NamedDevice>>();
	/** The digits of phone numbers by row, with the country code where the row has it. */
	readonly phones = new Map<number, string>();
	/** The CustomerIds that rows name, or may name where they cannot be used; and by ProductId the DeviceNames. */
	readonly customerIds = new Set<string>();
	readonly deviceNames = new Map<string, Set<string>>();
	/** Known when all rows are read. */
	unused!: UnusedRows;
	/** What a person knows rows by: the number that n8n's nodes give the row of a sheet. */
	readonly #sheetRows = new Map<number, number>();

	/** A row as it was read, whether it can be used or not. */
	note({ itemIndex, customerId, candidates, device, claimed, unmapped }: Row): void {
		if (customerId !== undefined) {
			this.customerIds.add(customerId);
		}
		for (const candidate of candidates) {
			if ('id' in candidate) {
				this.customerIds.add(candidate.id);
			}
		}
		for (const id of [device.DeviceId, ...claimed].filter((one) => one !== '')) {
			const [productId, name] = partsOf(id);
			this.deviceNames.set(productId, (this.deviceNames.get(productId) ?? new Set()).add(name));
		}
		const sheetRow = unmapped.get('row_number');
		if (/^\d{1,9}$/.test(String(sheetRow))) {
			this.#sheetRows.set(itemIndex, Number(sheetRow));
		}
	}

	/** A customer whose rows can be used. */
	addCustomer(CustomerId: string, itemIndexes: readonly number[], devices: DevicesByRow = new Map()): void {
		this.customers.set(CustomerId, itemIndexes);
		if (devices.size === 0) {
			this.withoutDevice.add(CustomerId);
		}
		for (const [itemIndex, { DeviceInfos }] of devices) {
			for (const { DeviceId, CustomerDeviceNo } of DeviceInfos) {
				const [productId, name] = partsOf(DeviceId);
				const names = this.products.get(productId) ?? new Map<string, NamedDevice>();
				const known = names.get(name);
				if (known !== undefined) {
					known.itemIndexes.push(itemIndex);
				} else {
					names.set(name, { CustomerId, CustomerDeviceNo, itemIndexes: [itemIndex] });
				}
				this.products.set(productId, names);
			}
		}
	}

	/**
	 * All rows are read.
	 * @param hideCustomers whether a withheld row without a customer may be of any
	 * @param hideDevices whether withheld rows may name any device
	 */
	finish(withheld: readonly Withheld[], hideCustomers: boolean, hideDevices: boolean): void {
		const ofOthers = [...this.customerIds].filter((id) => !this.customers.has(id));
		const customerIds = new Set([...ofOthers, ...withheld.flatMap(({ customerId }) => customerId ?? [])]);
		const named: Array<UnusedRows['named'][number]> = [];
		for (const CustomerId of customerIds) {
			named.push({ Code: 'ROW_UNUSED', CustomerId });
		}
		for (const [productId, names] of this.deviceNames) {
			const used = this.products.get(productId);
			for (const name of names) {
				if (!used?.has(name)) {
					named.push({ Code: 'ROW_UNUSED', DeviceId: `${productId}/${name}` });
				}
			}
		}
		const count = new Set(withheld.flatMap(({ itemIndexes }) => itemIndexes)).size;
		const isOfAny = hideCustomers && withheld.some(({ customerId }) => customerId === undefined);
		this.unused = { count, named, hideCustomers: isOfAny, hideDevices };
	}

	/** The number by which a person knows a row: that of its sheet, else its place in the input, counted from 1. */
	numberOf(itemIndex: number): number {
		return this.#sheetRows.get(itemIndex) ?? rowNumber(itemIndex);
	}
}

interface Withheld {
	customerId?: string | undefined;
	itemIndexes: readonly number[];
}

/** The devices that each row of a customer names. */
export type DevicesByRow = ReadonlyMap<number, { DeviceInfos: readonly DeviceInfo[] }>;

function partsOf(deviceId: string): [productId: string, name: string] {
	const slash = deviceId.indexOf('/');
	return [deviceId.slice(0, slash), deviceId.slice(slash + 1)];
}
