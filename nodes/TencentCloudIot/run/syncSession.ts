import type { IExecuteFunctions, ICheckProcessedOptions } from 'n8n-workflow';

import { inBatches } from '../input/batches';
import { blockedBy } from '../service/outcome';
import { ALL_WELL, type KnownBefore } from '../sync/health';
import { minuteOf, StateEntries } from '../sync/state/entries';
import { beginSync } from '../sync/state/run';
import {
	ALREADY_RUNNING,
	stoppedBy,
	claimRun,
	type SyncSettings,
	type SyncCustomer,
} from '../sync/state/settings';
import { Note } from '../sync/state/note';
import type { Began } from '../sync/began';
import { SyncSession, unstoredReport, type SyncOptions } from '../sync/session';
import type { Plan, Run } from './run';
import { describeNotKept } from './report/summary';
import { systemClock } from '../host/systemClock';
import { connectionOf } from './connection';
import { FencedStore, type StateStore } from '../sync/state/store';

/** Whose state it is without a credential: nothing was pushed to this account. */
const NOBODY = { endpoint: new URL('about:blank'), appKey: '', appSecret: '' };

/** Opens the sync state of the node and looks up which calls are to be sent; none, without a usable credential. */
export async function openSyncSession(
	{ context, memory, options: { dryRun } }: Pick<Run, 'context' | 'options' | 'memory'>,
	plan: Plan,
	options: SyncOptions,
): Promise<SyncSession> {
	const connection = await connectionOf(context).catch(blockedBy);
	const [account, refusal] = 'outcome' in connection ? [NOBODY, connection] : [connection, plan.blocked];
	const { id: workflowId = '' } = context.getWorkflow();
	// A workflow that is not saved has no state to claim; others of that kind may be somebody else's.
	const isClaimed = !dryRun && workflowId !== '';
	const { id: nodeId } = context.getNode();
	const node = `${workflowId} ${nodeId}`;
	const release = isClaimed ? claimRun(node) : undefined;
	let session: SyncSession | undefined;
	try {
		const opened = await openNodeStore(context);
		const settings = {
			...(await settingsOf(context, plan, options, new StateEntries(account))),
			dryRun,
			refusal,
			reportedBefore: unstoredReport(node),
			note:
				opened.store &&
				new Note(opened.ofWorkflow, nodeId, {
					clock: systemClock,
					onForeign: () => warn(context, FOREIGN_ROW),
				}),
		};
		const isBusy = isClaimed && release === undefined;
		const began: Began = isBusy
			? { kind: 'stopped', begun: stoppedBy(ALREADY_RUNNING, settings), kept: undefined }
			: await beginSync(opened.store, settings);
		const { longestRunMinutes, sendAll } = options;
		session = new SyncSession({
			began,
			sendAll,
			whyNone: 'why' in opened ? opened.why : undefined,
			known: memory.knownBefore(knownBy(began)),
			minute: minuteOf(systemClock.nowMs()),
			isManual: settings.isManual,
			earlier: plan.earlier,
			endMs: longestRunMinutes > 0 ? systemClock.elapsedMs() + longestRunMinutes * 60_000 : undefined,
			clock: systemClock,
			release,
			node,
			onNotKept: (notKept) => warn(context, describeNotKept(notKept)[0]),
		});
		return session;
	} finally {
		if (session === undefined) release?.();
	}
}

async function settingsOf(
	context: IExecuteFunctions,
	{ calls, withheld, leftOut = new Map(), named = () => ({ devices: 0, products: new Map() }) }: Plan,
	options: SyncOptions,
	entries: StateEntries,
): Promise<Omit<SyncSettings, 'dryRun' | 'refusal'>> {
	const customers: SyncCustomer[] = [];
	const others = new Set(withheld.flatMap(({ customerId }) => customerId ?? []));
	const inPart = new Set<string>();
	for await (const batch of inBatches(calls)) {
		for (const { customer } of batch) {
			const { id, devices } = customer!;
			customers.push({ customerId: id, fingerprint: entries.fingerprint(id, devices) });
			if (others.delete(id)) inPart.add(id);
		}
	}
	return {
		...options,
		entries,
		customers,
		withheld: [...others],
		inPart,
		leftOut: [...leftOut.keys()],
		rows: named(),
		clock: systemClock,
		signal: context.getExecutionCancelSignal(),
		isManual: context.getMode() === 'manual',
		// Nothing else shows that a node waits.
		onWait: (longestMs) => {
			const wait = `Waiting ${longestMs / 1000} seconds for its heartbeat before every customer is sent.`;
			warn(context, `an earlier run was interrupted or is still active. ${wait}`);
		},
	};
}

/** What was reported before, as the state has it. */
function knownBy({ begun }: Began): KnownBefore {
	const { stopped, failing, lostDevices, gone } = begun;
	// Beside another run it is not known.
	const reported = stopped === ALREADY_RUNNING ? undefined : (begun.reported ?? ALL_WELL);
	const all = (gone ?? 0) + (reported?.gone ?? 0);
	return { reported, failing, lostDevices, gone: gone === undefined && all === 0 ? undefined : all };
}

/** What the log says where nothing can be noted of the state. */
const FOREIGN_ROW =
	"a Remove Duplicates node with the scope 'Workflow' keeps a value in the row that Sync notes its state in, so that a lost state looks like a first run. Set its scope to 'Node'.";

function warn(context: IExecuteFunctions, what: string): void {
	const { name } = context.getNode();
	const { id = '' } = context.getWorkflow();
	context.logger.warn(`Sync in node '${name}' of workflow ${id}: ${what}`);
}

/** Without a limit: n8n would drop the oldest. */
const ENTRIES: ICheckProcessedOptions = { mode: 'entries' };

type Helpers = Pick<
	IExecuteFunctions['helpers'],
	'checkProcessedAndRecord' | 'removeProcessed' | 'clearAllProcessedItems' | 'getProcessedDataCount'
>;

/** What is needed of an execution's context. */
export interface NodeContext {
	helpers: Helpers;
	getWorkflow(): { id?: string | undefined };
}

/**
 * The store of the node in n8n's own database: the table behind Remove Duplicates. n8n keeps it by the ids of workflow
 * and node, so that it outlives renaming and editing, and stores an MD5 of each entry. A copy of either begins anew.
 * @returns it beside what all nodes of its workflow share; or why there is none
 */
export async function openNodeStore(context: NodeContext) {
	const { helpers } = context;
	if (!context.getWorkflow().id) return { store: undefined, why: 'the workflow is not saved' };
	const why = 'this n8n version has no deduplication store';
	if (typeof helpers.checkProcessedAndRecord !== 'function') return { store: undefined, why };
	const ofWorkflow = storeOver(helpers, 'workflow');
	try {
		// A small row, where there is one.
		await new FencedStore(ofWorkflow, systemClock).count();
	} catch (cause) {
		// n8n asserts that it has a store at all. Whatever else went wrong may pass, and is for the run to see.
		if ((cause as { code?: unknown }).code === 'ERR_ASSERTION') return { store: undefined, why };
	}
	return { store: storeOver(helpers), ofWorkflow };
}

/** The store behind an execution's deduplication helpers. */
export function storeOver(helpers: Helpers, scope: 'node' | 'workflow' = 'node'): StateStore {
	return {
		record: async (entries, most) => {
			const options = most === undefined ? ENTRIES : { ...ENTRIES, maxEntries: most };
			const { processed } = await helpers.checkProcessedAndRecord([...entries], scope, options);
			return new Set(processed.map(String));
		},
		forget: async (entries) => await helpers.removeProcessed([...entries], scope, ENTRIES),
		clear: async () => await helpers.clearAllProcessedItems(scope, ENTRIES),
		count: async () => await helpers.getProcessedDataCount(scope, ENTRIES),
	};
}
