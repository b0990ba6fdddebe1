/**
 * The inline workflow of one call of the Data Tables: a trigger that gives one item with all values, and a Data Table node for each step. n8n
 * runs the nodes after the trigger from top to bottom, and saves no execution data. Each node takes some milliseconds, and so does each
 * expression: n8n evaluates it in a JavaScript engine of its own.
 *
 *     Values ─┬─ Step 1 ────────────┐
 *             ├─ Items 2 ── Step 2  ├─ Results: the result of step 1, an end marker, the result of step 3, an end marker
 *             └─ Step 3 ────────────┘
 *
 * `Step 2` inserts the rows that `Items 2` takes from the values. Nobody needs its result. If only the last result is needed, there is no `Results`.
 */
import type {
	IConnections,
	IDataObject,
	IExecuteWorkflowInfo,
	INode,
	INodeExecutionData,
	INodeParameters,
} from 'n8n-workflow';

import type { Cell, Condition, ListedTable, ReadStep, TableRow, TableStep } from '../tables/dataTables';

const CONDITION_NAMES = {
	equal: 'eq',
	notEqual: 'neq',
	less: 'lt',
	atMost: 'lte',
	greater: 'gt',
	atLeast: 'gte',
	like: 'ilike',
} as const satisfies Record<Condition['is'], string>;

/** The most inputs of a Merge node. The collector uses two for each result, the second for an end marker, and one for a last step without a needed result. */
const MOST_MERGE_INPUTS = 10;

/** Marks the item of the trigger. The collector puts that item after each result, to separate it from the next one. */
const END_MARKER = 'isEndOfResult';

/** Two fields of the trigger's item. A step whose items come from the first runs; n8n skips a step whose items come from the second. */
const ONE_ITEM_FIELD = 'oneItem';
const NO_ITEM_FIELD = 'noItem';

/** A name that may be written into an expression without quoting. */
const PLAIN_NAME = /^\w+$/;

/** The name of the sub-workflow's trigger. Its item brings the values of all steps. */
const TRIGGER_NAME = 'Values';
/** The name of the Merge node that collects the results of the steps. */
const COLLECTOR_NAME = 'Results';

/** Makes the inline workflow that carries out the steps of a call: see the head of this file. */
export function inlineWorkflowOf(steps: readonly TableStep[]) {
	const values = new WorkflowValues();
	const graph = new WorkflowGraph();
	// The names of the nodes that list or create tables in the steps so far. A step that names its table takes the table's id from their output.
	const tableNodeNames: string[] = [];
	for (const [index, step] of steps.entries()) {
		graph.addStep(index, parametersOf(step, tableNodeNames, values));
		if (step.do === 'insert' && 'id' in step.table) {
			// Each row becomes an item: the node takes the columns of an item as they are.
			graph.putItemsBefore(index, values.addRowsAsField(step.rows));
		} else if (step.do === 'read' && 'name' in step.table) {
			// If the table is missing, the step gets no item, so n8n skips it. Otherwise the step would fail. n8n counts a failed sub-workflow as a
			// failed production execution of the workflow, and notifies the workflow's owner of the first such failure.
			const idExpression = tableIdExpression(step.table.name, tableNodeNames);
			graph.putItemsBefore(index, expression(`${idExpression} ? '${ONE_ITEM_FIELD}' : '${NO_ITEM_FIELD}'`));
		} else {
			graph.connect(TRIGGER_NAME, stepName(index));
		}
		if (['find', 'list', 'create'].includes(step.do)) {
			tableNodeNames.push(stepName(index));
		}
	}
	if (needsCollector(steps)) {
		graph.addCollector(steps);
	}
	return {
		workflow: graph.workflow,
		/** The input of the workflow: the item that its trigger gives, with all values of the steps. */
		input: [{ json: values.item }],
		/** Finds the result of each step in the items that the workflow has returned. */
		resultsIn: (output: readonly INodeExecutionData[]) =>
			resultsIn(
				output.map(({ json }) => json),
				steps,
			),
	};
}

/** Whether the caller of a step needs its result. A `find` only serves the steps after it, and an `insert` gives the number of its rows. */
function needsResult(step: TableStep): boolean {
	return !['find', 'insert', 'drop'].includes(step.do);
}

/** Whether the results need a collector: n8n returns only that of the last step. */
function needsCollector(steps: readonly TableStep[]): boolean {
	return steps.slice(0, -1).some(needsResult);
}

function stepName(index: number): string {
	return `Step ${index + 1}`;
}

/** The values of all steps of a call, in the item that the sub-workflow's trigger gives. */
class WorkflowValues {
	readonly item: IDataObject = { [END_MARKER]: true, [ONE_ITEM_FIELD]: [{}], [NO_ITEM_FIELD]: [] };
	#valueCount = 0;

	/**
	 * Makes a parameter of a value. n8n evaluates each parameter that begins with `=`, and a text from a customer's row or from an edited cell may
	 * begin so. Such a text becomes a value of the item, and the parameter becomes an expression that gives that value.
	 */
	parameterOf(value: Cell): Cell {
		const storableValue = withoutNul(value);
		if (typeof storableValue !== 'string' || !storableValue.startsWith('=')) {
			return storableValue;
		}
		const fieldName = this.#nextFieldName();
		this.item[fieldName] = storableValue;
		return expression(`$('${TRIGGER_NAME}').first().json.${fieldName}`);
	}

	/** Makes the parameters for the columns of a row. */
	columnParameters(cells: Readonly<Record<string, Cell>>): INodeParameters {
		const entries = Object.entries(cells).map(([column, cell]) => [column, this.parameterOf(cell)] as const);
		return { mappingMode: 'defineBelow', value: Object.fromEntries(entries) };
	}

	/**
	 * Adds a list of rows to the item.
	 * @returns the name of the field that holds them
	 */
	addRowsAsField(rows: ReadonlyArray<Readonly<Record<string, Cell>>>): string {
		const fieldName = this.#nextFieldName();
		this.item[fieldName] = rows.map((row) => {
			const cells = Object.entries(row).map(([column, value]) => [column, withoutNul(value)] as const);
			return Object.fromEntries(cells);
		});
		return fieldName;
	}

	#nextFieldName(): string {
		this.#valueCount += 1;
		return `value${this.#valueCount}`;
	}
}

/** Removes NUL characters, for which PostgreSQL refuses the whole statement. */
function withoutNul(value: Cell): Cell {
	return typeof value === 'string' ? value.replaceAll('\0', '') : value;
}

/** The nodes of an inline workflow and their connections. */
class WorkflowGraph {
	readonly #nodes: INode[] = [];
	readonly #connections: IConnections = {};

	constructor() {
		const parameters = { inputSource: 'passthrough' };
		this.#addNode(TRIGGER_NAME, [0, 0], 'n8n-nodes-base.executeWorkflowTrigger', 1.1, parameters);
	}

	get workflow(): IExecuteWorkflowInfo {
		const code = {
			name: 'Sync tables',
			active: false,
			nodes: this.#nodes,
			connections: this.#connections,
			settings: WORKFLOW_SETTINGS,
		};
		return { code: code as unknown as NonNullable<IExecuteWorkflowInfo['code']> };
	}

	addStep(index: number, parameters: INodeParameters): void {
		const node = this.#addNode(
			stepName(index),
			[400, index * 200],
			'n8n-nodes-base.dataTable',
			1,
			parameters,
		);
		// Makes a step that finds no row give one empty item, since the collector waits for an item of each step.
		node.alwaysOutputData = true;
	}

	/** Lets a step run with the list of items that a field of the trigger's item holds. */
	putItemsBefore(index: number, field: string): void {
		const name = `Items ${index + 1}`;
		const parameters = { fieldToSplitOut: field, include: 'noOtherFields', options: {} };
		this.#addNode(name, [200, index * 200], 'n8n-nodes-base.splitOut', 1, parameters);
		this.connect(TRIGGER_NAME, name);
		this.connect(name, stepName(index));
	}

	/**
	 * Adds the collector: a node that gives all needed results, one after the other, and after each of them the item of the trigger. If nobody needs
	 * the last step's result, the collector waits for that step as well: otherwise n8n would run the step after it, and return its result.
	 */
	addCollector(steps: readonly TableStep[]): void {
		const stepsNeedingResult = [...steps.entries()].filter(([, step]) => needsResult(step));
		const isLastResultNeeded = steps.slice(-1).every(needsResult);
		const numberInputs = 2 * stepsNeedingResult.length + (isLastResultNeeded ? 0 : 1);
		if (numberInputs > MOST_MERGE_INPUTS) {
			throw new Error('One call asks for too many results');
		}
		const parameters = { mode: 'append', numberInputs };
		this.#addNode(COLLECTOR_NAME, [600, steps.length * 200], 'n8n-nodes-base.merge', 3, parameters);
		for (const [resultIndex, [stepIndex]] of stepsNeedingResult.entries()) {
			this.connect(stepName(stepIndex), COLLECTOR_NAME, 2 * resultIndex);
			this.connect(TRIGGER_NAME, COLLECTOR_NAME, 2 * resultIndex + 1);
		}
		if (!isLastResultNeeded) {
			this.connect(stepName(steps.length - 1), COLLECTOR_NAME, numberInputs - 1);
		}
	}

	connect(from: string, to: string, inputIndex = 0): void {
		const { main = [] } = this.#connections[from] ?? {};
		const [targets] = main;
		this.#connections[from] = { main: [[...(targets ?? []), { node: to, type: 'main', index: inputIndex }]] };
	}

	#addNode(
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
 * The settings of the inline workflow. Without them n8n would use those of the calling workflow, and its error workflow. The caller policy
 * is set because n8n checks it for inline workflows as well, and the default of an instance may be `none`.
 */
const WORKFLOW_SETTINGS = {
	executionOrder: 'v1',
	callerPolicy: 'workflowsFromSameOwner',
	saveDataSuccessExecution: 'none',
	saveDataErrorExecution: 'none',
	saveManualExecutions: false,
	saveExecutionProgress: false,
	executionTimeout: -1,
} as const;

function parametersOf(
	step: TableStep,
	tableNodeNames: readonly string[],
	values: WorkflowValues,
): INodeParameters {
	switch (step.do) {
		case 'find':
		case 'list': {
			const filterName = values.parameterOf(step.nameContains);
			return { resource: 'table', operation: 'list', returnAll: true, options: { filterName } };
		}
		case 'create': {
			const column = Object.entries(step.columns).map(([name, type]) => ({ name, type }));
			return {
				resource: 'table',
				operation: 'create',
				tableName: values.parameterOf(step.name),
				columns: { column },
				options: { createIfNotExists: true },
			};
		}
		case 'drop':
			return { resource: 'table', operation: 'delete', dataTableId: tableParameter(step.table, []) };
		case 'read':
			return { ...readParameters(step, tableNodeNames), ...filterParameters(step.where, values) };
		case 'insert':
			return {
				resource: 'row',
				operation: 'insert',
				dataTableId: tableParameter(step.table, tableNodeNames),
				// A step that names its table, instead of giving the id, inserts a single row.
				columns:
					'name' in step.table
						? values.columnParameters({ ...step.rows[0] })
						: { mappingMode: 'autoMapInputData', value: null },
				options: { optimizeBulk: true },
			};
		case 'update':
			return {
				resource: 'row',
				operation: 'update',
				dataTableId: tableParameter(step.table, tableNodeNames),
				...filterParameters(step.where, values),
				columns: values.columnParameters(step.set),
				options: {},
			};
		case 'remove':
			return {
				resource: 'row',
				operation: 'deleteRows',
				dataTableId: tableParameter(step.table, tableNodeNames),
				...filterParameters(step.where, values),
				options: {},
			};
	}
}

function readParameters({ table, newest }: ReadStep, tableNodeNames: readonly string[]): INodeParameters {
	const parameters = {
		resource: 'row',
		operation: 'get',
		dataTableId: tableParameter(table, tableNodeNames),
	};
	if (newest === undefined) {
		return { ...parameters, returnAll: true };
	}
	return {
		...parameters,
		returnAll: false,
		limit: newest,
		orderBy: true,
		orderByColumn: 'id',
		orderByDirection: 'DESC',
	};
}

/** No table has this id, so n8n refuses the step in the same words as for a table that was deleted. */
const NO_TABLE = 'none';

function tableParameter(table: ReadStep['table'], tableNodeNames: readonly string[]): INodeParameters {
	if ('id' in table) {
		return tableById(table.id);
	}
	return tableById(expression(`${tableIdExpression(table.name, tableNodeNames)} ?? '${NO_TABLE}'`));
}

/**
 * An expression for the id of the table with exactly this name, undefined if there is none. n8n's own search by name uses
 * `LIKE '%name%'` and takes the table that was changed last, which may be another one.
 */
function tableIdExpression(name: string, tableNodeNames: readonly string[]): string {
	if (!PLAIN_NAME.test(name)) {
		throw new Error('The name of a table has letters, digits and underscores');
	}
	const tableItems = tableNodeNames.map((finder) => `...$('${finder}').all()`).join(', ');
	return `[${tableItems}].find((table) => table.json.name === '${name}')?.json.id`;
}

/**
 * Makes the parameter that names a table.
 * @param value the table's id, which n8n makes of letters and digits, or an expression for it. With an expression the node inserts rows one by one
 */
function tableById(value: string): INodeParameters {
	return { __rl: true, mode: 'id', value };
}

function expression(inner: string): string {
	return `={{ ${inner} }}`;
}

function filterParameters(where: ReadStep['where'], values: WorkflowValues): INodeParameters {
	const { every, some } = where ?? {};
	const conditions = (every ?? some ?? []).map((condition) => conditionParameters(condition, values));
	return { matchType: every ? 'allConditions' : 'anyCondition', filters: { conditions } };
}

/** The parameters of a condition. Empty cells have conditions of their own, because `eq` does not find them. */
function conditionParameters({ column, is, value }: Condition, values: WorkflowValues): INodeParameters {
	if (value === null) {
		return { keyName: column, condition: is === 'equal' ? 'isEmpty' : 'isNotEmpty' };
	}
	return { keyName: column, condition: CONDITION_NAMES[is], keyValue: values.parameterOf(value) };
}

function resultsIn(items: readonly IDataObject[], steps: readonly TableStep[]): unknown[][] {
	const itemsOfResults = needsCollector(steps) ? splitAtEndMarkers(items) : [items];
	return steps.map((step) => {
		if (!needsResult(step)) {
			return [];
		}
		const itemsOfResult = itemsOfResults.shift() ?? [];
		if (step.do === 'list' || step.do === 'create') {
			return tablesIn(itemsOfResult);
		}
		const rows = rowsIn(itemsOfResult);
		// n8n sorts the rows only if the step asks for the newest ones. Before n8n 2.16, PostgreSQL gives the rows of any other step in any order.
		const isSorted = step.do === 'read' && step.newest !== undefined;
		return isSorted ? rows : rows.toSorted((row, other) => row.id - other.id);
	});
}

function splitAtEndMarkers(items: readonly IDataObject[]): IDataObject[][] {
	const itemsOfResults: IDataObject[][] = [[]];
	for (const item of items) {
		if (item[END_MARKER] === true) {
			itemsOfResults.push([]);
		} else {
			itemsOfResults.at(-1)?.push(item);
		}
	}
	return itemsOfResults;
}

/** The rows among the items of a result. A row has a number as its id, a table has a text, and an empty item has no id. */
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
