import { randomInt } from 'node:crypto';

import { type Failure, notSent } from '../../service/outcome';
import { TABLES } from '../../messages/tables';
import { TableUnusable, type WhyUnusable } from '../../tables/dataTables';
import { CANCELLED } from '../../service/transportError';
import type { Began, Found } from '../began';
import { judgeEnd, type Kept } from '../health';
import type { ChangeLast, Last } from '../last';
import { Lock, stopwatch, Taken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { sendingOrder } from '../verdicts';
import { approvedPlan, readPlan } from '../waiting/plans';
import { compare } from './compare';
import type { Pause } from './content';
import { nameCustomers } from './named';
import { readState } from './readState';
import { SendingRun, TURNS } from './sendingRun';
import { minuteOf, type SyncSettings } from './settings';

const ALREADY_RUNNING = notSent('ALREADY_RUNNING');

/** The first state of a node has a random number below this: a table that is deleted does not begin with the same ones again. */
const FIRST_STATE_NUMBERS = 2 ** 40;

/**
 * Begins a run of Sync:
 *
 *     read       lock row and state                                 one call of n8n
 *     compare    the rows with the state, and check them
 *     nobody to send → leave the report, owning nothing             one call
 *     else → insert whom it sends first, and claim the row          one call; then `SendingRun`
 *
 * Never rejects.
 * @param table undefined for a workflow that is not saved: everybody is sent, and nothing kept
 */
export async function beginSync(table: SyncTable | undefined, settings: SyncSettings): Promise<Began> {
	const { refusal, reportedBefore: reported, signal, dryRun, clock } = settings;
	if (table === undefined) {
		const unread = stoppedBy(refusal, settings);
		const begun: Found = { ...unread, reported, state: 'none', order: orderOf(unread, settings) };
		const isSending = refusal === undefined && !dryRun;
		return { kind: isSending ? 'stateless' : 'stopped', begun, end: leaveNothing };
	}
	const passedMs = stopwatch(clock);
	let lock: Lock | undefined;
	try {
		const stateNumber = (settings.random ?? randomInt)(0, FIRST_STATE_NUMBERS);
		lock = await Lock.open(table, settings, stateNumber, passedMs);
		const sendsNothing = dryRun || refusal !== undefined;
		if (lock.mayBeOwned && !sendsNothing) {
			await lock.watch();
		}
		return await beginWith(lock, table, settings);
	} catch (cause) {
		await lock?.giveUp();
		const stopped = refusal ?? (signal?.aborted ? CANCELLED : whyNotBegun(cause));
		// Nothing was sent, so the state says all that there is to say.
		const kept: Kept = { left: 'kept', hasReport: false, tookMs: passedMs() };
		const end = stopped === ALREADY_RUNNING ? leaveNothing : async () => await Promise.resolve(kept);
		return { kind: 'stopped', begun: { ...stoppedBy(stopped, settings), reported }, end };
	}
}

function whyNotBegun(cause: unknown): Failure {
	if (cause instanceof Taken) {
		return ALREADY_RUNNING;
	}
	return notUsable(cause instanceof TableUnusable ? cause.why : undefined);
}

function notUsable(why: WhyUnusable | undefined): Failure {
	const failure = notSent('STATE_NOT_USABLE');
	return why === undefined
		? failure
		: { ...failure, reason: TABLES[why].happened(), advice: TABLES[why].advice() };
}

/** What a run comes to whose node is already running in this process: the other run has the state, and this one leaves. */
export function besideAnother(settings: Pick<SyncSettings, 'customers'>): Began {
	return { kind: 'stopped', begun: stoppedBy(ALREADY_RUNNING, settings), end: leaveNothing };
}

async function leaveNothing(): Promise<undefined> {
	return await Promise.resolve(undefined);
}

/** The facts of a run that knows nothing of the sync state: everybody may have changed. */
function stoppedBy(stopped: Failure | undefined, { customers }: Pick<SyncSettings, 'customers'>): Found {
	return {
		state: 'interrupted',
		verdicts: customers.map(() => 'changed'),
		order: [...customers.keys()],
		moved: [],
		isFirst: false,
		reported: undefined,
		failing: new Set(),
		untold: new Set(),
		recent: new Set(),
		lostDevices: new Set(),
		gone: undefined,
		lastMinute: undefined,
		stopped,
		hasTurn: () => false,
	};
}

/** Whom to send; not those that an earlier attempt of the execution has settled. */
function orderOf(
	{ verdicts, hasTurn }: Pick<Found, 'verdicts' | 'hasTurn'>,
	settings: SyncSettings,
): number[] {
	const { sendAll, settled, random } = settings;
	const order = sendingOrder(verdicts, sendAll, hasTurn, random);
	return settled === undefined ? order : order.filter((index) => !settled.has(index));
}

async function beginWith(lock: Lock, table: SyncTable, settings: SyncSettings): Promise<Began> {
	const { refusal, reportedBefore, signal, dryRun, clock, beganMs } = settings;
	const pause: Pause = async () => await clock.sleep(1);
	const minute = minuteOf(clock.nowMs());
	const found = await readState(lock, table, settings, pause);
	const { last, ofAccount } = found;
	if (!dryRun && refusal === undefined && hasNewerRows(last, settings)) {
		throw new Taken();
	}
	const named = await nameCustomers(settings, ofAccount?.customers ?? new Map(), pause);
	const approved = withApproval(settings, last);
	const { isAsBefore, stopped, hashed, ...compared } = await compare(approved, named, found, minute, pause);
	const hasTurn = (index: number) => named.customers[index]!.key.charCodeAt(0) % TURNS === last.turn;
	// What the rows would change is unknown where they are not to be used.
	const isUsable = refusal === undefined && (stopped === undefined || dryRun);
	const facts = isUsable
		? { ...compared, order: orderOf({ verdicts: compared.verdicts, hasTurn }, settings) }
		: stoppedBy(undefined, settings);
	const begun: Found = {
		...facts,
		isFirst: ofAccount?.isComplete !== true,
		state: found.condition,
		reported: reportedBefore ?? last.reported,
		lastMinute: last.minute,
		stateNumber: last.stateNumber,
		last,
		stopped: refusal ?? stopped ?? (signal?.aborted ? CANCELLED : undefined),
		hasTurn,
	};
	if (dryRun || begun.stopped !== undefined) {
		const end: Began['end'] = async (_standings, _reported, change) => {
			return await leaveStop(lock, begun, settings, { minute, change });
		};
		return { kind: 'stopped', begun, end };
	}
	if (isAsBefore) {
		const end: Began['end'] = async (_standings, reported, change) => {
			return await leaveReport(lock, settings, { reported, minute, beganMs }, change);
		};
		return { kind: 'unchanged', begun, end };
	}
	if (found.isLost) {
		// A person has approved that everybody is sent. Whoever owned the row before it was lost may be sending still, and nobody sees that.
		await lock.watch();
	}
	const run = new SendingRun(begun, {
		table,
		lock,
		settings,
		found,
		named,
		hashed,
		minute,
		pause,
	});
	await run.claim();
	return run;
}

/**
 * Whether a run with newer rows has come and gone while this one waited for its turn, or read its rows. What it has sent may be overwritten
 * by older devices otherwise. A time in the future comes from a clock that is wrong.
 */
function hasNewerRows({ beganMs = 0 }: Last, settings: SyncSettings): boolean {
	return beganMs > settings.beganMs && beganMs <= settings.clock.nowMs();
}

/** 'Approved Plan' of the node goes before the plan that somebody has approved by the operation Approve Plan. */
function withApproval(settings: SyncSettings, last: Last): SyncSettings {
	const plan = settings.checks.approvedPlan || approvedPlan(readPlan(last['plan']));
	return { ...settings, checks: { ...settings.checks, approvedPlan: plan } };
}

/** A blocked run leaves only what it reports; one that was cancelled, a look by hand, and what meets another run leave nothing. */
async function leaveStop(
	lock: Lock,
	begun: Found,
	settings: SyncSettings,
	{ minute, change }: { minute: number; change: ChangeLast | undefined },
): Promise<Kept> {
	const { dryRun, refusal, isManual } = settings;
	const { stopped } = begun;
	const isUnwatched = lock.mayBeOwned && (dryRun || refusal !== undefined);
	const isSilent = dryRun ? isManual : stopped?.code === CANCELLED.code;
	if (isSilent || isUnwatched) {
		return { left: 'kept', hasReport: false, tookMs: 0 };
	}
	const sync = { ...begun, minute, isManual };
	// A Dry Run in a published workflow sends nothing, and would look well otherwise.
	const blocked = dryRun ? notSent('DRY_RUN') : stopped;
	const { after } = judgeEnd({ calls: [], withheld: [], blocked, endedEarly: undefined, sync });
	return await leaveReport(lock, settings, { reported: after }, change);
}

/** Writes into the lock row what was reported, and leaves the state as it is. @returns whether the next run will know of the report */
async function leaveReport(
	lock: Lock,
	{ clock }: SyncSettings,
	members: Pick<Last, 'reported' | 'minute' | 'beganMs'>,
	change: ChangeLast = (before) => before,
): Promise<Kept> {
	const passedMs = stopwatch(clock);
	const isLeft = await lock
		.report((before) => ({ ...change(before), ...members }))
		.then(
			() => true,
			() => false,
		);
	return { left: 'kept', hasReport: isLeft, tookMs: passedMs() };
}
