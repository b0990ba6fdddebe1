import type { ExecuteWorkflowData, IDataObject, INode, INodeExecutionData, IWorkflowBase } from 'n8n-workflow';
import type { ProcessedDataTable } from './processedData.mts';

type Row = IDataObject & { id: number };
interface Table {
	columns: string[];
	rows: Row[];
	lastId: number;
}
interface Condition {
	keyName: string;
	condition: 'eq' | 'neq' | 'lt';
	keyValue: string | number;
}

/** The Data Tables of a project, by their names. */
export type DataTables = Map<string, Table>;

const tablesOf = new WeakMap<ProcessedDataTable, DataTables>();

/** The Data Tables in the same database. */
export function dataTablesBeside(processedData: ProcessedDataTable): DataTables {
	let tables = tablesOf.get(processedData);
	if (tables === undefined) tablesOf.set(processedData, (tables = new Map()));
	return tables;
}

const TYPE = 'n8n-nodes-base.dataTable';

/**
 * Runs an inline sub-workflow of a trigger and Data Table nodes, one after the other, with what n8n 2.41 does for them
 * (packages/cli/src/modules/data-table/data-table-rows.repository: `insertRows`, `updateRows`, `deleteRows`, `getManyAndCount`; and
 * packages/nodes-base/nodes/DataTable). An UPDATE or DELETE without a condition is refused, one that meets no row returns nothing.
 */
export function executeDataTables(code: IWorkflowBase, tables: DataTables): ExecuteWorkflowData {
	const nodes = code.nodes.filter(({ type }) => type === TYPE);
	if (nodes.length !== code.nodes.length - 1) throw new Error('This host runs Data Table nodes only');
	let items: INodeExecutionData[] = [{ json: {} }];
	for (const node of nodes) {
		const json = items[0]!.json;
		const rows = step(node, json, tables).map((row): INodeExecutionData => ({ json: { ...row } }));
		items = rows.length === 0 && node.alwaysOutputData === true ? [{ json: {} }] : rows;
	}
	return { executionId: 'inline', data: [items] };
}

function step({ parameters }: INode, json: IDataObject, tables: DataTables): IDataObject[] {
	const { resource, operation } = parameters;
	if (resource === 'table' && operation === 'create') {
		const name = String(parameters['tableName']);
		const { column } = parameters['columns'] as { column: Array<{ name: string }> };
		if (tables.has(name)) throw new Error(`Data table with name '${name}' already exists in this project`);
		tables.set(name, { columns: column.map((one) => one.name), rows: [], lastId: 0 });
		return [{ id: name, name }];
	}
	if (resource === 'table' && operation === 'list') return [...tables.keys()].map((name) => ({ id: name, name }));
	const { value: name } = parameters['dataTableId'] as { value: string };
	const table = tables.get(name);
	if (table === undefined) throw new Error(`Data table with ID '${name}' could not be found in this project`);
	const { conditions } = (parameters["filters"] ?? { conditions: [] }) as unknown as { conditions: Condition[] };
	if ((operation === 'update' || operation === 'deleteRows') && conditions.length === 0)
		throw new Error('At least one condition is required');
	const meets = (row: Row) => {
		const met = conditions.map(({ keyName, condition, keyValue }) => {
			const value = row[keyName] as string | number;
			if (condition === 'lt') return value < keyValue;
			return condition === 'neq' ? value !== keyValue : value === keyValue;
		});
		return parameters['matchType'] === 'allConditions' ? met.every(Boolean) : met.some(Boolean);
	};
	const found = table.rows.filter(meets);
	switch (operation) {
		case 'get':
			return found;
		case 'insert': {
			const none = Object.fromEntries(table.columns.map((column) => [column, null]));
			const row = { ...none, ...valuesOf(parameters, json, table), id: ++table.lastId };
			table.rows.push(row);
			return [row];
		}
		case 'update':
			for (const row of found) Object.assign(row, valuesOf(parameters, json, table));
			return found;
		case 'deleteRows':
			table.rows = table.rows.filter((row) => !found.includes(row));
			return found;
		default:
			throw new Error(`This host has no operation ${String(operation)} of Data tables`);
	}
}

/** The one expression that it knows is the id of the row before. */
function valuesOf(parameters: INode['parameters'], json: IDataObject, { columns }: Table): IDataObject {
	const { value } = parameters['columns'] as { value: IDataObject };
	const unknown = Object.keys(value).find((column) => !columns.includes(column));
	if (unknown !== undefined) throw new Error(`Unknown column name '${unknown}'`);
	return Object.fromEntries(
		Object.entries(value).map(([column, one]) => [column, one === '={{ $json.id }}' ? json['id'] : one]),
	);
}
