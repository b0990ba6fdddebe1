/**
 * n8n's Data Tables. Only n8n's own node may use them, so each call is an inline sub-workflow: a trigger that gives one item with all
 * values, and below it one Data Table node for each step. n8n runs what is connected to the trigger from top to bottom, and stores
 * nothing of it. Such a call takes an execution id and some tens of milliseconds of processor, whatever it does.
 *
 *     Values ─┬─ Step 1 ────────────┐
 *             ├─ Items 2 ── Step 2  ├─ Answers: what step 1 answers, the end, what step 3 answers, the end
 *             └─ Step 3 ────────────┘
 */
import type {
	IConnections,
	IDataObject,
	IExecuteFunctions,
	IExecuteWorkflowInfo,
	INode,
	INodeParameters,
} from 'n8n-workflow';

import {
	type AnswersOf,
	type Cell,
	type Condition,
	type DataTables,
	type ListedTable,
	type ReadStep,
	type TableReference,
	type TableRow,
	type TableStep,
	TableUnusable,
	type Where,
	type WhyUnusable,
} from '../tables/dataTables';

/** What is needed of an execution's context. */
type TablesContext = Pick<IExecuteFunctions, 'executeWorkflow' | 'getExecutionCancelSignal'>;

/** Errors that a retry does not change, by the words of n8n's Data Table node and of its server. */
const REFUSALS: ReadonlyArray<readonly [RegExp, WhyUnusable]> = [
	[/module is disabled|unrecognized node type|unknown node type/i, 'absent'],
	[/size limit exceeded/i, 'full'],
	[/cannot be called by this workflow|may not be called|not allowed to be called/i, 'notAllowed'],
	[/unknown column name|do not exist in the selected table|does not match column type/i, 'otherColumns'],
	[/could not be found in this project|could not find the data table/i, 'notFound'],
	// Before n8n 2.15 the node has no resource Table, so that n8n drops the operation.
	[/could not get parameter "operation"|reading 'execute'/i, 'tooOld'],
];

const CONDITIONS = {
	equal: 'eq',
	notEqual: 'neq',
	less: 'lt',
	atMost: 'lte',
	greater: 'gt',
	atLeast: 'gte',
	contains: 'ilike',
} as const satisfies Record<Condition['is'], string>;

/** Of a Merge node. Each answer has one of its own and one for its end, and a last step that answers nothing has one. */
const MOST_INPUTS = 10;

/** The one item that the trigger gives. It also stands behind each answer, to tell it from the next one. */
const END = 'isEndOfAnswer';

/** Fields of it that give a step something to run with, or nothing. */
const ONE_ITEM = 'oneItem';
const NO_ITEM = 'noItem';

/** What may stand in an expression as it is. */
const IS_PLAIN = /^\w+$/;

const TRIGGER = 'Values';
const COLLECTOR = 'Answers';

/**
 * The Data Tables of the project of the workflow.
 *
 * n8n gives a sub-workflow the deadline of the execution that waits for it. After that it runs none, but one that nobody waits for:
 * a call that would change something is then sent once in that way, and rejects all the same, since nobody hears whether it took effect.
 */
export class ProjectTables implements DataTables {
	readonly #context: TablesContext;
	#isLastWordSaid = false;

	constructor(context: TablesContext) {
		this.#context = context;
	}

	async run<const Steps extends readonly TableStep[]>(steps: Steps): Promise<AnswersOf<Steps>> {
		const { workflow, values } = inlineWorkflowOf(steps);
		try {
			const { data } = await this.#context.executeWorkflow(workflow, [{ json: values }]);
			const items = (data[0] ?? []).map(({ json }) => json);
			return answersIn(items, steps) as AnswersOf<Steps>;
		} catch (cause) {
			const isOver = this.#context.getExecutionCancelSignal()?.aborted === true;
			if (isOver && !this.#isLastWordSaid && steps.some(changesSomething)) {
				await this.#sayLastWord(workflow, values);
			}
			throw refusalOf(cause as Error) ?? cause;
		}
	}

	async #sayLastWord(workflow: IExecuteWorkflowInfo, values: IDataObject): Promise<void> {
		this.#isLastWordSaid = true;
		const withoutWaiting = { doNotWaitToFinish: true };
		await this.#context.executeWorkflow(workflow, [{ json: values }], undefined, withoutWaiting);
	}
}

function refusalOf(cause: Error): TableUnusable | undefined {
	const text = `${cause.message} ${(cause as { description?: string }).description ?? ''}`;
	const [, why] = REFUSALS.find(([pattern]) => pattern.test(text)) ?? [];
	return why && new TableUnusable(why, { cause });
}

function changesSomething(step: TableStep): boolean {
	return step.do !== 'list' && step.do !== 'read';
}

/** An INSERT gives only a number back. */
function isAnswered(step: TableStep): boolean {
	return step.do !== 'insert' && step.do !== 'drop';
}

/** An inline workflow that makes the steps. */
interface InlineWorkflow {
	readonly workflow: IExecuteWorkflowInfo;
	/** The item that its trigger is to give: it has every value of the steps. */
	readonly values: IDataObject;
}

function inlineWorkflowOf(steps: readonly TableStep[]): InlineWorkflow {
	const values = new Values();
	const graph = new Graph();
	for (const [index, step] of steps.entries()) {
		const finders = findersBefore(index, steps);
		graph.addStep(index, parametersOf(step, finders, values));
		if (step.do === 'insert') {
			// Each row an item of its own: the node takes its columns as they are, and evaluates nothing.
			graph.putItemsBefore(index, values.addRows(step.rows));
		} else if (step.do === 'read' && 'name' in step.table) {
			// Reading a table that is not there would fail, and n8n counts a sub-workflow that fails as a failed production execution of the
			// workflow, and tells the owner of the first one. A node that gets no item does not run.
			const isThere = findExpression(step.table.name, finders);
			graph.putItemsBefore(index, expression(`${isThere} ? '${ONE_ITEM}' : '${NO_ITEM}'`));
		} else {
			graph.connect(TRIGGER, stepName(index));
		}
	}
	if (needsCollector(steps)) {
		graph.collect(steps);
	}
	return { workflow: graph.workflow, values: values.item };
}

/** Of several nodes n8n gives back what the last one answers. */
function needsCollector(steps: readonly TableStep[]): boolean {
	const answered = steps.filter(isAnswered);
	return answered.length > 1 || (answered.length === 1 && answered[0] !== steps.at(-1));
}

/** The names of the nodes before a step that find tables. */
function findersBefore(index: number, steps: readonly TableStep[]): string[] {
	const before = [...steps.slice(0, index).entries()];
	return before
		.filter(([, step]) => step.do === 'list' || step.do === 'create')
		.map(([place]) => stepName(place));
}

function stepName(index: number): string {
	return `Step ${index + 1}`;
}

/**
 * The values of a call. They reach the nodes in an item and never as a parameter: n8n takes one that begins with `=` for an expression,
 * and would evaluate what stands in a customer's row, or in a cell that somebody has edited.
 */
class Values {
	readonly item: IDataObject = { [END]: true, [ONE_ITEM]: [{}], [NO_ITEM]: [] };
	#count = 0;

	/** @returns the expression that gives the value */
	add(value: Cell): string {
		const name = this.#nextName();
		this.item[name] = withoutNul(value);
		return expression(`$('${TRIGGER}').first().json.${name}`);
	}

	/** @returns the name of the field with the rows */
	addRows(rows: ReadonlyArray<Readonly<Record<string, Cell>>>): string {
		const name = this.#nextName();
		this.item[name] = rows.map((row) => {
			const cells = Object.entries(row).map(([column, value]) => [column, withoutNul(value)] as const);
			return Object.fromEntries(cells);
		});
		return name;
	}

	#nextName(): string {
		this.#count += 1;
		return `value${this.#count}`;
	}
}

/** PostgreSQL refuses the whole statement where a text has a NUL character. */
function withoutNul(value: Cell): Cell {
	return typeof value === 'string' ? value.replaceAll('\0', '') : value;
}

/** The nodes of an inline workflow and what connects them. */
class Graph {
	readonly #nodes: INode[] = [];
	readonly #connections: IConnections = {};

	constructor() {
		const parameters = { inputSource: 'passthrough' };
		this.#add(TRIGGER, [0, 0], 'n8n-nodes-base.executeWorkflowTrigger', 1.1, parameters);
	}

	get workflow(): IExecuteWorkflowInfo {
		const code = {
			name: 'Sync tables',
			active: false,
			nodes: this.#nodes,
			connections: this.#connections,
			settings: SETTINGS,
		};
		return { code: code as unknown as NonNullable<IExecuteWorkflowInfo['code']> };
	}

	addStep(index: number, parameters: INodeParameters): void {
		const node = this.#add(stepName(index), [400, index * 200], 'n8n-nodes-base.dataTable', 1, parameters);
		// A step that meets no row gives one empty item, so that the collector has something for each.
		node.alwaysOutputData = true;
	}

	/** Lets a step run with the items in a field of the trigger's item. */
	putItemsBefore(index: number, field: string): void {
		const name = `Items ${index + 1}`;
		const parameters = { fieldToSplitOut: field, include: 'noOtherFields', options: {} };
		this.#add(name, [200, index * 200], 'n8n-nodes-base.splitOut', 1, parameters);
		this.connect(TRIGGER, name);
		this.connect(name, stepName(index));
	}

	/**
	 * Adds a node that puts the answers one behind the other, and behind each the item of the trigger. It also waits for a last step that
	 * answers nothing: without that n8n would run it before that step, and give back what the step gives.
	 */
	collect(steps: readonly TableStep[]): void {
		const answered = [...steps.entries()].filter(([, step]) => isAnswered(step));
		const last = steps.at(-1);
		const isLastAnswered = last === undefined || isAnswered(last);
		const numberInputs = 2 * answered.length + (isLastAnswered ? 0 : 1);
		if (numberInputs > MOST_INPUTS) {
			throw new Error('One call asks for too many results');
		}
		const parameters = { mode: 'append', numberInputs };
		this.#add(COLLECTOR, [600, steps.length * 200], 'n8n-nodes-base.merge', 3, parameters);
		for (const [place, [index]] of answered.entries()) {
			this.connect(stepName(index), COLLECTOR, 2 * place);
			this.connect(TRIGGER, COLLECTOR, 2 * place + 1);
		}
		if (!isLastAnswered) {
			this.connect(stepName(steps.length - 1), COLLECTOR, numberInputs - 1);
		}
	}

	connect(from: string, to: string, input = 0): void {
		const { main = [] } = this.#connections[from] ?? {};
		const [targets] = main;
		this.#connections[from] = { main: [[...(targets ?? []), { node: to, type: 'main', index: input }]] };
	}

	#add(
		name: string,
		position: [number, number],
		type: string,
		typeVersion: number,
		parameters: INodeParameters,
	): INode {
		const node: INode = { id: name, name, type, typeVersion, position, parameters };
		this.#nodes.push(node);
		return node;
	}
}

/**
 * Never left out: n8n would take those of the workflow that asks, with its error workflow. The caller policy holds for inline code too,
 * and an instance may have `none` as its default.
 */
const SETTINGS = {
	executionOrder: 'v1',
	callerPolicy: 'workflowsFromSameOwner',
	saveDataSuccessExecution: 'none',
	saveDataErrorExecution: 'none',
	saveManualExecutions: false,
	saveExecutionProgress: false,
	executionTimeout: -1,
} as const;

function parametersOf(step: TableStep, finders: readonly string[], values: Values): INodeParameters {
	switch (step.do) {
		case 'list': {
			const filterName = values.add(step.nameContains);
			return { resource: 'table', operation: 'list', returnAll: true, options: { filterName } };
		}
		case 'create': {
			const column = Object.entries(step.columns).map(([name, type]) => ({ name, type }));
			return {
				resource: 'table',
				operation: 'create',
				tableName: values.add(step.name),
				columns: { column },
				options: { createIfNotExists: true },
			};
		}
		case 'drop':
			return { resource: 'table', operation: 'delete', dataTableId: tableParameter(step.table, []) };
		case 'read':
			return { ...readParameters(step, finders), ...filterParameters(step.where, values) };
		case 'insert':
			return {
				resource: 'row',
				operation: 'insert',
				dataTableId: tableParameter(step.table, finders),
				columns: { mappingMode: 'autoMapInputData', value: null },
				options: { optimizeBulk: true },
			};
		case 'update': {
			const set = Object.entries(step.set).map(([column, value]) => [column, values.add(value)] as const);
			return {
				resource: 'row',
				operation: 'update',
				dataTableId: tableParameter(step.table, finders),
				...filterParameters(step.where, values),
				columns: { mappingMode: 'defineBelow', value: Object.fromEntries(set) },
				options: {},
			};
		}
		case 'remove':
			return {
				resource: 'row',
				operation: 'deleteRows',
				dataTableId: tableParameter(step.table, finders),
				...filterParameters(step.where, values),
				options: {},
			};
	}
}

function readParameters({ table, newest }: ReadStep, finders: readonly string[]): INodeParameters {
	const found = { resource: 'row', operation: 'get', dataTableId: tableParameter(table, finders) };
	if (newest === undefined) {
		return { ...found, returnAll: true };
	}
	return {
		...found,
		returnAll: false,
		limit: newest,
		orderBy: true,
		orderByColumn: 'id',
		orderByDirection: 'DESC',
	};
}

/** No table has this id, so n8n refuses the step in the same words as for a table that was deleted. */
const NO_TABLE = 'none';

function tableParameter(table: TableReference, finders: readonly string[]): INodeParameters {
	if ('id' in table) {
		return byId(table.id);
	}
	return byId(expression(`${findExpression(table.name, finders)} ?? '${NO_TABLE}'`));
}

/** n8n itself finds a table by its name with `LIKE '%name%'`, and takes the one that was changed last. */
function findExpression(name: string, finders: readonly string[]): string {
	if (!IS_PLAIN.test(name)) {
		throw new Error('The name of a table has letters, digits and underscores');
	}
	const found = finders.map((finder) => `...$('${finder}').all()`).join(', ');
	return `[${found}].find((table) => table.json.name === '${name}')?.json.id`;
}

/** n8n gives out ids of letters and digits. One in an expression would insert rows one by one. */
function byId(value: string): INodeParameters {
	return { __rl: true, mode: 'id', value };
}

function expression(inner: string): string {
	return `={{ ${inner} }}`;
}

function filterParameters(where: Where | undefined, values: Values): INodeParameters {
	const { every, some } = where ?? {};
	const conditions = (every ?? some ?? []).map((condition) => conditionParameters(condition, values));
	return { matchType: every ? 'allConditions' : 'anyCondition', filters: { conditions } };
}

/** `eq` finds no cell without a value. */
function conditionParameters({ column, is, value }: Condition, values: Values): INodeParameters {
	if (value === null) {
		return { keyName: column, condition: is === 'equal' ? 'isEmpty' : 'isNotEmpty' };
	}
	const wanted = is === 'contains' ? `%${value}%` : value;
	return { keyName: column, condition: CONDITIONS[is], keyValue: values.add(wanted) };
}

function answersIn(items: readonly IDataObject[], steps: readonly TableStep[]): unknown[][] {
	const found = needsCollector(steps) ? splitAtEnds(items) : [items];
	return steps.map((step) => {
		if (!isAnswered(step)) {
			return [];
		}
		const answer = found.shift() ?? [];
		if (step.do === 'list' || step.do === 'create') {
			return tablesIn(answer);
		}
		const rows = rowsIn(answer);
		const isSorted = step.do === 'read' && step.newest !== undefined;
		// Before n8n 2.16 PostgreSQL gives them in any order.
		return isSorted ? rows : rows.toSorted((row, other) => row.id - other.id);
	});
}

function splitAtEnds(items: readonly IDataObject[]): IDataObject[][] {
	const answers: IDataObject[][] = [[]];
	for (const item of items) {
		if (item[END] === true) {
			answers.push([]);
		} else {
			answers.at(-1)?.push(item);
		}
	}
	return answers;
}

/** The id of a row is a number, that of a table a text. An empty item has none. */
function rowsIn(items: readonly IDataObject[]): TableRow[] {
	return items.filter((item): item is IDataObject & { id: number } => typeof item['id'] === 'number');
}

function tablesIn(items: readonly IDataObject[]): ListedTable[] {
	return items
		.filter(({ id }) => typeof id === 'string')
		.map(({ id, name, columns }) => {
			const columnNames = (columns as ReadonlyArray<{ name: string }>).map((column) => column.name);
			return { id: String(id), name: String(name), columns: columnNames };
		});
}
