import type { INodeExecutionData } from 'n8n-workflow';

import { reportRun } from '../report/runReport';
import type { RunResult } from '../result';
import { linkTo } from './requestItems';

/** The item of a whole run, linked to all of its rows. */
export function runItem(result: RunResult): INodeExecutionData {
	const itemIndexes = Array.from({ length: result.rowCount }, (_, index) => index);
	return { json: { ...reportRun(result) }, pairedItem: linkTo(itemIndexes) };
}
