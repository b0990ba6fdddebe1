import { rowNumber, type Finding } from '../input/finding';
import type { DeviceInfo } from './row';

/** A device to push for a customer, and the rows that name it. */
export interface CustomerDevice {
	customer: Customer;
	info: DeviceInfo;
	/** The first row that names it. */
	itemIndex: number;
	/** The others, when the export repeats it: there is no list for the many devices that have one row. */
	repeats: number[] | undefined;
}

/** All that a run's rows say about one customer. */
export interface Customer {
	customerId: string;
	/** In first-seen order. */
	devices: CustomerDevice[];
	/** The rows that cannot be sent. */
	badItemIndexes: number[];
	/** Why they cannot, and what is wrong with rows of others that may be this customer's. */
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

/** Makes a row one of those that cannot be sent, for its device. */
export function refuseRow(customer: Customer, itemIndex: number, text: string): void {
	customer.badItemIndexes.push(itemIndex);
	customer.findings.push(ofDevice(itemIndex, text));
}

/** @param text in words that follow the field's name */
export function ofDevice(itemIndex: number, text: string): Finding {
	return { itemIndex, field: 'DeviceId', text };
}
