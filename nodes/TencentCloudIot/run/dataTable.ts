import type {
	ICheckProcessedOptions,
	IDataObject,
	IExecuteFunctions,
	IExecuteWorkflowInfo,
	INode,
	INodeParameters,
} from 'n8n-workflow';

import { type LockRow, NoTable, type SyncTable } from '../sync/state/table';

/** The Data Table that all Sync nodes of a project share. Whoever deletes it resets them. */
const TABLE = 'tencent_iot_sync';

const COLUMNS = {
	node: 'string',
	role: 'string',
	owner: 'string',
	stamp: 'string',
	stateId: 'number',
	doubtId: 'number',
	last: 'string',
	content: 'string',
} as const;

/** What is needed of an execution's context. */
export type TableContext = Pick<IExecuteFunctions, 'executeWorkflow' | 'getExecutionCancelSignal'> & {
	helpers: Partial<
		Pick<
			IExecuteFunctions['helpers'],
			'checkProcessedAndRecord' | 'clearAllProcessedItems' | 'getProcessedDataCount'
		>
	>;
};

/** n8n's errors where it has no Data Tables: an old version, the module or the node switched off. */
const WITHOUT_TABLES = /module is disabled|unrecognized node type|unknown node type/i;
/** n8n's error where the table with the id that this process knows has been deleted. */
const NOT_FOUND = /could not be found|not found/i;

/** The table's id, by the keys of the nodes in this process. */
const tableIds = new Map<string, string>();

type Condition = { keyName: string; condition: string; keyValue: string | number };

/**
 * The rows of a Sync node in n8n's Data Table. Only n8n's own node may use Data Tables, so each call is an inline sub-workflow that
 * has this node once or twice. It is of the project of the workflow, and n8n stores nothing of it.
 * @param key names workflow and node
 */
export function openDataTable(context: TableContext, key: string): SyncTable {
	const run = async (...steps: INodeParameters[]): Promise<IDataObject[]> => {
		try {
			const { data } = await context.executeWorkflow(workflowOf(steps), [{ json: {} }]);
			const items = data[0] ?? [];
			// A step that finds no row gives one empty item, so that n8n goes on.
			return items.map(({ json }) => json).filter(({ id }) => id !== undefined);
		} catch (cause) {
			const { message } = cause as Error;
			if (WITHOUT_TABLES.test(message)) throw new NoTable(message, { cause });
			throw cause;
		}
	};
	const ofNode = (role: 'lock' | 'content') => [equal('node', key), equal('role', role)];
	/** By its whole name: n8n takes any table whose name contains the one that it looks for. */
	const findTable = async () => {
		const tables = await run(listTables());
		return tables.find(({ name }) => name === TABLE)?.['id'] as string | undefined;
	};
	const readAll = async () => {
		const known = tableIds.get(key);
		if (known !== undefined) {
			try {
				return await run(inTable(known, get([equal('node', key)])));
			} catch (cause) {
				if (!NOT_FOUND.test((cause as Error).message)) throw cause;
			}
		}
		let id = await findTable();
		if (id === undefined) {
			// Another run may create it at this moment.
			await run(createTable()).catch(() => []);
			id = await findTable();
		}
		if (id === undefined) throw new NoTable(`${TABLE} cannot be created`);
		tableIds.set(key, id);
		return await run(inTable(id, get([equal('node', key)])));
	};
	/** What follows the first read is in the same table. */
	const runIn = async (...steps: INodeParameters[]) => {
		const id = tableIds.get(key)!;
		return await run(...steps.map((step) => inTable(id, step)));
	};
	return {
		all: async () => {
			const rows = await readAll();
			const contents = rows.filter(({ role }) => role === 'content');
			return {
				locks: rows.filter(({ role }) => role === 'lock').map(lockRowOf),
				contents: new Map(contents.map(({ id, content }) => [Number(id), String(content)])),
			};
		},
		locks: async () => (await runIn(get(ofNode('lock')))).map(lockRowOf),
		addLockRow: async (row) => void (await runIn(insert({ ...row, node: key, role: 'lock' }))),
		removeLockRow: async ({ id, stamp }) =>
			void (await runIn(remove([...ofNode('lock'), equal('id', id), equal('stamp', stamp)]))),
		change: async ({ id, stamp }, set, content) => {
			const seen = [equal('id', id), equal('stamp', stamp)];
			const { text, column } = content ?? {};
			const steps =
				column === undefined
					? [update(seen, set)]
					: [
							insert({ node: key, role: 'content', content: text! }),
							update(seen, { ...set, [column]: '={{ $json.id }}' }),
						];
			try {
				const [row] = await runIn(...steps);
				return row && lockRowOf(row);
			} catch (cause) {
				// After the time limit of an execution n8n runs only sub-workflows that nobody waits for.
				if (context.getExecutionCancelSignal()?.aborted)
					await context.executeWorkflow(
						workflowOf(steps.map((step) => inTable(tableIds.get(key)!, step))),
						[{ json: {} }],
						undefined,
						{ doNotWaitToFinish: true },
					);
				throw cause;
			}
		},
		removeContents: async (below, except) => {
			const older: Condition = { keyName: 'id', condition: 'lt', keyValue: below };
			const others: Condition = { keyName: 'id', condition: 'neq', keyValue: except };
			await runIn(remove([...ofNode('content'), older, others]));
		},
		hadState: async () => {
			const count = (await context.helpers.getProcessedDataCount?.('node', ENTRIES)) ?? 0;
			// Earlier versions of this package kept many entries there.
			return count === 0 ? 'never' : count === 1 ? 'had' : 'otherFormat';
		},
		noteState: async () => {
			const { clearAllProcessedItems, checkProcessedAndRecord } = context.helpers;
			await clearAllProcessedItems?.('node', ENTRIES);
			await checkProcessedAndRecord?.(['has had a state'], 'node', ENTRIES);
		},
	};
}

const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };

/** A workflow of the trigger and one Data Table node for each step; n8n is to store nothing of it. */
function workflowOf(steps: readonly INodeParameters[]): IExecuteWorkflowInfo {
	const trigger: INode = {
		id: 'trigger',
		name: 'Trigger',
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		position: [0, 0],
		parameters: { inputSource: 'passthrough' },
	};
	const tables = steps.map(
		(parameters, index): INode => ({
			id: `step${index}`,
			name: `Step ${index}`,
			type: 'n8n-nodes-base.dataTable',
			typeVersion: 1,
			position: [200 * (index + 1), 0],
			alwaysOutputData: true,
			parameters,
		}),
	);
	const nodes = [trigger, ...tables];
	const connections = Object.fromEntries(
		tables.map(({ name }, index) => [
			nodes[index]!.name,
			{ main: [[{ node: name, type: 'main' as const, index: 0 }]] },
		]),
	);
	const settings = {
		executionOrder: 'v1' as const,
		saveDataSuccessExecution: 'none' as const,
		saveDataErrorExecution: 'none' as const,
		saveManualExecutions: false,
		saveExecutionProgress: false,
		executionTimeout: -1,
	};
	const code = { name: 'Sync state', active: false, nodes, connections, settings };
	return { code: code as unknown as NonNullable<IExecuteWorkflowInfo['code']> };
}

function inTable(id: string, step: INodeParameters): INodeParameters {
	return { ...step, resource: 'row', dataTableId: { __rl: true, mode: 'id', value: id } };
}

function equal(keyName: string, keyValue: string | number): Condition {
	return { keyName, condition: 'eq', keyValue };
}

function where(conditions: readonly Condition[]) {
	return { matchType: 'allConditions', filters: { conditions: [...conditions] } };
}

function get(conditions: readonly Condition[]): INodeParameters {
	return { ...where(conditions), operation: 'get', returnAll: true };
}

function update(conditions: readonly Condition[], set: INodeParameters): INodeParameters {
	const columns = { mappingMode: 'defineBelow', value: set };
	return { ...where(conditions), operation: 'update', columns, options: {} };
}

function insert(value: INodeParameters): INodeParameters {
	const columns = { mappingMode: 'defineBelow', value };
	return { operation: 'insert', columns, options: {} };
}

function remove(conditions: readonly Condition[]): INodeParameters {
	return { ...where(conditions), operation: 'deleteRows', options: {} };
}

function listTables(): INodeParameters {
	return { resource: 'table', operation: 'list', returnAll: true, options: { filterName: TABLE } };
}

function createTable(): INodeParameters {
	const column = Object.entries(COLUMNS).map(([name, type]) => ({ name, type }));
	return {
		resource: 'table',
		operation: 'create',
		tableName: TABLE,
		columns: { column },
		options: { createIfNotExists: false },
	};
}

function lockRowOf({ id, owner, stamp, stateId, doubtId, last }: IDataObject): LockRow {
	return {
		id: Number(id),
		owner: String(owner),
		stamp: String(stamp),
		stateId: Number(stateId ?? 0),
		doubtId: Number(doubtId ?? 0),
		last: String(last ?? ''),
	};
}
