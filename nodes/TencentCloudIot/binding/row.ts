import type { Finding } from '../input/finding';
import { whyNoId } from '../input/placeholder';
import { checkText, type CheckedText } from '../input/text';
import { checkCustomerId, normalizeCustomerId, type IdRules } from './ids/customerId';
import { checkDeviceId } from './deviceId';
import { idCandidatesOf, type IdCandidate } from './ids/idCandidate';
import { kindOf, type RowKind } from './rowKind';
import { splitDevices, whyList, type DeviceCells, type Misfit, type SeveralDevices } from './severalDevices';

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
	kind: RowKind;
	/** Undefined when the cell cannot be used. */
	customerId: string | undefined;
	/** Ids that an unusable CustomerId may stand for. */
	candidates: readonly IdCandidate[];
	device: DeviceInfo;
	findings: readonly Finding[];
}

/** How the cells of a row are read. */
export interface RowRules extends IdRules {
	severalDevices: SeveralDevices;
}

/** Shared by the many rows that have none. */
const NONE: readonly never[] = [];

type Texts = Partial<Record<Field, string>>;

/** The last usable text of each field: rows of a customer follow each other and products are few, which saves checks. */
const LAST_USABLE: Readonly<Record<IdRules['unusualIds'], Record<IdRules['phoneIds'], Texts>>> = {
	refuse: { refuse: {}, digits: {} },
	allow: { refuse: {}, digits: {} },
};

type Read = (field: Field) => unknown;

/**
 * Reads and checks one row: where its cells list several devices and may be split, a row for each of them, or a single row
 * with all findings.
 * @param read gives the raw value of a field; an error that it throws becomes a finding
 */
export function readRows(itemIndex: number, read: Read, rules: RowRules): Row | Row[] {
	const devices = rules.severalDevices === 'split' ? split(read) : undefined;
	if (devices === undefined) return readRow(itemIndex, read, rules);
	if ('field' in devices) {
		const row = readRow(itemIndex, read, rules);
		const ofCustomer = row.findings.filter(({ field }) => field === 'CustomerId');
		return { ...row, findings: [...ofCustomer, { itemIndex, ...devices }] };
	}
	const rows = devices.map((device) =>
		readRow(itemIndex, (field) => (field === 'CustomerId' ? read(field) : device[field]), rules),
	);
	const findings = new Map(rows.flatMap((row) => row.findings.map((one) => [one.field + one.text, one])));
	return findings.size === 0 ? rows : { ...rows[0]!, findings: [...findings.values()] };
}

function split(read: Read): DeviceCells[] | Misfit | undefined {
	try {
		const [CustomerDeviceNo, DeviceId, ProductName] = FIELDS.slice(1).map(read);
		return splitDevices({ CustomerDeviceNo, DeviceId, ProductName });
	} catch {
		// It becomes a finding where the row is read.
		return undefined;
	}
}

function readRow(itemIndex: number, read: Read, rules: RowRules): Row {
	let findings: Finding[] | undefined;
	let candidates: readonly IdCandidate[] = NONE;
	const lastUsable = LAST_USABLE[rules.unusualIds][rules.phoneIds];
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
			const checked = checkCell(field, value, rules);
			finding = checked.finding;
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
		kind: customerId === '' ? kindOf(FIELDS.map((field) => cellOf(read, field))) : 'own',
		customerId: customerId === '' ? undefined : customerId,
		candidates,
		device,
		findings: findings ?? NONE,
	};
}

function checkCell(field: Field, value: unknown, rules: RowRules): CheckedText {
	const isOfDevice = field === 'DeviceId' || field === 'CustomerDeviceNo';
	const list = isOfDevice ? whyList(field, value) : undefined;
	if (list !== undefined) return { text: '', finding: list };
	const checked = checkText(value);
	if (checked.finding !== undefined) return checked;
	if (field === 'CustomerId') {
		const text = normalizeCustomerId(checked.text, rules);
		return { text, finding: checkCustomerId(text, rules) };
	}
	const check = field === 'DeviceId' ? checkDeviceId : whyNoId;
	return { text: checked.text, finding: check(checked.text) };
}

function cellOf(read: Read, field: Field): unknown {
	try {
		return read(field);
	} catch {
		// There is something, though it cannot be evaluated.
		return '?';
	}
}
