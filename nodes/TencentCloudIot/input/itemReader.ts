import {
	isResourceLocatorValue,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeParameters,
} from 'n8n-workflow';

import { isTool, rowsOf } from './agentInput';
import { columnsOf, expressionOf, fieldSource, readPath, type FieldSource } from './fieldSource';
import { simplify, type ColumnNames } from './columnFit';
import { mapFields } from './mapping';
import { inBatches } from './batches';
import { timezoneOf } from './dateTime';
import { whyNoId } from './placeholder';
import { checkText, isBlankCell } from './text';

/** Reads what the user set for one input item. */
export type ItemReader = Pick<ParameterReader, keyof ParameterReader>;

/**
 * The typed input for each item, in order and in batches.
 * @param columns the fields to which the user maps columns of the rows, where the operation has them
 * @throws NotSendable when a mapped column does not exist
 */
export async function* readItems<Input>(
	context: IExecuteFunctions,
	items: readonly INodeExecutionData[],
	columns: ColumnNames | undefined,
	read: (reader: ItemReader, itemIndex: number) => Input,
): AsyncGenerator<Input[]> {
	const reader = new ParameterReader(context, rowsOf(context, items), columns);
	let itemIndex = 0;
	for await (const batch of inBatches(items)) {
		yield Array.from(batch, () => read(reader, itemIndex++));
	}
}

type ValueAt = (itemIndex: number) => unknown;

/**
 * Reads the user's parameters for each item: plain references straight from the item, constants once, and only true
 * expressions through the engine.
 */
class ParameterReader {
	/** The workflow's time zone, by its IANA name: that of a date-time without one. */
	readonly timezone: string;
	/** Whether a model calls the node. */
	readonly isTool: boolean;
	readonly #context: IExecuteFunctions;
	/** As the node stores them; n8n copies the whole node each time that it is asked for. */
	readonly #parameters: INodeParameters;
	/** What `$json` is for each item. */
	readonly #rows: readonly object[];
	readonly #reads = new Map<string, ValueAt>();
	/** The columns to which fields are mapped. */
	readonly #columns = new Set<string>();
	/** For each of the mapped fields, whether a row holds the names of its columns. */
	readonly #namesColumns: Array<(row: object | undefined) => boolean> = [];

	constructor(context: IExecuteFunctions, rows: readonly object[], names: ColumnNames = {}) {
		this.timezone = timezoneOf(context);
		this.isTool = isTool(context);
		this.#context = context;
		this.#rows = rows;
		this.#parameters = context.getNode().parameters;
		const { columns } = this.#parameters;
		if (isResourceMapper(columns)) this.#mapColumns(columns, names);
	}

	/** The value of a parameter, or of a field of a resource mapper (`columns.CustomerId`), for this item. */
	read(parameter: string, itemIndex: number): unknown {
		let read = this.#reads.get(parameter);
		if (read === undefined) {
			read = this.#readRaw(this.#parameters[parameter]);
			this.#reads.set(parameter, read);
		}
		return read(itemIndex);
	}

	/** The parameter as the node stores it: what looks like an expression stays a text. */
	stored(parameter: string): unknown {
		return this.#parameters[parameter];
	}

	/** Whether all columns are empty in this item to which the user mapped fields. */
	isBlank(itemIndex: number): boolean {
		const isEmpty = (column: string) => isBlankCell(readPath(this.#rows[itemIndex], [column]));
		return this.#columns.size > 0 && [...this.#columns].every(isEmpty);
	}

	/** Whether the first of the mapped fields and another one hold the names of their columns, as where a header repeats. */
	isHeader(itemIndex: number): boolean {
		const row = this.#rows[itemIndex];
		const [first, ...others] = this.#namesColumns;
		return first?.(row) === true && others.some((other) => other(row));
	}

	/** The filled cells of this item to whose columns the user mapped no field. */
	unmapped(itemIndex: number): ReadonlyMap<string, unknown> {
		const cells: Array<[string, unknown]> = Object.entries(this.#rows[itemIndex] ?? {});
		return new Map(cells.filter(([column, value]) => !this.#columns.has(column) && !isBlankCell(value)));
	}

	#mapColumns({ mappingMode, value }: ResourceMapper, names: ColumnNames): void {
		const isAutomatic = mappingMode === 'autoMapInputData';
		const mapping = { fields: Object.keys(names), names, isAutomatic, values: value ?? {} };
		const sources = mapFields(mapping, this.#rows);
		for (const [field, source] of Object.entries(sources)) {
			const paths = columnsOf(source).map((column) => [column] as const);
			for (const [column] of paths) this.#columns.add(column);
			const known = new Set([field, ...Object.values(names[field]!).flat(2)].map(simplify));
			const isName = (cell: unknown, column: string) =>
				typeof cell === 'string' && (cell === column || (!/\d/.test(cell) && known.has(simplify(cell))));
			const namesColumns = (row: object | undefined) =>
				paths.length > 0 && paths.every((path) => isName(readPath(row, path), path[0]));
			this.#namesColumns.push(namesColumns);
			this.#reads.set(`columns.${field}`, this.#readFrom(source, textOfCells));
		}
	}

	/** Collections and lists keep their shape; a resource locator is the value that was chosen. */
	#readRaw(raw: unknown): ValueAt {
		if (isResourceLocatorValue(raw)) return this.#readRaw(raw.value);
		if (isResourceMapper(raw)) {
			// Its schema comes from the service and is not evaluated.
			const filled = Object.entries(raw.value ?? {}).filter(([, value]) => value !== null);
			const read = this.#readRaw(Object.fromEntries(filled));
			return (itemIndex) => ({ ...raw, value: read(itemIndex) });
		}
		if (typeof raw !== 'object' || raw === null) return this.#readFrom(fieldSource(raw));
		const reads = Object.entries(raw).map(([name, member]) => [name, this.#readRaw(member)] as const);
		return (itemIndex) => {
			const members = reads.map(([name, read]) => [name, read(itemIndex)] as const);
			return Array.isArray(raw) ? members.map(([, value]) => value) : Object.fromEntries(members);
		};
	}

	#readFrom(source: FieldSource, textOf: (parts: readonly Part[]) => unknown = textOfValues): ValueAt {
		if (source.kind === 'constant') return () => source.value;
		if (source.kind === 'template') {
			const reads = source.parts.map((part) => [part.kind !== 'constant', this.#readFrom(part)] as const);
			return (itemIndex) => {
				const parts = reads.map(([isCell, read]) => ({ isCell, value: read(itemIndex) }));
				const isNothing = ({ isCell, value }: Part) => isCell && (isBlankCell(value) || Number.isNaN(value));
				const nothing = parts.find(isNothing);
				return nothing === undefined ? textOf(parts) : nothing.value;
			};
		}
		const evaluate = (expression: string, itemIndex: number): unknown =>
			this.#context.evaluateExpression(expression, itemIndex);
		if (source.kind === 'expression') return (itemIndex) => evaluate(source.expression, itemIndex);
		const { path } = source;
		return (itemIndex) =>
			readPath(this.#rows[itemIndex], path, () => evaluate(expressionOf(path), itemIndex));
	}
}

/** What stands between `{{ }}` of a template, or beside. */
type Part = { isCell: boolean; value: unknown };

/** The text of a field. @throws Error where a part is no text */
function textOfValues(parts: readonly Part[]): string {
	const texts = parts.map(({ isCell, value }) => {
		if (typeof value === 'object' || typeof value === 'function') throw new Error('a part of it is no text');
		return isCell ? String(value).trim() : String(value);
	});
	return texts.join('');
}

/** The text of mapped columns; where one cannot be used, that one, to be refused as itself. */
function textOfCells(parts: readonly Part[]): unknown {
	let whole = '';
	for (const { isCell, value } of parts) {
		const { text, why } = checkText(value);
		if (isCell && (why ?? whyNoId(text)) !== undefined) return value;
		whole += isCell ? text : String(value);
	}
	return whole;
}

type ResourceMapper = { mappingMode: unknown; value: INodeParameters | null };

function isResourceMapper(parameter: unknown): parameter is ResourceMapper {
	return typeof parameter === 'object' && parameter !== null && 'mappingMode' in parameter;
}
