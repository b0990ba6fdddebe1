import { addToList } from './listsByKey';
import { forEachPausing, type Pausing } from './pausing';
import { readPath } from './fieldSource';
import { MOST_COLUMNS } from './rowColumns';
import { INVISIBLE, isBlankCell } from './text';

/** What the node recognizes each field's columns by: their full names, or else words in their names and the contents of their cells. */
export type ColumnClues<Name extends string = string> = Readonly<Record<Name, FieldClues>>;

/**
 * The signs of a field's column, and the column names that mean the field besides its own name:
 * - `usual`: names that mean the field for sure
 * - `fallback`, then `last`: names that mean it only if the table has no column with a better name
 * - `parts`: names of its two parts, which the field joins by `/`
 * - `remaining`: names that may also mean one other field. The column is this field's once every other field has its column
 * - `likelier`, then `unclear`: names that may mean something else. Such a column is never taken by its name alone
 */
type FieldClues = Readonly<
	Partial<Record<'usual' | 'fallback' | 'last' | 'remaining' | 'likelier' | 'unclear', readonly string[]>>
> & { parts?: readonly [readonly string[], readonly string[]] } & Partial<ColumnSigns>;

/** How a field's column is recognized if its full name is not known. */
export interface ColumnSigns {
	/** Judges a column by the words in its name. `other`: the column surely does not hold this field. */
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
	 * For a field that two columns make together: which part a column surely holds, the first (0) or the second (1).
	 * @param cells some of the filled cells of the column
	 */
	readPart?: (name: string, cells: readonly unknown[]) => 0 | 1 | undefined;
}

/** Which columns hold a field: one column, two that are its parts, none, several that contradict each other, or some that are not sure. */
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
	const sampled = sampleOf(rows);
	return {
		columns: columns.slice(0, MOST_COLUMNS),
		cellsOf: (column) => {
			const cells = sampled.map((row) => readPath(row, [column]));
			return cells.filter((cell) => !isBlankCell(cell));
		},
	};
}

function sampleOf(rows: readonly object[]): object[] {
	const step = Math.max(1, rows.length / SAMPLED_ROWS);
	const count = Math.min(rows.length, SAMPLED_ROWS);
	return Array.from({ length: count }, (_, index) => rows[Math.floor(index * step)]!);
}

/** Returns a function that tells whether a text is one of the field's column names, ignoring case, spaces and signs. */
export function nameTeller(field: string, clues: FieldClues = {}): (text: string) => boolean {
	const { usual, fallback, last, remaining, likelier, unclear, parts = [] } = clues;
	const lists = [[field], usual, fallback, last, remaining, likelier, unclear, ...parts];
	const simpleNames = new Set(lists.flatMap((list) => list ?? []).map(simplify));
	return (text) => simpleNames.has(simplify(text));
}

/**
 * Finds the columns of all fields. A field takes a column only if nothing speaks for a second one.
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
	const named = yield* nameColumns(table.columns);
	const searches = (Object.keys(clues) as Name[]).map(
		(field) => new ColumnSearch(field, clues[field], table, named),
	);
	for (const search of searches) {
		yield* search.checkCells();
		if (!isSure(search.fit)) {
			yield* search.judgeAll();
		}
	}
	const freeColumns = () => {
		const taken = new Set(searches.flatMap(({ fit }) => (isSure(fit) ? fit.columns : [])));
		return table.columns.filter((column) => !taken.has(column));
	};
	for (const step of ['proven', 'likely', 'substitute'] as const) {
		for (const search of searches) {
			const column = isSure(search.fit) ? undefined : search[step](freeColumns());
			if (column !== undefined) {
				search.fit = { kind: 'one', columns: [column] };
			}
		}
	}
	for (const search of searches) {
		const parts = isSure(search.fit) ? undefined : yield* search.parts(freeColumns());
		if (parts !== undefined) {
			search.fit = { kind: 'parts', columns: parts };
		}
	}
	const [unsure, ...otherUnsure] = searches.filter(({ fit }) => !isSure(fit));
	if (unsure !== undefined && otherUnsure.length === 0) {
		const column = unsure.remaining(freeColumns());
		if (column !== undefined) {
			unsure.fit = { kind: 'one', columns: [column] };
		}
	}
	for (const search of searches) {
		const { fit, lastResort } = search;
		if (!isSure(fit) && lastResort !== undefined && freeColumns().includes(lastResort)) {
			search.fit = { kind: 'one', columns: [lastResort] };
		}
	}
	for (const search of searches) {
		if (search.fit.kind === 'none' || search.fit.kind === 'unclear') {
			const columns = search.possible(freeColumns());
			search.fit = { kind: columns.length > 0 ? 'unclear' : 'none', columns };
		}
	}
	return new Map(searches.map(({ field, fit }) => [field as Name, fit]));
}

function isSure({ kind }: ColumnFit): boolean {
	return kind === 'one' || kind === 'parts';
}

type NameVerdict = ReturnType<ColumnSigns['readWords']>;
type CellVerdict = ReturnType<ColumnSigns['readCells']>;

/** The search for the column of one field. Methods with the parameter `columns` choose among these, which no other field has taken. */
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
	constructor(field: string, clues: FieldClues, table: Table, named: NamedColumns) {
		this.field = field;
		this.#clues = clues;
		this.#table = table;
		this.fit = fitColumn(field, named, clues);
	}

	/**
	 * Corrects the search by names if the cells of the named column do not fit, or if several columns have names of the field. Then the field
	 * takes a column whose cells prove it. If there is none, and no cell of the named column fits, a name that may mean something else
	 * becomes the last resort: *Customer* beside *Customer Ref*.
	 */
	*checkCells(): Pausing {
		const { kind, columns } = this.fit;
		const [column] = columns;
		const isNamed = kind === 'one' && column !== undefined && column !== this.field;
		const isDoubtful = isNamed && this.#judgeCells(column) === 'unfit';
		if (!isDoubtful && kind !== 'several') {
			return;
		}
		yield* this.judgeAll();
		const proven = this.proven(this.#table.columns);
		if (proven !== undefined) {
			this.fit = { kind: 'one', columns: [proven] };
		} else if (isDoubtful && !this.#isUsual(column) && this.#hasNoFittingCell(column)) {
			this.fit = { kind: 'unclear', columns };
			this.lastResort = column;
		}
	}

	/** Whether the name of a column means this field for sure. */
	#isUsual(column: string): boolean {
		return [this.field, ...(this.#clues.usual ?? [])].map(simplify).includes(simplify(column));
	}

	/** Whether each cell alone is unfit. `readCells` gets a cell twice, because it recognizes some fields only by cells that repeat. */
	#hasNoFittingCell(column: string): boolean {
		const { readCells } = this.#clues;
		const nameVerdict = this.#judgeName(column);
		const cells = this.#table.cellsOf(column);
		return cells.every((cell) => readCells?.([cell, cell], nameVerdict) === 'unfit');
	}

	/** Judges all columns in advance, with pauses, so that later comparisons only look up the verdicts. */
	*judgeAll(): Pausing {
		yield* forEachPausing(this.#table.columns, (column) => this.#judgeCells(column));
	}

	/** The only column whose cells prove that it is the field's. Of several, the one whose name says so, too. */
	proven(columns: readonly string[]): string | undefined {
		const proven = columns.filter((column) => this.#judgeCells(column) === 'proof');
		return onlyOne(this.#likelyNamed(proven)) ?? onlyOne(proven);
	}

	/** The columns with the field's words in their names. */
	#likelyNamed(columns: readonly string[]): string[] {
		return columns.filter((column) => this.#judgeName(column) === 'likely');
	}

	/** The only column with the field's words in its name and with cells that fit. */
	likely(columns: readonly string[]): string | undefined {
		return onlyOne(this.#likelyNamed(columns).filter((column) => this.#judgeCells(column) === 'fitting'));
	}

	/**
	 * The only column with a `last` name; if no column has one, the only column whose cells are a `substitute`. A fitting column with the
	 * field's words in its name rules out both.
	 */
	substitute(columns: readonly string[]): string | undefined {
		const likely = this.#likelyNamed(columns);
		if (likely.some((column) => this.#judgeCells(column) !== 'unfit')) {
			return undefined;
		}
		const lastNames = new Set(this.#clues.last?.map(simplify));
		const named = columns.filter((column) => lastNames.has(simplify(column)));
		if (named.length > 0) {
			return onlyOne(named.filter((column) => !this.#hasNoFittingCell(column)));
		}
		if (likely.length > 0) {
			return undefined;
		}
		return onlyOne(columns.filter((column) => this.#judgeCells(column) === 'substitute'));
	}

	/** The only column with a `remaining` name. Called once every other field has its column. */
	remaining(columns: readonly string[]): string | undefined {
		const names = new Set(this.#clues.remaining?.map(simplify));
		const named = columns.filter((column) => names.has(simplify(column)));
		return onlyOne(named.filter((column) => !this.#hasNoFittingCell(column)));
	}

	/** The two columns that hold the parts of the field, if no others could. */
	*parts(columns: readonly string[]): Pausing<[string, string] | undefined> {
		const { readPart } = this.#clues;
		if (readPart === undefined) {
			return undefined;
		}
		const ofParts: [string[], string[]] = [[], []];
		yield* forEachPausing(columns, (column) => {
			const part = readPart(column, this.#table.cellsOf(column));
			if (part !== undefined) {
				ofParts[part].push(column);
			}
		});
		const [first, second] = ofParts.map(onlyOne);
		return first === undefined || second === undefined ? undefined : [first, second];
	}

	/**
	 * The columns that may hold the field, for a message: those whose cells fit, else those whose names do, and of these only the likeliest.
	 * A column with a fitting name and unfit cells comes last: a spreadsheet may have damaged all of its cells.
	 */
	possible(columns: readonly string[]): string[] {
		const byCells = columns.filter((column) => ['proof', 'substitute'].includes(this.#judgeCells(column)));
		const columnsOfFit = new Set(this.fit.columns);
		const byFullName = columns.filter((column) => columnsOfFit.has(column));
		const having = (verdict: string) => columns.filter((column) => this.#judgeName(column) === verdict);
		const likely = having('likely');
		const likelyAndFit = likely.filter((column) => this.#judgeCells(column) !== 'unfit');
		const candidates = [byCells, likelyAndFit, byFullName, having('possible'), likely];
		return candidates.find(({ length }) => length > 0) ?? [];
	}

	#judgeName(column: string): NameVerdict {
		let verdict = this.#nameVerdicts.get(column);
		if (verdict === undefined) {
			verdict = this.#clues.readWords?.(column) ?? 'none';
			this.#nameVerdicts.set(column, verdict);
		}
		return verdict;
	}

	/** Judges a column by its cells. A column without a filled cell is unfit, and so is one whose name surely means something else. */
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

function onlyOne(columns: readonly string[]): string | undefined {
	return columns.length === 1 ? columns[0] : undefined;
}

/** A longer text cannot be the name of a field's column. It is a sentence, or a value of a sheet without a header. Characters. */
const LONGEST_NAME = 100;

/** The columns of a table, indexed by their simplified names. */
interface NamedColumns {
	columns: readonly string[];
	/** For each simplified name the indexes of its columns. */
	indexesByName: ReadonlyMap<string, readonly number[]>;
}

function* nameColumns(columns: readonly string[]): Pausing<NamedColumns> {
	const indexesByName = new Map<string, number[]>();
	yield* forEachPausing(columns.entries(), ([index, column]) => {
		addToList(indexesByName, simplify(column), index);
	});
	return { columns, indexesByName };
}

/** Fits columns to a field by their full names alone. */
function fitColumn(field: string, { columns, indexesByName }: NamedColumns, clues: FieldClues): ColumnFit {
	const {
		usual = [],
		fallback = [],
		last = [],
		remaining = [],
		likelier = [],
		unclear = [],
		parts = [[], []],
	} = clues;
	const columnsOf = (named: readonly string[]) => {
		const simple = new Set(named.map(simplify));
		const found = [...simple].flatMap((name) => indexesByName.get(name) ?? []);
		return found.sort((a, b) => a - b).flatMap((index) => columns[index] ?? []);
	};
	if (columns.includes(field)) {
		return { kind: 'one', columns: [field] };
	}
	const isFilled = ({ length }: readonly string[]) => length > 0;
	const fitting = [[field, ...usual], fallback].map(columnsOf).find(isFilled);
	if (fitting !== undefined) {
		return { kind: fitting.length > 1 ? 'several' : 'one', columns: fitting };
	}
	const both = parts.map(columnsOf);
	if (both.every(({ length }) => length === 1)) {
		return { kind: 'parts', columns: both.flat() };
	}
	const ofLast = columnsOf(last);
	if (ofLast.length > 1) {
		return { kind: 'several', columns: ofLast };
	}
	const possible = [last, likelier, [...remaining, ...unclear]].map(columnsOf).find(isFilled) ?? [];
	return { kind: possible.length > 0 ? 'unclear' : 'none', columns: possible };
}

/**
 * Simplifies a name so that names can be compared. A text that is too long for a name stays as it is: simplifying can turn one character
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
