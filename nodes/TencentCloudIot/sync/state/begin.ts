import { CANCELLED } from '../../service/transportError';
import { CountEntries } from '../entries/rowCounts';
import { IN_PROGRESS, minuteOf } from '../entries/stateEntries';
import { entriesOfOpening, entriesOfOthers, isJustOpened } from '../entries/waitEntries';
import { failed, FencedStore } from './fence';
import { entriesOfLastRun, readLastRun, TURNS } from './lastRun';
import { Lease } from './ownership/lease';
import { leaveLater } from './ownership/leave';
import { beginOpened, type Opened } from './opened';
import {
	besideOther,
	countsOf,
	sendingAll,
	STATE_NOT_USABLE,
	type StateStore,
	type SyncSettings,
} from './settings';
import { SyncRun } from './syncRun';

/** A cancelled run that waits for a statement waits no longer than this, milliseconds. */
const CANCEL_MS = 500;

/**
 * Begins a run: puts the sync state in progress, so that it counts for nothing until the run has ended, and queries it for
 * each customer.
 *
 * | step | what happens to the sync state | why |
 * | --- | --- | --- |
 * | open | gets `in progress` and a token | a state is closed if it has as many entries as the last run left, and is not in progress |
 * | take over | if it was in progress: see `takeOver` | an active run goes on alone and this one sends nothing; after a dead one nothing is unchanged |
 * | compare | a sample is queried, and taken back if too much has changed; then all are | to query is to record; a query must not make it forget |
 * | settle | if anybody is to be sent: see `settle` | of runs that open it at the same moment one goes on; what the others queried counts for nothing |
 * | send | a query every two seconds, a heartbeat when another run has come | see `Heartbeat` |
 * | close | is deleted and inserted anew, within the fence | an insertion never replaces what another run has written |
 *
 * A run that sends nobody, and has nothing to change, takes back what it added.
 *
 * Never rejects. A store that does not work is not used, and everything is sent. It is cleared before, because it will be
 * wrong afterwards: 'A was accepted' would still be there when B has been sent. Where it can neither be cleared nor be seen
 * to be empty, nothing is sent. No statement is waited for longer than the fence, and none after a cancel.
 *
 * What stays possible: a statement that takes effect after its process has died, or a minute late in just the moment between
 * deletion and insertion of another run; `rePush` mends what may come of it. test/sync/state/ explores the rest: each run from
 * every state that others may have left, runs in two and three processes, whole runs between two statements of another, and
 * everything that may become of statements, requests and processes.
 * @param store undefined where this n8n has none
 */
export async function beginSync(store: StateStore | undefined, settings: SyncSettings): Promise<SyncRun> {
	const begun = begin(store, settings);
	const { signal, clock } = settings;
	if (signal === undefined) return await begun;
	// What takes back what the run added goes on, for no longer than its statements take.
	const cancelled = new Promise<SyncRun>((resolve) => {
		const cancel = async () => {
			await clock.sleep(CANCEL_MS);
			resolve(new SyncRun({ ...besideOther(settings), stopped: CANCELLED }));
		};
		signal.addEventListener('abort', () => void cancel(), { once: true });
	});
	return await Promise.race([begun, cancelled]);
}

async function begin(store: StateStore | undefined, settings: SyncSettings): Promise<SyncRun> {
	if (store === undefined) return new SyncRun(sendingAll('none', settings));
	const fenced = new FencedStore(store, settings.clock);
	// There is nothing to query, and what a Dry Run adds it would have to take back.
	const isEmpty = settings.dryRun && (await fenced.count().catch(() => undefined)) === 0;
	if (isEmpty) return new SyncRun(sendingAll('empty', settings));
	try {
		// A rejection may be temporary; and a row that another run inserted at the same moment is there now.
		const opened = (await open(fenced, settings)) ?? (await openAgain(fenced, settings));
		return await (opened === undefined ? beginWithout(fenced, settings) : beginOpened(opened, settings));
	} catch {
		// A statement was late, or nobody knows who has the state: it stays in progress.
		const stopped = settings.signal?.aborted ? CANCELLED : STATE_NOT_USABLE;
		return new SyncRun({ ...sendingAll('none', settings), stopped: settings.refusal ?? stopped });
	}
}

/** What the rejected attempt may have added is no other run's. */
async function openAgain(store: FencedStore, settings: SyncSettings): Promise<Opened | undefined> {
	const opened = await open(store, settings);
	return opened && { ...opened, isOpening: false };
}

async function open(store: FencedStore, settings: SyncSettings): Promise<Opened | undefined> {
	try {
		const opened = await openCounted(store, settings);
		if (!isCountedWithOthers(opened)) return opened;
		await leaveLater(opened.lease);
		return await openCounted(store, settings);
	} catch (cause) {
		return failed(cause);
	}
}

/** Whether it has counted what other runs took back before it opened the state: that is closed with fewer entries. */
function isCountedWithOthers({ lastRun, there }: Opened): boolean {
	return lastRun.state === 'interrupted' && !there.has(IN_PROGRESS);
}

async function openCounted(store: FencedStore, settings: SyncSettings): Promise<Opened> {
	const { entries, clock, newToken } = settings;
	const count = await store.count();
	const lease = new Lease(store, count, clock, newToken);
	const nowMs = clock.nowMs();
	const opening = entriesOfOpening(nowMs);
	const queried = [
		...entriesOfLastRun(entries.account, count),
		new CountEntries(entries.account).same(countsOf(settings)),
		...[...settings.rows.products.keys()].map((name) => entries.product(name)),
		...entriesOfOthers(nowMs, count),
	];
	const there = await lease.open([...queried, ...opening]);
	const lastRun = readLastRun(entries.account, count, there);
	const turn = ((lastRun.turn ?? -1) + 1) % TURNS;
	return {
		store,
		lease,
		lastRun,
		count,
		there,
		isOpening: isJustOpened(there, nowMs),
		opening: opening.filter((entry) => !there.has(entry)),
		minute: minuteOf(nowMs),
		turn,
	};
}

/** Begins a run whose store could not be opened. */
async function beginWithout(store: FencedStore, settings: SyncSettings): Promise<SyncRun> {
	const begun = sendingAll('none', settings);
	if (settings.dryRun || settings.refusal !== undefined) return new SyncRun(begun);
	const isCleared = await store.clear().then(() => true, failed);
	const isEmpty = isCleared ?? (await store.count().catch(failed)) === 0;
	if (!isEmpty) return new SyncRun({ ...begun, stopped: STATE_NOT_USABLE });
	return new SyncRun(begun, { hold: { kind: 'clears' }, store, settings, minute: 0, turn: 0 });
}
