import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { inStretches } from '../input/stretches';
import type { Operation } from '../operation';
import type { RunOptions } from '../resources/runOptions';
import { refusalOf } from '../service/outcome';
import { StateEntries, type Account, type Health } from '../sync/stateEntries';
import { beginSync } from '../sync/state/begin';
import { ALREADY_RUNNING, besideOther, claimRun } from '../sync/state/begun';
import type { SyncCustomer } from '../sync/state/lookup';
import type { SyncSettings } from '../sync/state/settings';
import { SyncRun } from '../sync/state/syncRun';
import { Sending } from '../sync/sending';
import { connectionOf } from './connectionOf';
import { executionState } from './executionState';
import { openNodeMemory } from './nodeMemory';
import type { Plan } from './plan';
import { RememberedRun, setOf } from './rememberedRun';
import { systemClock } from './systemClock';

const MINUTE_MS = 60_000;

interface Settings {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	options: RunOptions & IDataObject;
}

/** Of whom nothing is pushed: without a credential it is not known whose memory it is. */
const NOBODY: Account = { endpoint: '', appKey: '' };

/** Asks the memory of the node which calls are to be sent; none, when the credential is missing or not filled in. */
export async function beginRemembered(settings: Settings, plan: Plan): Promise<RememberedRun> {
	const { context, options } = settings;
	const startMs = systemClock.elapsedMs();
	const connection = await connectionOf(context).catch(refusalOf);
	const [account, refusal] = 'outcome' in connection ? [NOBODY, connection] : [connection, plan.refusal];
	const release = options.dryRun
		? undefined
		: claimRun(`${context.getWorkflow().id ?? ''} ${context.getNode().id}`);
	let remembered: RememberedRun | undefined;
	try {
		const syncSettings = {
			...(await settingsOf(settings, plan, new StateEntries(account))),
			refusal,
		};
		const isBusy = !options.dryRun && release === undefined;
		const opened = await openNodeMemory(context);
		const syncRun = isBusy
			? new SyncRun(besideOther(syncSettings))
			: await beginSync(opened.memory, syncSettings);
		const sending = new Sending({
			longestRunMs: Number(options.longestRun) * MINUTE_MS,
			startMs,
			elapsedMs: () => systemClock.elapsedMs(),
			isAlone: async () => await syncRun.mayStart(),
		});
		const why = 'why' in opened ? opened.why : undefined;
		const healthTold = healthToldBefore(context, plan, syncRun);
		const { sendAll } = syncSettings;
		remembered = new RememberedRun({ plan, syncRun, sending, sendAll, why, healthTold, release });
		return remembered;
	} finally {
		if (remembered === undefined) release?.();
	}
}

async function settingsOf(
	{ context, operation, options }: Settings,
	plan: Plan,
	entries: StateEntries,
): Promise<SyncSettings> {
	const customers: SyncCustomer[] = [];
	for await (const batch of inStretches(plan.calls)) {
		for (const call of batch) {
			const { customerId, devices } = setOf(call, operation);
			customers.push({ customerId, fingerprint: entries.fingerprint(customerId, devices) });
		}
	}
	return {
		entries,
		customers,
		withheld: [...new Set(plan.heldBack.flatMap(({ subject }) => subject ?? []))],
		sendAll: options.send === 'every',
		stopAbove: Number(options.stopAbove),
		pushAgainAfterDays: Number(options.pushAgainAfter),
		dryRun: options.dryRun,
		clock: systemClock,
		signal: context.getExecutionCancelSignal(),
		onWait: (longestMs) => context.logger.warn(describeWait(context, longestMs)),
	};
}

/** An earlier try of the run left how it ended, and told nobody: Retry On Fail takes its error away. */
function healthToldBefore(context: IExecuteFunctions, { ledger }: Plan, { begun }: SyncRun): Health {
	const state = executionState(context) as { healthTold?: Health | undefined };
	const known = ledger?.isNew === false ? state.healthTold : undefined;
	const told = known ?? begun.healthBefore ?? 'ok';
	// Beside another run nothing is known of the one before.
	state.healthTold = begun.stopped === ALREADY_RUNNING ? known : told;
	return told;
}

/** One line for n8n's log: nothing else tells of a node that waits. */
function describeWait(context: IExecuteFunctions, longestMs: number): string {
	const { name } = context.getNode();
	const { id = '' } = context.getWorkflow();
	return (
		`Sync in node '${name}' of workflow ${id}: an earlier run did not come to its end, or is still under way. ` +
		`Waiting up to ${longestMs / 1000} seconds for a sign of life of it before every customer is sent.`
	);
}
