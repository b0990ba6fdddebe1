import { isCount, isSummary, whyNotId } from '../input/placeholder';
import { checkText, INVISIBLE, isBlankCell, LONGEST_TEXT, shorten } from '../input/text';
import {
	because,
	type CellFinding,
	isQuoting,
	whyNotEvaluated,
	type Finding,
	type Why,
} from '../messages/findings';
import { cutCell } from './cellLength';
import { checkCustomerId, normalizeCustomerId, whyDamaged, type IdRules } from './ids';
import { idCandidatesOf } from './readings';
import { checkDeviceId, deviceCellReader, normalizeDeviceId, type DeviceCells } from './devices';
import { areAboutEmptyDevice, FIELDS, joinRows, type MappedField, NO_CANDIDATES, type Row } from './row';

/** How the cells of a row are read. */
type RowRules = IdRules & { severalDevices: 'refuse' | 'split' };

/** The empty list of findings or named DeviceIds. Most rows share it, which saves memory. */
const NONE: readonly never[] = [];

type ReadUnmappedCells = Row['readUnmappedCells'];
const NO_UNMAPPED_CELLS: ReadUnmappedCells = () => NO_CELLS;
const NO_CELLS: ReadonlyMap<string, unknown> = new Map();

type ReadCell = (field: MappedField) => unknown;

/** The cell of a field that cannot be used, and the finding that says why. */
interface UnusableCell {
	value: unknown;
	finding: CellFinding;
}

/** The cell of a field as it was read: its text, if that can be used. */
type Cell = string | UnusableCell;

/** The cell of a CustomerId, and the ids that it may stand for if it cannot be used. */
interface IdCell {
	cell: Cell;
	readCandidates: Row['readCandidates'];
}

/** Reads and checks the rows of a run. */
export class RowReader {
	readonly #rules: RowRules;
	/** A reader with the same rules that splits lists of devices: it shows whether that option would make a row usable. */
	#splittingReader: RowReader | undefined;
	/** The last usable text of each field. The next row often has the same text, which then need not be checked again. */
	readonly #lastUsableTexts: Partial<Record<MappedField, string>> = {};

	constructor(rules: RowRules) {
		this.#rules = rules;
	}

	/**
	 * Reads the row of an item. If its cells list several devices and may be split: a row for each device, or, if something is wrong, a single
	 * row with all findings.
	 * @param readCell gives the raw value of a field; an error that it throws becomes a finding
	 * @param readUnmappedCells gives the filled cells of the other columns
	 */
	read(itemIndex: number, readCell: ReadCell, readUnmappedCells = NO_UNMAPPED_CELLS): Row | Row[] {
		const row = this.#readItem(itemIndex, readCell, readUnmappedCells);
		if (Array.isArray(row) || !row.findings.some(isAboutList)) {
			return row;
		}
		this.#splittingReader ??= new RowReader({ ...this.#rules, severalDevices: 'split' });
		const rowsIfSplit = [this.#splittingReader.#readItem(itemIndex, readCell, NO_UNMAPPED_CELLS)].flat();
		const invalidIfSplit = new Set(rowsIfSplit.flatMap(({ findings }) => findings.map(({ field }) => field)));
		const invalidFields = new Set(row.findings.map(({ field }) => field));
		// If splitting brings findings in other fields, it would not mend the row, so no finding advises it.
		if ([...invalidIfSplit].some((field) => !invalidFields.has(field))) {
			return row;
		}
		const findings = row.findings.map(
			(finding): Finding => (invalidIfSplit.has(finding.field) ? finding : { ...finding, mend: 'split' }),
		);
		return { ...row, findings };
	}

	#readItem(itemIndex: number, readCell: ReadCell, readUnmappedCells: ReadUnmappedCells): Row | Row[] {
		const idCell = this.#readId(readCell);
		const row = this.#readRow(itemIndex, idCell, readCell, readUnmappedCells);
		const isNotEvaluated = row.findings.some(({ code }) => code === 'notEvaluated');
		if (row.findings.length === 0 || isNotEvaluated) {
			return row;
		}
		const { cells, findingsOfTruncatedCells } = readDeviceCells(readCell);
		// A text that was cut may end within a DeviceId, so it is not split. An array is cut between two devices. So it is split, and the row still
		// names the devices before the cut (`namedDeviceIds`).
		const canBeSplit = findingsOfTruncatedCells.length === 0 || Object.values(cells).some(Array.isArray);
		const devicesOrFinding = canBeSplit
			? deviceCellReader.split(cells, this.#rules.severalDevices)
			: undefined;
		if (devicesOrFinding === undefined) {
			return row;
		}
		const cutFindings = findingsOfTruncatedCells.map((finding) => ({ itemIndex, ...finding }));
		if ('field' in devicesOrFinding) {
			const deviceFindings = cutFindings.length > 0 ? cutFindings : [{ itemIndex, ...devicesOrFinding }];
			return withDeviceFindings(row, deviceFindings);
		}
		const deviceRows = devicesOrFinding.map((device) =>
			this.#readRow(itemIndex, idCell, (field: keyof DeviceCells) => device[field], readUnmappedCells),
		);
		const findings = distinct([...cutFindings, ...deviceRows.flatMap((deviceRow) => deviceRow.findings)]);
		return findings.length === 0 ? deviceRows : joinRows(deviceRows, findings);
	}

	/** The CustomerId of an item whose row was read before without findings. */
	readUsableId(readCell: ReadCell): string {
		return textOf(this.#readCell('CustomerId', readCell));
	}

	/** Makes the row of an item that repeats the names of the columns, as sheets for print do. Its finding says that the row is not data. */
	readHeader(itemIndex: number, readCell: ReadCell): Row {
		const row = this.#readRow(itemIndex, this.#readId(readCell), readCell, NO_UNMAPPED_CELLS);
		return asNoData(row, 'between', { field: 'CustomerId', ...because('columnName') });
	}

	/** The cell of the CustomerId, which is read once for all devices of a row. */
	#readId(readCell: ReadCell): IdCell {
		const cell = this.#readCell('CustomerId', readCell);
		if (typeof cell !== 'string') {
			return { cell, readCandidates: () => idCandidatesOf(cell.value) };
		}
		return { cell, readCandidates: NO_CANDIDATES };
	}

	#readRow(
		itemIndex: number,
		{ cell: id, readCandidates }: IdCell,
		readCell: (field: keyof DeviceCells) => unknown,
		readUnmappedCells: ReadUnmappedCells,
	): Row {
		const deviceNumber = this.#readCell('CustomerDeviceNo', readCell);
		const deviceId = this.#readCell('DeviceId', readCell);
		const productName = this.#readCell('ProductName', readCell);
		const hasUsableId = typeof id === 'string';
		const row = {
			itemIndex,
			kind: 'own' as const,
			customerId: hasUsableId ? id : undefined,
			readCandidates,
			device: {
				CustomerDeviceNo: textOf(deviceNumber),
				DeviceId: textOf(deviceId),
				ProductName: textOf(productName),
			},
			namedDeviceIds: NONE,
			readUnmappedCells,
			findings: NONE,
		};
		// Most rows need no further checks: all their cells can be used.
		const hasUsableDevice =
			typeof deviceNumber === 'string' && typeof deviceId === 'string' && typeof productName === 'string';
		if (hasUsableId && hasUsableDevice) {
			return row;
		}
		return invalidRowOf(row, [id, deviceNumber, deviceId, productName]);
	}

	#readCell<Field extends MappedField>(field: Field, readCell: (field: Field) => unknown): Cell {
		let value: unknown;
		try {
			value = readCell(field);
		} catch (cause) {
			// The `?` stands for a value that is not known. With an empty text the row would be left out as a blank row.
			return { value: '?', finding: { field, ...whyNotEvaluated(cause) } };
		}
		const lastUsableText = this.#lastUsableTexts[field];
		if (lastUsableText !== undefined && value === lastUsableText) {
			return lastUsableText;
		}
		const cut = cutCell(field, value);
		if (cut?.why !== undefined) {
			return { value: cut.keptPart, finding: { field, ...cut.why, ...quotedValue(cut.keptPart, cut.why) } };
		}
		if (cut !== undefined) {
			value = cut.keptPart;
		}
		const { text, why } = this.#check(field, value);
		if (why !== undefined) {
			return { value, finding: { field, ...why, ...quotedValue(value, why) } };
		}
		this.#lastUsableTexts[field] = text;
		return text;
	}

	#check(field: MappedField, value: unknown): ReturnType<typeof checkText> {
		const whyListed = deviceCellReader.whyList(field, value);
		if (whyListed !== undefined) {
			return { text: '', why: whyListed };
		}
		const isProductName = field === 'ProductName';
		const { text, why } = checkText(value, isProductName);
		if (why !== undefined) {
			return { text, why };
		}
		if (field === 'CustomerId') {
			const id = normalizeCustomerId(text, this.#rules);
			return { text: id, why: checkCustomerId(id, this.#rules) };
		}
		if (field === 'DeviceId') {
			const id = normalizeDeviceId(text);
			return { text: id, why: checkDeviceId(id) };
		}
		if (isProductName) {
			return { text, why: whyNotId(text) };
		}
		return { text, why: whyNotId(text) ?? whyDamaged(text) };
	}
}

/**
 * Makes an invalid row, some of whose cells cannot be used: with its kind, its findings, and the DeviceIds that it still names.
 * @param row the row as it was read, without findings
 * @param cells the cells of the fields, in the order of `FIELDS`
 */
function invalidRowOf(
	row: Row,
	cells: readonly [id: Cell, deviceNumber: Cell, deviceId: Cell, name: Cell],
): Row {
	const { itemIndex, customerId, readUnmappedCells } = row;
	const [id, , deviceId] = cells;
	const namedDeviceIds =
		typeof deviceId === 'string' ? [deviceId] : deviceCellReader.deviceIdsNamedIn(deviceId.value);
	const namesDevice = namedDeviceIds.length > 0;
	const visibleTexts = cells.map((cell) => visibleText(typeof cell === 'string' ? cell : cell.value));
	const summaryFinding = namesDevice
		? undefined
		: findingOfSummaryRow(visibleTexts, () => readUnmappedCells(itemIndex));
	if (summaryFinding !== undefined) {
		return asNoData(row, 'sum', summaryFinding);
	}
	const kind = customerId !== undefined && namesDevice ? 'own' : kindOf(id, visibleTexts[0]!, namesDevice);
	const findings = cells.flatMap((cell) => (typeof cell === 'string' ? [] : { itemIndex, ...cell.finding }));
	const [first, ...otherFindings] = findings;
	// Several words in the cell of the CustomerId, and nothing in the others: a note between the rows.
	const isNote = first?.code === 'notAlone' && areAboutEmptyDevice(otherFindings);
	return { ...row, kind, namedDeviceIds, findings: isNote ? [{ ...first, ...because('note') }] : findings };
}

/** Reads the cells that describe the devices of a row, and cuts those that are too long. A cell that loses more than blanks gets a finding. */
function readDeviceCells(readCell: (field: keyof DeviceCells) => unknown): {
	cells: DeviceCells;
	findingsOfTruncatedCells: CellFinding[];
} {
	const cells: DeviceCells = {
		CustomerDeviceNo: readCell('CustomerDeviceNo'),
		DeviceId: readCell('DeviceId'),
		ProductName: readCell('ProductName'),
	};
	const findingsOfTruncatedCells: CellFinding[] = [];
	for (const field of DEVICE_FIELDS) {
		const cut = cutCell(field, cells[field]);
		if (cut === undefined) {
			continue;
		}
		cells[field] = cut.keptPart;
		if (cut.why !== undefined) {
			findingsOfTruncatedCells.push({ field, ...cut.why });
		}
	}
	return { cells, findingsOfTruncatedCells };
}
const DEVICE_FIELDS = ['CustomerDeviceNo', 'DeviceId', 'ProductName'] as const;

/** The value of a cell, as a member of its finding; none for an empty cell, and for a reason that quotes the cell itself. */
function quotedValue(value: unknown, why: Why): { value?: string } {
	const isTextOrNumber = typeof value === 'string' || typeof value === 'number';
	const isQuoted = isTextOrNumber && !isBlankCell(value) && !isQuoting(why);
	return isQuoted ? { value: shorten(String(value)) } : {};
}

/** The row with other findings about its device. Those about its CustomerId stay. */
function withDeviceFindings(row: Row, deviceFindings: readonly Finding[]): Row {
	const customerFindings = row.findings.filter(({ field }) => field === 'CustomerId');
	return { ...row, findings: [...customerFindings, ...deviceFindings] };
}

/** Each finding once: the devices of a row share its CustomerId, and so the finding about it. */
function distinct(findings: readonly Finding[]): Finding[] {
	const findingByJson = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
	return [...findingByJson.values()];
}

function isAboutList({ code }: Finding): boolean {
	return code === 'several' || code === 'separator';
}

function textOf(cell: Cell): string {
	return typeof cell === 'string' ? cell : '';
}

/** Marks for the same value as above. */
const SAME_AS_ABOVE = /^(?:同上|同前|[〃″"]|ditto)$/i;

/** What spreadsheets and people call the subtotal of an id: `KH0001 汇总`, `KH0001小计`, `KH0001 Total`. */
const SUBTOTAL_OF_ID = /(?:汇总|小计|合计|计数|\s(?:total|count))$/i;

/**
 * The finding about a summary row: a field or an unmapped column says that the row has a total or a subtotal, e.g. 合计. The unmapped
 * columns are searched only if a field is filled.
 * @param texts the visible text of each field
 * @param readUnmapped gives the cells of the unmapped columns
 * @returns undefined if the row is not a summary row
 */
function findingOfSummaryRow(
	texts: readonly string[],
	readUnmapped: () => ReadonlyMap<string, unknown>,
): CellFinding | undefined {
	const sumIndex = texts.findIndex((text, index) => isSum(text, index) || isDeviceCount(text, index, texts));
	const isAnyFieldFilled = texts.some((text) => text !== '');
	const summaryText = sumIndex === -1 && isAnyFieldFilled ? findSummaryText(readUnmapped()) : undefined;
	const value = texts[sumIndex] ?? summaryText;
	if (value === undefined) {
		return undefined;
	}
	return { field: FIELDS[sumIndex] ?? 'CustomerId', value: shorten(value), ...because('summary') };
}

/** Finds the text in an unmapped column that labels the row as a summary row, e.g. 合计. */
function findSummaryText(unmappedCells: ReadonlyMap<string, unknown>): string | undefined {
	for (const cell of unmappedCells.values()) {
		const text = visibleText(cell);
		if (isSummary(text)) {
			return text;
		}
	}
	return undefined;
}

/**
 * Whether the text of a field labels the row as a summary row.
 * @param index the index of the field in `FIELDS`
 */
function isSum(text: string, index: number): boolean {
	switch (FIELDS[index]) {
		case 'CustomerId':
			return SUBTOTAL_OF_ID.test(text) || isSummary(text);
		case 'DeviceId':
			return [text, ...text.split('/')].some((part) => isSummary(part.trim()));
		default:
			return isSummary(text);
	}
}

/**
 * Whether a text counts devices instead of naming one, in a row that names no customer.
 * @param index the index of the field in `FIELDS`
 */
function isDeviceCount(text: string, index: number, [id]: readonly string[]): boolean {
	return FIELDS[index] === 'DeviceId' && id === '' && text.split('/').some((part) => isCount(part.trim()));
}

/**
 * Decides the kind of a row that is not a `sum` by the cell of its CustomerId: `null`, `empty`, `same`, `own` or `between`.
 * @param text the visible text of that cell
 * @param namesDevice whether the row names a DeviceId of the form `A/B`: then another text in the cell is an id, else a header or a remark
 */
function kindOf(id: Cell, text: string, namesDevice: boolean): Row['kind'] {
	if (text === '') {
		return typeof id === 'object' && id.value === null ? 'null' : 'empty';
	}
	if (SAME_AS_ABOVE.test(text)) {
		return 'same';
	}
	// If an expression threw, its cell may be empty, or name another customer. So the row is `between`: no row below it takes an id from above it.
	const isIdUnknown = typeof id === 'object' && id.finding.code === 'notEvaluated';
	return namesDevice && !isIdUnknown ? 'own' : 'between';
}

/** Turns the row into one that is not data and belongs to nobody, with the reason as its only finding. */
function asNoData(row: Row, kind: Row['kind'], finding: CellFinding): Row {
	const findings = [{ itemIndex: row.itemIndex, ...finding }];
	return {
		...row,
		kind,
		customerId: undefined,
		readCandidates: NO_CANDIDATES,
		namedDeviceIds: NONE,
		findings,
	};
}

/** The visible text of a cell. For a list, a very long text or another value it is `?`, which only says that the cell is not empty. */
function visibleText(cell: unknown): string {
	if (isBlankCell(cell)) {
		return '';
	}
	const isShown = typeof cell === 'number' || (typeof cell === 'string' && cell.length <= LONGEST_TEXT);
	return isShown ? String(cell).replace(INVISIBLE, '').trim() : '?';
}
