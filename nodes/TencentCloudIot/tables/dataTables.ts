/**
 * The host's tables, as Sync and the receipts use them, and the ways in which the host may refuse. In a real run they are n8n's Data Tables.
 *
 * One call of the host takes several steps, because the call itself costs more than its steps: tens of milliseconds of processor time. The
 * steps run in order. A step that fails ends the call, and the steps before it stay done. A call whose response is lost may have taken
 * effect, and may still take effect later, or twice.
 */

/** The value of a cell. An empty cell is null, or `''` if somebody emptied it in n8n's editor. Numbers are doubles, so ids and stamps are texts. */
export type Cell = string | number | boolean | null;

/** A row as it is read: its columns, and `id`, a number that the host assigns. SQLite may assign the id of a deleted row again. */
export type TableRow = Readonly<Record<string, unknown>> & { readonly id: number };

/** A table as a `list` or `create` step returns it. */
export interface ListedTable {
	readonly id: string;
	readonly name: string;
	/** The names of the columns, without the host's own (`id`, `createdAt`, `updatedAt`). */
	readonly columns: readonly string[];
}

/** The kind of value that a column takes. The host's node can create a table but not alter it, so its columns stay forever. */
type ColumnType = 'string' | 'number' | 'boolean' | 'date';

/**
 * Which table a step is about: by its id; or by its exact name, if an earlier `find`, `list` or `create` step of the same call found it.
 * Ids are valid for one run, not for the life of a process: somebody may rename a table and another one may take its place.
 */
type TableReference = { readonly id: string } | { readonly name: string };

/**
 * A condition on a cell. A cell that somebody emptied in n8n's editor may be null or `''`: only `''` finds `''` in every version of n8n,
 * and only null finds null. `notEqual` also finds null. `like` ignores case, and each `%` in its value matches any text; its value has at least
 * one `%`, because n8n adds two if it has none.
 */
export interface Condition {
	readonly column: string;
	readonly is: 'equal' | 'notEqual' | 'less' | 'atMost' | 'greater' | 'atLeast' | 'like';
	readonly value: Cell;
}

/** Chooses the rows for which all conditions of `every` hold, and at least one of `some`. */
interface Where {
	readonly every?: readonly Condition[];
	readonly some?: readonly Condition[];
}

/**
 * Finds the tables whose names contain a text, ignoring case. Later steps of the call may refer to them by their names. `list` also returns
 * them, which costs the call one more node of n8n.
 */
interface FindStep {
	readonly do: 'find' | 'list';
	readonly nameContains: string;
}

interface CreateStep {
	readonly do: 'create';
	readonly name: string;
	readonly columns: Readonly<Record<string, ColumnType>>;
}

/** Deletes a table with all its rows. */
interface DropStep {
	readonly do: 'drop';
	readonly table: { readonly id: string };
}

/** Reads rows in the order of their ids. A table that is referred to by its name and does not exist has no rows. */
export interface ReadStep {
	readonly do: 'read';
	readonly table: TableReference;
	readonly where?: Where | undefined;
	/** Return at most this many rows, the newest first. By default all rows are read, which fails above 1,000 if rows come or go during the read. */
	readonly newest?: number | undefined;
}

/** A row to insert: its values by column. */
type NewRow = Readonly<Record<string, Cell>>;

/**
 * Inserts one row, or many in one transaction if the table is referred to by its id. By its name n8n would insert them one by one, and
 * those before a failed one would stay. It returns nothing, because n8n would return megabytes of content.
 */
type InsertStep = { readonly do: 'insert' } & (
	| { readonly table: { readonly id: string }; readonly rows: readonly NewRow[] }
	| { readonly table: { readonly name: string }; readonly rows: readonly [NewRow] }
);

/** One `UPDATE … WHERE`. If it had to wait for another statement, the database checks WHERE again. Returns the changed rows with their new values. */
interface UpdateStep {
	readonly do: 'update';
	readonly table: TableReference;
	readonly where: Where;
	readonly set: Readonly<Record<string, Cell>>;
}

/** One `DELETE … WHERE`. It also works when the space for tables is used up. Returns the deleted rows. */
interface RemoveStep {
	readonly do: 'remove';
	readonly table: TableReference;
	readonly where: Where;
}

export type TableStep = FindStep | CreateStep | DropStep | ReadStep | InsertStep | UpdateStep | RemoveStep;

/** What a step returns. */
type ResultOf<Step extends TableStep> = Step extends { do: 'list' | 'create' }
	? ListedTable[]
	: Step extends { do: 'read' | 'update' | 'remove' }
		? TableRow[]
		: [];

/** What the steps of a call return, in their order. */
export type ResultsOf<Steps extends readonly TableStep[]> = {
	[Index in keyof Steps]: ResultOf<Steps[Index]>;
};

/** The tables of the project that the workflow belongs to. */
export interface DataTables {
	/**
	 * Does one to five steps in one call of the host.
	 * @throws TableUnusable if a retry would also be refused. After any other error the steps may or may not have taken effect
	 */
	run<const Steps extends readonly TableStep[]>(steps: Steps): Promise<ResultsOf<Steps>>;
}

/**
 * Why the host's tables cannot be used.
 * - `absent`: the module or a node that is needed is switched off
 * - `tooOld`: the host's node cannot list and create tables yet
 * - `full`: the space for all tables is used up; only deleting works
 * - `otherColumns`: a table of that name has other columns
 * - `notAllowed`: a policy forbids sub-workflows
 * - `notFound`: the table was deleted, or the workflow belongs to another project now
 */
export type WhyUnusable = 'absent' | 'tooOld' | 'full' | 'otherColumns' | 'notAllowed' | 'notFound';

/** The host refuses a call, and would refuse a retry. */
export class TableUnusable extends Error {
	readonly why: WhyUnusable;

	constructor(why: WhyUnusable, options?: ErrorOptions) {
		super(`The tables cannot be used: ${why}`, options);
		this.name = 'TableUnusable';
		this.why = why;
	}
}

/** Whether an error is a `TableUnusable` with this reason. */
export function isUnusable(cause: unknown, why: WhyUnusable): boolean {
	return cause instanceof TableUnusable && cause.why === why;
}

/** The condition that a cell of this column has exactly this value. */
export function equal(column: string, value: Cell): Condition {
	return { column, is: 'equal', value };
}

/** The text of a cell that has been read. A cell without a value is null, or `''` if somebody emptied it. */
export function textOf(cell: unknown): string {
	return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
}

/** The moment in a cell of the type `date`, Unix milliseconds; NaN if it has none. n8n gives a `Date`, whose own text has no milliseconds. */
export function momentOf(cell: unknown): number {
	return cell === null ? NaN : new Date(cell as Date | string).getTime();
}

/**
 * Returns the table of this name, and creates it if there is none. If another run creates it at the same moment, n8n refuses in words that
 * depend on its database. So after any refusal the function checks whether the table exists.
 */
export async function createTable(
	tables: DataTables,
	name: string,
	columns: Readonly<Record<string, ColumnType>>,
): Promise<ListedTable> {
	const [created] = await tables.run([{ do: 'create', name, columns }]).catch(async (cause: unknown) => {
		const results = await tables.run([{ do: 'list', nameContains: name }]);
		return namedExactly(results[0], name) === undefined ? await Promise.reject(cause as Error) : results;
	});
	const table = namedExactly(created, name);
	if (table === undefined) {
		throw new TableUnusable('notFound');
	}
	return table;
}

/** The table of exactly this name. n8n lists every table whose name contains it, such as somebody's copy. */
export function namedExactly(tables: readonly ListedTable[], name: string): ListedTable | undefined {
	return tables.find((table) => table.name === name);
}
