import { systemClock } from '../host/systemClock';
import { failureOrRethrow } from '../service/outcome';
import { LogTables } from '../sync/log/logTables';
import type { SyncOptions, SyncSession } from '../sync/session';
import { openSession } from '../sync/state/openSession';
import type { SyncSettings } from '../sync/state/settings';
import { describeNotKept } from './report/syncClauses';
import { nodeKeyOf, type Plan, type Run } from './run';
import { SyncDataTables } from './syncTable';

/** Takes the place of the account if there is no usable credential. No stored state belongs to this account. */
const NO_ACCOUNT = { endpoint: new URL('about:blank'), appKey: '', appSecret: '' };

/**
 * Opens the sync state of the node and selects the calls to send: none if there is no usable credential.
 * @param beforeWaiting called before the run waits for the run that owns the lock row, which may be dead
 */
export async function openSyncSession(
	run: Pick<Run, 'execution' | 'ports' | 'options' | 'memory' | 'startMs'>,
	plan: Plan,
	options: SyncOptions & Pick<SyncSettings, 'writesReceipts'>,
	beforeWaiting: () => void,
): Promise<SyncSession> {
	const { execution, ports, memory, options: runOptions } = run;
	const { workflow, node, signal, isManual } = execution;
	const { dryRun, timeout, rowHandling } = runOptions;
	const connectionOrFailure = await ports.credential.connection().catch(failureOrRethrow);
	const [account, refusal] =
		'outcome' in connectionOrFailure
			? [NO_ACCOUNT, connectionOrFailure]
			: [connectionOrFailure, plan.blocked];
	const nodeKey = nodeKeyOf(run);
	const syncNode = { key: nodeKey, workflow: workflow.name, node: node.name };
	// A workflow that is not saved has no id: its state would be shared with all other such workflows.
	const isWorkflowSaved = workflow.id !== '';
	const tables = new LogTables(ports.openTables()).withRoomForState();
	const table = isWorkflowSaved ? new SyncDataTables(tables, ports.deduplication, syncNode) : undefined;
	return await openSession(table, plan, {
		...options,
		account,
		refusal,
		nodeKey,
		dryRun,
		timeoutMs: timeout * 1000,
		mayShareDevices: rowHandling?.sharedDevices === 'allow',
		clock: systemClock,
		rowsReceivedMs: systemClock.nowMs() - Math.round(systemClock.elapsedMs() - run.startMs),
		signal,
		isManual,
		correctEarlierReports: (reportsReadNow, isStateRead) => memory.knownToPeople(reportsReadNow, isStateRead),
		correctUnstoredReport: (unstoredNow) => memory.unstoredBeforeRun(unstoredNow),
		// Logged because nothing else shows why the node stands still.
		onWait: (longestWaitMs) => {
			beforeWaiting();
			const waitText = `Waiting ${Math.round(longestWaitMs / 1000)} seconds for its heartbeat.`;
			warn(run, `an earlier run was interrupted or is still active. ${waitText}`);
		},
		onNotKept: (writeResult) => warn(run, describeNotKept(writeResult)),
	});
}

function warn({ execution, ports }: Pick<Run, 'execution' | 'ports'>, text: string): void {
	const { node, workflow } = execution;
	ports.log.warn(`Sync in node '${node.name}' of workflow ${workflow.id}: ${text}`);
}
