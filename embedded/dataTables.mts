/**
 * n8n's Data Tables in SQLite, with the statements of n8n 2.41.1: packages/cli/src/modules/data-table, `data-table.service.ts` (the
 * checks) on top of `data-table.repository.ts` (tables) and `data-table-rows.repository.ts` (rows).
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { FieldType, IDataObject } from 'n8n-workflow';
import { n8nWorkflow } from './engine.mts';
import { folderOf, type ProcessedDataTable } from './processedData.mts';

type ColumnType = 'string' | 'number' | 'boolean' | 'date';

/** A column as the node lists it. */
export interface DataTableColumn {
	readonly name: string;
	readonly type: ColumnType;
}

/** A table as the node lists it. */
export interface ListedDataTable {
	readonly id: string;
	readonly name: string;
	readonly columns: DataTableColumn[];
}

/** One condition as n8n's node passes it: `value` is null only for `isEmpty` and `isNotEmpty`. */
export interface RowCondition {
	readonly columnName: string;
	readonly condition: 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte' | 'ilike' | 'isEmpty' | 'isNotEmpty';
	readonly value: unknown;
}

/** Selects rows: `and`, all conditions hold; `or`, at least one. */
export interface RowFilter {
	readonly type: 'and' | 'or';
	readonly filters: readonly RowCondition[];
}

export type DataTableRow = IDataObject & { id: number };

/** Columns that every table has and that nodes cannot write. */
const SYSTEM_COLUMNS = { id: 'number', createdAt: 'date', updatedAt: 'date' } as const satisfies Record<
	string,
	ColumnType
>;
const FIELD_TYPES = {
	string: 'string',
	number: 'number',
	boolean: 'boolean',
	date: 'dateTime',
} as const satisfies Record<ColumnType, FieldType>;
const SQL_TYPES = {
	string: 'TEXT',
	number: 'REAL',
	boolean: 'INTEGER',
	date: 'TEXT',
} as const satisfies Record<ColumnType, string>;
const OPERATORS = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** N8N_DATA_TABLES_MAX_SIZE_BYTES. */
const DEFAULT_MAX_BYTES = 200 * 1024 * 1024;

/** How long a process waits for another process's statement. Milliseconds. */
const BUSY_MS = 10_000;

/** The Data Tables of one project. Its methods throw the same errors as n8n; each is one transaction. */
export class DataTables {
	/** Whether the module is off (`N8N_DISABLED_MODULES=data-table`). */
	isDisabled = false;
	/** From this size on, n8n refuses statements that make the tables larger. */
	maxBytes = DEFAULT_MAX_BYTES;
	readonly #database: DatabaseSync;
	/** By SQL text: preparing a statement takes several times as long as running it. */
	readonly #statements = new Map<string, StatementSync>();
	/** By table id: this host has no operation that changes columns, and ids are unique. */
	readonly #columns = new Map<string, readonly DataTableColumn[]>();

	/** @param path a file that several processes may share; in memory when left out */
	constructor(path = ':memory:') {
		this.#database = new DatabaseSync(path);
		this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
		this.#database.exec('CREATE TABLE IF NOT EXISTS tables (id TEXT, name TEXT UNIQUE, updatedAt INTEGER)');
		this.#database.exec('CREATE TABLE IF NOT EXISTS columns (tableId TEXT, name TEXT, type TEXT)');
	}

	/** Tables whose names contain a text (as a LIKE pattern), most recently changed first. */
	list(nameContains = ''): ListedDataTable[] {
		const found = this.#prepare(
			'SELECT id, name FROM tables WHERE LOWER(name) LIKE LOWER(?) ORDER BY updatedAt DESC',
		).all(`%${nameContains}%`) as Array<{ id: string; name: string }>;
		return found.map(({ id, name }) => ({ id, name, columns: [...this.#columnsOf(id)] }));
	}

	create(name: string, columns: readonly DataTableColumn[]): ListedDataTable {
		return this.#transaction(() => {
			if (this.list(name).some((table) => table.name === name)) {
				throw new Error(`Data table with name '${name}' already exists in this project`);
			}
			const id = randomBytes(8).toString('hex');
			this.#prepare('INSERT INTO tables VALUES (?, ?, ?)').run(id, name, this.#nextChange());
			for (const column of columns) {
				this.#prepare('INSERT INTO columns VALUES (?, ?, ?)').run(id, column.name, column.type);
			}
			const described = columns.map((column) => `${quoted(column.name)} ${SQL_TYPES[column.type]}`);
			this.#database.exec(
				// Without AUTOINCREMENT: SQLite reuses the id of the highest row once that row is deleted.
				`CREATE TABLE ${tableName(id)} (id INTEGER PRIMARY KEY, ${[...described, 'createdAt TEXT', 'updatedAt TEXT'].join(', ')})`,
			);
			return { id, name, columns: [...columns] };
		});
	}

	/** Deletes a table with all its rows. */
	drop(id: string): void {
		this.#transaction(() => {
			this.#columnsOfExisting(id);
			this.#database.exec(`DROP TABLE ${tableName(id)}`);
			this.#prepare('DELETE FROM tables WHERE id = ?').run(id);
			this.#prepare('DELETE FROM columns WHERE tableId = ?').run(id);
		});
	}

	/** Renames a table, as a user does. */
	rename(id: string, name: string): void {
		this.#prepare('UPDATE tables SET name = ?, updatedAt = ? WHERE id = ?').run(name, this.#nextChange(), id);
	}

	/** Deletes all tables. */
	clear(): void {
		for (const { id } of this.list()) {
			this.drop(id);
		}
	}

	/** All rows of a table, by its name, as a user sees them; none if there is no such table. */
	rowsOf(name: string): DataTableRow[] {
		const table = this.list(name).find((listed) => listed.name === name);
		return table === undefined ? [] : this.getRows(table.id, { type: 'and', filters: [] });
	}

	/** Changes cells of rows, by the table's name, as a user does. */
	edit(name: string, filter: RowFilter, set: IDataObject): void {
		const table = this.list(name).find((listed) => listed.name === name);
		if (table !== undefined) {
			this.updateRows(table.id, filter, set);
		}
	}

	/** Sorted by a column or by id. */
	getRows(
		id: string,
		filter: RowFilter,
		order?: { column: string; direction: string; limit: number },
	): DataTableRow[] {
		const columns = this.#columnsOfExisting(id);
		const { sql, values } = this.#where(filter, columns);
		const sorted =
			order === undefined
				? 'ORDER BY id'
				: `ORDER BY ${quoted(order.column)} ${order.direction}, id LIMIT ${order.limit}`;
		const rows = this.#prepare(`SELECT * FROM ${tableName(id)} ${sql} ${sorted}`).all(...values);
		return rows.map((row) => rowOf(row as IDataObject, columns));
	}

	insertRows(id: string, rows: readonly IDataObject[]): DataTableRow[] {
		this.#checkSize();
		return this.#transaction(() => {
			const columns = this.#columnsOfExisting(id);
			const now = new Date().toISOString();
			const ids = rows.map((row) => {
				const cells = checkedCells(row, columns);
				const names = [...columns.map(({ name }) => name), 'createdAt', 'updatedAt'];
				const values = [...columns.map(({ name }) => cells[name] ?? null), now, now];
				const places = names.map(() => '?').join(', ');
				const insert = `INSERT INTO ${tableName(id)} (${names.map(quoted).join(', ')}) VALUES (${places})`;
				return Number(this.#prepare(insert).run(...values).lastInsertRowid);
			});
			this.#touch(id);
			return this.#byIds(id, ids, columns);
		});
	}

	/** @returns the changed rows, with their new values */
	updateRows(id: string, filter: RowFilter, set: IDataObject): DataTableRow[] {
		this.#checkSize();
		return this.#transaction(() => {
			const columns = this.#columnsOfExisting(id);
			checkFilter(filter);
			if (Object.keys(set).length === 0) {
				throw validationError('Data columns must not be empty');
			}
			const cells = { ...checkedCells(set, columns), updatedAt: new Date().toISOString() };
			const { sql, values } = this.#where(filter, columns);
			const found = this.#prepare(`SELECT id FROM ${tableName(id)} ${sql}`).all(...values);
			const assigned = Object.keys(cells).map((name) => `${quoted(name)} = ?`);
			this.#prepare(`UPDATE ${tableName(id)} SET ${assigned.join(', ')} ${sql}`).run(
				...Object.values(cells),
				...values,
			);
			this.#touch(id);
			return this.#byIds(
				id,
				found.map((row) => Number(row['id'])),
				columns,
			);
		});
	}

	/** @returns the deleted rows */
	deleteRows(id: string, filter: RowFilter): DataTableRow[] {
		return this.#transaction(() => {
			const columns = this.#columnsOfExisting(id);
			checkFilter(filter);
			const { sql, values } = this.#where(filter, columns);
			const found = this.#prepare(`SELECT * FROM ${tableName(id)} ${sql}`).all(...values);
			this.#prepare(`DELETE FROM ${tableName(id)} ${sql}`).run(...values);
			this.#touch(id);
			return found.map((row) => rowOf(row as IDataObject, columns));
		});
	}

	#byIds(id: string, ids: readonly number[], columns: readonly DataTableColumn[]): DataTableRow[] {
		const select = this.#prepare(`SELECT * FROM ${tableName(id)} WHERE id = ?`);
		return ids.flatMap((rowId) => {
			const row = select.get(rowId);
			return row === undefined ? [] : [rowOf(row as IDataObject, columns)];
		});
	}

	#columnsOf(id: string): readonly DataTableColumn[] {
		const cached = this.#columns.get(id);
		if (cached !== undefined) {
			return cached;
		}
		const found = this.#prepare('SELECT name, type FROM columns WHERE tableId = ?').all(id);
		const columns = found.map(({ name, type }) => ({ name: String(name), type: type as ColumnType }));
		this.#columns.set(id, columns);
		return columns;
	}

	#columnsOfExisting(id: string): readonly DataTableColumn[] {
		if (this.#prepare('SELECT id FROM tables WHERE id = ?').get(id) === undefined) {
			throw new Error(`Data table with ID '${id}' could not be found in this project`);
		}
		return this.#columnsOf(id);
	}

	/** As `getConditionAndParams` of the rows' repository writes it: `=` never matches NULL, `neq` does. */
	#where(
		{ type, filters }: RowFilter,
		columns: readonly DataTableColumn[],
	): { sql: string; values: SQLInputValue[] } {
		const values: SQLInputValue[] = [];
		const conditions = filters.map(({ columnName, condition, value }) => {
			const column = quoted(columnName);
			const columnType = typeOf(columnName, columns);
			if (columnType === undefined) {
				throw new Error(
					`Filter validation failed: Column(s) "${columnName}" do not exist in the selected table.`,
				);
			}
			if (condition === 'isEmpty' || condition === 'isNotEmpty') {
				return emptyCondition(column, condition, columnType);
			}
			const cell = checkedCell(columnName, value, columnType);
			if (cell === null) {
				return condition === 'neq' ? `${column} IS NOT NULL` : `${column} IS NULL`;
			}
			if (condition === 'ilike') {
				values.push(String(cell).replaceAll('\\', '\\\\').replaceAll('_', '\\_'));
				return `UPPER(${column}) LIKE UPPER(?) ESCAPE '\\'`;
			}
			values.push(cell);
			return condition === 'neq'
				? `(${column} != ? OR ${column} IS NULL)`
				: `${column} ${OPERATORS[condition]} ?`;
		});
		if (conditions.length === 0) {
			return { sql: '', values };
		}
		return { sql: `WHERE ${conditions.join(type === 'and' ? ' AND ' : ' OR ')}`, values };
	}

	/** @throws the error of n8n when the tables have reached their size limit */
	#checkSize(): void {
		const pragma = (name: string) => Number(Object.values(this.#prepare(`PRAGMA ${name}`).get()!)[0]);
		const bytes = (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
		if (bytes >= this.maxBytes) {
			const inMb = (count: number) => Math.round(count / (1024 * 1024));
			throw validationError(
				`Data table size limit exceeded: ${inMb(bytes)}MB used, limit is ${inMb(this.maxBytes)}MB`,
			);
		}
	}

	/** Marks a table as changed: the most recently changed one is listed first. */
	#touch(id: string): void {
		this.#prepare('UPDATE tables SET updatedAt = ? WHERE id = ?').run(this.#nextChange(), id);
	}

	#nextChange(): number {
		const { last } = this.#prepare('SELECT MAX(updatedAt) AS last FROM tables').get() as {
			last: number | null;
		};
		return (last ?? 0) + 1;
	}

	#prepare(sql: string): StatementSync {
		const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
		this.#statements.set(sql, statement);
		return statement;
	}

	#transaction<Result>(work: () => Result): Result {
		if (this.#database.isTransaction) {
			return work();
		}
		this.#database.exec('BEGIN IMMEDIATE');
		try {
			const result = work();
			this.#database.exec('COMMIT');
			return result;
		} catch (cause) {
			this.#database.exec('ROLLBACK');
			throw cause;
		}
	}
}

const tablesBeside = new WeakMap<ProcessedDataTable, DataTables>();

/** The Data Tables in the same database: in memory, or in the folder that several processes share. */
export function dataTablesBeside(processedData: ProcessedDataTable): DataTables {
	const openTables = tablesBeside.get(processedData);
	if (openTables !== undefined) {
		return openTables;
	}
	const folder = folderOf(processedData);
	const tables = new DataTables(folder === undefined ? undefined : join(folder, 'dataTables.sqlite'));
	tablesBeside.set(processedData, tables);
	return tables;
}

/** `isEmpty` also matches `''` in a text column; elsewhere only NULL. */
function emptyCondition(column: string, condition: 'isEmpty' | 'isNotEmpty', type: ColumnType): string {
	if (condition === 'isEmpty') {
		return type === 'string' ? `(${column} IS NULL OR ${column} = '')` : `${column} IS NULL`;
	}
	return type === 'string' ? `(${column} IS NOT NULL AND ${column} != '')` : `${column} IS NOT NULL`;
}

function checkFilter({ filters }: RowFilter): void {
	if (filters.length === 0) {
		throw new Error('At least one condition is required');
	}
}

function validationError(complaint: string): Error {
	return new Error(`Validation error with data table request: ${complaint}`);
}

function tableName(id: string): string {
	return quoted(`data_table_user_${id}`);
}

function quoted(name: string): string {
	return `"${name.replaceAll('"', '""')}"`;
}

function typeOf(name: string, columns: readonly DataTableColumn[]): ColumnType | undefined {
	if (name in SYSTEM_COLUMNS) {
		return SYSTEM_COLUMNS[name as keyof typeof SYSTEM_COLUMNS];
	}
	return columns.find((column) => column.name === name)?.type;
}

function checkedCells(
	row: IDataObject,
	columns: readonly DataTableColumn[],
): Record<string, Exclude<SQLInputValue, NodeJS.ArrayBufferView>> {
	const cells = Object.entries(row).map(([name, value]) => {
		const type = columns.find((column) => column.name === name)?.type;
		if (type === undefined) {
			throw validationError(`unknown column name '${name}'`);
		}
		return [name, checkedCell(name, value, type)] as const;
	});
	return Object.fromEntries(cells);
}

/** `validateAndTransformCell` of the service. */
function checkedCell(
	name: string,
	value: unknown,
	type: ColumnType,
): Exclude<SQLInputValue, NodeJS.ArrayBufferView> {
	if (value === null || value === undefined) {
		return null;
	}
	const checked = n8nWorkflow.validateFieldType(name, value, FIELD_TYPES[type], {
		strict: false,
		parseStrings: false,
	});
	if (!checked.valid) {
		throw validationError(
			`value '${String(value)}' does not match column type '${type}': ${checked.errorMessage}`,
		);
	}
	if (type === 'date') {
		return (checked.newValue as unknown as { toUTC(): { toISO(): string } }).toUTC().toISO();
	}
	return typeof checked.newValue === 'boolean'
		? Number(checked.newValue)
		: (checked.newValue as string | number);
}

/** A row as n8n passes it to its node: dates are objects, as in version 1 of that node. */
function rowOf(stored: IDataObject, columns: readonly DataTableColumn[]): DataTableRow {
	const row: IDataObject = { ...stored };
	for (const [name, type] of [
		...columns.map((column) => [column.name, column.type] as const),
		...Object.entries(SYSTEM_COLUMNS),
	]) {
		const value = row[name];
		if (value === null || value === undefined) {
			continue;
		}
		if (type === 'boolean') {
			row[name] = Boolean(value);
		} else if (type === 'date') {
			row[name] = new Date(String(value)) as unknown as string;
		}
	}
	return row as DataTableRow;
}
