import { short, whyNotEvaluated, type Finding } from '../input/finding';
import { isPlainId, whyNoId, isSummary } from '../input/placeholder';
import { checkText, INVISIBLE, isBlankCell } from '../input/text';
import {
	checkCustomerId,
	idCandidatesOf,
	normalizeCustomerId,
	partsOf,
	whyDamaged,
	type IdRules,
} from './ids';
import { devicesNamedIn, normalizeDeviceId, splitDevices, whyList, whyNoDevice } from './devices';

/** The four columns of a row, by the service's own names (product 1465, pages 59071 and 59061). */
export const FIELDS = ['CustomerId', 'CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;
export type MappedField = (typeof FIELDS)[number];

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
	/** Ids that an unusable CustomerId may stand for, or that are parts of an unusual one. */
	candidates: Readonly<ReturnType<typeof idCandidatesOf>>;
	device: DeviceInfo;
	/** The DeviceIds that a row with findings names, usable or not; empty for all others. */
	claimed: readonly string[];
	/** The rows of its devices, where a row with findings lists several. */
	parts?: readonly Row[];
	/** The filled cells of the columns to which no field is mapped. */
	unmapped: ReadonlyMap<string, unknown>;
	findings: readonly Finding[];
	/** Whether it has a usable CustomerId and nothing else, as a LEFT JOIN gives it. */
	isWithoutDevice?: boolean;
	/** Whether its ProductName is empty. */
	isNameless?: boolean;
}

/** How the cells of a row are read. */
type RowRules = IdRules & { severalDevices: 'refuse' | 'split' };

/** Shared by the many rows that have none. */
const NONE: readonly never[] = [];
const NO_CELLS: Row['unmapped'] = new Map();

type Read = (field: MappedField) => unknown;

/** A cell that cannot be used. */
interface Unusable {
	value: unknown;
	finding: Omit<Finding, 'itemIndex'>;
}

/** What would make a cell usable: an option of 'Row Handling', as the panel names it, its rule, and what to say of it. */
const MENDS: ReadonlyArray<readonly [mend: string, rule: Partial<RowRules>, advice?: string]> = [
	[
		'Several Devices in a Cell → Split',
		{ severalDevices: 'split' },
		", or choose Split under 'Several Devices in a Cell'",
	],
	['Phone Numbers as IDs → Digits Only', { phoneIds: 'digits' }],
	['Unusual Customer IDs → Allow', { unusualCustomerIds: 'allow' }],
];

/** Reads and checks the rows of a run. */
export class RowReader {
	readonly #rules: RowRules;
	/** The same with one rule more, for rows with findings. */
	#lenient: ReadonlyArray<{ mend: string; advice: string; reader: RowReader }> | undefined;
	/** The last usable text of each field: rows of a customer follow each other and products are few, which saves checks. */
	readonly #lastUsable: Partial<Record<MappedField, string>> = {};

	constructor(rules: RowRules) {
		this.#rules = rules;
	}

	/**
	 * One row: where its cells list several devices and may be split, a row for each of them, or a single row with all
	 * findings.
	 * @param read gives the raw value of a field; an error that it throws becomes a finding
	 * @param unmapped the filled cells of the other columns
	 */
	read(itemIndex: number, read: Read, unmapped = NO_CELLS): Row | Row[] {
		const row = this.#read(itemIndex, read, unmapped);
		if (Array.isArray(row) || row.findings.length === 0) return row;
		this.#lenient ??= MENDS.map(([mend, rule, advice = '']) => ({
			...{ mend, advice },
			reader: new RowReader({ ...this.#rules, ...rule }),
		}));
		const own = row.findings.map(({ field }) => field);
		const others = this.#lenient.map(({ reader, ...said }) => {
			const findings = [reader.#read(itemIndex, read, NO_CELLS)].flat().flatMap((one) => one.findings);
			return { ...said, fields: findings.map(({ field }) => field) };
		});
		const withMend = (finding: Finding): Finding => {
			// Another finding in its place mends nothing.
			const found = others.find(
				({ fields }) => !fields.includes(finding.field) && fields.every((field) => own.includes(field)),
			);
			if (found === undefined) return finding;
			return { ...finding, text: finding.text + found.advice, mend: found.mend };
		};
		return { ...row, findings: row.findings.map(withMend) };
	}

	#read(itemIndex: number, read: Read, unmapped: Row['unmapped']): Row | Row[] {
		const row = this.#row(itemIndex, read, unmapped);
		const devices = row.findings.length === 0 ? undefined : devicesIn(read, this.#rules);
		if (devices === undefined) return row;
		if ('field' in devices) {
			const ofCustomer = row.findings.filter(({ field }) => field === 'CustomerId');
			return { ...row, findings: [...ofCustomer, { itemIndex, ...devices }] };
		}
		const rows = devices.map((device) =>
			this.#row(itemIndex, (field) => (field === 'CustomerId' ? read(field) : device[field]), unmapped),
		);
		const findings = new Map(
			rows.flatMap((one) => one.findings.map((found) => [found.field + found.text, found])),
		);
		return findings.size === 0 ? rows : asOne(rows, [...findings.values()]);
	}

	/** A row that repeats the names of the columns, as sheets have them for print. */
	readHeader(itemIndex: number, read: Read): Row {
		const finding = { itemIndex, field: 'CustomerId', text: 'is the name of its column: remove the row' };
		const nobody = { kind: 'between' as const, customerId: undefined, candidates: NONE, claimed: NONE };
		return { ...this.#row(itemIndex, read, NO_CELLS), ...nobody, findings: [finding] };
	}

	#row(itemIndex: number, read: Read, unmapped: Row['unmapped']): Row {
		const id = this.#cell('CustomerId', read);
		const number = this.#cell('CustomerDeviceNo', read);
		const deviceId = this.#cell('DeviceId', read);
		const product = this.#cell('ProductName', read);
		const hasId = typeof id === 'string';
		const row = {
			itemIndex,
			kind: 'own' as const,
			customerId: hasId ? id : undefined,
			candidates: hasId ? this.#partsOf(id) : idCandidatesOf(id.value),
			device: { CustomerDeviceNo: textOf(number), DeviceId: textOf(deviceId), ProductName: textOf(product) },
			claimed: NONE,
			unmapped,
			findings: NONE,
		};
		// As most are.
		if (hasId && typeof number === 'string' && typeof deviceId === 'string' && typeof product === 'string')
			return row;
		const findings = [id, number, deviceId, product].flatMap((cell) =>
			typeof cell === 'string' ? [] : [{ itemIndex, ...cell.finding }],
		);
		const named = typeof deviceId === 'string' ? [deviceId] : devicesNamedIn(deviceId.value);
		const isData = named.length > 0;
		const kind = hasId && isData ? 'own' : kindOf([id, number, deviceId, product], isData);
		return {
			...{ ...row, kind, claimed: named, findings },
			...(kind === 'sum' && { customerId: undefined, candidates: NONE }),
			...(hasId &&
				findings.length === 3 &&
				[number, deviceId, product].every(isEmpty) && { isWithoutDevice: true }),
			...(isEmpty(product) && { isNameless: true }),
		};
	}

	/** Only an unusual id has any. */
	#partsOf(id: string): Row['candidates'] {
		return this.#rules.unusualCustomerIds === 'allow' ? partsOf(id) : NONE;
	}

	#cell(field: MappedField, read: Read): string | Unusable {
		let value: unknown;
		try {
			value = read(field);
		} catch (cause) {
			// It is something, too.
			return { value: '?', finding: { field, text: whyNotEvaluated(cause) } };
		}
		const known = this.#lastUsable[field];
		if (known !== undefined && value === known) return known;
		const { text, finding } = checkCell(field, value, this.#rules, known);
		if (finding !== undefined) return { value, finding: { field, text: finding, ...quoted(value, finding) } };
		return (this.#lastUsable[field] = text);
	}
}

/** What stands in a cell, unless it is nothing, or the finding quotes it. */
function quoted(value: unknown, finding: string): { value?: string } {
	const isText = typeof value === 'string' || typeof value === 'number';
	if (!isText || isBlankCell(value) || /(?:^| )'|\(/.test(finding.split(': ')[0]!)) return {};
	return { value: short(String(value)) };
}

function isEmpty(cell: string | Unusable): boolean {
	return typeof cell !== 'string' && isBlankCell(cell.value);
}

/** Rows of one item, at least one, as a row with all that they name, where some of them cannot be used. */
export function asOne(rows: readonly Row[], findings: readonly Finding[]): Row {
	const claimed = rows.flatMap(({ device, claimed }) => [device.DeviceId, ...claimed]);
	const first = rows.find(({ kind }) => kind === 'own') ?? rows[0]!;
	const { isWithoutDevice, ...others } = first;
	return {
		...others,
		...(rows.every((one) => one.isWithoutDevice) && { isWithoutDevice }),
		...(rows.some(({ isNameless }) => isNameless) && { isNameless: true }),
		parts: rows,
		claimed: claimed.filter((id) => id !== ''),
		findings,
	};
}

/** The same row with other words for all that is wrong with it, or with the option that would mend it. */
export function withFindings(row: Row, changes: Partial<Finding>): Row {
	return { ...row, findings: row.findings.map((finding) => ({ ...finding, ...changes })) };
}

function devicesIn(read: Read, { severalDevices }: RowRules): ReturnType<typeof splitDevices> {
	try {
		const [CustomerDeviceNo, DeviceId, ProductName] = FIELDS.slice(1).map(read);
		return splitDevices({ CustomerDeviceNo, DeviceId, ProductName }, severalDevices);
	} catch {
		return undefined; // It became a finding where the row was read.
	}
}

function textOf(cell: string | Unusable): string {
	return typeof cell === 'string' ? cell : '';
}

/** @param known the last usable text of the field */
function checkCell(
	field: MappedField,
	value: unknown,
	rules: RowRules,
	known: string | undefined,
): ReturnType<typeof checkText> {
	const isName = field === 'ProductName';
	const isPlain = typeof value === 'string' && isPlainId(value);
	const list = isPlain ? undefined : whyList(field, value);
	if (list !== undefined) return { text: '', finding: list };
	const checked = isPlain ? { text: value, finding: undefined } : checkText(value, 'column', isName);
	if (checked.finding !== undefined) return checked;
	if (field === 'CustomerId') {
		const text = normalizeCustomerId(checked.text, rules);
		return { text, finding: checkCustomerId(text, rules) };
	}
	const text = isPlain || field !== 'DeviceId' ? checked.text : normalizeDeviceId(checked.text);
	const why = isPlain ? undefined : whyNoId(text);
	if (why !== undefined || isName) return { text, finding: why };
	return { text, finding: field === 'DeviceId' ? whyNoDevice(text, known) : whyDamaged(text) };
}

/**
 * What a row is by its CustomerId: `own` has one, usable or not; in the others the cell is empty (`empty` as in a sheet,
 * `null` as in a database) or a mark for the same as above. What has no DeviceId of the form `A/B` is a `sum` of other rows,
 * or, with something in the place of an id, stands `between` rows of data: a header, a remark. A `blank` row has nothing in
 * all mapped columns.
 */
type RowKind = 'own' | 'empty' | 'null' | 'same' | 'between' | 'sum' | 'blank';

/** Marks for the same value as above. */
const SAME = /^(?:同上|同前|[〃″"]|ditto)$/i;

/** What spreadsheets call the subtotal of an id, e.g. `KH0001 汇总`. */
const SUM_OF_ID = /\s(?:汇总|小计|合计|计数|total|count)$/i;

function kindOf(cells: ReadonlyArray<string | Unusable>, isData: boolean): RowKind {
	const values = cells.map((cell) => (typeof cell === 'string' ? cell : cell.value));
	const texts = values.map(visibleText);
	const [id = '', , deviceId = ''] = texts;
	const isSum = () => [...texts, ...deviceId.split('/')].some((text) => isSummary(text.trim()));
	if (!isData && (SUM_OF_ID.test(id) || isSum())) return 'sum';
	if (id === '') return values[0] === null ? 'null' : 'empty';
	if (SAME.test(id)) return 'same';
	return isData ? 'own' : 'between';
}

/** What is seen of a cell: of a list or another value that it is there. */
function visibleText(cell: unknown): string {
	if (isBlankCell(cell)) return '';
	return typeof cell === 'string' || typeof cell === 'number'
		? String(cell).replace(INVISIBLE, '').trim()
		: '?';
}
