/** A cell of a Data Table; n8n writes NULL for missing values. */
export type Cell = string | number | boolean | null;

export type DataRow = { id: number } & Record<string, Cell>;

/** Columns of a row that is not in a table yet, or what an UPDATE sets. */
export type Cells = Readonly<Record<string, Cell>>;

export interface Condition {
	keyName: string;
	condition: string;
	keyValue?: Cell | undefined;
}

/** Which database n8n has: it decides when the id of a row is drawn. */
export type DatabaseKind = 'sqlite' | 'postgresql';

/** An id that was drawn before its INSERT takes effect; undefined if the database draws it only then. */
export type DrawnId = number | undefined;

/**
 * One Data Table. The semantics are those of n8n 2.41.1: packages/cli/src/modules/data-table, `data-table-rows.repository.ts`.
 *
 * - `updateRows` runs one transaction. On SQLite it selects the ids that meet the conditions, updates with the same conditions, and
 *   reads these ids; on PostgreSQL it is one UPDATE with RETURNING. Either way no other write comes between the conditions and the write.
 * - `deleteRows` returns the rows that it has deleted.
 * - PostgreSQL draws an id when the INSERT begins, so a lower id may appear after a higher one. SQLite takes the highest id plus
 *   one when it writes, so the id is reused after the row with the highest id was deleted.
 */
export class DataTable {
	readonly id: string;
	name: string;
	/** When the table was last written to, because n8n finds the table that was changed last. Milliseconds. */
	touchedMs: number;
	readonly columns: readonly string[];
	readonly #kind: DatabaseKind;
	#rows: DataRow[] = [];
	#lastDrawnId = 0;

	constructor(id: string, name: string, columns: readonly string[], kind: DatabaseKind, nowMs: number) {
		this.id = id;
		this.name = name;
		this.columns = columns;
		this.touchedMs = nowMs;
		this.#kind = kind;
	}

	get rows(): readonly DataRow[] {
		return this.#rows;
	}

	/** To be called when an INSERT begins. */
	drawId(): DrawnId {
		if (this.#kind === 'sqlite') {
			return undefined;
		}
		this.#lastDrawnId += 1;
		return this.#lastDrawnId;
	}

	insert(cells: Cells, drawnId: DrawnId, nowMs: number): DataRow {
		this.#refuseUnknownColumns(Object.keys(cells));
		const highestId = Math.max(0, ...this.#rows.map(({ id }) => id));
		const row: DataRow = { id: drawnId ?? highestId + 1 };
		for (const column of this.columns) {
			row[column] = cells[column] ?? null;
		}
		this.#rows.push(row);
		this.#rows.sort((first, second) => first.id - second.id);
		this.touchedMs = nowMs;
		return { ...row };
	}

	select(conditions: readonly Condition[], matchesAll = true): DataRow[] {
		return this.#matching(conditions, matchesAll).map((row) => ({ ...row }));
	}

	update(conditions: readonly Condition[], set: Cells, matchesAll: boolean, nowMs: number): DataRow[] {
		this.#refuseWithoutConditions(conditions);
		this.#refuseUnknownColumns(Object.keys(set));
		this.touchedMs = nowMs;
		return this.#matching(conditions, matchesAll).map((row) => {
			Object.assign(row, set);
			return { ...row };
		});
	}

	delete(conditions: readonly Condition[], matchesAll: boolean, nowMs: number): DataRow[] {
		this.#refuseWithoutConditions(conditions);
		const deleted = this.#matching(conditions, matchesAll);
		this.#rows = this.#rows.filter((row) => !deleted.includes(row));
		this.touchedMs = nowMs;
		return deleted;
	}

	/** Edits a cell as a person does on the screen. */
	edit(id: number, column: string, cell: Cell, nowMs: number): void {
		const row = this.#rows.find((candidate) => candidate.id === id);
		if (row !== undefined) {
			row[column] = cell;
			this.touchedMs = nowMs;
		}
	}

	#matching(conditions: readonly Condition[], matchesAll: boolean): DataRow[] {
		this.#refuseUnknownColumns(conditions.map(({ keyName }) => keyName).filter((name) => name !== 'id'));
		return this.#rows.filter((row) => {
			const isMet = (condition: Condition) => meets(row[condition.keyName] ?? null, condition);
			if (conditions.length === 0) {
				return true;
			}
			return matchesAll ? conditions.every(isMet) : conditions.some(isMet);
		});
	}

	#refuseUnknownColumns(columns: readonly string[]): void {
		const unknown = columns.find((column) => !this.columns.includes(column));
		if (unknown !== undefined) {
			throw new Error(`unknown column name '${unknown}'`);
		}
	}

	#refuseWithoutConditions(conditions: readonly Condition[]): void {
		if (conditions.length === 0) {
			throw new Error('At least one condition is required');
		}
	}
}

/**
 * Whether a cell meets a condition, as `getConditionAndParams` of that repository writes it in SQL. The parameter of the node is an empty
 * text if no value is given, so `eq` without a value looks for the empty text and does not find NULL.
 */
function meets(cell: Cell, { condition, keyValue }: Condition): boolean {
	const value = keyValue ?? '';
	switch (condition) {
		case 'isEmpty':
			return cell === null || cell === '';
		case 'isNotEmpty':
			return cell !== null && cell !== '';
		case 'eq':
			return cell !== null && isEqual(cell, value);
		case 'neq':
			return cell === null || !isEqual(cell, value);
		case 'lt':
			return cell !== null && cell < value;
		case 'lte':
			return cell !== null && cell <= value;
		case 'gt':
			return cell !== null && cell > value;
		case 'gte':
			return cell !== null && cell >= value;
		default:
			throw new Error(`The model has no condition '${condition}'`);
	}
}

/** n8n also compares a number column with the text of a number: it converts the text first. */
function isEqual(cell: NonNullable<Cell>, value: NonNullable<Cell>): boolean {
	if (typeof cell === 'number') {
		return cell === Number(value);
	}
	return cell === String(value) || cell === value;
}

/** The Data Tables of a project: `data-table.repository.ts` and `data-table.service.ts` of the same module. */
export class DataTables {
	readonly kind: DatabaseKind;
	#tables: DataTable[] = [];
	#created = 0;

	constructor(kind: DatabaseKind) {
		this.kind = kind;
	}

	/** Finds tables as n8n does: the name is a part, case is ignored, `_` matches any character, the table changed last comes first. */
	list(filterName: string | undefined): DataTable[] {
		const pattern = filterName === undefined ? undefined : likePattern(filterName);
		return this.#tables
			.filter(({ name }) => pattern === undefined || pattern.test(name))
			.toSorted((first, second) => second.touchedMs - first.touchedMs);
	}

	/** Creates a table. @throws if the project has one with exactly this name */
	create(name: string, columns: readonly string[], nowMs: number): DataTable {
		if (this.#tables.some((table) => table.name === name)) {
			throw new Error(`Data table with name '${name}' already exists in this project`);
		}
		this.#created += 1;
		const table = new DataTable(`table${this.#created}`, name, columns, this.kind, nowMs);
		this.#tables.push(table);
		return table;
	}

	find(id: string): DataTable | undefined {
		return this.#tables.find((candidate) => candidate.id === id);
	}

	byExactName(name: string): DataTable | undefined {
		return this.#tables.find((table) => table.name === name);
	}

	drop(id: string): void {
		this.#tables = this.#tables.filter((table) => table.id !== id);
	}

	/** Copies a table with all its rows, as a person can; the copy is the table changed last. */
	copy(source: DataTable, name: string, nowMs: number): DataTable {
		const copy = this.create(name, source.columns, nowMs);
		for (const { id, ...cells } of source.rows) {
			copy.insert(cells, id, nowMs);
		}
		return copy;
	}
}

function likePattern(part: string): RegExp {
	const escaped = part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
	return new RegExp(escaped.replaceAll('%', '.*').replaceAll('_', '.'), 'i');
}
