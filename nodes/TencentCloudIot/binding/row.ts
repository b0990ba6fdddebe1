import type { Finding } from '../input/finding';
import { checkText, type CheckedText } from '../input/text';

/** The four columns of a row, by the service's own names (product 1465, pages 59071 and 59061). */
export const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;
export type Field = (typeof FIELDS)[number];

/** One device as the service takes it, every member required (product 1465, page 59061). */
export type DeviceInfo = {
	CustomerDeviceNo: string;
	/** `ProductId + "/" + DeviceName`. */
	DeviceId: string;
	ProductName: string;
};

/** One row after its checks. */
export interface Row {
	itemIndex: number;
	/** Undefined when the row belongs to nobody. A bad CustomerId with invisible characters stands for what it shows. */
	customerId: string | undefined;
	device: DeviceInfo;
	findings: readonly Finding[];
}

const NO_FINDINGS: readonly Finding[] = [];

/**
 * Reads and checks one row.
 * @param read the raw value of a field; what it throws becomes a finding of that field
 */
export function readRow(itemIndex: number, read: (field: Field) => unknown): Row {
	let findings: Finding[] | undefined;
	const readField = (field: Field): string => {
		const { text, finding, visible } = checkField(field, read);
		if (finding === undefined) return text;
		(findings ??= []).push({ itemIndex, field, text: finding });
		// A row that shows a customer is held against that customer: without it the set of devices may be incomplete.
		return field === 'CustomerId' ? (visible ?? '') : '';
	};
	const customerId = readField('CustomerId');
	const device: DeviceInfo = {
		CustomerDeviceNo: readField('CustomerDeviceNo'),
		DeviceId: readField('DeviceId'),
		ProductName: readField('ProductName'),
	};
	return {
		itemIndex,
		customerId: customerId === '' ? undefined : customerId,
		device,
		findings: findings ?? NO_FINDINGS,
	};
}

function checkField(field: Field, read: (field: Field) => unknown): CheckedText {
	let value: unknown;
	try {
		value = read(field);
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		return { text: '', finding: `could not be evaluated: ${why}` };
	}
	const checked = checkText(value);
	if (field !== 'DeviceId' || checked.finding !== undefined) return checked;
	const finding = checkDeviceId(checked.text);
	return finding === undefined ? checked : { ...checked, finding };
}

/** Why a text is not `ProductId/DeviceName`, or undefined when it is. */
export function checkDeviceId(deviceId: string): string | undefined {
	if (/[\uFF01-\uFF5E\u3000]/.test(deviceId)) {
		return 'has full-width characters: type them in half width, e.g. ProductABC/Device001';
	}
	const slash = deviceId.indexOf('/');
	if (slash > 0 && slash < deviceId.length - 1 && slash === deviceId.lastIndexOf('/')) return undefined;
	return 'is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001';
}
