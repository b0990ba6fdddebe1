import type { Finding } from '../input/finding';
import { checkText } from '../input/text';
import { checkCustomerId, type UnusualIds } from './customerId';
import { whyNoId, whyPlaceholder } from '../input/placeholder';
import { idCandidatesOf, type IdCandidate } from './idCandidate';

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
	/** Undefined when the cell cannot be used. */
	customerId: string | undefined;
	/** Ids that an unusable CustomerId may stand for. */
	candidates: readonly IdCandidate[];
	device: DeviceInfo;
	findings: readonly Finding[];
}

/** Shared by the many rows that have none. */
const NONE: readonly never[] = [];

/** The last usable text of each field: rows of a customer follow each other and products are few, which saves checks. */
const LAST_USABLE: Readonly<Record<UnusualIds, Partial<Record<Field, string>>>> = { refuse: {}, allow: {} };

type Read = (field: Field) => unknown;

/**
 * Reads and checks one row.
 * @param read gives the raw value of a field; an error that it throws becomes a finding
 */
export function readRow(itemIndex: number, read: Read, unusualIds: UnusualIds): Row {
	let findings: Finding[] | undefined;
	let candidates: readonly IdCandidate[] = NONE;
	const lastUsable = LAST_USABLE[unusualIds];
	const readField = (field: Field): string => {
		let value: unknown;
		let finding: string | undefined;
		try {
			value = read(field);
		} catch (cause) {
			finding = `could not be evaluated: ${cause instanceof Error ? cause.message : String(cause)}`;
		}
		if (finding === undefined) {
			const known = lastUsable[field];
			if (known !== undefined && value === known) return known;
			const checked = checkText(value);
			finding = checked.finding ?? checkFieldText(field, checked.text, unusualIds);
			if (finding === undefined) return (lastUsable[field] = checked.text);
		}
		(findings ??= []).push({ itemIndex, field, text: finding });
		if (field === 'CustomerId') candidates = idCandidatesOf(value);
		return '';
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
		candidates,
		device,
		findings: findings ?? NONE,
	};
}

function checkFieldText(field: Field, text: string, unusualIds: UnusualIds): string | undefined {
	if (field === 'CustomerId') return checkCustomerId(text, unusualIds);
	return field === 'DeviceId' ? checkDeviceId(text) : whyPlaceholder(text);
}

/** Why a text is not `ProductId/DeviceName`, or undefined when it is. */
export function checkDeviceId(deviceId: string): string | undefined {
	const why = whyNoId(deviceId);
	if (why !== undefined) return why;
	if (/[\uFF01-\uFF5E\u3000]/.test(deviceId)) {
		return 'has full-width characters: type them in half width, e.g. ProductABC/Device001';
	}
	const slash = deviceId.indexOf('/');
	if (slash > 0 && slash < deviceId.length - 1 && slash === deviceId.lastIndexOf('/')) return undefined;
	return 'is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001';
}
