import type { NamedDevices } from '../service/devices';
import { inBatches } from '../input/batches';
import { blockedBy } from '../service/outcome';
import type { Began } from '../sync/began';
import { ALL_WELL, type KnownBefore } from '../sync/health';
import { claimInProcess } from '../sync/lock/lock';
import { StateHashes } from '../sync/state/hashes';
import { withRoomForState } from '../sync/log/roomForState';
import { ALREADY_RUNNING, beginSync, besideAnother } from '../sync/state/run';
import { minuteOf, type SyncCustomer, type SyncSettings } from '../sync/state/settings';
import { SyncSession, unstoredReport, type SyncOptions } from '../sync/session';
import type { Plan, Run } from './run';
import { describeNotKept } from './report/summary';
import { systemClock } from '../host/systemClock';
import { openSyncTable } from './syncTable';

/** Whose state it is without a credential: nothing was pushed to this account. */
const NOBODY = { endpoint: new URL('about:blank'), appKey: '', appSecret: '' };

/** Opens the sync state of the node and looks up which calls are to be sent; none, without a usable credential. */
export async function openSyncSession(
	run: Pick<Run, 'execution' | 'ports' | 'options' | 'memory'>,
	plan: Plan,
	options: SyncOptions & Pick<SyncSettings, 'writesReceipts'>,
): Promise<SyncSession> {
	const { ports, memory, options: runOptions } = run;
	const { workflow, node: ofWorkflow } = run.execution;
	const { dryRun, timeout, rowHandling } = runOptions;
	const connection = await ports.credential.connection().catch(blockedBy);
	const [account, refusal] = 'outcome' in connection ? [NOBODY, connection] : [connection, plan.blocked];
	// A workflow that is not saved has no state to claim; others of that kind may be somebody else's.
	const isSaved = workflow.id !== '';
	const isClaimed = !dryRun && isSaved;
	const node = `${workflow.id} ${ofWorkflow.id}`;
	const release = isClaimed ? claimInProcess(node) : undefined;
	let session: SyncSession | undefined;
	try {
		const settings = {
			...(await settingsOf(run, plan, options, new StateHashes(account))),
			node,
			timeoutMs: timeout * 1000,
			dryRun,
			refusal,
			isSharing: rowHandling?.sharedDevices === 'allow',
			reportedBefore: unstoredReport(node),
		};
		const isBusy = isClaimed && release === undefined;
		const shown = { key: node, workflow: workflow.name, node: ofWorkflow.name };
		const tables = withRoomForState(ports.openTables());
		const table = isSaved ? openSyncTable(tables, ports.deduplication, shown) : undefined;
		const began: Began = isBusy ? besideAnother(settings) : await beginSync(table, settings);
		const { longestRunMinutes, sendAll, isReplacing = false, expectChangesDays = 0 } = options;
		session = new SyncSession({
			began,
			sendAll,
			isReplacing,
			expectChangesDays,
			whyNone: isSaved ? undefined : 'the workflow is not saved',
			known: memory.knownBefore(knownBy(began)),
			minute: minuteOf(systemClock.nowMs()),
			isManual: settings.isManual,
			earlier: plan.earlier,
			endMs: longestRunMinutes > 0 ? systemClock.elapsedMs() + longestRunMinutes * 60_000 : undefined,
			clock: systemClock,
			release,
			node,
			onNotKept: (notKept) => warn(run, describeNotKept(notKept)),
		});
		return session;
	} finally {
		if (session === undefined) {
			release?.();
		}
	}
}

const NO_DEVICES: NamedDevices = { devices: 0, products: new Map() };

async function settingsOf(
	run: Pick<Run, 'execution' | 'ports'>,
	{ calls, withheld, earlier, leftOut = new Map(), named }: Plan,
	options: SyncOptions,
	hashes: StateHashes,
): Promise<Omit<SyncSettings, 'node' | 'timeoutMs' | 'dryRun' | 'refusal'>> {
	const customers: SyncCustomer[] = [];
	const onlyWithheld = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const inPart = new Set<string>();
	for await (const batch of inBatches(calls)) {
		for (const { customer } of batch) {
			if (customer === undefined) {
				continue;
			}
			const { id, devices } = customer;
			customers.push({ customerId: id, fingerprint: hashes.fingerprint(id, devices), devices });
			if (onlyWithheld.delete(id)) {
				inPart.add(id);
			}
		}
	}
	return {
		...options,
		hashes,
		customers,
		settled: new Set([...earlier.keys()].filter((index) => earlier[index] !== undefined)),
		withheld: [...onlyWithheld],
		inPart,
		leftOut: [...leftOut.keys()],
		rows: (await named?.()) ?? NO_DEVICES,
		clock: systemClock,
		signal: run.execution.signal,
		isManual: run.execution.isManual,
		// Nothing else shows that a node waits.
		onWait: (longestMs) => {
			const wait = `Waiting ${Math.round(longestMs / 1000)} seconds for its heartbeat.`;
			warn(run, `an earlier run was interrupted or is still active. ${wait}`);
		},
	};
}

/** What was reported before, as the state has it. */
export function knownBy({ begun }: Began): KnownBefore {
	const { stopped, failing, untold, recent, lostDevices, moved, gone } = begun;
	// Beside another run it is not known.
	const reported = stopped === ALREADY_RUNNING ? undefined : (begun.reported ?? ALL_WELL);
	const goneInAll = (gone ?? 0) + (reported?.gone ?? 0);
	const before = { reported, failing, untold, recent, lostDevices, moved };
	return { ...before, gone: gone === undefined && goneInAll === 0 ? undefined : goneInAll };
}

function warn({ execution, ports }: Pick<Run, 'execution' | 'ports'>, text: string): void {
	const { node, workflow } = execution;
	ports.log.warn(`Sync in node '${node.name}' of workflow ${workflow.id}: ${text}`);
}
