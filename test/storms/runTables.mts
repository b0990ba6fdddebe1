import {
	namedExactly,
	TableUnusable,
	type ResultsOf,
	type Condition as StepCondition,
	type DataTables as TablesPort,
	type ListedTable,
	type ReadStep,
	type TableStep,
} from '../../nodes/TencentCloudIot/tables/dataTables';
import type { DeduplicationHelpers } from '../../nodes/TencentCloudIot/run/syncTable';
import type { Condition, DataTable } from './dataTables.mts';
import type { Database } from './database.mts';
import type { Steps } from './steps.mts';
import type { VirtualTime } from './virtualTime.mts';

type TableReference = ReadStep['table'];
type Where = NonNullable<ReadStep['where']>;

type InsertStep = Extract<TableStep, { do: 'insert' }>;

const CONDITIONS = {
	equal: 'eq',
	notEqual: 'neq',
	less: 'lt',
	atMost: 'lte',
	greater: 'gt',
	atLeast: 'gte',
	like: 'like',
} as const satisfies Record<StepCondition['is'], string>;

/**
 * The model of n8n's Data Tables for one execution, behind the port that the node uses. Each step of a call is its own
 * statement, which faults can meet. The steps before one that fails have taken effect, and those after it do not run.
 *
 * After the time limit of an execution, n8n only runs inline workflows that nothing waits for. The adapter makes one such call,
 * which takes effect without a response; so does this model.
 */
export class RunTables implements TablesPort {
	readonly #time: VirtualTime;
	readonly #database: Database;
	readonly #steps: Steps;
	readonly #signal: AbortSignal;
	#hasMadeLastCall = false;

	constructor(time: VirtualTime, database: Database, steps: Steps, signal: AbortSignal) {
		this.#time = time;
		this.#database = database;
		this.#steps = steps;
		this.#signal = signal;
	}

	async run<const RequestedSteps extends readonly TableStep[]>(
		requestedSteps: RequestedSteps,
	): Promise<ResultsOf<RequestedSteps>> {
		try {
			if (this.#steps.isTimedOut) {
				throw new Error('The execution was cancelled because it timed out');
			}
			return (await this.#runSteps(requestedSteps)) as ResultsOf<RequestedSteps>;
		} catch (cause) {
			if (this.#signal.aborted && !this.#hasMadeLastCall && requestedSteps.some(changesSomething)) {
				this.#hasMadeLastCall = true;
				void this.#runSteps(requestedSteps).catch(() => undefined);
			}
			throw cause;
		}
	}

	async #runSteps(requestedSteps: readonly TableStep[]): Promise<unknown[]> {
		const listed: ListedTable[] = [];
		const results: unknown[] = [];
		for (const step of requestedSteps) {
			const result = await this.#runStep(step, listed);
			if (['find', 'list', 'create'].includes(step.do)) {
				listed.push(...(result as ListedTable[]));
			}
			results.push(step.do === 'find' ? [] : result);
		}
		return results;
	}

	async #runStep(step: TableStep, listed: readonly ListedTable[]): Promise<unknown> {
		const { tables } = this.#database;
		switch (step.do) {
			case 'find':
			case 'list':
				return await this.#statement('SELECT', () => tables.list(step.nameContains).map(listedOf));
			case 'create': {
				const columns = Object.keys(step.columns);
				return await this.#statement('INSERT', () => [
					listedOf(tables.create(step.name, columns, this.#nowMs)),
				]);
			}
			case 'drop':
				return await this.#statement('DELETE', () => {
					tables.drop(step.table.id);
					return [];
				});
			case 'read': {
				const id = idOf(step.table, listed);
				if (id === undefined) {
					return [];
				}
				const newest = step.newest ?? Infinity;
				return await this.#statement('SELECT', () => {
					const rows = this.#select(id, step.where);
					return newest === Infinity ? rows : rows.toReversed().slice(0, newest);
				});
			}
			case 'insert':
				return await this.#insert(step, requiredIdOf(step.table, listed));
			case 'update': {
				const id = requiredIdOf(step.table, listed);
				const { conditions, matchesAll } = conditionsOf(step.where);
				return await this.#statement('UPDATE', () =>
					this.#table(id).update(conditions, step.set, matchesAll, this.#nowMs),
				);
			}
			case 'remove': {
				const id = requiredIdOf(step.table, listed);
				const { conditions, matchesAll } = conditionsOf(step.where);
				return await this.#statement('DELETE', () =>
					this.#table(id).delete(conditions, matchesAll, this.#nowMs),
				);
			}
		}
	}

	/** Inserts all rows in one transaction. If it takes effect again, it adds only rows that have been deleted since. */
	async #insert({ rows }: InsertStep, tableId: string): Promise<unknown> {
		return await this.#database.run(this.#steps, 'INSERT', () => {
			const { tables } = this.#database;
			const drawnIds = rows.map(() => tables.find(tableId)?.drawId());
			const insertedIds: Array<number | undefined> = rows.map(() => undefined);
			return () => {
				const table = this.#table(tableId);
				for (const [index, row] of rows.entries()) {
					const insertedId = insertedIds[index];
					if (insertedId !== undefined && table.rows.some(({ id }) => id === insertedId)) {
						continue;
					}
					insertedIds[index] = table.insert(row, insertedId ?? drawnIds[index], this.#nowMs).id;
					if (insertedId !== undefined && row['kind'] === 'late') {
						this.#database.latePartIsBack(this.#steps.name);
					}
				}
				return [];
			};
		});
	}

	#select(tableId: string, where: Where | undefined) {
		const { conditions, matchesAll } = conditionsOf(where ?? {});
		return this.#table(tableId).select(conditions, matchesAll);
	}

	/** @throws as n8n does if somebody has deleted it */
	#table(id: string): DataTable {
		const table = this.#database.tables.find(id);
		if (table === undefined) {
			throw new TableUnusable('notFound');
		}
		return table;
	}

	async #statement<Result>(
		kind: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE',
		effect: () => Result,
	): Promise<Result> {
		return await this.#database.run(this.#steps, kind, () => effect);
	}

	get #nowMs(): number {
		return this.#time.nowMs;
	}
}

/** n8n's deduplication store for one execution of a node. @param node names workflow and node */
export function deduplicationFor(database: Database, steps: Steps, node: string): DeduplicationHelpers {
	const entries = () => database.recorded.get(node) ?? new Set<string>();
	return {
		getProcessedDataCount: async () => await database.run(steps, 'SELECT', () => () => entries().size),
		clearAllProcessedItems: async () =>
			await database.run(steps, 'DELETE', () => () => {
				database.recorded.delete(node);
			}),
		checkProcessedAndRecord: async (items) =>
			await database.run(steps, 'INSERT', () => () => {
				const before = entries();
				database.recorded.set(node, new Set([...before, ...items.map(String)]));
				return { new: items.filter((item) => !before.has(String(item))), processed: [] };
			}),
	};
}

function changesSomething(step: TableStep): boolean {
	return !['find', 'list', 'read'].includes(step.do);
}

function listedOf({ id, name, columns }: DataTable): ListedTable {
	return { id, name, columns };
}

function idOf(table: TableReference, listed: readonly ListedTable[]): string | undefined {
	return 'id' in table ? table.id : namedExactly(listed, table.name)?.id;
}

function requiredIdOf(table: TableReference, listed: readonly ListedTable[]): string {
	const id = idOf(table, listed);
	if (id === undefined) {
		throw new TableUnusable('notFound');
	}
	return id;
}

function conditionsOf({ every, some }: Where): { conditions: Condition[]; matchesAll: boolean } {
	const conditions = [...(every ?? []), ...(some ?? [])].map(({ column, is, value }): Condition => {
		const isEmpty = is === 'equal' && (value === '' || value === null);
		// The adapter finds empty cells with isEmpty, which also finds NULL.
		return isEmpty
			? { keyName: column, condition: 'isEmpty' }
			: { keyName: column, condition: CONDITIONS[is], keyValue: value };
	});
	return { conditions, matchesAll: every !== undefined };
}
