import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';
import { healthOf } from '../../sync/health';
import { countEnds, countRequests, countRetries, countUnits, type RunResult } from '../result';
import type { Run } from '../run';

/**
 * Shows a run that changes something at Tencent beside its execution, where n8n offers that: its list of executions shows
 * and filters by `tencentIotHealth`, `tencentIotSent` and `tencentIotFailed`; the node's OpenTelemetry span has the run's counts.
 */
export function showBesideExecution({ context, operation, memory }: Run, result: RunResult): void {
	// What an agent calls outside of the engine's runs has no execution data of its own.
	if (operation.effect === 'read' || isToolCall(context)) return;
	const { Pushed, Due, Unchanged: unchanged, Postponed: postponed } = countEnds(result);
	const sent = Pushed + Due;
	const failed = countUnits(result, operation) - sent - unchanged - postponed;
	const health = healthOf(result);
	// n8n 1 offers nodes no custom data.
	const offered: Partial<Pick<IExecuteFunctions, 'customData' | 'setMetadata'>> = context;
	const requests = countRequests(result);
	const retries = countRetries(result);
	offered.setMetadata?.({
		tracing: { health, sent, failed, unchanged, postponed, requests, retries },
	});
	if (offered.customData === undefined) return;
	// All nodes and all rounds of a loop share the keys of their execution.
	const totals = memory.addTotals({ health, sent, failed });
	offered.customData.setAll({
		tencentIotHealth: totals.health,
		tencentIotSent: String(totals.sent),
		tencentIotFailed: String(totals.failed),
	});
}
