import { randomInt } from 'node:crypto';

import { notSent } from '../../service/outcome';
import { CANCELLED } from '../../service/transportError';
import type { Began, Found, Sending } from '../began';
import { ALL_WELL, type Kept, type Left, type Reported, reportedAfter } from '../health';
import { FEWEST_CUSTOMERS } from '../safetyChecks';
import { slotOf, type Standing, standingOf, type Verdict } from '../verdicts';
import { baselineOf, baselineQuestions, type Opened } from './baseline';
import { compareWith, customerQuestions } from './compare';
import {
	ACCEPTED_REPORTED,
	claimEntry,
	CLOSED_MULTIPLE,
	closedState,
	entryOf,
	kindsOf,
	type Leaving,
	minuteOf,
	NOTED,
} from './entries';
import {
	entriesOfLastRun,
	entriesOfRun,
	isOfThisVersion,
	NOVELTIES,
	readLastRun,
	replaceReport,
	TURNS,
} from './lastRun';
import { Lease, Taken } from './lease';
import { ALREADY_RUNNING, countsOf, DRY_RUN, stoppedBy, type SyncSettings } from './settings';
import { FencedStore, StatementLate, type StateStore, stopwatch } from './store';

const NOT_USABLE = notSent('STATE_NOT_USABLE');

/** A cancelled run that waits for a statement waits no longer than this, milliseconds. */
const CANCEL_MS = 500;

/** A state that could not be claimed is claimed once more after this time, milliseconds. */
const CLAIM_AGAIN_MS = 1000;

/** Between the attempts to end: the restart of a database takes seconds. Milliseconds. */
const END_PAUSES_MS = [0, 500, 1000, 2000, 4000];

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
		return await beginClaimed(await read(lease, settings));
	} catch (cause) {
		const why = signal?.aborted ? CANCELLED : cause instanceof Taken ? ALREADY_RUNNING : NOT_USABLE;
		const begun: Found = { ...unread, stopped: refusal ?? why };
		// Whoever has the state now takes care of it.
		if (lease.isTaken || why === ALREADY_RUNNING) return stopped(begun);
		const isBack = await lease.undo().catch(() => false);
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
		if (cause instanceof Taken || cause instanceof StatementLate) throw cause;
		await lease.undo();
		await settings.clock.sleep(CLAIM_AGAIN_MS, settings.signal);
		await lease.claim(questions);
	});
}

async function read(lease: Lease, settings: SyncSettings): Promise<Opened> {
	const { entries, clock, reportedBefore } = settings;
	const ofLastRun = entriesOfLastRun(entries);
	const { isClosed, found } = lease;
	const there = isClosed
		? await lease.ask(ofLastRun)
		: await lease.askOnce(READ, [...ofLastRun, claimEntry(0)]);
	// Fewer entries are no state of any version: runs that died have written them.
	const isState = found >= FEWEST_CUSTOMERS && there?.has(claimEntry(0)) === false;
	const condition = isState && !isOfThisVersion(there) ? 'otherVersion' : 'interrupted';
	const known = found === 0 ? 'empty' : isClosed ? undefined : condition;
	const lastRun = readLastRun(entries, there ?? new Set(), known);
	return {
		settings,
		lease,
		lastRun: { ...lastRun, reported: reportedBefore ?? lastRun.reported },
		isAsked: there === undefined,
		minute: minuteOf(clock.nowMs()),
	};
}

async function beginClaimed(opened: Opened): Promise<Began> {
	const { settings, lease, lastRun, minute } = opened;
	const { dryRun, signal, refusal, customers, isManual } = settings;
	const { state, reported, minute: lastMinute, novelty } = lastRun;
	const turnOf = (index: number) => slotOf(entryOf(['turn', customers[index]!.customerId])) % TURNS;
	const hasTurn = (index: number) => turnOf(index) === lastRun.turn;
	const unread = stoppedBy(undefined, settings);
	const { isAsBefore = false, asAccepted, ...known } = await compareWith(opened);
	const why = refusal ?? known.stopped ?? (signal?.aborted ? CANCELLED : undefined);
	const begun: Found = { ...unread, state, reported, lastMinute, novelty, hasTurn, ...known, stopped: why };
	const run = new SendingRun(begun, opened, asAccepted);
	// To take back what was asked of many customers takes longer than to write the state anew.
	const isAnew = state === 'used' && why === CANCELLED && !lease.canTakeBack;
	if (dryRun || (why !== undefined && !isAnew)) {
		// A blocked run persists only what it reports; a cancelled one, and a look by hand, nothing.
		const isSilent = state === 'otherVersion' || (dryRun ? isManual : why === CANCELLED);
		const sync = { ...unread, reported, minute, isManual };
		const end = { calls: [], withheld: [], blocked: dryRun ? DRY_RUN : why, endedEarly: undefined, sync };
		return stopped(begun, await run.takeBack(isSilent ? undefined : replaceReport(reportedAfter(end))));
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
	const unsent = (verdict: Verdict) => (verdict === 'unchanged' ? { kind: verdict } : undefined);
	const standings = begun.verdicts.map((verdict) => standingOf(verdict, unsent(verdict)));
	return stopped({ ...begun, stopped: CANCELLED }, await run.end(standings, reported ?? ALL_WELL));
}

/** Sends everybody where there is no state to compare with, and keeps nothing. */
function sendingWithoutState(begun: Found): Sending {
	return {
		kind: 'sending',
		begun,
		isTakenOver: false,
		mayStart: async () => await Promise.resolve(true),
		accepted: () => undefined,
		end: async () => await Promise.resolve(undefined),
	};
}

/** A run that owns the state while it sends. */
class SendingRun implements Sending {
	readonly kind = 'sending';
	readonly begun: Found;
	readonly #opened: Opened;
	readonly #lease: Lease;
	readonly #settings: SyncSettings;
	/** Customers, by index, that are known to have been accepted with what is in the rows, besides those that are unchanged. */
	readonly #asAccepted: ReadonlySet<number>;
	/** Makes the state that this run leaves differ from each before it. */
	readonly novelty: number;
	/** A state of another account stays until the service has accepted somebody of this one. */
	#isOther: boolean;
	#isAccepted = false;
	#turnOff: (() => void) | undefined;
	/** A heartbeat that is under way: there is one at a time. */
	#busy: Promise<void> | undefined;

	constructor(begun: Found, opened: Opened, asAccepted: ReadonlySet<number> = new Set()) {
		this.begun = begun;
		this.#opened = opened;
		this.#lease = opened.lease;
		this.#settings = opened.settings;
		this.#asAccepted = asAccepted;
		this.novelty = (opened.settings.random ?? randomInt)(0, NOVELTIES);
		const { state } = opened.lastRun;
		this.#isOther = state === 'otherAccount' || state === 'otherSecret';
	}

	async begin(): Promise<void> {
		if (this.#isOther) await this.#lease.own();
		else await this.#open();
		this.#live();
	}

	async mayStart(): Promise<boolean> {
		const mustOpen = () => this.#isAccepted && this.#isOther;
		// A heartbeat that is under way opens nothing.
		while (mustOpen() && this.#lease.isHeld) await this.#sign();
		if (!this.#lease.isHeld) await this.#sign();
		return this.#lease.isHeld && !mustOpen();
	}

	get isTakenOver(): boolean {
		return this.#lease.isTaken;
	}

	accepted(): void {
		this.#isAccepted = true;
	}

	/** Leaves the state as it was found, but for what takes the place of other entries. */
	async takeBack(report?: ReturnType<typeof replaceReport>): Promise<Kept> {
		await this.#stop();
		return await this.#leave(async () => ((await this.#lease.takeBack(report)) ? 'kept' : 'inProgress'));
	}

	async end(standings: readonly Standing[], reported: Reported): Promise<Kept> {
		if (this.#isOther && !standings.includes('accepted')) return await this.takeBack(replaceReport(reported));
		return await this.#leave(async () => await this.#close(standings, reported));
	}

	/** Tries to leave the state until it is left, is another run's, or too many attempts failed. Never rejects. */
	async #leave(attempt: () => Promise<Left>): Promise<Kept> {
		const { clock } = this.#settings;
		const passedMs = stopwatch(clock);
		let left: Left = 'inProgress';
		for (const pauseMs of END_PAUSES_MS) {
			await clock.sleep(pauseMs);
			try {
				left = await attempt();
				break;
			} catch (cause) {
				if (cause instanceof Taken || cause instanceof StatementLate) break;
			}
		}
		await this.#stop();
		return { left, isTakenOver: this.isTakenOver, tookMs: passedMs() };
	}

	/** From now on it gives signs of life by itself. */
	#live(): void {
		this.#turnOff = this.#settings.clock.alarm(this.#lease.timing.beatEveryMs, () => {
			void this.#sign().then(() => this.#turnOff && this.#live());
		});
	}

	async #stop(): Promise<void> {
		this.#turnOff?.();
		this.#turnOff = undefined;
		await this.#busy;
	}

	/** A heartbeat; one that failed counts as none. The first one after somebody was accepted replaces the state of another account. */
	async #sign(): Promise<void> {
		const sign = async () => await (this.#isOther && this.#isAccepted ? this.#open() : this.#lease.beat());
		this.#busy ??= sign()
			.catch(() => undefined)
			.finally(() => (this.#busy = undefined));
		await this.#busy;
	}

	/** All rows have passed the checks: if this run dies, the next one is judged by them. */
	async #open(): Promise<void> {
		const { lastRun, judgedBy, isAsked } = this.#opened;
		const baseline = baselineOf(this.#settings, () => true, judgedBy === 'a' ? 'b' : 'a');
		const isNew = this.#lease.isClosed || (judgedBy === 'closed' && !isAsked);
		await this.#lease.open(baseline, this.#left(lastRun.reported ?? ALL_WELL), isNew);
		this.#isOther = false;
	}

	#left(reported: Reported): string[] {
		const { account, application } = this.#settings.entries;
		const { lastRun, minute } = this.#opened;
		const { turn } = lastRun;
		return [account, application, ...entriesOfRun(reported, { minute, turn, novelty: this.novelty })];
	}

	async #close(standings: readonly Standing[], reported: Reported): Promise<Left> {
		const { lastRun } = this.#opened;
		const { entries, customers, withheld, leftOut, note } = this.#settings;
		const { failing = new Set(), lostDevices = new Set() } = reported;
		const standingAt = (index: number) => standings[index] ?? 'waiting';
		const left = this.#left(reported);
		const leave = (customerId: string, leaving: Leaving) => {
			for (const kind of kindsOf('written', leaving)) left.push(entries.ofCustomer(kind, customerId));
		};
		for (const [index, { customerId, fingerprint }] of customers.entries()) {
			if (standingAt(index) === 'accepted') left.push(fingerprint);
			leave(customerId, standingAt(index));
			if (standingAt(index) === 'accepted' && failing.has(customerId)) left.push(ACCEPTED_REPORTED);
		}
		for (const customerId of withheld) leave(customerId, 'withheld');
		// Until the loss of its devices is reported a customer counts as having some: it may also leave the rows.
		for (const customerId of leftOut)
			leave(customerId, lostDevices.has(customerId) ? 'lost devices' : 'left out');
		for (const customerId of failing) leave(customerId, 'reported');
		const isAccepted = (index: number) => {
			const verdict = this.begun.verdicts[index];
			const wasAccepted = verdict === 'due' || verdict === 'unchanged' || this.#asAccepted.has(index);
			return wasAccepted || standingAt(index) === 'accepted';
		};
		const unreported = leftOut.filter((id) => lostDevices.has(id));
		const others = leftOut.filter((id) => !lostDevices.has(id));
		left.push(
			...baselineOf(
				{ ...this.#settings, withheld: [...withheld, ...unreported], leftOut: others },
				isAccepted,
			),
		);
		const isChecked = countsOf(this.#settings).customers >= FEWEST_CUSTOMERS;
		if (lastRun.isNoted || (isChecked && (await note?.write()) === true)) left.push(NOTED);
		await this.#stop();
		return await this.#lease.close(closedState([...new Set(left)]));
	}
}
