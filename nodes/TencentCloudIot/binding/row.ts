import type { Finding } from '../input/finding';
import { isPlainId, whyNoId, isSummary } from '../input/placeholder';
import { checkText, INVISIBLE, isBlankCell, type CheckedText } from '../input/text';
import { checkCustomerId, normalizeCustomerId, idCandidatesOf, type IdRules, type IdCandidate } from './ids';
import {
	whyNoDevice,
	splitDevices,
	whyList,
	type DeviceCells,
	type Misfit,
	type SeveralDevices,
} from './devices';

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
export type RowRules = IdRules & { severalDevices: SeveralDevices };

/** Shared by the many rows that have none. */
const NONE: readonly never[] = [];

type Read = (field: Field) => unknown;

/** A cell that cannot be used. */
interface Unusable {
	value: unknown;
	finding: Omit<Finding, 'itemIndex'>;
}

/** Reads and checks the rows of a run. */
export class RowReader {
	readonly #rules: RowRules;
	/** The last usable text of each field: rows of a customer follow each other and products are few, which saves checks. */
	readonly #lastUsable: Partial<Record<Field, string>> = {};

	constructor(rules: RowRules) {
		this.#rules = rules;
	}

	/**
	 * One row: where its cells list several devices and may be split, a row for each of them, or a single row with all
	 * findings.
	 * @param read gives the raw value of a field; an error that it throws becomes a finding
	 */
	read(itemIndex: number, read: Read): Row | Row[] {
		const devices = this.#rules.severalDevices === 'split' ? split(read) : undefined;
		if (devices === undefined) return this.#row(itemIndex, read);
		if ('field' in devices) {
			const row = this.#row(itemIndex, read);
			const ofCustomer = row.findings.filter(({ field }) => field === 'CustomerId');
			return { ...row, findings: [...ofCustomer, { itemIndex, ...devices }] };
		}
		const rows = devices.map((device) =>
			this.#row(itemIndex, (field) => (field === 'CustomerId' ? read(field) : device[field])),
		);
		const findings = new Map(rows.flatMap((row) => row.findings.map((one) => [one.field + one.text, one])));
		return findings.size === 0 ? rows : { ...rows[0]!, findings: [...findings.values()] };
	}

	#row(itemIndex: number, read: Read): Row {
		const id = this.#cell('CustomerId', read);
		const number = this.#cell('CustomerDeviceNo', read);
		const deviceId = this.#cell('DeviceId', read);
		const product = this.#cell('ProductName', read);
		const hasId = typeof id === 'string';
		let findings: Finding[] | undefined;
		for (const cell of [id, number, deviceId, product]) {
			if (typeof cell !== 'string') (findings ??= []).push({ itemIndex, ...cell.finding });
		}
		return {
			itemIndex,
			kind: hasId ? 'own' : kindOf(FIELDS.map((field) => cellOf(read, field))),
			customerId: hasId ? id : undefined,
			candidates: hasId ? NONE : idCandidatesOf(id.value),
			device: { CustomerDeviceNo: textOf(number), DeviceId: textOf(deviceId), ProductName: textOf(product) },
			findings: findings ?? NONE,
		};
	}

	#cell(field: Field, read: Read): string | Unusable {
		let value: unknown;
		try {
			value = read(field);
		} catch (cause) {
			const why = cause instanceof Error ? cause.message : String(cause);
			return { value, finding: { field, text: `could not be evaluated: ${why}` } };
		}
		const known = this.#lastUsable[field];
		if (known !== undefined && value === known) return known;
		const { text, finding } = checkCell(field, value, this.#rules, known);
		if (finding !== undefined) return { value, finding: { field, text: finding } };
		return (this.#lastUsable[field] = text);
	}
}

function split(read: Read): DeviceCells[] | Misfit | undefined {
	try {
		const [CustomerDeviceNo, DeviceId, ProductName] = FIELDS.slice(1).map(read);
		return splitDevices({ CustomerDeviceNo, DeviceId, ProductName });
	} catch {
		return undefined; // It becomes a finding where the row is read.
	}
}

function textOf(cell: string | Unusable): string {
	return typeof cell === 'string' ? cell : '';
}

/** @param known the last usable text of the field */
function checkCell(field: Field, value: unknown, rules: RowRules, known: string | undefined): CheckedText {
	const isPlain = typeof value === 'string' && isPlainId(value);
	const list = isPlain ? undefined : whyList(field, value);
	const checked = list === undefined ? checkText(value) : { text: '', finding: list };
	if (checked.finding !== undefined) return checked;
	if (field === 'CustomerId') {
		const text = normalizeCustomerId(checked.text, rules);
		return { text, finding: checkCustomerId(text, rules) };
	}
	const why = isPlain ? undefined : whyNoId(checked.text);
	const isDevice = why === undefined && field === 'DeviceId';
	return { text: checked.text, finding: isDevice ? whyNoDevice(checked.text, known) : why };
}

/** What cannot be evaluated is something, too. */
function cellOf(read: Read, field: Field): unknown {
	try {
		return read(field);
	} catch {
		return '?';
	}
}

/**
 * What the CustomerId cell of a row holds: a text of its own, usable or not; nothing (`empty` as in a sheet, `null` as in
 * a database); or a mark for the same as above. A `remark` has such a text and no device, a `summary` sums up other rows.
 */
export type RowKind = 'own' | 'empty' | 'null' | 'same' | 'remark' | 'summary' | 'blank';

/** Marks for the same value as above. */
const SAME = /^(?:同上|同前|[〃″"]|ditto)$/i;

/**
 * The kind of a row whose CustomerId cannot be used.
 * @param cells CustomerId, CustomerDeviceNo, DeviceId and ProductName, as they are
 */
export function kindOf(cells: readonly unknown[]): RowKind {
	const texts = cells.map(visibleText);
	const [id = '', deviceNo = '', deviceId = ''] = texts;
	// What is put together of two empty columns is a "/".
	const hasDevice = /[\p{L}\p{N}]/u.test(deviceId);
	if (!hasDevice && texts.some(isSummary)) return 'summary';
	if (id === '') return cells[0] === null ? 'null' : 'empty';
	if (SAME.test(id)) return 'same';
	return hasDevice || deviceNo !== '' ? 'own' : 'remark';
}

/** What is seen of a cell: of a list or another value that it is there. */
function visibleText(cell: unknown): string {
	if (isBlankCell(cell)) return '';
	return typeof cell === 'string' || typeof cell === 'number'
		? String(cell).replace(INVISIBLE, '').trim()
		: '?';
}
