import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';
import type { Connection } from '../../service/connection';
import { digestOfText } from '../../service/digest';
import { RefusedKey } from '../attempts/refusedKey';
import { executionState } from './executionState';

/** Whether an earlier attempt of this run was refused its key. Where an agent itself calls its tool nothing is kept. */
export function refusedKeyOf(context: IExecuteFunctions, { endpoint, appKey }: Connection): RefusedKey {
	const { $runIndex } = context.getWorkflowDataProxy(0);
	const run = digestOfText([$runIndex, endpoint, appKey].map(String).join(' '), 22);
	return new RefusedKey(isToolCall(context) ? {} : executionState(context), run);
}
