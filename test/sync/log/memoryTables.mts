import { randomUUID } from 'node:crypto';
import {
	type ResultsOf,
	type Condition,
	type DataTables,
	type ListedTable,
	type ReadStep,
	type TableRow,
	type TableStep,
	TableUnusable,
} from '../../../nodes/TencentCloudIot/tables/dataTables';

type TableReference = ReadStep['table'];
type Where = NonNullable<ReadStep['where']>;

interface MemoryTable {
	id: string;
	columns: string[];
	rows: TableRow[];
	lastId: number;
}

/**
 * Data tables in memory that behave like n8n's where the log depends on it:
 * - One limit of bytes holds for all tables together. `drop` still works above it.
 * - `create` returns a table that exists, but fails if a table whose name contains its name was changed later.
 */
export class MemoryTables implements DataTables {
	/** In the order of their last changes. */
	readonly byName = new Map<string, MemoryTable>();
	/** When all tables together have this many bytes, n8n refuses every further insert and update. */
	limitBytes = Infinity;
	/** Every call, as the names of its steps. */
	readonly calls: string[] = [];
	/** What the next calls reject with. */
	failure: Error | undefined;
	/** Called before each call takes effect. */
	beforeCall: () => void = () => {};
	/** Called after each call has taken effect. If it throws, the response of the call is lost. */
	afterCall: () => void = () => {};
	/** n8n gives no two tables the same id. */
	readonly #project = randomUUID();
	#lastTable = 0;

	get names(): string[] {
		return [...this.byName.keys()].sort();
	}

	get bytes(): number {
		const texts = [...this.byName.values()].flatMap(({ rows }) => rows);
		return texts.reduce((sum, row) => sum + 93 + Buffer.byteLength(Object.values(row).join('')), 0);
	}

	rowsOf(name: string): TableRow[] {
		return this.byName.get(name)?.rows ?? [];
	}

	async run<const Steps extends readonly TableStep[]>(steps: Steps): Promise<ResultsOf<Steps>> {
		await Promise.resolve();
		this.calls.push(steps.map((step) => step.do).join(' '));
		this.beforeCall();
		if (this.failure !== undefined) {
			throw this.failure;
		}
		const results = steps.map((step) => this.#do(step)) as ResultsOf<Steps>;
		this.afterCall();
		return results;
	}

	#do(step: TableStep): unknown[] {
		switch (step.do) {
			case 'find':
				return [];
			case 'list':
				return this.#list(step.nameContains);
			case 'create': {
				const [changedLast] = this.#list(step.name);
				if (changedLast?.name === step.name) {
					return [changedLast];
				}
				if (this.byName.has(step.name)) {
					throw new Error(`Data table with name '${step.name}' already exists in this project`);
				}
				const columns = Object.keys(step.columns);
				this.#lastTable++;
				const id = `${this.#project}${this.#lastTable}`;
				this.byName.set(step.name, { id, columns, rows: [], lastId: 0 });
				return [{ id, name: step.name, columns }];
			}
			case 'drop': {
				const [name] = this.#find(step.table);
				this.byName.delete(name);
				return [];
			}
			case 'read': {
				const isGone = 'name' in step.table && !this.byName.has(step.table.name);
				const rows = isGone ? [] : this.#find(step.table)[1].rows.filter((row) => meets(row, step.where));
				return step.newest === undefined ? rows : rows.toReversed().slice(0, step.newest);
			}
			case 'insert': {
				this.#refuseWhenFull();
				const table = this.#change(step.table);
				for (const row of step.rows) {
					table.lastId++;
					table.rows.push({ ...row, id: table.lastId });
				}
				return [];
			}
			case 'update': {
				this.#refuseWhenFull();
				const table = this.#change(step.table);
				const changed = table.rows.map((row) => {
					return meets(row, step.where) ? { ...row, ...step.set } : row;
				});
				const updated = changed.filter((row, index) => row !== table.rows[index]);
				table.rows = changed;
				return updated;
			}
			case 'remove': {
				const table = this.#change(step.table);
				const removed = table.rows.filter((row) => meets(row, step.where));
				table.rows = table.rows.filter((row) => !removed.includes(row));
				return removed;
			}
		}
	}

	/** The tables whose names contain a text, the last changed one first. */
	#list(nameContains: string): ListedTable[] {
		const found = [...this.byName].filter(([name]) => name.includes(nameContains));
		return found.map(([name, { id, columns }]) => ({ id, name, columns })).reverse();
	}

	#find(reference: TableReference): [name: string, table: MemoryTable] {
		const found = [...this.byName].find(([name, { id }]) => {
			return 'name' in reference ? name === reference.name : id === reference.id;
		});
		if (found === undefined) {
			throw new TableUnusable('notFound');
		}
		return found;
	}

	/** Finds a table to change, and makes it the one that was changed last. */
	#change(reference: TableReference): MemoryTable {
		const [name, table] = this.#find(reference);
		this.byName.delete(name);
		this.byName.set(name, table);
		return table;
	}

	#refuseWhenFull(): void {
		if (this.bytes >= this.limitBytes) {
			throw new TableUnusable('full');
		}
	}
}

function meets(row: TableRow, where: Where = {}): boolean {
	const { every = [], some } = where;
	const isMet = (condition: Condition) => isTrue(row[condition.column], condition);
	return every.every(isMet) && (some === undefined || some.some(isMet));
}

function isTrue(cell: unknown, { is, value }: Condition): boolean {
	const text = String(cell);
	const wanted = String(value);
	const order = typeof cell === 'number' ? cell - Number(value) : compareTexts(text, wanted);
	const comparisons: Record<Condition['is'], boolean> = {
		equal: cell === value,
		notEqual: cell !== value,
		less: order < 0,
		atMost: order <= 0,
		greater: order > 0,
		atLeast: order >= 0,
		like: isLike(text.toLowerCase(), wanted.toLowerCase()),
	};
	return comparisons[is];
}

/** Whether a text matches a pattern in which each `%` stands for any text. */
function isLike(text: string, pattern: string): boolean {
	const [start = '', ...laterParts] = pattern.split('%');
	const end = laterParts.pop();
	if (!text.startsWith(start) || end === undefined) {
		return text === pattern;
	}
	let position = start.length;
	for (const part of laterParts) {
		const foundAt = text.indexOf(part, position);
		if (foundAt < 0) {
			return false;
		}
		position = foundAt + part.length;
	}
	return text.length - end.length >= position && text.endsWith(end);
}

/** Orders texts as `ORDER BY` does in the database, without a locale. */
function compareTexts(a: string, b: string): number {
	if (a === b) {
		return 0;
	}
	return a < b ? -1 : 1;
}
