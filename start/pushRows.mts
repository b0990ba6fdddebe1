import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { NodeResult, ProcessedDataTable } from '../embedded/embeddedEngine.mts';
import { loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import type { CrmRow } from './crmRows.mts';
import type { ColumnNames } from './fields.mts';
import { FIELDS } from './fields.mts';
import type { PushResult } from './pushResult.mts';
import { readResult } from './readResult.mts';
import type { SyncResult } from './syncResult.mts';
import { readSyncResult } from './syncResult.mts';
import type { OpenTarget } from './target.mts';

/** Rows, and where they go. */
export interface Delivery {
	readonly rows: readonly CrmRow[];
	readonly columns: ColumnNames;
	readonly target: OpenTarget;
	/** Cancels the run, as Stop does in n8n; what was done until then is reported. */
	readonly signal?: AbortSignal;
}

/**
 * Pushes every customer of the rows.
 *
 * @throws Error when the package is not built, or when the workflow itself ends with an error
 */
export async function pushRows(delivery: Delivery, { dryRun }: { dryRun: boolean }): Promise<PushResult> {
	return readResult(await runBuiltNode(delivery, { options: { dryRun } }));
}

/**
 * Syncs the rows: pushes the customers that changed since they were last accepted, by what the memory holds.
 *
 * @throws Error as `pushRows` does, and when the node could not even begin
 */
export async function syncRows(delivery: Delivery, memory: ProcessedDataTable): Promise<SyncResult> {
	const parameters = { operation: 'sync', options: { outputItemPer: 'run' } };
	return readSyncResult(await runBuiltNode(delivery, parameters, memory));
}

/** Runs the workflow "rows → the built node → succeeded / failed" on n8n's engine. */
async function runBuiltNode(
	{ rows, columns, target, signal }: Delivery,
	{ options, ...parameters }: INodeParameters & { options: INodeParameters },
	processedData?: ProcessedDataTable,
): Promise<NodeResult> {
	const { requestsPerSecond, credentials } = target;
	const result = await runNode({
		...loadBuiltNode(),
		rows: rows.map((row): INodeExecutionData => ({ json: { ...row } })),
		parameters: { ...parameters, columns: mapColumns(columns), options: { requestsPerSecond, ...options } },
		credentials,
		onError: 'continueErrorOutput',
		processedData,
		signal,
	});
	if (result.status === 'canceled') {
		// Nothing behind a cancelled node runs, so its own outputs are read.
		const [success, error] = result.runs.at(-1)?.data?.main ?? [];
		return { ...result, success: success ?? [], error: error ?? [] };
	}
	if (result.status !== 'success') {
		throw new Error(`The workflow ended with the status ${result.status}: ${result.failure?.message ?? ''}`);
	}
	return result;
}

/** What dragging each column onto its field stores. */
function mapColumns(columns: ColumnNames): INodeParameters {
	const value = FIELDS.map((field) => [field, `={{ $json[${JSON.stringify(columns[field])}] }}`]);
	return { mappingMode: 'defineBelow', value: Object.fromEntries(value) as INodeParameters };
}
