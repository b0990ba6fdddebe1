import { inSentences, type Message } from '../messages/message';
import { ADVICE, REASONS } from '../messages/failures';
import { NotSendable, notSent, said } from '../service/outcome';
import { fitColumn, type ColumnNames } from './columnFit';
import { columnsOf, fieldSource, type FieldSource } from './fieldSource';
import { codePointOf, INVISIBLE, isBlankCell, short } from './text';

/** How the user mapped the columns: field by field, or by name. */
interface Mapping {
	fields: readonly string[];
	/** For mapping by name. */
	names?: ColumnNames | undefined;
	isAutomatic: boolean;
	/** Raw values by field; expressions start with `=`. */
	values: Readonly<Record<string, unknown>>;
}

/** The most column names that a message lists. */
const MOST_NAMED_COLUMNS = 30;

/** A field that has no column, or not one alone. */
interface Unmapped {
	field: string;
	lack: (typeof LACKS)[number];
	/** Those that may hold it, or that is not there. */
	columns: readonly string[];
}

const LACKS = ['none', 'several', 'unclear', 'unmapped', 'absent'] as const;

/**
 * Finds for each field where its value stands in a row.
 * @throws NotSendable when there are no rows (an empty table gives one item without columns), and when fields are not mapped,
 * or are mapped to columns that no row has: one clear message for all of them instead of one for each row
 */
export function mapFields(mapping: Mapping, rows: readonly object[]): Readonly<Record<string, FieldSource>> {
	const { isAutomatic, fields, values, names } = mapping;
	// All may be constants, for which one empty item is enough.
	const readsColumns = fields.some((field) => columnsOf(fieldSource(values[field])).length > 0);
	if ((isAutomatic || readsColumns) && rows.every(isNoRow)) throw noRows(rows.find((row) => 'error' in row));
	const columns = isAutomatic ? columnNames(rows) : [];
	const sources: Array<[string, FieldSource]> = [];
	const unmapped: Unmapped[] = [];
	for (const field of fields) {
		const found = isAutomatic
			? sourceByName(field, columns, names?.[field])
			: sourceByHand(field, values[field], rows);
		if ('lack' in found) unmapped.push(found);
		else sources.push([field, found]);
	}
	if (unmapped.length > 0) throw notMapped(unmapped, rows, isAutomatic);
	return Object.fromEntries(sources);
}

/** What n8n's nodes give in place of rows when they fail, and go on: `error`, and mostly more. */
const OF_A_FAILURE = new Set(['error', 'message', 'item']);

function isNoRow(row: object): boolean {
	const columns = Object.keys(row);
	return columns.length === 0 || ('error' in row && columns.every((column) => OF_A_FAILURE.has(column)));
}

/**
 * There is nothing in the rows: not even a column, or in none of them anything.
 * @param failed what a node that failed gave in their place
 */
export function noRows(failed?: { error?: unknown; message?: unknown }): NotSendable {
	if (failed === undefined) return new NotSendable(notSent('NO_ROWS'));
	const { error, message } = failed;
	const text = [message, error, (error as Error | undefined)?.message].find((one) => typeof one === 'string');
	const says = text === undefined ? '' : short(text as string);
	const inHint = { advice: ADVICE.ofSource('')[0] };
	const words = said(REASONS.sourceFailed(), ADVICE.ofSource(says));
	return new NotSendable({ ...notSent('NO_ROWS'), ...words, inHint });
}

/** The column that fits a field by its name. */
function sourceByName(
	field: string,
	columns: readonly string[],
	names: ColumnNames[string] | undefined,
): FieldSource | Unmapped {
	const fit = fitColumn(field, columns, names);
	if (fit.kind !== 'parts' && fit.kind !== 'one') return { field, lack: fit.kind, columns: fit.columns };
	const [first, second] = fit.columns.map((column) => ({ kind: 'path' as const, path: [column] }));
	if (second === undefined) return first!;
	return { kind: 'template', parts: [first!, { kind: 'constant', value: '/' }, second] };
}

function sourceByHand(field: string, value: unknown, rows: readonly object[]): FieldSource | Unmapped {
	const source = fieldSource(value);
	if (source.kind === 'constant' && isBlankCell(source.value)) {
		return { field, lack: 'unmapped', columns: [] };
	}
	const parts = source.kind === 'template' ? source.parts : [source];
	const columns = parts.flatMap((part) => (part.kind === 'path' ? part.path.slice(0, 1) : []));
	const absent = columns.filter((column) => !rows.some((row) => Object.hasOwn(row, column)));
	if (absent.length === 0) {
		return source;
	}
	const meant = columnsThatLookLike(absent, rows);
	const isAnyAbsent = absent.some((column) => !meant.has(column));
	return isAnyAbsent ? { field, lack: 'absent', columns: absent } : withColumns(source, meant);
}

/**
 * For each name the only column that has the same visible characters: a file that begins with a byte order mark gives it to
 * its first column, and the editor shows nothing of it.
 */
function columnsThatLookLike(names: readonly string[], rows: readonly object[]): Map<string, string> {
	const meant = new Map<string, string>();
	const columns = columnNames(rows);
	for (const name of names) {
		const [column, second] = columns.filter((other) => visible(other) === visible(name));
		if (column !== undefined && second === undefined) {
			meant.set(name, column);
		}
	}
	return meant;
}

function visible(name: string): string {
	return name.replace(INVISIBLE, '').trim();
}

/** The source with the columns that are meant in the place of those that it names. */
function withColumns(source: FieldSource, meant: ReadonlyMap<string, string>): FieldSource {
	if (source.kind === 'template') {
		return { ...source, parts: source.parts.map((part) => withColumns(part, meant)) };
	}
	if (source.kind !== 'path') {
		return source;
	}
	const [column = '', ...steps] = source.path;
	return { ...source, path: [meant.get(column) ?? column, ...steps] };
}

/** A column as messages name it, also by the number of a character that does not show. */
function named(column: string): string {
	const [character] = column.match(INVISIBLE) ?? [];
	const shown = short(column.replace(INVISIBLE, ''));
	return character === undefined ? shown : `${shown} (${codePointOf(character)})`;
}

function columnNames(rows: readonly object[]): string[] {
	const columns = new Set<string>();
	for (const row of rows) for (const column in row) columns.add(column);
	return [...columns];
}

/** Column names go into the advice, never the reason: n8n rewrites reasons that contain a system code. */
function notMapped(
	unmapped: readonly Unmapped[],
	rows: readonly object[],
	isAutomatic: boolean,
): NotSendable {
	const reasons = LACKS.flatMap((lack) => {
		const fields = unmapped.filter((one) => one.lack === lack).map(({ field }) => field);
		return fields.length === 0 ? [] : [REASONS[lack](fields)];
	});
	const details = unmapped.flatMap(({ field, lack, columns }): Message[] => {
		if (lack === 'absent') return [ADVICE.noColumn(columns.map(short))];
		return lack === 'unclear' ? [ADVICE.mayHold(columns.map(short), unmapped.length > 1 ? field : '')] : [];
	});
	const columns = columnNames(rows);
	const first = columns.slice(0, MOST_NAMED_COLUMNS).map(named);
	const map = ADVICE.map(isAutomatic, unmapped.length);
	const advice = inSentences([map, ...details, ADVICE.columns(first, columns.length - first.length)]);
	const [reason, reasonZh] = inSentences(reasons);
	const failure = notSent('COLUMN_NOT_FOUND', said([`${reason}.`, reasonZh], advice));
	return new NotSendable({ ...failure, inHint: { advice: map[0] } });
}
