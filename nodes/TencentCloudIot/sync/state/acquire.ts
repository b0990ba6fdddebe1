import { randomInt } from 'node:crypto';

import { type Failure, notSent } from '../../service/outcome';
import { CANCELLED } from '../../service/transportError';
import { ALL_WELL, reportedAfter } from '../health';
import type { Verdict } from '../verdicts';
import { judgeRows } from './baseline';
import { compareWith } from './compare';
import { IN_PROGRESS, minuteOf, OPENING } from './entries';
import { entriesOfLastRun, queriesOfReport, readLastRun, replaceReport } from './lastRun';
import { Lease } from './lease';
import { SyncRun } from './run';
import {
	ALREADY_RUNNING,
	type Begun,
	countsOf,
	DRY_RUN,
	type Opened,
	stoppedBy,
	type SyncSettings,
} from './settings';
import { failed, FencedStore, StatementLate, stopwatch, timingFor, type StateStore } from './store';
import { entriesOfOthers, settle, takeOver, watch } from './takeOver';

const STATE_NOT_USABLE = notSent(
	'STATE_NOT_USABLE',
	'The database of n8n refused a statement or did not respond in time, or n8n was too busy to notice, so what was pushed before is unknown.',
	"Try again when n8n's database works. If it does, run fewer executions with many rows beside Sync in one process of n8n. The operation Push needs no sync state",
);

/** A cancelled run that waits for a statement waits no longer than this, milliseconds. */
const CANCEL_MS = 500;

/** A state that could not be opened is tried once more after this time, milliseconds. */
const OPEN_AGAIN_MS = 1000;

/** Runs that do the same open the state with as many entries more, by chance: the numbers of entries tell them apart. */
const MOST_EXTRA = 32;

/** How often a run looks whether another one inserts the state that it has just deleted, milliseconds. */
const LOOK_MS = 250;

/**
 * Begins a run: puts the sync state in progress, so that it counts for nothing until the run has ended, and queries it for
 * each customer.
 *
 * | step | what happens to the sync state | why |
 * | --- | --- | --- |
 * | open | gets `in progress` and a token | a state is closed if it has as many entries as the last run left, and is not in progress |
 * | take over | if it was in progress: see `takeOver` | an active run goes on alone and this one sends nothing; after a dead one nothing is unchanged |
 * | judge | a copy of the baseline is queried, and taken back if a safety check stops the run | to query is to record; a query must not make it forget |
 * | compare | all customers are queried | |
 * | settle | if anybody is to be sent: see `settle` | of runs that open it at the same moment one goes on; what the others queried counts for nothing |
 * | send | a query every two seconds, a heartbeat when another run has come | see `Heartbeat` |
 * | close | is deleted and inserted anew, within the fence | an insertion never replaces what another run has written |
 *
 * A run that sends nobody, and has nothing to change, takes back what it added.
 *
 * Never rejects. Where a statement rejects or is late, nothing is sent, and the state stays as it is or in progress: the next
 * run judges its rows by a baseline that nobody has queried. No statement is waited for longer than the fence, and none
 * after a cancel.
 *
 * What stays possible: a statement that takes effect after its process has died, or a minute late in just the moment between
 * deletion and insertion of another run; `rePush` mends what may come of it. test/sync/state/ explores the rest: each run from
 * every state that others may have left, runs in two and three processes, whole runs between two statements of another, and
 * everything that may become of statements, requests and processes; test/storms/ lets many faults meet many runs.
 * @param store undefined where this n8n has none
 */
export async function beginSync(store: StateStore | undefined, settings: SyncSettings): Promise<SyncRun> {
	const begun = begin(store, settings);
	const { signal, clock } = settings;
	if (signal === undefined) return await begun;
	// What takes back what the run added goes on, for no longer than its statements take.
	let isBegun = false;
	void begun.then(() => (isBegun = true));
	const cancelled = new Promise<SyncRun>((resolve) => {
		const cancel = async () => {
			await clock.sleep(CANCEL_MS);
			if (isBegun) return;
			resolve(new SyncRun(stoppedBy(CANCELLED, settings)));
			await (await begun).abandon();
		};
		signal.addEventListener('abort', () => void cancel(), { once: true });
	});
	return await Promise.race([begun, cancelled]);
}

async function begin(store: StateStore | undefined, settings: SyncSettings): Promise<SyncRun> {
	const { refusal, reportedBefore: reported } = settings;
	// Every customer is sent where there is no store to compare with.
	if (store === undefined) return new SyncRun({ ...stoppedBy(refusal, settings), reported, state: 'none' });
	const fenced = new FencedStore(store, settings.clock);
	try {
		// There is nothing to query, and what a Dry Run adds it would have to take back.
		if (settings.dryRun && (await fenced.count()) === 0 && (await settings.note?.read()) === undefined)
			return new SyncRun({ ...stoppedBy(refusal, settings), reported, state: 'empty' });
		// A rejection may be temporary; and a row that another run inserted at the same moment is there now.
		const passedMs = stopwatch(settings.clock);
		let opened = await open(fenced, settings, passedMs).catch(failed);
		if (opened === undefined) {
			await settings.clock.sleep(OPEN_AGAIN_MS, settings.signal);
			// What the rejected attempt may have added is no other run's.
			opened = withoutAnnouncements(await open(fenced, settings, passedMs));
		}
		if (!isAnnounced(opened) || settings.dryRun || refusal !== undefined)
			return await beginOpened(opened, settings);
		return await beginAfterAnnounced(fenced, opened, settings);
	} catch {
		// A statement rejected or was late, or nobody knows who has the state: it stays as it is, or in progress.
		const stopped = settings.signal?.aborted ? CANCELLED : STATE_NOT_USABLE;
		return new SyncRun({ ...stoppedBy(refusal ?? stopped, settings), reported });
	}
}

/** Whether another run has opened the state, waits, or is about to own it; or did so when it died. */
function isAnnounced({ lease, lastRun, there }: Opened): boolean {
	return lastRun.state === 'interrupted' && announcementsAt(lease.found).some((entry) => there.has(entry));
}

/** Everything that says that another run is there, but for entries that count no more. @param count of entries in the state */
function announcementsAt(count: number): string[] {
	return [OPENING, ...entriesOfOthers(count)];
}

function withoutAnnouncements(opened: Opened): Opened {
	const announcements = announcementsAt(opened.lease.found);
	return { ...opened, there: new Set([...opened.there].filter((entry) => !announcements.includes(entry))) };
}

/** Goes on where the run that has announced itself turns out to be dead. */
async function beginAfterAnnounced(
	store: FencedStore,
	{ lease }: Opened,
	settings: SyncSettings,
): Promise<SyncRun> {
	await lease.leaveLater();
	// A process that stood still has rows that another run may have replaced by newer ones.
	if (lease.isLate) throw new StatementLate();
	const count = await watch(lease, settings);
	const stopped = settings.signal?.aborted ? CANCELLED : ALREADY_RUNNING;
	if (count === undefined) return new SyncRun(stoppedBy(stopped, settings));
	const again = await open(store, settings, stopwatch(settings.clock));
	// A run that has ended meanwhile may have had newer rows.
	if (again.lease.found !== count || again.lastRun.state !== 'interrupted') {
		await again.lease.leaveLater();
		return new SyncRun(stoppedBy(stopped, settings));
	}
	// Whoever sends has taken its announcement back before, and would have met that of any other run.
	return await beginOpened({ ...withoutAnnouncements(again), isOwnerDead: isAnnounced(again) }, settings);
}

/** @param passedMs since the rows were handed over, or nobody else had come */
async function open(store: FencedStore, settings: SyncSettings, passedMs: () => number): Promise<Opened> {
	const opened = await openCounted(store, settings, passedMs);
	if (!isCountedWithOthers(opened)) return opened;
	await opened.lease.leaveLater();
	return await openCounted(store, settings, passedMs);
}

/** Whether it has counted what other runs took back before it opened the state: that is closed with fewer entries. */
function isCountedWithOthers({ lastRun, there }: Opened): boolean {
	return lastRun.state === 'interrupted' && !there.has(IN_PROGRESS);
}

/** The number of entries. An empty state that ought not to be is that of a run which ends at this moment, or it is lost. */
async function countEntries(store: FencedStore, settings: SyncSettings): Promise<number> {
	const { clock, signal, note } = settings;
	const passedMs = stopwatch(clock);
	for (;;) {
		const count = await store.count();
		const isOver = signal?.aborted === true || passedMs() > timingFor(count).settleMs;
		if (count > 0 || isOver || (await note?.read()) === undefined) return count;
		await clock.sleep(LOOK_MS, signal);
	}
}

async function openCounted(
	store: FencedStore,
	settings: SyncSettings,
	passedMs: () => number,
): Promise<Opened> {
	const { entries, clock, newToken, random = randomInt } = settings;
	const count = await countEntries(store, settings);
	// A process that stood still has rows that another run may have replaced by newer ones.
	if (passedMs() > timingFor(count).takeoverMs) throw new StatementLate();
	const lease = new Lease(store, count, clock, newToken);
	const state = { owner: entries, count, customers: countsOf(settings).customers };
	const queried = [...entriesOfLastRun(state), ...announcementsAt(count)];
	const there = await lease.open(queried, random(0, MOST_EXTRA));
	if (passedMs() > lease.timing.takeoverMs) throw new StatementLate();
	const lastRun = readLastRun(state, there);
	const reported = settings.reportedBefore ?? lastRun.reported;
	return {
		lease,
		lastRun: { ...lastRun, reported },
		there,
		isOwnerDead: false,
		minute: minuteOf(clock.nowMs()),
	};
}

/**
 * Begins a run in a state that it has put in progress.
 * @throws when a statement rejects by which the run would be judged: the state stays in progress then
 */
async function beginOpened(opened: Opened, settings: SyncSettings): Promise<SyncRun> {
	const { lease, lastRun } = opened;
	const { dryRun, signal, refusal } = settings;
	const { state, reported, minute: lastMinute } = lastRun;
	const begun: Begun = { ...stoppedBy(undefined, settings), state, reported, lastMinute };
	if (state === 'interrupted') return await beginAfterOther(opened, settings, begun);
	const compared = await compareWith(opened, settings);
	if (lease.isLost) return await leaveToOther(lease, begun);
	const { isAsBefore = false, stopped: tripped, asAccepted, ...known } = compared;
	const found: Begun = { ...begun, ...known };
	const stopped = tripped ?? (signal?.aborted ? CANCELLED : undefined);
	if (dryRun || stopped !== undefined) {
		// A blocked run persists only what it reports; a cancelled one, and a look by hand, nothing.
		const isSilent = dryRun ? settings.isManual === true : stopped === CANCELLED;
		const report = isSilent ? undefined : reportOf(dryRun ? DRY_RUN : stopped, opened, settings);
		await lease.restore(report).catch(() => undefined);
		return new SyncRun({ ...found, stopped: refusal ?? stopped });
	}
	// What another run has queried only looks as if it was accepted.
	if (isAsBefore && (await lease.isAt(lease.expected)))
		return new SyncRun(found, { isOwner: false, opened, settings });
	return await beginSettled(opened, settings, found, asAccepted);
}

async function beginSettled(
	opened: Opened,
	settings: SyncSettings,
	found: Begun,
	asAccepted?: ReadonlySet<number>,
): Promise<SyncRun> {
	const { lease, there } = opened;
	const { customers, signal } = settings;
	const isReliedOn = ({ fingerprint }: { fingerprint: string }, index: number) =>
		found.verdicts[index] === 'unchanged' ? [fingerprint] : [];
	const reliedOn = await settle(lease, customers.flatMap(isReliedOn), signal);
	if (reliedOn === 'other') return await leaveToOther(lease, found);
	if (reliedOn === 'cancelled' || signal?.aborted) {
		await lease.restore().catch(() => undefined);
		return new SyncRun({ ...found, stopped: CANCELLED });
	}
	// Nothing known means that all was well.
	const { health, gone } = found.reported ?? ALL_WELL;
	const isWell = health === 'ok' && gone === 0;
	// Who comes from now on waits for a heartbeat: if this run dies, that one goes on.
	await lease.remove([OPENING, ...(isWell ? [] : queriesOfReport(there))]);
	const verdicts = found.verdicts.map((verdict, index): Verdict => {
		const isKnown = reliedOn !== 'unsure' && reliedOn.has(customers[index]!.fingerprint);
		return verdict === 'unchanged' && !isKnown ? 'changed' : verdict;
	});
	const state = reliedOn === 'unsure' ? 'interrupted' : found.state;
	return new SyncRun({ ...found, state, verdicts }, { isOwner: true, opened, settings, asAccepted });
}

async function beginAfterOther(opened: Opened, settings: SyncSettings, begun: Begun): Promise<SyncRun> {
	const { lease } = opened;
	const { dryRun, refusal, signal } = settings;
	if (dryRun || refusal !== undefined || signal?.aborted) {
		await lease.leave().catch(() => undefined);
		const verdicts = dryRun ? begun.verdicts.map((): Verdict => 'unjudged') : begun.verdicts;
		return new SyncRun({ ...begun, verdicts, stopped: refusal ?? (signal?.aborted ? CANCELLED : undefined) });
	}
	const isOwner = await takeOver(opened, settings);
	if (signal?.aborted) return new SyncRun({ ...begun, stopped: CANCELLED });
	if (!isOwner) return new SyncRun({ ...begun, stopped: lostTo(lease) });
	const addedBefore = new Set(lease.added);
	const { stopped: tripped } = await judgeRows(opened, settings);
	if (lease.isLost) return new SyncRun({ ...begun, stopped: lostTo(lease) });
	if (tripped !== undefined || signal?.aborted) {
		await lease.leave(tripped && reportOf(tripped, opened, settings)).catch(() => undefined);
		return new SyncRun({ ...begun, stopped: tripped ?? CANCELLED });
	}
	// The next run can judge by the same baseline if this one dies.
	const queried = [...lease.added].filter((entry) => !addedBefore.has(entry));
	await lease.remove([OPENING, ...(await lease.removable(queried))]);
	// All of it has passed the checks: what is not accepted now is judged by it in the next run.
	const asAccepted = new Set(settings.customers.keys());
	return new SyncRun(begun, { isOwner: true, opened, settings, asAccepted });
}

/** What a run leaves that is stopped before its first request. */
function reportOf(
	blocked: Failure | undefined,
	{ lastRun: { reported }, minute }: Opened,
	settings: SyncSettings,
) {
	const { isManual = false } = settings;
	const sync = { ...stoppedBy(blocked, settings), reported, minute, isManual };
	return replaceReport(reportedAfter({ calls: [], withheld: [], blocked, endedEarly: undefined, sync }));
}

async function leaveToOther(lease: Lease, begun: Begun): Promise<SyncRun> {
	const stopped = lostTo(lease);
	await lease.leaveLater().catch(() => undefined);
	return new SyncRun({ ...begun, stopped });
}

function lostTo({ isLate }: Lease): Failure {
	return isLate ? STATE_NOT_USABLE : ALREADY_RUNNING;
}
