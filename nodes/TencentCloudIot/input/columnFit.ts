import { addToList } from './listsByKey';
import { forEachPausing, type Pausing } from './pausing';
import { readPath } from './fieldSource';
import { MOST_COLUMNS } from './rowColumns';
import { INVISIBLE, isBlankCell } from './text';

/** What the node recognizes each field's columns by: their full names, or else words in their names and the contents of their cells. */
export type ColumnClues<Name extends string = string> = Readonly<Record<Name, FieldClues>>;

/**
 * The signs of a field's column, and the column names that mean the field besides its own name:
 * - `usual`: names that certainly mean the field
 * - `fallback`, then `lastChoice`: names that mean it only if the table has no column with a better name
 * - `parts`: names of its two parts, which the field joins by `/`
 * - `remaining`: names that may also mean one other field. The column is this field's once every other field has its column
 * - `doubtful`, then `veryDoubtful`: names that may mean something else. Such a column is never taken by its name alone
 */
type FieldClues = Readonly<
	Partial<
		Record<'usual' | 'fallback' | 'lastChoice' | 'remaining' | 'doubtful' | 'veryDoubtful', readonly string[]>
	>
> & {
	parts?: readonly [readonly string[], readonly string[]];
	/** Whether a sheet may have several columns of the field, one for each of a row's values: `DeviceId` and `DeviceId2`. */
	mayBeNumbered?: true;
} & Partial<ColumnSigns>;

/** How a field's column is recognized if its full name is not known. */
export interface ColumnSigns {
	/** Judges a column by the words in its name. `other`: the column certainly does not hold this field. */
	readWords: (name: string) => 'likely' | 'possible' | 'none' | 'other';
	/**
	 * Judges a column by its cells: `proof` that it is the field's whatever its name, `fitting`, `substitute` if the field has no
	 * other column, or `unfit`.
	 * @param cells some of the filled cells, at least one
	 * @param words the verdict of `readWords` on its name
	 */
	readCells: (
		cells: readonly unknown[],
		words: ReturnType<ColumnSigns['readWords']>,
	) => 'proof' | 'fitting' | 'substitute' | 'unfit';
	/**
	 * For a field that two columns make up together: which part a column certainly holds, the first (0) or the second (1).
	 * @param cells some of the filled cells of the column
	 */
	readPart?: (name: string, cells: readonly unknown[]) => 0 | 1 | undefined;
}

/** Which columns hold a field: one column, two that are its parts, none, several that contradict each other, or some that are uncertain. */
interface ColumnFit {
	kind: 'one' | 'parts' | 'several' | 'unclear' | 'none';
	columns: readonly string[];
}

/** How many rows are sampled to see what a column holds. They come from the whole table: its first rows may be old, or examples. */
const SAMPLED_ROWS = 200;

/** The columns of a table with a sample of their cells. */
interface Table {
	columns: readonly string[];
	/** A sample of the filled cells of a column. */
	cellsOf: (column: string) => readonly unknown[];
}

function tableOf(columns: readonly string[], rows: readonly object[]): Table {
	const sampledRows = sampleOf(rows);
	return {
		columns: columns.slice(0, MOST_COLUMNS),
		cellsOf: (column) => {
			const cells = sampledRows.map((row) => readPath(row, [column]));
			return cells.filter((cell) => !isBlankCell(cell));
		},
	};
}

function sampleOf(rows: readonly object[]): object[] {
	const step = Math.max(1, rows.length / SAMPLED_ROWS);
	const count = Math.min(rows.length, SAMPLED_ROWS);
	return Array.from({ length: count }, (_, index) => rows[Math.floor(index * step)]!);
}

/** Returns a function that tells whether a text is one of the field's column names, ignoring case, spaces and separators. */
export function nameMatcher(field: string, clues: FieldClues = {}): (text: string) => boolean {
	const { usual, fallback, lastChoice, remaining, doubtful, veryDoubtful, parts = [] } = clues;
	const lists = [[field], usual, fallback, lastChoice, remaining, doubtful, veryDoubtful, ...parts];
	const simplifiedNames = new Set(lists.flatMap((list) => list ?? []).map(simplify));
	return (text) => simplifiedNames.has(simplify(text));
}

/**
 * Finds the columns of all fields. A field takes a column only if nothing suggests a second one.
 *
 * Names decide first. The field takes the column of exactly its name; else the only column with a `usual` name (for CustomerId
 * `customer_id` or `客户编号`); else the only one with a `fallback` name (`customer`). Cells may overrule any name but the field's own. For
 * fields that are still without a column, words in names and the cells decide, among the columns that no field has taken.
 */
export function* fitColumns<Name extends string>(
	clues: ColumnClues<Name>,
	columnsOfTable: readonly string[],
	rows: readonly object[],
): Pausing<ReadonlyMap<Name, ColumnFit>> {
	const table = tableOf(columnsOfTable, rows);
	const columnIndex = yield* indexColumns(table.columns);
	const searches = (Object.keys(clues) as Name[]).map(
		(field) => new ColumnSearch(field, clues[field], table, columnIndex),
	);
	for (const search of searches) {
		yield* search.checkCells();
		if (!isSure(search.fit)) {
			yield* search.judgeAll();
		}
	}
	const freeColumns = () => {
		const takenColumns = new Set(searches.flatMap(({ fit }) => (isSure(fit) ? fit.columns : [])));
		return table.columns.filter((column) => !takenColumns.has(column));
	};
	const unsureSearches = () => searches.filter(({ fit }) => !isSure(fit));
	for (const step of ['provenColumn', 'likelyColumn', 'substituteColumn'] as const) {
		for (const search of unsureSearches()) {
			search.take(search[step](freeColumns()));
		}
	}
	for (const search of unsureSearches()) {
		const parts = yield* search.partColumns(freeColumns());
		if (parts !== undefined) {
			search.fit = { kind: 'parts', columns: parts };
		}
	}
	const [unsure, ...otherUnsure] = unsureSearches();
	if (otherUnsure.length === 0) {
		unsure?.take(unsure.remainingColumn(freeColumns()));
	}
	for (const search of unsureSearches()) {
		search.take(freeColumns().find((column) => column === search.lastResort));
	}
	for (const search of unsureSearches()) {
		if (search.fit.kind !== 'several') {
			search.fit = unsureFit(search.possibleColumns(freeColumns()));
		}
	}
	for (const search of searches) {
		yield* search.checkNumbered(freeColumns(), rows);
	}
	return new Map(searches.map(({ field, fit }) => [field as Name, fit]));
}

/** The fit of a field that no column certainly holds. @param columns those that may hold it */
function unsureFit(columns: readonly string[]): ColumnFit {
	return { kind: isFilled(columns) ? 'unclear' : 'none', columns };
}

function isSure({ kind }: ColumnFit): boolean {
	return kind === 'one' || kind === 'parts';
}

type NameVerdict = ReturnType<ColumnSigns['readWords']>;
type CellVerdict = ReturnType<ColumnSigns['readCells']>;

/** The search for the column of one field. A method with the parameter `columns` chooses among columns that no other field has taken. */
class ColumnSearch {
	readonly field: string;
	/** The result so far. */
	fit: ColumnFit;
	/** A column with a name of the field that is not `usual`, and without a fitting cell. The field takes it only if it finds no other column. */
	lastResort: string | undefined;
	readonly #clues: FieldClues;
	readonly #table: Table;
	/** The verdicts by column. Each column is judged once, because the steps of the search compare it many times. */
	readonly #nameVerdicts = new Map<string, NameVerdict>();
	readonly #cellVerdicts = new Map<string, CellVerdict>();

	/** Searches by full names at once. The methods then correct or complete the result. */
	constructor(field: string, clues: FieldClues, table: Table, columnIndex: ColumnIndex) {
		this.field = field;
		this.#clues = clues;
		this.#table = table;
		this.fit = fitByName(field, columnIndex, clues);
	}

	/**
	 * Corrects the search by full names if the cells of the column it found do not fit, or if it found several columns. Then the field takes
	 * the column whose cells prove it. If there is none, a column that has no fitting cell, and no `usual` name, becomes the last resort: the
	 * field may have another column, such as *Customer Ref* next to *Customer*.
	 */
	*checkCells(): Pausing {
		const { kind, columns } = this.fit;
		const [column] = columns;
		const hasOtherName = kind === 'one' && column !== undefined && column !== this.field;
		const isUnfit = hasOtherName && this.#judgeCells(column) === 'unfit';
		if (!isUnfit && kind !== 'several') {
			return;
		}
		yield* this.judgeAll();
		const provenColumn = this.provenColumn(this.#table.columns);
		if (provenColumn !== undefined) {
			this.fit = { kind: 'one', columns: [provenColumn] };
		} else if (isUnfit && !this.#isUsual(column) && this.#hasNoFittingCell(column)) {
			this.fit = { kind: 'unclear', columns };
			this.lastResort = column;
		}
	}

	/** Ends the search with a column, if there is one. */
	take(column: string | undefined): void {
		if (column !== undefined) {
			this.fit = { kind: 'one', columns: [column] };
		}
	}

	/**
	 * Takes no column if there are further ones with the same name and a number: they have further values of the rows, which would be lost.
	 * All rows are searched, since few of them may have a second value.
	 */
	*checkNumbered(columns: readonly string[], rows: readonly object[]): Pausing {
		const { kind, columns: taken } = this.fit;
		if (kind !== 'one' || this.#clues.mayBeNumbered !== true) {
			return;
		}
		const baseName = withoutNumber(taken[0]!);
		const numberedColumns = columns.filter((column) => withoutNumber(column) === baseName);
		const filledColumns = new Set<string>();
		yield* forEachPausing(numberedColumns.length === 0 ? [] : rows, (row) => {
			for (const column of numberedColumns) {
				if (this.#isFittingCell(column, readPath(row, [column]))) {
					filledColumns.add(column);
				}
			}
		});
		if (filledColumns.size > 0) {
			this.fit = { kind: 'several', columns: [...taken, ...filledColumns] };
		}
	}

	/** Whether the name of a column certainly means this field. */
	#isUsual(column: string): boolean {
		return [this.field, ...(this.#clues.usual ?? [])].map(simplify).includes(simplify(column));
	}

	#hasNoFittingCell(column: string): boolean {
		return !this.#table.cellsOf(column).some((cell) => this.#isFittingCell(column, cell));
	}

	/** Whether a cell alone fits the field. Some fields are recognized only by cells that repeat, so `readCells` gets the cell twice. */
	#isFittingCell(column: string, cell: unknown): boolean {
		return !isBlankCell(cell) && this.#clues.readCells?.([cell, cell], this.#judgeName(column)) !== 'unfit';
	}

	/** Judges all columns in advance, with pauses. The methods that choose a column then only look up the verdicts. */
	*judgeAll(): Pausing {
		yield* forEachPausing(this.#table.columns, (column) => this.#judgeCells(column));
	}

	/** The only column whose cells prove that it is the field's. If there are several, the only one that also has a `likely` name. */
	provenColumn(columns: readonly string[]): string | undefined {
		const provenColumns = this.#withCells('proof', columns);
		return onlyOne(this.#withName('likely', provenColumns)) ?? onlyOne(provenColumns);
	}

	/** The only column with the field's words in its name and with cells that fit. */
	likelyColumn(columns: readonly string[]): string | undefined {
		return onlyOne(this.#withCells('fitting', this.#withName('likely', columns)));
	}

	/**
	 * The only column with a `lastChoice` name; if no column has one, the only column whose cells are a `substitute`. A fitting column with the
	 * field's words in its name rules out both.
	 */
	substituteColumn(columns: readonly string[]): string | undefined {
		const likelyColumns = this.#withName('likely', columns);
		if (likelyColumns.some((column) => this.#judgeCells(column) !== 'unfit')) {
			return undefined;
		}
		const lastChoices = columnsWithName(columns, this.#clues.lastChoice);
		if (lastChoices.length > 0) {
			return this.#onlyFitting(lastChoices);
		}
		if (likelyColumns.length > 0) {
			return undefined;
		}
		return onlyOne(this.#withCells('substitute', columns));
	}

	/** The only column with a `remaining` name. Called once every other field has its column. */
	remainingColumn(columns: readonly string[]): string | undefined {
		return this.#onlyFitting(columnsWithName(columns, this.#clues.remaining));
	}

	/** The only one of these columns that has a fitting cell. */
	#onlyFitting(columns: readonly string[]): string | undefined {
		return onlyOne(columns.filter((column) => !this.#hasNoFittingCell(column)));
	}

	/** The two columns that hold the parts of the field, if each part has exactly one column. */
	*partColumns(columns: readonly string[]): Pausing<[string, string] | undefined> {
		const { readPart } = this.#clues;
		if (readPart === undefined) {
			return undefined;
		}
		const columnsByPart: [string[], string[]] = [[], []];
		yield* forEachPausing(columns, (column) => {
			const part = readPart(column, this.#table.cellsOf(column));
			if (part !== undefined) {
				columnsByPart[part].push(column);
			}
		});
		const [first, second] = columnsByPart.map(onlyOne);
		return first === undefined || second === undefined ? undefined : [first, second];
	}

	/**
	 * The columns that may hold the field, for a message: only the likeliest, judged first by their cells and then by their names. A likely
	 * name with unfit cells comes last: a spreadsheet may have damaged all cells of the column.
	 */
	possibleColumns(columns: readonly string[]): string[] {
		const fitByCells = columns.filter((column) => ['proof', 'substitute'].includes(this.#judgeCells(column)));
		const columnsOfFit = new Set(this.fit.columns);
		const fitByFullName = columns.filter((column) => columnsOfFit.has(column));
		const likelyColumns = this.#withName('likely', columns);
		const likelyAndFit = likelyColumns.filter((column) => this.#judgeCells(column) !== 'unfit');
		const candidateLists = [
			fitByCells,
			likelyAndFit,
			fitByFullName,
			this.#withName('possible', columns),
			likelyColumns,
		];
		return candidateLists.find(isFilled) ?? [];
	}

	/** The columns whose names have this verdict. */
	#withName(verdict: NameVerdict, columns: readonly string[]): string[] {
		return columns.filter((column) => this.#judgeName(column) === verdict);
	}

	/** The columns whose cells have this verdict. */
	#withCells(verdict: CellVerdict, columns: readonly string[]): string[] {
		return columns.filter((column) => this.#judgeCells(column) === verdict);
	}

	#judgeName(column: string): NameVerdict {
		let verdict = this.#nameVerdicts.get(column);
		if (verdict === undefined) {
			verdict = this.#clues.readWords?.(column) ?? 'none';
			this.#nameVerdicts.set(column, verdict);
		}
		return verdict;
	}

	/** Judges a column by its cells. A column without a filled cell is unfit, and so is one whose name certainly means something else. */
	#judgeCells(column: string): CellVerdict {
		let verdict = this.#cellVerdicts.get(column);
		if (verdict === undefined) {
			const nameVerdict = this.#judgeName(column);
			const cells = nameVerdict === 'other' ? [] : this.#table.cellsOf(column);
			verdict = cells.length === 0 ? 'unfit' : (this.#clues.readCells?.(cells, nameVerdict) ?? 'unfit');
			this.#cellVerdicts.set(column, verdict);
		}
		return verdict;
	}
}

/** The simplified name of a column, without a number at its end: `deviceid` for `DeviceId`, `Device ID 2` and `DeviceId_1`. */
function withoutNumber(column: string): string {
	return simplify(column).replace(/\d{1,2}$/, '');
}

/** The columns whose name is one of `names`, ignoring case, spaces and separators. */
function columnsWithName(columns: readonly string[], names: readonly string[] = []): string[] {
	const simplifiedNames = new Set(names.map(simplify));
	return columns.filter((column) => simplifiedNames.has(simplify(column)));
}

function isFilled({ length }: readonly string[]): boolean {
	return length > 0;
}

function onlyOne(columns: readonly string[]): string | undefined {
	return columns.length === 1 ? columns[0] : undefined;
}

/** A text of more characters cannot be the name of a field's column. It is a sentence, or a value of a sheet without a header. */
const LONGEST_NAME = 100;

/** The columns of a table, indexed by their simplified names. */
interface ColumnIndex {
	columns: readonly string[];
	/** The indexes of the columns with a name, by the simplified name. */
	indexesByName: ReadonlyMap<string, readonly number[]>;
}

function* indexColumns(columns: readonly string[]): Pausing<ColumnIndex> {
	const indexesByName = new Map<string, number[]>();
	yield* forEachPausing(columns.entries(), ([index, column]) => {
		addToList(indexesByName, simplify(column), index);
	});
	return { columns, indexesByName };
}

/** Fits columns to a field by their full names alone. */
function fitByName(field: string, { columns, indexesByName }: ColumnIndex, clues: FieldClues): ColumnFit {
	const {
		usual = [],
		fallback,
		lastChoice,
		remaining = [],
		doubtful,
		veryDoubtful = [],
		parts = [[], []],
	} = clues;
	const columnsNamed = (names: readonly string[] = []) => {
		const simplifiedNames = new Set(names.map(simplify));
		const indexes = [...simplifiedNames].flatMap((name) => indexesByName.get(name) ?? []);
		return indexes.sort((a, b) => a - b).flatMap((index) => columns[index] ?? []);
	};
	if (columns.includes(field)) {
		return { kind: 'one', columns: [field] };
	}
	const namedColumns = [[field, ...usual], fallback].map(columnsNamed).find(isFilled);
	if (namedColumns !== undefined) {
		return { kind: namedColumns.length > 1 ? 'several' : 'one', columns: namedColumns };
	}
	const columnsByPart = parts.map(columnsNamed);
	if (columnsByPart.every(({ length }) => length === 1)) {
		return { kind: 'parts', columns: columnsByPart.flat() };
	}
	const lastChoiceColumns = columnsNamed(lastChoice);
	if (lastChoiceColumns.length > 1) {
		return { kind: 'several', columns: lastChoiceColumns };
	}
	const doubtfulColumns =
		[lastChoice, doubtful, [...remaining, ...veryDoubtful]].map(columnsNamed).find(isFilled) ?? [];
	return unsureFit(doubtfulColumns);
}

/**
 * Simplifies a name so that names can be compared. A text that is too long for a name stays unchanged: simplifying can turn one character
 * into eighteen, and a header of megabytes blocked n8n for 14 s.
 */
function simplify(name: string): string {
	if (name.length > LONGEST_NAME) {
		return name;
	}
	return name
		.normalize('NFKC')
		.replace(INVISIBLE, '')
		.replace(/[\s_./-]+/g, '')
		.toLowerCase();
}
