import { randomInt } from 'node:crypto';

import { type Failure, notSent } from '../../service/outcome';
import { wordsOfTables } from '../../messages/tables';
import { TableUnusable, type WhyUnusable } from '../../tables/dataTables';
import { CANCELLED } from '../../service/transportError';
import type { SyncRun, StartFacts } from '../syncRun';
import { judgeEnd, type StateEnd } from '../health';
import type { ChangeLast, LastCell } from '../last';
import { Lock, stopwatch, Taken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { sendingOrder } from '../verdicts';
import { approvedPlan, readPlan } from '../waiting/plans';
import { compare } from './compare';
import type { Pause } from './content';
import { type NamedCustomers, nameCustomers } from './named';
import { type FoundState, readState } from './readState';
import { SendingRun, RETRY_GROUPS } from './sendingRun';
import { minuteOf, type SyncSettings } from './settings';

const ALREADY_RUNNING = notSent('ALREADY_RUNNING');

/**
 * The first state of a node has a random number below this. So a plan that was approved before somebody deleted the tables does not pass
 * afterwards.
 */
const FIRST_STATE_NUMBERS = 2 ** 40;

/**
 * Begins a run of Sync, of one of the kinds that the head of `syncRun.ts` lists:
 *
 *     no table                              stateless, or stopped where nothing is to be sent
 *     read lock row and state               one call of n8n; stopped where that fails, or another run has the row
 *     compare the rows with the state       stopped by a safety check or a Dry Run: its end writes a report
 *         nobody to send                    unchanged: its end writes the report, without owning the row; one call
 *         somebody to send                  inserts the first customers, and claims the row: sending; one call
 *
 * Never rejects.
 * @param table undefined for a workflow that is not saved: everybody is sent, and nothing kept
 */
export async function beginSync(table: SyncTable | undefined, settings: SyncSettings): Promise<SyncRun> {
	const { refusal, reportedBefore: reported, signal, dryRun, clock } = settings;
	if (table === undefined) {
		const factsUnread = factsWithoutState(refusal, settings);
		const facts: StartFacts = {
			...factsUnread,
			reported,
			state: 'none',
			order: orderOf(factsUnread, settings),
		};
		const isSending = refusal === undefined && !dryRun;
		return { kind: isSending ? 'stateless' : 'stopped', facts, end: writeNothing };
	}
	const passedMs = stopwatch(clock);
	let lock: Lock | undefined;
	try {
		const stateNumber = (settings.random ?? randomInt)(0, FIRST_STATE_NUMBERS);
		lock = await Lock.open(table, settings, stateNumber);
		const sendsNothing = dryRun || refusal !== undefined;
		if (lock.mayBeOwned && !sendsNothing) {
			await lock.watch();
		}
		return await beginWith(lock, table, settings);
	} catch (cause) {
		await lock?.giveUp();
		const stopped = refusal ?? (signal?.aborted ? CANCELLED : whyNotBegun(cause));
		// Nothing was sent, so the state needs no change.
		const kept: StateEnd = { kind: 'kept', hasReport: false, tookMs: passedMs() };
		const end = stopped === ALREADY_RUNNING ? writeNothing : async () => await Promise.resolve(kept);
		return { kind: 'stopped', facts: { ...factsWithoutState(stopped, settings), reported }, end };
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
	return why === undefined ? failure : { ...failure, ...wordsOfTables(why) };
}

/** The run of a node that is already running in this process. It reads and writes nothing: the other run has the state. */
export function besideAnother(settings: SyncSettings): SyncRun {
	return { kind: 'stopped', facts: factsWithoutState(ALREADY_RUNNING, settings), end: writeNothing };
}

async function writeNothing(): Promise<undefined> {
	return await Promise.resolve(undefined);
}

/** The facts of a run that knows nothing of the sync state: every customer counts as changed. */
function factsWithoutState(
	stopped: Failure | undefined,
	{ customers, clock, isManual }: SyncSettings,
): StartFacts {
	return {
		minute: minuteOf(clock.nowMs()),
		isManual,
		state: 'interrupted',
		verdicts: customers.map(() => 'changed'),
		order: [...customers.keys()],
		moved: [],
		isFirst: false,
		reported: undefined,
		reportedFailures: new Set(),
		unreportedFailures: new Set(),
		recentlyRecovered: new Set(),
		lostDevices: new Set(),
		gone: undefined,
		lastMinute: undefined,
		stopped,
		isRetriedEarly: () => false,
	};
}

/** The customers to send, by index, in their order; without those that an earlier attempt of the execution has settled. */
function orderOf(
	{ verdicts, isRetriedEarly }: Pick<StartFacts, 'verdicts' | 'isRetriedEarly'>,
	settings: SyncSettings,
): number[] {
	const { sendAll, settled, random } = settings;
	const order = sendingOrder(verdicts, sendAll, isRetriedEarly, random);
	return settled === undefined ? order : order.filter((index) => !settled.has(index));
}

async function beginWith(lock: Lock, table: SyncTable, settings: SyncSettings): Promise<SyncRun> {
	const { refusal, reportedBefore, signal, dryRun, clock, beganMs, isManual } = settings;
	const pause: Pause = async () => await clock.sleep(1);
	const minute = minuteOf(clock.nowMs());
	const found = await readState(lock, table, settings, pause);
	const { last, accountContent } = found;
	if (!dryRun && refusal === undefined && hasNewerRows(last, settings)) {
		throw new Taken();
	}
	const named = await nameCustomers(settings, accountContent?.customers ?? new Map(), pause);
	const settingsWithApproval = withApproval(settings, last);
	const { isAsBefore, stopped, departures, ...compared } = await compare(
		settingsWithApproval,
		named,
		found,
		minute,
		pause,
	);
	const isRetriedEarly = (index: number) =>
		named.customers[index]!.key.charCodeAt(0) % RETRY_GROUPS === last.turn;
	// A refusal or a safety check says that the rows are wrong, so what they would change is not reported; only a Dry Run shows it.
	const areRowsShown = refusal === undefined && (stopped === undefined || dryRun);
	const rowFacts = areRowsShown
		? { ...compared, order: orderOf({ verdicts: compared.verdicts, isRetriedEarly }, settings) }
		: factsWithoutState(undefined, settings);
	const facts: StartFacts = {
		...rowFacts,
		minute,
		isManual,
		isFirst: accountContent?.isComplete !== true,
		state: found.condition,
		reported: reportedBefore ?? last.reported,
		lastMinute: last.minute,
		stateNumber: last.stateNumber,
		last,
		inDoubt: inDoubtOf(found, named),
		stopped: refusal ?? stopped ?? (signal?.aborted ? CANCELLED : undefined),
		isRetriedEarly,
	};
	if (dryRun || facts.stopped !== undefined) {
		return {
			kind: 'stopped',
			facts,
			end: async (_standings, _reported, change) => await reportStop(lock, facts, settings, change),
		};
	}
	if (isAsBefore) {
		return {
			kind: 'unchanged',
			facts,
			end: async (_standings, reported, change) =>
				await writeReport(lock, settings, { reported, minute, beganMs }, change),
		};
	}
	if (found.isLost) {
		// A person has approved that everybody is sent. But a run that owned the row before it was lost may still be sending.
		await lock.watch();
	}
	const run = new SendingRun(facts, {
		table,
		lock,
		settings,
		found,
		named,
		departures,
		pause,
	});
	await run.claim();
	return run;
}

/** Whom interrupted runs may have sent. */
function inDoubtOf(
	{ condition, accountContent }: FoundState,
	{ customers }: NamedCustomers,
): StartFacts['inDoubt'] {
	if (condition !== 'interrupted') {
		return undefined;
	}
	let count = 0;
	for (const { status } of accountContent?.customers.values() ?? []) {
		if (status === 'doubt') {
			count++;
		}
	}
	const sendable = [...customers.keys()].filter(
		(index) => customers[index]?.recordBefore?.status === 'doubt',
	);
	return { sendable, others: count - sendable.length };
}

/**
 * Whether a run with newer rows has begun and ended while this one waited for its turn, or read its rows. This run would overwrite with
 * older devices what that one has sent. A time in the future comes from a wrong clock, and counts for nothing.
 */
function hasNewerRows({ beganMs = 0 }: LastCell, settings: SyncSettings): boolean {
	return beganMs > settings.beganMs && beganMs <= settings.clock.nowMs();
}

/** Gives the approved plan to the safety checks: the node's 'Approved Plan', else the one that the operation Approve Plan has approved. */
function withApproval(settings: SyncSettings, last: LastCell): SyncSettings {
	const plan = settings.checks.approvedPlan || approvedPlan(readPlan(last['plan']));
	return { ...settings, checks: { ...settings.checks, approvedPlan: plan } };
}

/**
 * Writes what a stopped run has reported. Nothing is written by a cancelled run, by a Dry Run by hand, and by a run that sends nothing and
 * has therefore not waited for the owner of the row.
 */
async function reportStop(
	lock: Lock,
	facts: StartFacts,
	settings: SyncSettings,
	change: ChangeLast | undefined,
): Promise<StateEnd> {
	const { dryRun, refusal } = settings;
	const { stopped, isManual } = facts;
	const isUnwatched = lock.mayBeOwned && (dryRun || refusal !== undefined);
	const isSilent = dryRun ? isManual : stopped?.code === CANCELLED.code;
	if (isSilent || isUnwatched) {
		return { kind: 'kept', hasReport: false, tookMs: 0 };
	}
	// A Dry Run in a published workflow sends nothing. Without a failure of its own it would be reported as a good run.
	const blocked = dryRun ? notSent('DRY_RUN') : stopped;
	const { after } = judgeEnd({ calls: [], withheld: [], blocked, endedEarly: undefined, sync: facts });
	return await writeReport(lock, settings, { reported: after }, change);
}

/** Writes into the lock row what was reported, and leaves the state as it is. @returns whether the next run will know of the report */
async function writeReport(
	lock: Lock,
	{ clock }: SyncSettings,
	members: Pick<LastCell, 'reported' | 'minute' | 'beganMs'>,
	change: ChangeLast = (before) => before,
): Promise<StateEnd> {
	const passedMs = stopwatch(clock);
	const isWritten = await lock
		.report((before) => ({ ...change(before), ...members }))
		.then(
			() => true,
			() => false,
		);
	return { kind: 'kept', hasReport: isWritten, tookMs: passedMs() };
}
