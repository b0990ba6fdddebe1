import { forEachPausing, type Pausing } from './pausing';
import { readPath } from './fieldSource';
import { MOST_COLUMNS } from './rowColumns';
import { INVISIBLE, isBlankCell } from './text';

/**
 * How the columns of each field are recognized: by their full names, or else by words in their names and by the contents of their
 * cells.
 */
export type ColumnNames<Name extends string = string> = Readonly<Record<Name, FieldNames>>;

/**
 * The column names that mean a field, besides its own name:
 * - `usual`: names that mean the field for sure
 * - `fallback`, then `last`: names that mean it only if the table has no column with a better name
 * - `parts`: names of its two parts, which the field joins by `/`
 * - `remaining`: names that may also mean one other field. The column is this field's once every other field has its column
 * - `likelier`, then `unclear`: names that may mean something else. Such a column is never taken by its name alone
 */
type FieldNames = Readonly<
	Partial<Record<'usual' | 'fallback' | 'last' | 'remaining' | 'likelier' | 'unclear', readonly string[]>>
> & { parts?: readonly [readonly string[], readonly string[]] } & Partial<ColumnSigns>;

/** The signs of a field's column, apart from full names. */
export interface ColumnSigns {
	/** Judges a column by the words in its name. `other`: it is surely not a column of this field. */
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

/** How many rows are sampled to see what a column holds. They come from the whole table, as its beginning may be old or a sample. */
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
export function nameTeller(field: string, names: FieldNames = {}): (text: string) => boolean {
	const { usual, fallback, last, remaining, likelier, unclear, parts = [] } = names;
	const lists = [[field], usual, fallback, last, remaining, likelier, unclear, ...parts];
	const simpleNames = new Set(lists.flatMap((list) => list ?? []).map(simplify));
	return (text) => simpleNames.has(simplify(text));
}

/**
 * Finds the columns of all fields. Names come first: a column of exactly the field's name, or else the only one whose name means it, as
 * `customer_id` and `客户编号` mean CustomerId, and `customer` does if there is none of these. A field that no name has found is
 * looked for by words and cells among the columns that no field has. A column that is not sure is not taken.
 */
export function* fitColumns<Name extends string>(
	names: ColumnNames<Name>,
	columnsOfTable: readonly string[],
	rows: readonly object[],
): Pausing<ReadonlyMap<Name, ColumnFit>> {
	const table = tableOf(columnsOfTable, rows);
	const named = yield* nameColumns(table.columns);
	const searches = (Object.keys(names) as Name[]).map(
		(field) => new ColumnSearch(field, names[field], table, named),
	);
	for (const search of searches) {
		yield* search.checkCells();
		if (!isSure(search.fit)) {
			yield* search.readAll();
		}
	}
	const free = () => {
		const taken = new Set(searches.flatMap(({ fit }) => (isSure(fit) ? fit.columns : [])));
		return table.columns.filter((column) => !taken.has(column));
	};
	for (const step of ['proven', 'likely', 'substitute'] as const) {
		for (const search of searches) {
			const column = isSure(search.fit) ? undefined : search[step](free());
			if (column !== undefined) {
				search.fit = { kind: 'one', columns: [column] };
			}
		}
	}
	for (const search of searches) {
		const parts = isSure(search.fit) ? undefined : yield* search.parts(free());
		if (parts !== undefined) {
			search.fit = { kind: 'parts', columns: parts };
		}
	}
	const [unsure, ...otherUnsure] = searches.filter(({ fit }) => !isSure(fit));
	if (unsure !== undefined && otherUnsure.length === 0) {
		const column = unsure.remaining(free());
		if (column !== undefined) {
			unsure.fit = { kind: 'one', columns: [column] };
		}
	}
	for (const search of searches) {
		const { fit, onlyNamed } = search;
		if (!isSure(fit) && onlyNamed !== undefined && free().includes(onlyNamed)) {
			search.fit = { kind: 'one', columns: [onlyNamed] };
		}
	}
	for (const search of searches) {
		if (search.fit.kind === 'none' || search.fit.kind === 'unclear') {
			const columns = search.possible(free());
			search.fit = { kind: columns.length > 0 ? 'unclear' : 'none', columns };
		}
	}
	return new Map(searches.map(({ field, fit }) => [field as Name, fit]));
}

function isSure({ kind }: ColumnFit): boolean {
	return kind === 'one' || kind === 'parts';
}

type Words = ReturnType<ColumnSigns['readWords']>;
type Verdict = ReturnType<ColumnSigns['readCells']>;

/** The search for the column of one field. Its methods take the columns that no other field has. */
class ColumnSearch {
	readonly field: string;
	/** The result so far. */
	fit: ColumnFit;
	/** A column whose name means the field and whose cells do not fit. It counts if there is no better one. */
	onlyNamed: string | undefined;
	readonly #names: FieldNames;
	readonly #table: Table;
	/** The verdicts on the name and on the cells of each column that was looked at. */
	readonly #words = new Map<string, Words>();
	readonly #verdicts = new Map<string, Verdict>();

	/** Begins with a search by names. */
	constructor(field: string, names: FieldNames, table: Table, named: NamedColumns) {
		this.field = field;
		this.#names = names;
		this.#table = table;
		this.fit = fitColumn(field, named, names);
	}

	/**
	 * Corrects the search by names with what the cells show. A column whose cells prove it comes before one whose cells belong to another
	 * field, and before several columns with names of the field. If no cell fits, a name that may mean something else counts only if there is
	 * no other column: *Customer* beside *Customer Ref*.
	 */
	*checkCells(): Pausing {
		const { kind, columns } = this.fit;
		const [column] = columns;
		const isNamed = kind === 'one' && column !== undefined && column !== this.field;
		const isDoubtful = isNamed && this.#verdictOn(column) === 'unfit';
		if (!isDoubtful && kind !== 'several') {
			return;
		}
		yield* this.readAll();
		const proven = this.proven(this.#table.columns);
		if (proven !== undefined) {
			this.fit = { kind: 'one', columns: [proven] };
		} else if (isDoubtful && !this.#isUsual(column) && this.#holdsNone(column)) {
			this.fit = { kind: 'unclear', columns };
			this.onlyNamed = column;
		}
	}

	/** Whether the name of a column means this field for sure. */
	#isUsual(column: string): boolean {
		return [this.field, ...(this.#names.usual ?? [])].map(simplify).includes(simplify(column));
	}

	/** Whether no single cell of a column fits the field. Each cell is judged as a column of two equal cells, because some fields show by repetition. */
	#holdsNone(column: string): boolean {
		const { readCells } = this.#names;
		const words = this.#wordsIn(column);
		const cells = this.#table.cellsOf(column);
		return cells.every((cell) => readCells?.([cell, cell], words) === 'unfit');
	}

	/** Judges all columns in advance, with pauses, so that later comparisons only look up the verdicts. */
	*readAll(): Pausing {
		yield* forEachPausing(this.#table.columns, (column) => this.#verdictOn(column));
	}

	/** The only column whose cells prove that it is the field's. Of several, the one whose name says so, too. */
	proven(columns: readonly string[]): string | undefined {
		const proven = columns.filter((column) => this.#verdictOn(column) === 'proof');
		return onlyOne(proven.filter((column) => this.#wordsIn(column) === 'likely')) ?? onlyOne(proven);
	}

	/** The only column with the field's words in its name and with cells that fit. */
	likely(columns: readonly string[]): string | undefined {
		const likely = columns.filter((column) => this.#wordsIn(column) === 'likely');
		return onlyOne(likely.filter((column) => this.#verdictOn(column) === 'fitting'));
	}

	/** If no column has the field's words in its name: the only column whose name, or else whose cells, can stand in. */
	substitute(columns: readonly string[]): string | undefined {
		const likely = columns.filter((column) => this.#wordsIn(column) === 'likely');
		if (likely.some((column) => this.#verdictOn(column) !== 'unfit')) {
			return undefined;
		}
		const lastNames = new Set(this.#names.last?.map(simplify));
		const named = columns.filter((column) => lastNames.has(simplify(column)));
		if (named.length > 0) {
			return onlyOne(named.filter((column) => !this.#holdsNone(column)));
		}
		if (likely.length > 0) {
			return undefined;
		}
		return onlyOne(columns.filter((column) => this.#verdictOn(column) === 'substitute'));
	}

	/** The only column with a `remaining` name. Asked for once every other field has its column. */
	remaining(columns: readonly string[]): string | undefined {
		const names = new Set(this.#names.remaining?.map(simplify));
		const named = columns.filter((column) => names.has(simplify(column)));
		return onlyOne(named.filter((column) => !this.#holdsNone(column)));
	}

	/** The two columns that hold the parts of the field, if no others could. */
	*parts(columns: readonly string[]): Pausing<[string, string] | undefined> {
		const { readPart } = this.#names;
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
		const byCells = columns.filter((column) => ['proof', 'substitute'].includes(this.#verdictOn(column)));
		const fitting = new Set(this.fit.columns);
		const byName = columns.filter((column) => fitting.has(column));
		const having = (words: string) => columns.filter((column) => this.#wordsIn(column) === words);
		const likely = having('likely');
		const likelyAndFit = likely.filter((column) => this.#verdictOn(column) !== 'unfit');
		const ways = [byCells, likelyAndFit, byName, having('possible'), likely];
		return ways.find(({ length }) => length > 0) ?? [];
	}

	#wordsIn(column: string): Words {
		let words = this.#words.get(column);
		if (words === undefined) {
			words = this.#names.readWords?.(column) ?? 'none';
			this.#words.set(column, words);
		}
		return words;
	}

	/** The verdict on the cells of a column. A column whose name surely means something else is unfit, and so is an empty one. */
	#verdictOn(column: string): Verdict {
		let verdict = this.#verdicts.get(column);
		if (verdict === undefined) {
			const words = this.#wordsIn(column);
			const cells = words === 'other' ? [] : this.#table.cellsOf(column);
			verdict = cells.length === 0 ? 'unfit' : (this.#names.readCells?.(cells, words) ?? 'unfit');
			this.#verdicts.set(column, verdict);
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
	places: ReadonlyMap<string, readonly number[]>;
}

function* nameColumns(columns: readonly string[]): Pausing<NamedColumns> {
	const places = new Map<string, number[]>();
	yield* forEachPausing(columns.entries(), ([place, column]) => {
		const name = simplify(column);
		const same = places.get(name);
		if (same === undefined) {
			places.set(name, [place]);
		} else {
			same.push(place);
		}
	});
	return { columns, places };
}

/** The columns of a field by their names alone. */
function fitColumn(field: string, { columns, places }: NamedColumns, names: FieldNames): ColumnFit {
	const {
		usual = [],
		fallback = [],
		last = [],
		remaining = [],
		likelier = [],
		unclear = [],
		parts = [[], []],
	} = names;
	const columnsOf = (named: readonly string[]) => {
		const simple = new Set(named.map(simplify));
		const found = [...simple].flatMap((name) => places.get(name) ?? []);
		return found.sort((a, b) => a - b).flatMap((place) => columns[place] ?? []);
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
