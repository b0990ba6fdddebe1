import { isResourceLocatorValue, type INodeParameters } from 'n8n-workflow';

import type { NodeInput } from './nodeInput';
import { columnsOf, fieldSource, isNested, readPath, type FieldSource } from './fieldSource';
import { nameTeller, type ColumnClues } from './columnFit';
import { mapFields } from './mapping';
import { inBatches } from './batches';
import { inTurns } from './pausing';
import { columnsOfRow } from './rowColumns';
import { isCount, isSummary, whyNoId } from './placeholder';
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
	const sources = mapping === undefined ? {} : await inTurns(mapFields(mapping, rows));
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

/** For each mapped field where its value comes from. */
type FieldSources = Readonly<Record<string, FieldSource>>;

type ValueAt = (itemIndex: number) => unknown;

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
	readonly #reads = new Map<string, ValueAt>();
	/** The columns to which fields are mapped. */
	readonly #columns = new Set<string>();
	/** For each mapped field where its value comes from. */
	readonly sources: FieldSources;
	/** For each mapped field a function that tells whether a row holds the names of its columns. */
	readonly #namesColumns: Array<(row: object | undefined) => boolean> = [];
	/** For each mapped field a function that tells whether a text is a name for its column. */
	readonly #isNameOfField: Array<(text: string) => boolean> = [];

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
			const isOfField = nameTeller(field, clues[field]);
			this.#isNameOfField.push(isOfField);
			const isName = (cell: unknown, column: string) => {
				if (typeof cell !== 'string') {
					return false;
				}
				return cell === column || (!/\d/.test(cell) && isOfField(cell));
			};
			this.#namesColumns.push(
				(row) => columns.length > 0 && columns.every((column) => isName(readPath(row, [column]), column)),
			);
			this.#reads.set(`columns.${field}`, this.#readFrom(source, textOfCells));
		}
	}

	/** The value of a parameter, or of a field of a resource mapper (`columns.CustomerId`), for this item. */
	read(parameter: string, itemIndex: number): unknown {
		let read = this.#reads.get(parameter);
		if (read === undefined) {
			read = this.#readRaw(this.#input.stored[parameter]);
			this.#reads.set(parameter, read);
		}
		return read(itemIndex);
	}

	/** The parameter as the node stores it. An expression is not evaluated. */
	stored(parameter: string): unknown {
		return this.#input.stored[parameter];
	}

	/** Whether all mapped columns are empty in this item, and it is not a row of another sheet. */
	isBlank(itemIndex: number): boolean {
		const isEmpty = (column: string) => isBlankCell(readPath(this.rows[itemIndex], [column]));
		return this.#columns.size > 0 && [...this.#columns].every(isEmpty) && !this.#isOfOtherSheet(itemIndex);
	}

	/** Whether this item has filled cells under other names of at least two fields: sheets with different headers were joined. */
	#isOfOtherSheet(itemIndex: number): boolean {
		const filled = [...this.unmapped(itemIndex).keys()];
		return this.#isNameOfField.filter((isNameOfField) => filled.some(isNameOfField)).length >= 2;
	}

	/** Whether this item repeats the header: the first mapped field and at least another one hold the names of their columns. */
	isHeader(itemIndex: number): boolean {
		const row = this.rows[itemIndex];
		const [first, ...otherNames] = this.#namesColumns;
		return first?.(row) === true && otherNames.some((other) => other(row));
	}

	/**
	 * For a mapped field that is empty in this item: whether the record that it is a member of is missing, e.g. for `{{ $json.Account.Id }}`
	 * if `Account` is null. Such rows do not come from a sheet, so the empty field cannot be a merged cell.
	 */
	isOfNoRecord(field: string, itemIndex: number): boolean {
		const source = this.sources[field];
		const [column, second] = source === undefined ? [] : columnsOf(source);
		if (source === undefined || column === undefined || second !== undefined) {
			return false;
		}
		const record: unknown = readPath(this.rows[itemIndex], [column]);
		return isNested(source) && (record === null || typeof record === 'object' || record === false);
	}

	/** The filled cells of an item in columns that are not mapped to a field. */
	readonly unmapped = (itemIndex: number): ReadonlyMap<string, unknown> => {
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

	/** Reads a stored value. Collections and lists keep their shape, and a resource locator becomes the value that was chosen. */
	#readRaw(raw: unknown): ValueAt {
		if (isResourceLocatorValue(raw)) {
			return this.#readRaw(raw.value);
		}
		if (isResourceMapper(raw)) {
			// Reads only the values of the mapper. Its schema comes from the service and must not be evaluated as an expression.
			const filled = Object.entries(raw.value ?? {}).filter(([, value]) => value !== null);
			const read = this.#readRaw(Object.fromEntries(filled));
			return (itemIndex) => ({ ...raw, value: read(itemIndex) });
		}
		if (typeof raw !== 'object' || raw === null) {
			return this.#readFrom(fieldSource(raw));
		}
		const reads = Object.entries(raw).map(([name, member]) => [name, this.#readRaw(member)] as const);
		return (itemIndex) => {
			const members = reads.map(([name, read]) => [name, read(itemIndex)] as const);
			return Array.isArray(raw) ? members.map(([, value]) => value) : Object.fromEntries(members);
		};
	}

	#readFrom(source: FieldSource, textOf: (parts: readonly Part[]) => unknown = textOfValues): ValueAt {
		const evaluate = (expression: string, itemIndex: number): unknown =>
			this.#input.evaluate(expression, itemIndex);
		switch (source.kind) {
			case 'constant':
				return () => source.value;
			case 'template':
				return this.#readTemplate(source.parts, textOf);
			case 'expression':
				return (itemIndex) => evaluate(source.expression, itemIndex);
			case 'path': {
				const { path } = source;
				return (itemIndex) =>
					readPath(this.rows[itemIndex], path, (expression) => evaluate(expression, itemIndex));
			}
		}
	}

	#readTemplate(sources: readonly FieldSource[], textOf: (parts: readonly Part[]) => unknown): ValueAt {
		const reads = sources.map((part) => ({ isCell: part.kind !== 'constant', read: this.#readFrom(part) }));
		return (itemIndex) => textOf(reads.map(({ isCell, read }) => ({ isCell, value: read(itemIndex) })));
	}
}

/** The value of a part of a template: of a cell between `{{ }}`, or a plain text between them. */
type Part = { isCell: boolean; value: unknown };

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
	const texts = parts.map(({ isCell, value }) => {
		if (typeof value === 'object' || typeof value === 'function') {
			throw new Error('a part of it is no text');
		}
		return isCell ? String(value).trim() : String(value);
	});
	return texts.join('');
}

/**
 * Joins the cells of a template into a text. If a cell holds a list, such as device names beside their product, each entry becomes a text.
 * If a cell cannot be used, that cell is returned, so that the finding quotes it and not the joined text. If a cell is empty, a total in
 * another cell is returned, since then the row sums up others.
 */
function textOfCells(parts: readonly Part[]): unknown {
	const emptyPart = emptyPartOf(parts);
	if (emptyPart !== undefined) {
		const total = parts.find(({ isCell, value }) => isCell && isTotal(value));
		return (total ?? emptyPart).value;
	}
	const list = parts.find(({ value }) => Array.isArray(value));
	return list === undefined ? textOfFilled(parts) : textsOfList(list, parts);
}

/** A longer list in a cell is cut here. A row may list fewer devices than this, so the check of the row still refuses the list. */
const MOST_LISTED_IN_CELL = 20_000;

/** Makes a text of each entry of a list. The other parts are read once for all entries: reading a long one 20,000 times took a minute. */
function textsOfList(list: Part, parts: readonly Part[]): unknown[] {
	const read = parts.map((part) => (part === list ? part : readPart(part)));
	const listedInCell = (list.value as readonly unknown[]).slice(0, MOST_LISTED_IN_CELL);
	return listedInCell.map((value) => {
		if (isBlankCell(value) || typeof value === 'object') {
			return value;
		}
		return joinParts(read.map((part) => (part === list ? readPart({ ...list, value }) : part)));
	});
}

function textOfFilled(parts: readonly Part[]): unknown {
	return joinParts(parts.map(readPart));
}

/** A part with its text; without one, the cell cannot be used. */
type ReadPart = Part & { text?: string };

/** Returns the joined text, or the value of the first part that cannot be used. */
function joinParts(parts: readonly ReadPart[]): unknown {
	let whole = '';
	for (const { text, value } of parts) {
		if (text === undefined) {
			return value;
		}
		whole += text;
	}
	return whole;
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
	// A cell with line breaks is a list, whose lines are checked one by one later.
	const { text, why } = checkText(typeof cell === 'string' ? cell.replace(LINE_BREAKS, ' ') : cell);
	if ((why ?? whyNoId(text)) !== undefined) {
		return part;
	}
	return { ...part, text: typeof cell === 'string' ? cell : text };
}
const LINE_BREAKS = /[\r\n\u2028\u2029]+/g;

/** Whether a cell shows that its row sums up others: by a word such as "Total", or by a count such as "3 台". */
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
	return { fields: Object.keys(clues), clues, isAutomatic, values: value ?? {} };
}

function isResourceMapper(parameter: unknown): parameter is ResourceMapper {
	return typeof parameter === 'object' && parameter !== null && 'mappingMode' in parameter;
}
