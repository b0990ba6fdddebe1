import { rowNumber, type Finding } from '../input/finding';
import type { DeviceInfo } from './row';

/** A device to push for a customer, and the rows that name it. */
export interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	/** The first row that names it. */
	itemIndex: number;
	/** The other rows, where the export repeats the device; undefined for the many devices with one row, to save memory. */
	repeats: number[] | undefined;
}

/** A customer as the rows of a run describe it. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The rows that cannot be sent. */
	badItemIndexes: number[];
	/** Findings of these rows, and of invalid rows that may belong to this customer. */
	findings: Finding[];
}

/** All rows that name a device. */
export function itemIndexesOf({ itemIndex, repeats = [] }: CustomerDevice): number[] {
	return [itemIndex, ...repeats];
}

/** The first row that names a device, as a user counts: "row 3". */
export function firstRow({ itemIndex }: CustomerDevice): string {
	return `row ${rowNumber(itemIndex)}`;
}

/** Why a device is refused that is another customer's as well. */
export function alsoUnder({ customerId }: Customer, row: string): string {
	return `is also under customer '${customerId}' in ${row}: keep one of them`;
}

/** Marks a row as invalid because of its device. */
export function refuseRow(customer: Customer, itemIndex: number, text: string): void {
	customer.badItemIndexes.push(itemIndex);
	customer.findings.push(ofDevice(itemIndex, text));
}

/** @param text in words that follow the field's name */
export function ofDevice(itemIndex: number, text: string): Finding {
	return { itemIndex, field: 'DeviceId', text };
}

/** Whether two rows describe a device alike. */
export function isSameDevice(a: DeviceInfo, b: DeviceInfo): boolean {
	return a.CustomerDeviceNo === b.CustomerDeviceNo && a.ProductName === b.ProductName;
}
