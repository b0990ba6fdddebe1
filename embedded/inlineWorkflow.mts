import type {
	ExecuteWorkflowData,
	IDataObject,
	INode,
	INodeExecutionData,
	IWorkflowBase,
} from 'n8n-workflow';
import type { DataTableColumn, DataTables, RowCondition, RowFilter } from './dataTables.mts';

const TRIGGER = 'n8n-nodes-base.executeWorkflowTrigger';
const DATA_TABLE = 'n8n-nodes-base.dataTable';
const SPLIT_OUT = 'n8n-nodes-base.splitOut';
const MERGE = 'n8n-nodes-base.merge';

/**
 * Runs an inline sub-workflow of Data Table, Split Out and Merge nodes as n8n 2.41 does, but without its engine, which takes tens of
 * milliseconds for each. The nodes after a node run from top to bottom, each branch to its end, but only with at least one item.
 * Merge runs as soon as it has all of its inputs, or else last. The result is the output of the last node.
 * Sources: packages/nodes-base/nodes/DataTable (`router.ts`, `selectMany.ts`, `addRow.ts`), `Transform/SplitOut`,
 * `Merge/v3/actions/mode/append.ts`; packages/core, `WorkflowExecute` with execution order v1.
 */
export function executeInline(
	{ nodes, connections }: IWorkflowBase,
	inputData: INodeExecutionData[],
	tables: DataTables,
): ExecuteWorkflowData {
	const outputs = new Map<string, INodeExecutionData[]>();
	const inputsOfMerge = new Map<number, INodeExecutionData[]>();
	const nodeNamed = (name: string) => nodes.find((node) => node.name === name)!;
	let last: INodeExecutionData[] = [];
	let isMerged = false;
	const merge = () => {
		const inputs = [...inputsOfMerge].toSorted(([input], [nextInput]) => input - nextInput);
		last = inputs.flatMap(([, items]) => items);
		isMerged = true;
	};
	const runFrom = (node: INode, items: INodeExecutionData[]) => {
		const output = outputOf(node, items, tables, outputs);
		outputs.set(node.name, output);
		last = output;
		const targets = (connections[node.name]?.['main']?.[0] ?? [])
			.map((target) => ({ target: nodeNamed(target.node), input: target.index }))
			.toSorted((upper, lower) => upper.target.position[1] - lower.target.position[1]);
		// Merge receives a node's output as soon as the node has run, before the other connected nodes run.
		for (const { target, input } of targets) {
			if (target.type === MERGE) {
				inputsOfMerge.set(input, output);
				if (inputsOfMerge.size === target.parameters['numberInputs']) {
					merge();
				}
			}
		}
		for (const { target } of targets) {
			if (target.type !== MERGE && output.length > 0) {
				runFrom(target, output);
			}
		}
	};
	const trigger = nodes.find(({ type }) => type === TRIGGER);
	if (trigger === undefined) {
		throw new Error('The workflow has no trigger for its calls');
	}
	runFrom(trigger, inputData);
	if (inputsOfMerge.size > 0 && !isMerged) {
		merge();
	}
	return { executionId: 'inline', data: [last] };
}

function outputOf(
	node: INode,
	items: INodeExecutionData[],
	tables: DataTables,
	outputs: ReadonlyMap<string, INodeExecutionData[]>,
): INodeExecutionData[] {
	switch (node.type) {
		case TRIGGER:
			return items;
		case SPLIT_OUT:
			return items.flatMap((item) => {
				const { fieldToSplitOut } = evaluated(node.parameters, item.json, outputs);
				const elements = (item.json[String(fieldToSplitOut)] ?? []) as IDataObject[];
				return elements.map((element) => ({ json: { ...element } }));
			});
		case DATA_TABLE: {
			const found = dataTable(node, items, tables, outputs).map((json): INodeExecutionData => ({ json }));
			return found.length === 0 && node.alwaysOutputData === true ? [{ json: {} }] : found;
		}
		default:
			throw new Error(`Unrecognized node type: ${node.type}`);
	}
}

function dataTable(
	node: INode,
	items: INodeExecutionData[],
	tables: DataTables,
	outputs: ReadonlyMap<string, INodeExecutionData[]>,
): IDataObject[] {
	if (tables.isDisabled) {
		throw new Error('Attempted to use Data table node but the module is disabled');
	}
	const { resource, operation } = node.parameters;
	if (resource === 'row' && operation === 'insert') {
		return insert(node, items, tables, outputs);
	}
	return items.flatMap((item) => {
		const parameters = evaluated(node.parameters, item.json, outputs);
		return resource === 'table' ? ofTables(parameters, tables) : ofRows(parameters, tables);
	});
}

/** Inserts all items at once, or one by one if the table is an expression (`hasComplexId`). */
function insert(
	node: INode,
	items: INodeExecutionData[],
	tables: DataTables,
	outputs: ReadonlyMap<string, INodeExecutionData[]>,
): IDataObject[] {
	const { options, dataTableId } = node.parameters as unknown as NodeParameters;
	const isComplex = String(dataTableId.value).includes('{');
	const inserted = isComplex
		? items.flatMap(({ json }) => {
				const { dataTableId: table, columns } = evaluated(node.parameters, json, outputs);
				return tables.insertRows(table.value, [rowOf(columns, json)]);
			})
		: tables.insertRows(
				dataTableId.value,
				items.map(({ json }) => rowOf(evaluated(node.parameters, json, outputs).columns, json)),
			);
	if (options.optimizeBulk === true) {
		return [{ success: true, insertedRows: inserted.length }];
	}
	return inserted;
}

/** `getAddRow`: the row in the parameters, or for automatic mapping the item without `DATA_TABLE_SYSTEM_COLUMNS`. */
function rowOf({ mappingMode, value }: NodeParameters['columns'], json: IDataObject): IDataObject {
	if (mappingMode === 'defineBelow') {
		return value;
	}
	const { id: _id, createdAt: _created, updatedAt: _updated, ...row } = json;
	return row;
}

/** The parameters of the Data Table node's operations. */
interface NodeParameters {
	operation: string;
	fieldToSplitOut: string;
	tableName: string;
	dataTableId: { value: string };
	columns: { mappingMode: string; column: DataTableColumn[]; value: IDataObject };
	matchType: 'allConditions' | 'anyCondition';
	filters?: {
		conditions: Array<{ keyName: string; condition: RowCondition['condition']; keyValue?: unknown }>;
	};
	returnAll: boolean;
	limit: number;
	orderByColumn: string;
	orderByDirection: string;
	options: { filterName?: string; createIfNotExists?: boolean; optimizeBulk?: boolean };
}

function ofTables(parameters: NodeParameters, tables: DataTables): IDataObject[] {
	const { operation, tableName, columns, options, dataTableId } = parameters;
	switch (operation) {
		case 'list':
			return tables.list(options.filterName) as unknown as IDataObject[];
		case 'create': {
			const [first] = tables.list(tableName);
			if (options.createIfNotExists === true && first?.name === tableName) {
				return [first as unknown as IDataObject];
			}
			return [tables.create(tableName, columns.column) as unknown as IDataObject];
		}
		case 'delete':
			tables.drop(dataTableId.value);
			return [{ success: true }];
		default:
			throw new Error(`This host has no operation ${operation} of tables`);
	}
}

function ofRows(parameters: NodeParameters, tables: DataTables): IDataObject[] {
	const { operation, dataTableId, columns, returnAll, limit } = parameters;
	const filter = filterOf(parameters);
	switch (operation) {
		case 'get': {
			const { orderByColumn: column, orderByDirection: direction } = parameters;
			return tables.getRows(dataTableId.value, filter, returnAll ? undefined : { column, direction, limit });
		}
		case 'update':
			return tables.updateRows(dataTableId.value, filter, columns.value);
		case 'deleteRows':
			return tables.deleteRows(dataTableId.value, filter);
		default:
			throw new Error(`This host has no operation ${operation} of rows`);
	}
}

/** `buildGetManyFilter`. A missing value is `''`, the parameter's default. */
function filterOf({ matchType, filters }: NodeParameters): RowFilter {
	const conditions = (filters?.conditions ?? []).map(
		({ keyName, condition, keyValue = '' }): RowCondition => {
			const isOfEmpty = condition === 'isEmpty' || condition === 'isNotEmpty';
			return { columnName: keyName, condition, value: isOfEmpty ? null : keyValue };
		},
	);
	return { type: matchType === 'allConditions' ? 'and' : 'or', filters: conditions };
}

/** Parameters with the values of their expressions: texts that begin with `=`. */
function evaluated(
	parameters: unknown,
	json: IDataObject,
	outputs: ReadonlyMap<string, INodeExecutionData[]>,
): NodeParameters {
	const evaluate = (value: unknown): unknown => {
		if (typeof value === 'string' && value.startsWith('=')) {
			return valueOf(value, json, outputs);
		}
		if (Array.isArray(value)) {
			return value.map(evaluate);
		}
		if (typeof value === 'object' && value !== null) {
			return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, evaluate(inner)]));
		}
		return value;
	};
	return evaluate(parameters) as NodeParameters;
}

/** An expression as a function. */
type Evaluate = (...variables: unknown[]) => unknown;

/** By text: each run of a workflow has the same expressions. */
const compiledExpressions = new Map<string, Evaluate>();

function compile(text: string): Evaluate {
	const whole = /^=\{\{(.*)\}\}$/s.exec(text);
	if (whole === null) {
		throw new Error('This host evaluates whole expressions only');
	}
	return new Function('$', '$json', `return (${whole[1]});`) as Evaluate;
}

function valueOf(
	text: string,
	json: IDataObject,
	outputs: ReadonlyMap<string, INodeExecutionData[]>,
): unknown {
	const evaluate = compiledExpressions.get(text) ?? compile(text);
	compiledExpressions.set(text, evaluate);
	const node = (name: string) => {
		const items = outputs.get(name) ?? [];
		return { all: () => items, first: () => items[0], last: () => items.at(-1) };
	};
	return evaluate(node, json);
}
