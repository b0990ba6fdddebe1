import type { Began, Found } from '../began';
import { ALL_WELL, type Kept, reportedAfter } from '../health';
import { notSent } from '../../service/outcome';
import { CANCELLED } from '../../service/transportError';
import { slotOf, standingOf, type Verdict } from '../verdicts';
import { baselineQuestions, MOST_PAIRS, type Opened, SET_ENTRIES, setsOf } from './baseline';
import { compareWith, customerQuestions } from './compare';
import { FEWEST_CUSTOMERS } from '../safetyChecks';
import { claimEntry, CLOSED_MULTIPLE, entryOf, minuteOf } from './entries';
import { entriesOfLastRun, isOfThisVersion, readLastRun, replaceReport, TURNS } from './lastRun';
import { Lease, Taken } from './lease';
import { SendingRun, sendingWithoutState } from './run';
import { ALREADY_RUNNING, DRY_RUN, stoppedBy, type SyncSettings } from './settings';
import { failed, FencedStore, type StateStore, stopwatch } from './store';

const NOT_USABLE = notSent('STATE_NOT_USABLE');

/** A cancelled run that waits for a statement waits no longer than this, milliseconds. */
const CANCEL_MS = 500;

/** A state that could not be claimed is claimed once more after this time, milliseconds. */
const CLAIM_AGAIN_MS = 1000;

/** Pairs of entries: to take back more would hold up n8n for longer than a third of a second. */
const MOST_TAKEN_BACK = MOST_PAIRS / 10;

/** A run has asked this state in progress: the answers to another one say nothing. */
const READ = entryOf(['read']);

/**
 * Begins a run: claims the sync state, compares the rows with it, and owns it before it sends anything. See `Lease`.
 *
 * Never rejects. Where a statement rejects or is late nothing is sent, and what was added is taken back, or the state is left in
 * progress: the next run judges its rows by a baseline that nobody has asked. No statement is waited for longer than the fence,
 * and none after a cancel.
 *
 * What stays possible: a statement that takes effect after its process has died, or a minute late in just the moment between
 * deletion and insertion of another run; `rePush` mends what may come of it. test/sync/state/ explores the rest, and test/storms/
 * lets many faults meet many runs.
 * @param store undefined where this n8n has none
 */
export async function beginSync(store: StateStore | undefined, settings: SyncSettings): Promise<Began> {
	const { signal, clock } = settings;
	const begun = begin(store, settings);
	if (signal === undefined) return await begun;
	// The run still takes back what it has added, which takes its statements' time at most.
	const cancelled = new Promise<Began>((resolve) => {
		const cancel = async () => {
			await clock.sleep(CANCEL_MS);
			resolve(stopped(stoppedBy(CANCELLED, settings)));
		};
		signal.addEventListener('abort', () => void cancel(), { once: true });
	});
	return await Promise.race([begun, cancelled]);
}

function stopped(begun: Found, kept?: Kept): Began {
	return { kind: 'stopped', begun, kept };
}

async function begin(store: StateStore | undefined, settings: SyncSettings): Promise<Began> {
	const { refusal, reportedBefore: reported, clock, signal, dryRun, note } = settings;
	const unread = stoppedBy(refusal, settings);
	if (store === undefined) {
		const begun: Found = { ...unread, reported, state: 'none' };
		return refusal === undefined && !dryRun ? sendingWithoutState(begun) : stopped(begun);
	}
	const fenced = new FencedStore(store, clock);
	const lease = new Lease(fenced, settings);
	const passedMs = stopwatch(clock);
	try {
		// A run that sends nothing writes nothing to a state that is empty, or in progress.
		const count = dryRun || refusal !== undefined ? await fenced.count() : undefined;
		if (count === 0 && (await note?.read()) === undefined)
			return stopped({ ...unread, reported, state: 'empty' });
		if (count !== undefined && count % CLOSED_MULTIPLE !== 0)
			return stopped({ ...unread, reported, verdicts: settings.customers.map(() => 'unjudged') });
		await claim(lease, settings);
		return await beginClaimed(await read(lease, settings), settings);
	} catch (cause) {
		const why = signal?.aborted ? CANCELLED : cause instanceof Taken ? ALREADY_RUNNING : NOT_USABLE;
		const begun: Found = { ...unread, stopped: refusal ?? why };
		// Whoever has the state now takes care of it.
		if (lease.isTaken || why === ALREADY_RUNNING) return stopped(begun);
		const isBack = await lease.undo(MOST_TAKEN_BACK).catch(() => false);
		const kept: Kept = { left: isBack ? 'kept' : 'inProgress', isTakenOver: false, tookMs: passedMs() };
		return stopped({ ...begun, reported }, kept);
	}
}

/** A rejection may be temporary; and a row that another run inserted at the same moment is there now. */
async function claim(lease: Lease, settings: SyncSettings): Promise<void> {
	const questions = [
		...entriesOfLastRun(settings.entries),
		...(settings.refusal === undefined
			? [...baselineQuestions(settings), ...customerQuestions(settings)]
			: []),
	];
	await lease.claim(questions).catch(async (cause: unknown) => {
		if (cause instanceof Taken) throw cause;
		failed(cause);
		await lease.undo(MOST_TAKEN_BACK);
		await settings.clock.sleep(CLAIM_AGAIN_MS, settings.signal);
		await lease.claim(questions);
	});
}

/** Reads what the last run has left of itself. */
async function read(lease: Lease, settings: SyncSettings): Promise<Opened> {
	const { entries, clock, reportedBefore } = settings;
	const ofLastRun = entriesOfLastRun(entries);
	const others = [...ofLastRun, ...SET_ENTRIES, claimEntry(0)];
	const { isClosed, found } = lease;
	const there = await (isClosed ? lease.ask(ofLastRun) : lease.askOnce(READ, others));
	// Fewer entries are no state of any version: runs that died have written them.
	const isState = found >= FEWEST_CUSTOMERS && !there?.has(claimEntry(0));
	const isForeign = there !== undefined && isState && !isOfThisVersion(there);
	const condition = isForeign ? 'otherVersion' : 'interrupted';
	const lastRun = readLastRun(
		entries,
		there ?? new Set(),
		found === 0 ? 'empty' : isClosed ? undefined : condition,
	);
	return {
		lease,
		lastRun: { ...lastRun, reported: reportedBefore ?? lastRun.reported },
		...setsOf(isClosed, there),
		minute: minuteOf(clock.nowMs()),
	};
}

async function beginClaimed(opened: Opened, settings: SyncSettings): Promise<Began> {
	const { lease, lastRun, minute } = opened;
	const { dryRun, signal, refusal, customers, isManual } = settings;
	const { state, reported, minute: lastMinute, novelty } = lastRun;
	const slot = (index: number) => slotOf(entryOf(['turn', customers[index]?.customerId ?? '']));
	const hasTurn = (index: number) => slot(index) % TURNS === lastRun.turn;
	const unread = stoppedBy(undefined, settings);
	const { isAsBefore = false, asAccepted, ...known } = await compareWith(opened, settings);
	const why = refusal ?? known.stopped ?? (signal?.aborted ? CANCELLED : undefined);
	const begun: Found = { ...unread, state, reported, lastMinute, novelty, hasTurn, ...known, stopped: why };
	const run = new SendingRun(begun, opened, settings, asAccepted);
	const endUnsent = async () => {
		const unsent = (verdict: Verdict) => (verdict === 'unchanged' ? { kind: verdict } : undefined);
		const standings = begun.verdicts.map((verdict) => standingOf(verdict, unsent(verdict)));
		return await run.end(standings, reported ?? ALL_WELL);
	};
	if (dryRun || why !== undefined) {
		// A blocked run persists only what it reports; a cancelled one, and a look by hand, nothing.
		const isSilent = state === 'otherVersion' || (dryRun ? isManual : why === CANCELLED);
		const sync = { ...unread, reported, minute, isManual };
		const end = { calls: [], withheld: [], blocked: dryRun ? DRY_RUN : why, endedEarly: undefined, sync };
		// To take back what was asked of many customers takes longer than to write the state anew.
		const isCompared = state === 'used' && why === CANCELLED && !dryRun;
		const kept =
			isCompared && !lease.canTakeBack(MOST_TAKEN_BACK)
				? await endUnsent()
				: await run.takeBack(isSilent ? undefined : replaceReport(reportedAfter(end)));
		return stopped(begun, kept);
	}
	if (isAsBefore) {
		await lease.beAlone();
		return {
			kind: 'unchanged',
			begun,
			end: async (after) => await run.takeBack(replaceReport(after, minute)),
		};
	}
	await run.begin();
	if (!signal?.aborted) return run;
	return stopped({ ...begun, stopped: CANCELLED }, await endUnsent());
}
