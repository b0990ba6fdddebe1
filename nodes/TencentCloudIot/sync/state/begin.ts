import type { Failure } from '../../service/outcome';
import { dayOf, healthEntry } from '../stateEntries';
import { CANCELLED } from '../../service/fault';
import { allChanged, ALREADY_RUNNING, sendingAll, STATE_NOT_USABLE, type Begun } from './begun';
import { compare, type Compared } from './compare';
import { Heartbeat, TAKEOVER_WAIT_MS } from './heartbeat';
import { entriesOfLastRun, readLastRun, type LastRun } from './lastRun';
import { Lease } from './lease';
import type { SyncSettings, StateStore } from './settings';
import { SyncRun } from './syncRun';

/** A state in progress by this run. */
interface Opened {
	store: StateStore;
	lease: Lease;
	lastRun: LastRun;
	/** Days since 1970. */
	today: number;
}

/** A blocked run persists only its health. */
const AS_FAILING = {
	except: [healthEntry('failing')],
	also: [healthEntry('degraded'), healthEntry('ok')],
};

/**
 * Begins a run: queries the sync state for each customer and puts it in progress, so that it counts for nothing until the
 * run has ended.
 *
 * | step | the sync state | why |
 * | --- | --- | --- |
 * | acquire | adds `in progress` and a token; queries account, day and health of the last run | `in progress` was there: the last run was killed, or is still active |
 * | takeover wait | if it was in progress: waits for a heartbeat | an active run goes on alone and this one sends nothing; after a dead one nothing is unchanged |
 * | compare | queries a sample, and undoes everything if too much has changed; then queries all | to query is to record; a query must not make it forget |
 * | count | must be what was recorded | another run began at the same moment |
 *
 * Never rejects. A store that does not work is not used, and everything is sent. It is cleared before, because it will be
 * wrong afterwards: 'A was accepted' would still be there when B has been sent. Where it can neither be cleared nor be seen
 * to be empty, nothing is sent.
 *
 * test/sync/state/oneAfterTheOther.test.mts tries every run from every state that others may have left, with everything
 * that may become of its statements, its requests and its process: none skips a customer of whom the service has something
 * else.
 * @param store undefined where this n8n has none
 */
export async function beginSync(store: StateStore | undefined, settings: SyncSettings): Promise<SyncRun> {
	if (store === undefined) return new SyncRun(sendingAll('none', settings));
	// There is nothing to query, and what a Dry Run adds it would have to undo.
	const isEmpty = settings.dryRun && (await store.count().catch(() => undefined)) === 0;
	if (isEmpty) return new SyncRun(sendingAll('empty', settings));
	// A rejection may be temporary; and a row that another run inserted at the same moment is there now.
	const opened = (await open(store, settings)) ?? (await open(store, settings));
	return opened === undefined ? await beginWithout(store, settings) : await beginOpened(opened, settings);
}

async function open(store: StateStore, settings: SyncSettings): Promise<Opened | undefined> {
	const { entries, clock, pushAgainAfterDays, newToken } = settings;
	const query = { account: entries.account, today: dayOf(clock.nowMs()), everyDays: pushAgainAfterDays };
	try {
		const count = await store.count();
		const lease = new Lease(store, count, newToken);
		const there = await lease.acquire(entriesOfLastRun(query));
		return { store, lease, lastRun: readLastRun(count, there, query), today: query.today };
	} catch {
		return undefined;
	}
}

/** Begins a run whose store could not be opened. */
async function beginWithout(store: StateStore, settings: SyncSettings): Promise<SyncRun> {
	const begun = sendingAll('none', settings);
	if (settings.dryRun || settings.refusal !== undefined) return new SyncRun(begun);
	const isCleared = await store.clear().then(
		() => true,
		() => false,
	);
	const isEmpty = isCleared || (await store.count().catch(() => undefined)) === 0;
	if (!isEmpty) return new SyncRun({ ...begun, stopped: STATE_NOT_USABLE });
	const { entries, customers, withheld = [], clock } = settings;
	const today = dayOf(clock.nowMs());
	return new SyncRun(begun, { opened: undefined, store, entries, customers, withheld, today });
}

async function beginOpened(opened: Opened, settings: SyncSettings): Promise<SyncRun> {
	const { store, lease, lastRun, today } = opened;
	const { entries, customers, withheld = [], dryRun, refusal, clock, signal, onWait } = settings;
	const heartbeat = new Heartbeat(lease, clock);
	const begun: Begun = {
		state: lastRun.state,
		verdicts: allChanged(customers),
		healthBefore: lastRun.health,
		stopped: undefined,
	};
	if (lastRun.state === 'doubted' && !dryRun && refusal === undefined) {
		onWait?.(TAKEOVER_WAIT_MS);
		const stopped = await waitForOther(lease, heartbeat, signal);
		if (stopped !== undefined) return new SyncRun({ ...begun, stopped });
	}
	const compared = await compareWith(opened, settings).catch(() => undefined);
	const found: Begun = compared === undefined ? { ...begun, state: 'none' } : { ...begun, ...compared };
	if (dryRun || found.stopped !== undefined) {
		// An interrupted run, and one that is still active, counts as failing already.
		const leaves = dryRun || lastRun.state === 'doubted' ? undefined : AS_FAILING;
		await lease.undoIfAlone(leaves).catch(() => undefined);
		return new SyncRun(found);
	}
	if (!(await lease.isAlone().catch(() => true))) return new SyncRun({ ...begun, stopped: ALREADY_RUNNING });
	return new SyncRun(found, { opened: { lease, heartbeat }, store, entries, customers, withheld, today });
}

/** @returns why this run is not to go on: the one that left the state in progress may be active */
async function waitForOther(
	lease: Lease,
	heartbeat: Heartbeat,
	signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
	try {
		if (await heartbeat.waitForTakeover(signal)) return undefined;
		await lease.undo();
		return signal?.aborted ? CANCELLED : ALREADY_RUNNING;
	} catch {
		return STATE_NOT_USABLE;
	}
}

/** A state of another account, or one that was interrupted, has nothing to compare with. */
async function compareWith({ lease, lastRun, today }: Opened, settings: SyncSettings): Promise<Compared> {
	const { customers, pushAgainAfterDays, refusal } = settings;
	if (refusal !== undefined) return { verdicts: [], stopped: refusal };
	if (lastRun.state !== 'used') return { verdicts: allChanged(customers), stopped: undefined };
	const rePush = { everyDays: pushAgainAfterDays, today, lastDay: lastRun.day };
	return await compare(lease, lastRun.customers, rePush, settings);
}
