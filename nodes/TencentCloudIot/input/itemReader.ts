import { isResourceLocatorValue, type INodeParameters } from 'n8n-workflow';

import type { NodeInput } from './nodeInput';
import { columnsOf, fieldSource, readsMember, readPath, type FieldSource } from './fieldSource';
import { nameMatcher, type ColumnClues } from './columnFit';
import { mapFields } from './mapping';
import { inBatches } from './batches';
import { runInTurns } from './pausing';
import { columnsOfRow } from './rowColumns';
import { isCount, isSummary, whyNotId } from './placeholder';
import { checkText, isBlankCell, LONGEST_CELL } from './text';

/** Reads what the user set for one input item. */
export type ItemReader = Pick<ParameterReader, keyof ParameterReader>;

/**
 * Makes a reader of what the user set for the items of a run.
 * @param columns the fields to which the user maps columns of the rows; undefined for operations without such fields
 * @throws NotSendable if a mapped column does not exist
 */
export async function openReader(input: NodeInput, columns: ColumnClues | undefined): Promise<ItemReader> {
	const rows = input.rows();
	const mapper = input.stored.columns;
	const mapping = isResourceMapper(mapper) ? mappingOf(mapper, columns) : undefined;
	const sources = mapping === undefined ? {} : await runInTurns(mapFields(mapping, rows));
	return new ParameterReader(input, rows, sources, columns ?? {});
}

/** Reads the typed input of every item, in order and in batches. */
export async function* readItems<Input>(
	reader: ItemReader,
	read: (reader: ItemReader, itemIndex: number) => Input,
): AsyncGenerator<Input[]> {
	let itemIndex = 0;
	for await (const batch of inBatches(reader.rows)) {
		yield Array.from(batch, () => {
			const inputOfItem = read(reader, itemIndex);
			itemIndex++;
			return inputOfItem;
		});
	}
}

/** Where the value of each mapped field comes from. */
type FieldSources = Readonly<Record<string, FieldSource>>;

/** Reads one value for an item. */
type ValueReader = (itemIndex: number) => unknown;

/**
 * Reads the user's parameters for each item. It takes plain references straight from the item, reads constants once, and leaves to n8n's
 * engine only other expressions.
 */
class ParameterReader {
	/** The IANA name of the workflow's time zone, which date-times without a zone are in. */
	readonly timezone: string;
	/** Whether a model calls the node. */
	readonly isTool: boolean;
	readonly #input: NodeInput;
	/** `$json` of each item. */
	readonly rows: readonly object[];
	/** The readers of values, by parameter. */
	readonly #valueReaders = new Map<string, ValueReader>();
	/** The columns to which fields are mapped. */
	readonly #columns = new Set<string>();
	/** Where the value of each mapped field comes from. */
	readonly sources: FieldSources;
	/** For each mapped field a function that tells whether a row repeats the names of the field's columns in these columns. */
	readonly #headerMatchers: Array<(row: object | undefined) => boolean> = [];
	/** For each mapped field a function that tells whether a text is a name for the field's column. */
	readonly #nameMatchers: Array<(text: string) => boolean> = [];

	constructor(input: NodeInput, rows: readonly object[], sources: FieldSources, clues: ColumnClues) {
		this.timezone = input.timezone;
		this.isTool = input.isTool;
		this.#input = input;
		this.rows = rows;
		this.sources = sources;
		for (const [field, source] of Object.entries(sources)) {
			const columns = columnsOf(source);
			for (const column of columns) {
				this.#columns.add(column);
			}
			const isNameOfField = nameMatcher(field, clues[field]);
			this.#nameMatchers.push(isNameOfField);
			this.#headerMatchers.push(headerMatcher(columns, isNameOfField));
			this.#valueReaders.set(`columns.${field}`, this.#readerOfSource(source, textOfCells));
		}
	}

	/** The value of a parameter, or of a field of a resource mapper (`columns.CustomerId`), for this item. */
	read(parameter: string, itemIndex: number): unknown {
		let readValue = this.#valueReaders.get(parameter);
		if (readValue === undefined) {
			readValue = this.#readerOfRaw(this.#input.stored[parameter]);
			this.#valueReaders.set(parameter, readValue);
		}
		return readValue(itemIndex);
	}

	/** The parameter as the node stores it. An expression is not evaluated. */
	stored(parameter: string): unknown {
		return this.#input.stored[parameter];
	}

	/** Whether all mapped columns are empty in this item, and it is not a row from another sheet. */
	isBlank(itemIndex: number): boolean {
		const isEmpty = (column: string) => isBlankCell(readPath(this.rows[itemIndex], [column]));
		return this.#columns.size > 0 && [...this.#columns].every(isEmpty) && !this.#isOfOtherSheet(itemIndex);
	}

	/** Whether at least two fields have filled cells in this item under other names of their columns: sheets with different headers were joined. */
	#isOfOtherSheet(itemIndex: number): boolean {
		const filledColumns = [...this.unmappedCells(itemIndex).keys()];
		return this.#nameMatchers.filter((isNameOfField) => filledColumns.some(isNameOfField)).length >= 2;
	}

	/** Whether this item repeats the header: the first mapped field and at least another one hold the names of their columns. */
	isHeader(itemIndex: number): boolean {
		const row = this.rows[itemIndex];
		const [isHeaderOfFirst, ...otherMatchers] = this.#headerMatchers;
		return isHeaderOfFirst?.(row) === true && otherMatchers.some((isHeaderOf) => isHeaderOf(row));
	}

	/**
	 * Whether a mapped field is empty because the record that should contain its value is missing: `Account` is null for
	 * `{{ $json.Account.Id }}`. Such rows do not come from a sheet, so the empty field cannot be a merged cell.
	 */
	isRecordMissing(field: string, itemIndex: number): boolean {
		const source = this.sources[field];
		const [column, second] = source === undefined ? [] : columnsOf(source);
		if (source === undefined || column === undefined || second !== undefined) {
			return false;
		}
		const record: unknown = readPath(this.rows[itemIndex], [column]);
		return readsMember(source) && (record === null || typeof record === 'object' || record === false);
	}

	/** The filled cells of an item in columns that are not mapped to a field. */
	readonly unmappedCells = (itemIndex: number): ReadonlyMap<string, unknown> => {
		const row = this.rows[itemIndex] ?? {};
		const cells = new Map<string, unknown>();
		for (const column of columnsOfRow(row)) {
			const cell: unknown = readPath(row, [column]);
			if (!this.#columns.has(column) && !isBlankCell(cell)) {
				cells.set(column, cell);
			}
		}
		return cells;
	};

	/** Makes the reader of a stored value. Collections and lists keep their shape, and a resource locator becomes the value that was chosen. */
	#readerOfRaw(raw: unknown): ValueReader {
		if (isResourceLocatorValue(raw)) {
			return this.#readerOfRaw(raw.value);
		}
		if (isResourceMapper(raw)) {
			// Reads only the values of the mapper. Its schema comes from the service and must not be evaluated as an expression.
			const filled = Object.entries(raw.value ?? {}).filter(([, value]) => value !== null);
			const readValue = this.#readerOfRaw(Object.fromEntries(filled));
			return (itemIndex) => ({ ...raw, value: readValue(itemIndex) });
		}
		if (typeof raw !== 'object' || raw === null) {
			return this.#readerOfSource(fieldSource(raw));
		}
		const memberReaders = Object.entries(raw).map(
			([name, member]) => [name, this.#readerOfRaw(member)] as const,
		);
		return (itemIndex) => {
			const members = memberReaders.map(([name, read]) => [name, read(itemIndex)] as const);
			return Array.isArray(raw) ? members.map(([, value]) => value) : Object.fromEntries(members);
		};
	}

	#readerOfSource(source: FieldSource, textOf: TextOfParts = textOfValues): ValueReader {
		switch (source.kind) {
			case 'constant':
				return () => source.value;
			case 'template':
				return this.#readerOfTemplate(source.parts, textOf);
			case 'expression':
				return (itemIndex) => this.#input.evaluate(source.expression, itemIndex);
			case 'path': {
				const { path } = source;
				return (itemIndex) =>
					readPath(this.rows[itemIndex], path, (expression) => this.#input.evaluate(expression, itemIndex));
			}
		}
	}

	#readerOfTemplate(sources: readonly FieldSource[], textOf: TextOfParts): ValueReader {
		const partReaders = sources.map((part) => ({
			isCell: part.kind !== 'constant',
			read: this.#readerOfSource(part),
		}));
		return (itemIndex) => textOf(partReaders.map(({ isCell, read }) => ({ isCell, value: read(itemIndex) })));
	}
}

/**
 * Makes the function that tells whether a row repeats the header in the columns of a field: each of their cells is the name of its column, or
 * another name of the field. A name with a digit may be an id, so it counts only if it is that of the column.
 */
function headerMatcher(
	columns: readonly string[],
	isNameOfField: (text: string) => boolean,
): (row: object | undefined) => boolean {
	const isHeaderCell = (cell: unknown, column: string) => {
		if (typeof cell !== 'string') {
			return false;
		}
		return cell === column || (!/\d/.test(cell) && isNameOfField(cell));
	};
	return (row) =>
		columns.length > 0 && columns.every((column) => isHeaderCell(readPath(row, [column]), column));
}

/** A part of a template with its value: a cell (the code between `{{ }}`), or the plain text between two cells. */
type Part = { isCell: boolean; value: unknown };

/** Joins the parts of a template into a text, or returns the value that makes it unusable. */
type TextOfParts = (parts: readonly Part[]) => unknown;

/** The first part of a template that is empty. An empty part makes the whole value empty. */
function emptyPartOf(parts: readonly Part[]): Part | undefined {
	return parts.find(({ isCell, value }) => isCell && (isBlankCell(value) || Number.isNaN(value)));
}

/** Joins the parts of a template into a text. If a part is empty, its value is returned. @throws Error if a part is an object or a function */
function textOfValues(parts: readonly Part[]): unknown {
	const emptyPart = emptyPartOf(parts);
	if (emptyPart !== undefined) {
		return emptyPart.value;
	}
	const textsOfParts = parts.map(({ isCell, value }) => {
		if (typeof value === 'object' || typeof value === 'function') {
			throw new Error('a part of it is not text');
		}
		return isCell ? String(value).trim() : String(value);
	});
	return textsOfParts.join('');
}

/**
 * Joins the cells of a template into a text. If a cell holds a list, such as device names next to their product, each entry becomes a text.
 * If a cell cannot be used, that cell is returned, so that the finding quotes it and not the joined text. If a cell is empty, a total in
 * another cell is returned, since then the row is a total of other rows.
 */
function textOfCells(parts: readonly Part[]): unknown {
	const emptyPart = emptyPartOf(parts);
	if (emptyPart !== undefined) {
		const total = parts.find(({ isCell, value }) => isCell && isTotal(value));
		return (total ?? emptyPart).value;
	}
	const listPart = parts.find(({ value }) => Array.isArray(value));
	return listPart === undefined ? textOfFilled(parts) : textsOfList(listPart, parts);
}

/** A longer list in a cell is cut here. A row may list fewer devices than this, so the check of the row still refuses the list. */
const MOST_LISTED_IN_CELL = 20_000;

/** Makes a text of each entry of a list. The other parts are read once for all entries: reading a long one 20,000 times took a minute. */
function textsOfList(listPart: Part, parts: readonly Part[]): unknown[] {
	const readParts = parts.map((part) => (part === listPart ? part : readPart(part)));
	const listedInCell = (listPart.value as readonly unknown[]).slice(0, MOST_LISTED_IN_CELL);
	return listedInCell.map((value) => {
		if (isBlankCell(value) || typeof value === 'object') {
			return value;
		}
		return joinParts(readParts.map((part) => (part === listPart ? readPart({ ...listPart, value }) : part)));
	});
}

function textOfFilled(parts: readonly Part[]): unknown {
	return joinParts(parts.map(readPart));
}

/** A part with its text. A part without text is a cell that cannot be used. */
type ReadPart = Part & { text?: string };

/** Returns the joined text, or the value of the first part that cannot be used. */
function joinParts(parts: readonly ReadPart[]): unknown {
	let joinedText = '';
	for (const { text, value } of parts) {
		if (text === undefined) {
			return value;
		}
		joinedText += text;
	}
	return joinedText;
}

function readPart(part: Part): ReadPart {
	const { isCell, value } = part;
	if (!isCell) {
		return { ...part, text: String(value) };
	}
	const cell = typeof value === 'string' ? value.trim() : value;
	if (typeof cell === 'string' && cell.length > LONGEST_CELL) {
		return part;
	}
	// A cell with line breaks is a list. Its lines are checked one by one later.
	const { text, why } = checkText(typeof cell === 'string' ? cell.replace(LINE_BREAKS, ' ') : cell);
	if ((why ?? whyNotId(text)) !== undefined) {
		return part;
	}
	return { ...part, text: typeof cell === 'string' ? cell : text };
}
const LINE_BREAKS = /[\r\n\u2028\u2029]+/g;

/** Whether a cell shows that its row is a total of other rows: by a word such as "Total", or by a count such as "3 台". */
function isTotal(value: unknown): boolean {
	if (typeof value !== 'string') {
		return false;
	}
	const text = value.trim();
	return isSummary(text) || isCount(text);
}

type ResourceMapper = { mappingMode: unknown; value: INodeParameters | null };

function mappingOf({ mappingMode, value }: ResourceMapper, clues: ColumnClues = {}) {
	const isAutomatic = mappingMode === 'autoMapInputData';
	return { fields: Object.keys(clues), clues, isAutomatic, valuesByField: value ?? {} };
}

function isResourceMapper(parameter: unknown): parameter is ResourceMapper {
	return typeof parameter === 'object' && parameter !== null && 'mappingMode' in parameter;
}
