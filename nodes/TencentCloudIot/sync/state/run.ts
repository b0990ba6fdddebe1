import { randomInt } from 'node:crypto';

import { type Failure, notSent } from '../../service/outcome';
import { wordsOfTables } from '../../messages/tables';
import { TableUnusable, type WhyUnusable } from '../../tables/dataTables';
import { CANCELLED } from '../../service/transportError';
import type { SyncRun, StartFacts } from '../syncRun';
import { judgeEnd, type StateEnd, withoutFindings, withoutReturned } from '../health';
import { type ChangeLast, type LastCell, RETRY_GROUPS } from '../last';
import { Lock, stopwatch, Taken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { sendingOrder } from '../verdicts';
import { PlanPlace } from '../waiting/plans';
import { compare } from './compare';
import type { Pause } from './content';
import { type NamedCustomers, nameCustomers } from './named';
import { type FoundState, readState } from './readState';
import { SendingRun } from './sendingRun';
import { minuteOf, type SyncSettings } from './settings';

const ALREADY_RUNNING = notSent('ALREADY_RUNNING');

/**
 * The first state of a node gets a random number below this. If the numbers began at 0, a plan that was approved before somebody deleted the tables
 * could pass afterwards.
 */
const FIRST_STATE_NUMBER_LIMIT = 2 ** 40;

/**
 * Begins a run of Sync. The steps decide which kind of `syncRun.ts` it is:
 *
 *     there is no table                     stateless; or stopped, if it may send nothing
 *     read the lock row and the state       stopped, if that fails or another run owns the row. One call of n8n
 *     compare the rows with the state       stopped, in a Dry Run or by a safety check; its end writes a report
 *         no customer to send               unchanged; its end writes a report without owning the row. One call
 *         customers to send                 sending, once it has written the first ones as in doubt and claimed the row. One call
 *
 * Never rejects.
 * @param table undefined if the workflow is not saved: then every customer is sent, and nothing is kept
 */
export async function beginSync(table: SyncTable | undefined, settings: SyncSettings): Promise<SyncRun> {
	const { refusal, reportedBefore: lastReport, signal, dryRun, clock } = settings;
	if (table === undefined) {
		const factsWithoutOrder = makeFactsWithoutState(refusal, settings);
		const facts: StartFacts = {
			...factsWithoutOrder,
			lastReport,
			state: 'none',
			sendOrder: makeOrder(factsWithoutOrder, settings),
		};
		const isSending = refusal === undefined && !dryRun;
		return { kind: isSending ? 'stateless' : 'stopped', facts, end: writeNothing };
	}
	const passedMs = stopwatch(clock);
	let lock: Lock | undefined;
	try {
		const firstStateNumber = (settings.random ?? randomInt)(0, FIRST_STATE_NUMBER_LIMIT);
		lock = await Lock.open(table, settings, firstStateNumber);
		const sendsNothing = dryRun || refusal !== undefined;
		if (lock.mayBeOwned && !sendsNothing) {
			await lock.watch();
		}
		return await beginWithLock(lock, table, settings);
	} catch (cause) {
		await lock?.giveUp();
		const stopped = refusal ?? (signal?.aborted ? CANCELLED : whyNotBegun(cause));
		// Nothing was sent, so the state is still right.
		const stateAsBefore: StateEnd = { kind: 'kept', isReportStored: false, tookMs: passedMs() };
		const end = stopped === ALREADY_RUNNING ? writeNothing : async () => await Promise.resolve(stateAsBefore);
		return { kind: 'stopped', facts: { ...makeFactsWithoutState(stopped, settings), lastReport }, end };
	}
}

function whyNotBegun(cause: unknown): Failure {
	if (cause instanceof Taken) {
		return ALREADY_RUNNING;
	}
	return failureOfTables(cause instanceof TableUnusable ? cause.why : undefined);
}

function failureOfTables(why: WhyUnusable | undefined): Failure {
	const failure = notSent('STATE_NOT_USABLE');
	return why === undefined ? failure : { ...failure, ...wordsOfTables(why) };
}

/** Makes the run for a node that already has a run under way in this process. It reads and writes nothing: the other run may be sending. */
export function stopBesideAnother(settings: SyncSettings): SyncRun {
	return { kind: 'stopped', facts: makeFactsWithoutState(ALREADY_RUNNING, settings), end: writeNothing };
}

async function writeNothing(): Promise<undefined> {
	return await Promise.resolve(undefined);
}

/** Makes the facts of a run that has not read the sync state: every customer counts as changed. */
function makeFactsWithoutState(
	stopped: Failure | undefined,
	{ customers, clock, isManual }: SyncSettings,
): StartFacts {
	return {
		minute: minuteOf(clock.nowMs()),
		isManual,
		state: 'interrupted',
		verdicts: customers.map(() => 'changed'),
		sendOrder: [...customers.keys()],
		moved: [],
		isFirst: false,
		lastReport: undefined,
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

/** Orders the customers to send, by index, without those that an earlier attempt of the execution has settled. */
function makeOrder(
	{ verdicts, isRetriedEarly }: Pick<StartFacts, 'verdicts' | 'isRetriedEarly'>,
	settings: SyncSettings,
): number[] {
	const { sendAll, settled, random } = settings;
	const order = sendingOrder(verdicts, sendAll, isRetriedEarly, random);
	return settled === undefined ? order : order.filter((index) => !settled.has(index));
}

async function beginWithLock(lock: Lock, table: SyncTable, settings: SyncSettings): Promise<SyncRun> {
	const { refusal, reportedBefore, signal, dryRun, clock, beganMs, isManual } = settings;
	const pause: Pause = async () => await clock.sleep(1);
	const minute = minuteOf(clock.nowMs());
	const found = await readState(lock, table, settings, pause);
	const { last, accountContent } = found;
	if (!dryRun && refusal === undefined && hasNewerRows(last, settings)) {
		throw new Taken();
	}
	const named = await nameCustomers(settings, accountContent?.records ?? new Map(), pause);
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
	// If a refusal or a safety check stops the run, its rows are probably wrong. Then only a Dry Run shows what they would change.
	const areRowsShown = refusal === undefined && (stopped === undefined || dryRun);
	const rowFacts = areRowsShown
		? { ...compared, sendOrder: makeOrder({ verdicts: compared.verdicts, isRetriedEarly }, settings) }
		: makeFactsWithoutState(undefined, settings);
	const facts: StartFacts = {
		...rowFacts,
		minute,
		isManual,
		isFirst: accountContent?.isComplete !== true,
		state: found.condition,
		lastReport: withoutReturned(reportedBefore ?? last.reported, [
			named.customers,
			named.withheld,
			named.leftOut,
			compared.missingKeys?.map((key) => ({ key })) ?? [],
		]),
		lastMinute: last.minute,
		stateNumber: last.stateNumber,
		last,
		inDoubt: findInDoubt(found, named),
		stopped: refusal ?? stopped ?? (signal?.aborted ? CANCELLED : undefined),
		isRetriedEarly,
	};
	if (dryRun || facts.stopped !== undefined) {
		return {
			kind: 'stopped',
			facts,
			end: async (_standings, _reported, changeLast) => await reportStop(lock, facts, settings, changeLast),
		};
	}
	if (isAsBefore) {
		return {
			kind: 'unchanged',
			facts,
			end: async (_standings, reported, changeLast) =>
				await writeReport(lock, settings, { reported, minute, beganMs }, changeLast),
		};
	}
	if (found.isLost) {
		// A person has approved that every customer is sent. But if the lock row was deleted, too, a run that owned it may still be sending.
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

/** Finds the customers that interrupted runs may have sent. */
function findInDoubt(
	{ condition, accountContent }: FoundState,
	{ customers }: NamedCustomers,
): StartFacts['inDoubt'] {
	if (condition !== 'interrupted') {
		return undefined;
	}
	let doubtCount = 0;
	for (const { status } of accountContent?.records.values() ?? []) {
		if (status === 'doubt') {
			doubtCount++;
		}
	}
	const sendableIndexes = [...customers.keys()].filter(
		(index) => customers[index]?.recordBefore?.status === 'doubt',
	);
	return { sendableIndexes, otherCount: doubtCount - sendableIndexes.length };
}

/**
 * Whether a run with newer rows has begun and ended while this one waited to start, or read its rows. If this run went on, it would replace
 * the newer devices with older ones. A time in the future was written by a wrong clock, and is ignored.
 */
function hasNewerRows({ beganMs = 0 }: LastCell, settings: SyncSettings): boolean {
	return beganMs > settings.beganMs && beganMs <= settings.clock.nowMs();
}

/** Adds the approved plan to the settings: that of the field 'Approved Plan', else the one that the operation Approve Plan has approved. */
function withApproval(settings: SyncSettings, last: LastCell): SyncSettings {
	const planId = settings.checks.approvedPlan || PlanPlace.read(last['plan']).approvedPlanId;
	return { ...settings, checks: { ...settings.checks, approvedPlan: planId } };
}

/**
 * Writes what a stopped run has reported. These write nothing: a cancelled run; a Dry Run by hand; and a Dry Run or refused run while another
 * run owns the row: the stopped run has not waited to see whether that owner is dead.
 */
async function reportStop(
	lock: Lock,
	facts: StartFacts,
	settings: SyncSettings,
	changeLast: ChangeLast | undefined,
): Promise<StateEnd> {
	const { dryRun, refusal } = settings;
	const { stopped, isManual } = facts;
	const isUnwatched = lock.mayBeOwned && (dryRun || refusal !== undefined);
	const isSilent = dryRun ? isManual : stopped?.code === CANCELLED.code;
	if (isSilent || isUnwatched) {
		return { kind: 'kept', isReportStored: false, tookMs: 0 };
	}
	// A Dry Run in a published workflow sends nothing, so it must be reported as failing: otherwise it would look like a good run for months.
	const blocked = dryRun ? notSent('DRY_RUN') : stopped;
	const sync = dryRun ? withoutFindings(facts) : facts;
	const { reportAfter } = judgeEnd({ calls: [], withheld: [], blocked, endedEarly: undefined, sync });
	return await writeReport(lock, settings, { reported: reportAfter }, changeLast);
}

/** Writes what was reported into the lock row, and leaves the state as it is. */
async function writeReport(
	lock: Lock,
	{ clock }: SyncSettings,
	members: Pick<LastCell, 'reported' | 'minute' | 'beganMs'>,
	changeLast: ChangeLast = (before) => before,
): Promise<StateEnd> {
	const passedMs = stopwatch(clock);
	const isWritten = await lock
		.report((before) => ({ ...changeLast(before), ...members }))
		.then(
			() => true,
			() => false,
		);
	return { kind: 'kept', isReportStored: isWritten, tookMs: passedMs() };
}
