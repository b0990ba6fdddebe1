import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';
import {
	createProcessedData,
	dataTablesBeside,
	n8nWorkflow,
	type NodeResult,
	type ProcessedDataTable,
} from '../../embedded/embeddedEngine.mts';
import type { DataTableColumn, DataTableRow } from '../../embedded/dataTables.mts';
import type { ProcessedRow } from '../../embedded/processedData.mts';
import { loadTestedNode, testedBuild } from '../support/testedBuild.mts';
import { NodeProcess, TimelineClock } from '../timelines/outsideJest.mts';
import type { SimulatorAccess } from './operationRun.mts';
import { runPush, type PushRun } from './pushRun.mts';

/** The node's key in `processed_data`. */
export const ENTRIES_KEY = 'workflow n:node';

export const KEPT_FOLDER = join(import.meta.dirname, 'kept');

/** A node as n8n stores it, without default values, and as the editor opens it, with all parameters. */
export interface KeptNode {
	workflow: string;
	name: string;
	typeVersion: number;
	credentials: string[];
	stored: INodeParameters;
	opened: INodeParameters;
}

/** What a version stored in n8n's database. The file of a published version never changes. */
export interface KeptVersion {
	/** When a Sync had pushed the rows. Unix milliseconds. */
	atMs: number;
	/** No server listens there when a test opens the state. */
	account: SimulatorAccess;
	rows: IDataObject[];
	/** The node's row in n8n's table `processed_data`, and n8n's Data Tables. */
	state: {
		entries: ProcessedRow;
		tables: Array<{ name: string; columns: DataTableColumn[]; rows: DataTableRow[] }>;
	};
	/** All nodes of the example workflows. */
	nodes: KeptNode[];
}

export const readKept = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as KeptVersion;

/** By commit: what Sync stored about 20 customers in another format, its entries by the keys of `processed_data`. */
export const readForeign = () =>
	JSON.parse(readFileSync(join(KEPT_FOLDER, 'foreign/states.json'), 'utf8')) as Record<
		string,
		Record<string, string>
	>;

/** Runs Sync on a state as a schedule does, a quarter of an hour after `atMs`. */
export async function syncOn(
	state: ProcessedDataTable,
	{ account, atMs }: Pick<KeptVersion, 'account' | 'atMs'>,
	rows: IDataObject[],
	run: PushRun = {},
): Promise<NodeResult> {
	const clock = new TimelineClock();
	clock.startMs = atMs + 900_000;
	const { nodeType, credentialType } = new NodeProcess(testedBuild, clock);
	return await runPush(rows, account, {
		operation: 'sync',
		onError: 'continueErrorOutput',
		options: { outputItemPer: 'run' },
		mode: 'trigger',
		processedData: state,
		nodeType,
		credentialType,
		...run,
	});
}

/** The state of a version, which a test may change. */
export async function stateOf({ state }: KeptVersion): Promise<ProcessedDataTable> {
	const table = createProcessedData();
	await table.insert(ENTRIES_KEY, state.entries);
	const tables = dataTablesBeside(table);
	for (const { name, columns, rows } of state.tables) {
		const { id: tableId } = tables.create(name, columns);
		const cells = rows.map((row) =>
			Object.fromEntries(columns.map((column) => [column.name, row[column.name] ?? null])),
		);
		tables.insertRows(tableId, cells);
	}
	return table;
}

/** A node's parameters as n8n's editor opens them, and as n8n stores what was opened. */
export function openAndStore(parameters: INodeParameters, typeVersion: number) {
	const { description } = loadTestedNode().nodeType;
	const { properties } = description;
	const { getNodeParameters, getNodeParametersIssues } = n8nWorkflow.NodeHelpers;
	const node = { typeVersion } as INode;
	const opened = getNodeParameters(properties, parameters, true, false, node, description)!;
	const stored = getNodeParameters(properties, opened, false, false, node, description)!;
	const issues = getNodeParametersIssues(properties, { ...node, parameters: opened }, description);
	return { opened, stored, issues };
}
