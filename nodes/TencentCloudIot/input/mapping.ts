import { ADVICE, REASONS } from '../messages/reasons';
import { rowNumber } from '../messages/rows';
import {
	type Fact,
	inCommas,
	inSentences,
	withoutFullStop,
	ofRows,
	ours,
	plain,
	quotedOfRows,
	type Text,
} from '../messages/text';
import { NotSendable, notSent } from '../service/outcome';
import { fitColumns, nameMatcher, type ColumnClues } from './columnFit';
import { columnsOf, fieldSource, readPath, type FieldSource } from './fieldSource';
import { forEachPausing, type Pausing } from './pausing';
import { columnsOfRow, MOST_COLUMNS } from './rowColumns';
import { BROKEN, codePointOf, INVISIBLE, isBlankCell, shorten } from './text';

/** How the user mapped the columns: field by field, or by name. */
interface Mapping {
	fields: readonly string[];
	/** How to recognize the columns of fields that the user has not mapped. */
	clues?: ColumnClues | undefined;
	isAutomatic: boolean;
	/** What the user entered for each field, as the node stores it. An expression starts with `=`. */
	valuesByField: Readonly<Record<string, unknown>>;
}

/** The most column names that a message lists. */
const MOST_NAMED_COLUMNS = 30;

/** A field for which no column, or more than one, was found. */
interface Unmapped {
	field: string;
	/** Why the field has no column: no column, several or only doubtful ones fit, the user mapped none, or no row has the mapped column. */
	lack: (typeof LACKS)[number];
	/** The columns that may hold the field, or the mapped column that no row has. */
	columns: readonly string[];
}

const LACKS = ['none', 'several', 'unclear', 'unmapped', 'absent'] as const;

/**
 * Finds for each field which column of a row holds its value. If a user maps some fields by hand, the others are found as in *Map
 * Automatically*, so a user only has to map the field in question.
 * @throws NotSendable if there are no rows (an empty table gives one item without columns), or if fields are not mapped or mapped to
 * columns that no row has: one clear message for all of them instead of one for each row. Also if one of the items comes from a failed node
 */
export function* mapFields(
	mapping: Mapping,
	rows: readonly object[],
): Pausing<Readonly<Record<string, FieldSource>>> {
	const { isAutomatic, fields, valuesByField } = mapping;
	const columnsByHand = fields.flatMap((field) => columnsOf(fieldSource(valuesByField[field])));
	const isItemWithoutRow = (row: object) =>
		isEmptyOrFailure(row) && !columnsByHand.some((column) => Object.hasOwn(row, column));
	// A mapping of constants alone reads no column, so an item without columns is enough for it.
	if (isAutomatic || columnsByHand.length > 0) {
		const failedItem = rows.find((row) => 'error' in row && isItemWithoutRow(row));
		if (rows.every(isItemWithoutRow)) {
			throw noRowsError(failedItem);
		}
		// The failed node may have lost rows of any customer, who would then be pushed without the devices in these rows.
		if (failedItem !== undefined) {
			throw sourceFailedError(REASONS.sourceFailedInPart(), failedItem);
		}
	}
	yield;
	const fieldsByHand = isAutomatic ? [] : fields.filter((field) => !isEmptySource(valuesByField[field]));
	const isSearchAllowed = isAutomatic || fieldsByHand.length > 0;
	const sourcesFound = isSearchAllowed
		? yield* findColumns(mapping, fieldsByHand, rows)
		: new Map<string, FieldSource | Unmapped>();
	const sources: Array<[string, FieldSource]> = [];
	const unmapped: Unmapped[] = [];
	for (const field of fields) {
		const source = fieldsByHand.includes(field)
			? yield* sourceByHand(field, valuesByField[field], rows)
			: (sourcesFound.get(field) ?? { field, lack: 'unmapped', columns: [] });
		if ('lack' in source) {
			unmapped.push(source);
		} else {
			sources.push([field, source]);
		}
	}
	if (unmapped.length > 0) {
		throw yield* notMappedError(mapping, unmapped, rows);
	}
	return Object.fromEntries(sources);
}

function isEmptySource(value: unknown): boolean {
	const source = fieldSource(value);
	return source.kind === 'constant' && isBlankCell(source.value);
}

/**
 * Finds columns for the fields that the user did not map, among the columns that no field is mapped to.
 * @param fieldsByHand the fields that the user mapped
 */
function* findColumns(
	{ fields, clues = {}, valuesByField, isAutomatic }: Mapping,
	fieldsByHand: readonly string[],
	rows: readonly object[],
): Pausing<Map<string, FieldSource | Unmapped>> {
	const fieldsToFind = fields.filter((field) => !fieldsByHand.includes(field));
	if (fieldsToFind.length === 0) {
		return new Map();
	}
	const takenColumns = new Set(fieldsByHand.flatMap((field) => columnsOf(fieldSource(valuesByField[field]))));
	const columns = (yield* columnsOfRows(rows)).filter((column) => !takenColumns.has(column));
	const cluesByField = Object.fromEntries(fieldsToFind.map((field) => [field, clues[field] ?? {}]));
	const fits = yield* fitColumns(cluesByField, columns, rows);
	const sources = fieldsToFind.map((field): [string, FieldSource | Unmapped] => {
		const { kind, columns: fitting } = fits.get(field)!;
		if (kind === 'one' || kind === 'parts') {
			return [field, sourceOf(fitting)];
		}
		return [field, { field, lack: isAutomatic || kind !== 'none' ? kind : 'unmapped', columns: fitting }];
	});
	return new Map(sources);
}

/** The columns of all rows, each once, in the order of their first appearance. */
function* columnsOfRows(rows: readonly object[]): Pausing<string[]> {
	const columns = new Set<string>();
	let sincePause = 0;
	for (const row of rows) {
		const columnsOfThisRow = columnsOfRow(row);
		for (const column of columnsOfThisRow) {
			columns.add(column);
		}
		sincePause += columnsOfThisRow.length;
		// Pauses once it has seen as many columns as the widest sheet has.
		if (sincePause > MOST_COLUMNS) {
			yield;
			sincePause = 0;
		}
	}
	return [...columns];
}

/** Makes the source of a field that reads one column, or two columns joined by `/`. */
function sourceOf(columns: readonly string[]): FieldSource {
	const [first, second] = columns.map((column) => ({ kind: 'path' as const, path: [column] }));
	if (second === undefined) {
		return first!;
	}
	return { kind: 'template', parts: [first!, { kind: 'constant', value: '/' }, second] };
}

/** Instead of rows, a failed node of n8n that continues outputs an item with `error`, and often with `message` and `item`. */
const FAILURE_COLUMNS = new Set(['error', 'message', 'item']);

function isEmptyOrFailure(row: object): boolean {
	const columns = columnsOfRow(row);
	return columns.length === 0 || ('error' in row && columns.every((column) => FAILURE_COLUMNS.has(column)));
}

/**
 * The failure for rows without columns or without any value.
 * @param failedItem the item of a failed node that came instead of rows
 */
export function noRowsError(failedItem?: FailedItem): NotSendable {
	if (failedItem === undefined) {
		return new NotSendable(notSent('NO_ROWS', { reason: REASONS.noRows(), advice: ADVICE.checkQuery() }));
	}
	return sourceFailedError(REASONS.sourceFailed(), failedItem);
}

interface FailedItem {
	error?: unknown;
	message?: unknown;
}

function sourceFailedError(reason: Text, { error, message }: FailedItem): NotSendable {
	const texts = [message, error, (error as Error | undefined)?.message];
	const text = texts.find((candidate) => typeof candidate === 'string');
	const says = text === undefined ? undefined : ofRows(withoutFullStop(shorten(text as string)));
	return new NotSendable(notSent('SOURCE_FAILED', { reason, advice: ADVICE.ofSource({ says }) }));
}

function* sourceByHand(
	field: string,
	value: unknown,
	rows: readonly object[],
): Pausing<FieldSource | Unmapped> {
	const source = fieldSource(value);
	const parts = source.kind === 'template' ? source.parts : [source];
	const columns = parts.flatMap((part) => (part.kind === 'path' ? part.path.slice(0, 1) : []));
	const absentColumns = columns.filter((column) => !rows.some((row) => Object.hasOwn(row, column)));
	if (absentColumns.length === 0) {
		return source;
	}
	const lookAlikes = yield* findLookAlikes(absentColumns, rows);
	const isAnyUnmatched = absentColumns.some((column) => !lookAlikes.has(column));
	return isAnyUnmatched
		? { field, lack: 'absent', columns: absentColumns }
		: withLookAlikes(source, lookAlikes);
}

/**
 * Finds for each name the only column that looks the same. A file that begins with a byte order mark adds the mark to the name of its first
 * column, and the editor does not show it.
 */
function* findLookAlikes(names: readonly string[], rows: readonly object[]): Pausing<Map<string, string>> {
	const lookAlikes = new Map<string, string>();
	const columns = yield* columnsOfRows(rows);
	for (const name of names) {
		const [column, second] = columns.filter((other) => visibleName(other) === visibleName(name));
		if (column !== undefined && second === undefined) {
			lookAlikes.set(name, column);
		}
	}
	return lookAlikes;
}

function visibleName(name: string): string {
	return name.replace(INVISIBLE, '').trim();
}

/** Replaces columns of a source by their look-alikes. @param lookAlikes the column of the rows, by the name in the source that looks the same */
function withLookAlikes(source: FieldSource, lookAlikes: ReadonlyMap<string, string>): FieldSource {
	if (source.kind === 'template') {
		return { ...source, parts: source.parts.map((part) => withLookAlikes(part, lookAlikes)) };
	}
	if (source.kind !== 'path') {
		return source;
	}
	const [column = '', ...steps] = source.path;
	return { ...source, path: [lookAlikes.get(column) ?? column, ...steps] };
}

/** The name of a column as messages show it. If it has invisible characters, the code point of the first one follows. */
function nameForMessage(column: string): string {
	const [character] = column.match(INVISIBLE) ?? [];
	const shown = shorten(column.replace(INVISIBLE, ''));
	return character === undefined ? shown : `${shown} (${codePointOf(character)})`;
}

/** The search for the header covers this many rows from the top: a title, a date or an empty line may be above it. */
const MOST_ABOVE_DATA = 5;

/**
 * Finds the row that holds the column names, if a title or an empty line is where the header should be. Such a row has the names of
 * at least two fields.
 * @returns its index; undefined if there is none
 */
function* findHeaderRow(
	fields: readonly string[],
	isNameOf: IsNameOf,
	rows: readonly object[],
): Pausing<number | undefined> {
	for (const [index, row] of rows.slice(0, MOST_ABOVE_DATA).entries()) {
		const namesByField = new Map<string, unknown>();
		yield* forEachPausing(columnsOfRow(row), (column) => {
			const cell: unknown = readPath(row, [column]);
			if (typeof cell !== 'string' || /\d{2}/.test(cell)) {
				return;
			}
			for (const field of fields) {
				if (!namesByField.has(field) && isNameOf(field, cell)) {
					namesByField.set(field, cell);
				}
			}
		});
		if (new Set(namesByField.values()).size >= 2) {
			return index;
		}
	}
	return undefined;
}

/** Whether a text is certainly a name for the column of a field. The text is the name of a column, or a cell. */
type IsNameOf = (field: string, candidate: string) => boolean;

function fieldNameMatcher(clues: ColumnClues): IsNameOf {
	const matchers = new Map(
		Object.entries(clues).map(([field, fieldClues]) => [field, nameMatcher(field, fieldClues)]),
	);
	return (field, candidate) => {
		return matchers.get(field)?.(candidate) === true || clues[field]?.readWords?.(candidate) === 'likely';
	};
}

/**
 * The failure for fields without a column. It names columns in the advice, never in the reason: n8n rewrites a reason that contains a
 * system code such as ENOENT.
 */
function* notMappedError(
	mapping: Mapping,
	unmapped: readonly Unmapped[],
	rows: readonly object[],
): Pausing<NotSendable> {
	const { clues = {}, fields, isAutomatic } = mapping;
	const isNameOf = fieldNameMatcher(clues);
	const columns = yield* columnsOfRows(rows);
	const mappedCount = fields.length - unmapped.length;
	// If a title is in place of the header, no field is found by name, and at most one by its cells. So the header may be further down.
	const headerIndex =
		isAutomatic && mappedCount <= 1 ? yield* findHeaderRow(Object.keys(clues), isNameOf, rows) : undefined;
	const advice: Text[] = [];
	const howToRead = headerIndex === undefined ? adviceOnReading(columns) : adviceOnHeader(headerIndex);
	const isNameOfField = (name: string) => fields.some((field) => field === name || isNameOf(field, name));
	if (howToRead !== undefined) {
		advice.push(howToRead);
	} else if (isTitleLikely(columns, isNameOfField, rows)) {
		advice.push(ADVICE.titleAbove());
	} else {
		advice.push(adviceToMap(isAutomatic, unmapped.length, mappedCount > 0));
	}
	for (const { lack, columns: absentColumns } of unmapped) {
		if (lack === 'absent') {
			advice.push(ADVICE.noColumn({ columns: quotedOfRows(absentColumns.map(shorten)) }));
		}
	}
	// The columns of a table without its header are no candidates.
	if (headerIndex === undefined) {
		advice.push(...candidateTexts(unmapped, columns, clues, isNameOf));
	}
	advice.push(columnListText(columns));
	const reason = REASONS.sentences({ reasons: inSentences(reasonsOf(unmapped)) });
	return new NotSendable(notSent('COLUMN_NOT_FOUND', { reason, advice: inSentences(advice) }));
}

/** Says which fields have no column: a sentence for each kind of lack. */
function reasonsOf(unmapped: readonly Unmapped[]): Text[] {
	return LACKS.flatMap((lack) => {
		const lackingFields = unmapped.filter((each) => each.lack === lack).map(({ field }) => field);
		if (lackingFields.length === 0) {
			return [];
		}
		return [REASONS[lack]({ fields: lackingFields.map((field) => ours(field)) })];
	});
}

/** Advises to start reading at the header. @param headerIndex the index of the row that holds the column names */
function adviceOnHeader(headerIndex: number): Text {
	const row = rowNumber(headerIndex);
	// A line of the file stands above row 1: n8n has taken it for the header.
	const line = row + 1;
	return ADVICE.headerBelow({ row: ours(String(row)), line: ours(String(line)) });
}

/** Names for each field the columns that may hold it, if there are any. */
function candidateTexts(
	unmapped: readonly Unmapped[],
	columns: readonly string[],
	clues: ColumnClues,
	isNameOf: IsNameOf,
): Text[] {
	const hasWordsOfField = (column: string) =>
		Object.entries(clues).some(
			([field, { readWords }]) => isNameOf(field, column) || readWords?.(column) === 'possible',
		);
	const unclear = unmapped.filter(({ lack }) => lack === 'unclear' || lack === 'several');
	return unclear.map(({ field, columns: possibleColumns }) => {
		const candidates = possibleColumns.slice(0, MOST_CANDIDATES);
		const facts = {
			columns: candidates.map((column) => factOfCandidate(column, hasWordsOfField(column), columns)),
		};
		return unmapped.length > 1 ? ADVICE.mayHold({ ...facts, field: ours(field) }) : ADVICE.mayHoldIt(facts);
	});
}

/** How much of a column name is searched for broken characters: a name may have megabytes, and a search of all of it would block n8n. */
const SEARCHED_CHARACTERS = 100;

/** Advises to save the file in another encoding if most column names are broken, or to read it with another delimiter if all columns seem to be in one. */
function adviceOnReading(columns: readonly string[]): Text | undefined {
	const brokenCount = columns.filter((column) => BROKEN.test(column.slice(0, SEARCHED_CHARACTERS))).length;
	if (2 * brokenCount > columns.length) {
		return ADVICE.brokenNames();
	}
	const [onlyColumn = '', ...otherColumns] = columns;
	const isUnsplit = otherColumns.length === 0 && /[;\t|]/.test(onlyColumn);
	return isUnsplit ? ADVICE.otherDelimiter() : undefined;
}

/** The name that n8n's nodes give to a column without one, in a CSV and in a workbook. */
const UNNAMED = /^(?:\s*|__EMPTY(?:_\d+)?)$/;

/**
 * Whether the first line of the file may be a title in place of the column names: then the rows have a single column with a name, the title.
 * A column of objects is no column of a file, e.g. the `body` of a webhook.
 */
function isTitleLikely(
	columns: readonly string[],
	isNameOfField: (name: string) => boolean,
	rows: readonly object[],
): boolean {
	const [name, ...otherNames] = columns.filter((column) => !UNNAMED.test(column));
	if (name === undefined || otherNames.length > 0 || isNameOfField(name)) {
		return false;
	}
	return rows.slice(0, MOST_ABOVE_DATA).every((row) => typeof readPath(row, [name]) !== 'object');
}

/** Advises to map `count` fields by hand. @param isAnyFound whether other fields have their columns: the user need not map those */
function adviceToMap(isAutomatic: boolean, count: number, isAnyFound: boolean): Text {
	if (!isAutomatic) {
		return ADVICE.mapByHand({ count });
	}
	return isAnyFound ? ADVICE.chooseSomeByHand({ count }) : ADVICE.chooseByHand({ count });
}

/** The list of the rows' columns in a message, for readers who may see it. */
function columnListText(columns: readonly string[]): Text {
	if (columns.length === 0) {
		return ADVICE.noColumns();
	}
	const firstColumns = ofRows(
		inCommas(columns.slice(0, MOST_NAMED_COLUMNS).map((column) => ours(nameForMessage(column)))),
	);
	const more = columns.length - MOST_NAMED_COLUMNS;
	return more > 0
		? ADVICE.someColumns({ columns: firstColumns, more })
		: ADVICE.columns({ columns: firstColumns });
}

/** The most candidates for a field that a message names. */
const MOST_CANDIDATES = 5;

/** A name of more characters is a sentence, or a row's value in a sheet without a header. */
const LONGEST_IN_HINT = 20;

/**
 * Names a column that may hold a field. In a sheet without a header the names of columns are values of a row. So a hint shows a name only if
 * it is short, has words of a field and no two consecutive digits. It shows any other column by its position.
 * @param hasWordsOfField whether the name has words of a field
 */
function factOfCandidate(column: string, hasWordsOfField: boolean, columns: readonly string[]): Fact {
	const isNameShown = hasWordsOfField && !/\d{2}/.test(column) && column.length <= LONGEST_IN_HINT;
	const name = ADVICE.inQuotes({ name: ours(nameForMessage(column)) });
	const place = ADVICE.column({ place: columns.indexOf(column) + 1 });
	return isNameShown ? plain(name, place) : ofRows(name, place);
}
