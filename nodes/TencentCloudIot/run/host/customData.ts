import type { IExecuteFunctions } from 'n8n-workflow';

import { isToolCall } from '../../input/agentInput';
import type { Health } from '../../sync/state/entries';
import { healthOf } from '../../sync/health';
import { countEnds, countRequests, countRetries, countUnits, type RunResult } from '../result';
import type { Run } from '../run';

/** What all runs of an execution came to: the worst health, and how many customers, orders … */
interface Totals {
	health: Health;
	/** Accepted. */
	sent: number;
	/** Refused, unclear, not sent or withheld. */
	failed: number;
}

/** Where the totals stand between two runs of an execution. */
interface State {
	execution: string;
	/** Without the run that is under way: Retry On Fail does it again. */
	before: Totals;
	totals: Totals;
}

const NONE: Totals = { health: 'ok', sent: 0, failed: 0 };
const WORST_FIRST: readonly Health[] = ['failing', 'degraded', 'ok'];

/**
 * Shows a run that changes something at Tencent beside its execution, where n8n offers that: its list of executions shows
 * and filters by `tencentIotHealth`, `tencentIotSent` and `tencentIotFailed`; the node's OpenTelemetry span has the run's counts.
 */
export function showBesideExecution({ context, operation }: Run, result: RunResult): void {
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
	const totals = addToExecution(context, result, { health, sent, failed });
	offered.customData.setAll({
		tencentIotHealth: totals.health,
		tencentIotSent: String(totals.sent),
		tencentIotFailed: String(totals.failed),
	});
}

/** All nodes and all rounds of a loop share the keys of their execution. */
function addToExecution(context: IExecuteFunctions, { isRetry }: RunResult, run: Totals): Totals {
	const shared = context.getContext('flow') as { tencentCloudIot?: State };
	const execution = context.getExecutionId();
	const known = shared.tencentCloudIot?.execution === execution ? shared.tencentCloudIot : undefined;
	const before = (isRetry ? known?.before : known?.totals) ?? NONE;
	const totals = {
		health: WORST_FIRST.find((health) => [before.health, run.health].includes(health))!,
		sent: before.sent + run.sent,
		failed: before.failed + run.failed,
	};
	shared.tencentCloudIot = { execution, before, totals };
	return totals;
}
