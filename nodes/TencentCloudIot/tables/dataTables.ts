/**
 * Tables of the host, in a real run n8n's Data Tables: what Sync and the receipts ask of them, and how the host may refuse.
 *
 * Several steps are one call of the host, which costs more than all that it does: tens of milliseconds of processor. They are done one
 * after the other, and a step that fails ends the call; what the steps before it have done stays done. A call whose answer is lost may
 * have taken effect, and may still do so later, or twice.
 */

/** What stands in a cell. An empty cell is null, and in n8n's screen also `''`. Numbers are doubles: ids and stamps are texts. */
export type Cell = string | number | boolean | null;

/** A row as it is read: its columns, and `id`, a number that the host gives out. SQLite gives the id of a deleted row out again. */
export type TableRow = Readonly<Record<string, unknown>> & { readonly id: number };

/** A table as it is listed. */
export interface ListedTable {
	readonly id: string;
	readonly name: string;
	/** Their names, without those of the host (`id`, `createdAt`, `updatedAt`). */
	readonly columns: readonly string[];
}

/** Which kind of value a column takes. The columns of a table are for ever: the host's node can create a table, not alter it. */
type ColumnType = 'string' | 'number' | 'boolean' | 'date';

/**
 * Which table a step is about: by its id; or by its exact name, if a `list` or `create` step before it in the same call has found it.
 * Ids hold for one run, not for the life of a process: somebody may rename a table and another one take its place.
 */
export type TableReference = { readonly id: string } | { readonly name: string };

/**
 * What a cell must be. A cell that somebody has emptied in n8n's screen may be null or `''`: only `''` finds `''` in every version of n8n,
 * and only null finds null. What is not equal to a value may be null. `contains` ignores case, and a `%` of its value stands for any text.
 */
export interface Condition {
	readonly column: string;
	readonly is: 'equal' | 'notEqual' | 'less' | 'atMost' | 'greater' | 'atLeast' | 'contains';
	readonly value: Cell;
}

/** Which rows: those for which every condition holds, or at least one. */
export interface Where {
	readonly every?: readonly Condition[];
	readonly some?: readonly Condition[];
}

/** Tables whose names contain a text, whatever its case. */
interface ListStep {
	readonly do: 'list';
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

/** Rows in the order of their ids. Those of a table that was looked for by its name and is not there are none. */
export interface ReadStep {
	readonly do: 'read';
	readonly table: TableReference;
	readonly where?: Where | undefined;
	/** The most rows to return, the newest first. Left out: all rows, which fails above 1,000 if rows come or go meanwhile. */
	readonly newest?: number | undefined;
}

/** A row as it is written. */
type NewRow = Readonly<Record<string, Cell>>;

/**
 * One row, or many where the table is known by its id: then they go in by one transaction. By its name n8n would insert them one by one,
 * and what it had inserted before one failed would stay. Answers nothing: a content of megabytes would come back.
 */
type InsertStep = { readonly do: 'insert' } & (
	| { readonly table: { readonly id: string }; readonly rows: readonly NewRow[] }
	| { readonly table: { readonly name: string }; readonly rows: readonly [NewRow] }
);

/** One `UPDATE … WHERE`, which looks at WHERE again where it had to wait. Answers the rows that it has changed, as they are then. */
interface UpdateStep {
	readonly do: 'update';
	readonly table: TableReference;
	readonly where: Where;
	readonly set: Readonly<Record<string, Cell>>;
}

/** One `DELETE … WHERE`. It works where the space for tables is used up, too. Answers the rows that it has deleted. */
interface RemoveStep {
	readonly do: 'remove';
	readonly table: TableReference;
	readonly where: Where;
}

export type TableStep = ListStep | CreateStep | DropStep | ReadStep | InsertStep | UpdateStep | RemoveStep;

/** What a step answers. */
type AnswerOf<Step extends TableStep> = Step extends { do: 'list' | 'create' }
	? ListedTable[]
	: Step extends { do: 'read' | 'update' | 'remove' }
		? TableRow[]
		: [];

/** The answers of some steps, one for each. */
export type AnswersOf<Steps extends readonly TableStep[]> = {
	[Index in keyof Steps]: AnswerOf<Steps[Index]>;
};

/** The tables of the project that the workflow belongs to. */
export interface DataTables {
	/**
	 * Does one to five steps in one call of the host.
	 * @throws TableUnusable where trying again is of no use; any other error says nothing of what took effect
	 */
	run<const Steps extends readonly TableStep[]>(steps: Steps): Promise<AnswersOf<Steps>>;
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

/** The host refuses, and will again. */
export class TableUnusable extends Error {
	readonly why: WhyUnusable;

	constructor(why: WhyUnusable, options?: ErrorOptions) {
		super(`The tables cannot be used: ${why}`, options);
		this.name = 'TableUnusable';
		this.why = why;
	}
}

/** Whether an error says that a call of tables was refused, and for this reason. */
export function isUnusable(cause: unknown, why: WhyUnusable): boolean {
	return cause instanceof TableUnusable && cause.why === why;
}

/** A condition that a cell has a value. */
export function equal(column: string, value: Cell): Condition {
	return { column, is: 'equal', value };
}

/**
 * The table of a name; created where it is not there. n8n refuses where another run creates it at the same moment, in words that depend on
 * its database, so what counts is whether it is there afterwards.
 */
export async function createTable(
	tables: DataTables,
	name: string,
	columns: Readonly<Record<string, ColumnType>>,
): Promise<ListedTable> {
	const [created] = await tables.run([{ do: 'create', name, columns }]).catch(async (cause: unknown) => {
		const answers = await tables.run([{ do: 'list', nameContains: name }]);
		return namedExactly(answers[0], name) === undefined ? await Promise.reject(cause as Error) : answers;
	});
	const table = namedExactly(created, name);
	if (table === undefined) {
		throw new TableUnusable('notFound');
	}
	return table;
}

/** The table of exactly this name among those that were listed: others contain it, such as somebody's copy. */
export function namedExactly(tables: readonly ListedTable[], name: string): ListedTable | undefined {
	return tables.find((table) => table.name === name);
}
