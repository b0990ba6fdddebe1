import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { loadBuiltNode, runNode } from '../embedded/embeddedEngine.mts';
import type { CrmRow } from './crmRows.mts';
import type { ColumnNames } from './fields.mts';
import { FIELDS } from './fields.mts';
import type { PushResult } from './pushResult.mts';
import { readResult } from './readResult.mts';
import type { OpenTarget } from './target.mts';

/** One push of rows. */
export interface Push {
	readonly rows: readonly CrmRow[];
	readonly columns: ColumnNames;
	readonly target: OpenTarget;
	readonly dryRun: boolean;
}

/**
 * Runs the workflow "rows → the built node → succeeded / failed" on n8n's engine.
 *
 * @throws Error when the package is not built, or when the workflow itself ends with an error
 */
export async function pushRows({ rows, columns, target, dryRun }: Push): Promise<PushResult> {
	const { requestsPerSecond, credentials } = target;
	const result = await runNode({
		...loadBuiltNode(),
		rows: rows.map((row): INodeExecutionData => ({ json: { ...row } })),
		parameters: { columns: mapColumns(columns), options: { requestsPerSecond, dryRun } },
		credentials,
		onError: 'continueErrorOutput',
	});
	if (result.status !== 'success') {
		throw new Error(`The workflow ended with the status ${result.status}: ${result.failure?.message ?? ''}`);
	}
	return readResult(result);
}

/** What dragging each column onto its field stores. */
function mapColumns(columns: ColumnNames): INodeParameters {
	const value = FIELDS.map((field) => [field, `={{ $json[${JSON.stringify(columns[field])}] }}`]);
	return { mappingMode: 'defineBelow', value: Object.fromEntries(value) as INodeParameters };
}
