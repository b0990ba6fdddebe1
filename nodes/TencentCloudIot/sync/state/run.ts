import { randomInt } from 'node:crypto';

import { forEachPausingByCount, type Pause } from '../../input/pausing';
import { type Failure, notSent } from '../../service/outcome';
import { wordsOfTables } from '../../messages/tables';
import { TableUnusable, type WhyUnusable } from '../../tables/dataTables';
import { CANCELLED } from '../../service/transportError';
import type { SyncRun, StartFacts } from '../syncRun';
import type { StateWriteResult } from '../health';
import { ALL_WELL, type LastReport, type UnstoredReport, withoutReturnedCustomers } from '../lastReport';
import { type ChangeLastCell, type LastCell, RETRY_GROUP_COUNT } from '../last';
import { Lock, RowTaken } from '../lock/lock';
import type { SyncTable } from '../lock/table';
import { sendOrderOf } from '../verdicts';
import { compareRows } from './compare';
import type { CustomerRecord } from './content';
import type { ComparedRun, CustomerInRows, CustomersInRows, SendableCustomer } from './customersInRows';
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
	const { refusal, signal } = settings;
	if (table === undefined) {
		const factsWithoutSendOrder = makeFactsWithoutState(refusal, settings);
		const facts: StartFacts = {
			...factsWithoutSendOrder,
			stateCondition: 'none',
			sendOrder: makeSendOrder(factsWithoutSendOrder, settings),
		};
		return { kind: mustNotSend(settings) ? 'stopped' : 'stateless', facts, end: writeNothing };
	}
	let lock: Lock | undefined;
	try {
		const firstStateNumber = (settings.random ?? randomInt)(0, FIRST_STATE_NUMBER_LIMIT);
		lock = await Lock.readOrCreate(table, settings, firstStateNumber);
		if (lock.mayBeOwnedByOther && !mustNotSend(settings)) {
			await lock.waitUntilOwnerDead();
		}
		return await beginWithLock(lock, table, settings);
	} catch (cause) {
		await lock?.releaseAfterFailure();
		const whyFailed = signal?.aborted ? CANCELLED : whyNotBegun(cause);
		const whyStopped = refusal ?? whyFailed;
		return { kind: 'stopped', facts: makeFactsWithoutState(whyStopped, settings), end: writeNothing };
	}
}

/** Whether the run sends nothing, whatever the state says: it is a Dry Run, or it was refused. */
function mustNotSend({ dryRun, refusal }: SyncSettings): boolean {
	return dryRun || refusal !== undefined;
}

function whyNotBegun(cause: unknown): Failure {
	if (cause instanceof RowTaken) {
		return ALREADY_RUNNING;
	}
	return failureOfTables(cause instanceof TableUnusable ? cause.why : undefined);
}

function failureOfTables(whyUnusable: WhyUnusable | undefined): Failure {
	const failure = notSent('STATE_NOT_USABLE');
	return whyUnusable === undefined ? failure : { ...failure, ...wordsOfTables(whyUnusable) };
}

/** Makes the run for a node that already has a run under way in this process. It reads and writes nothing: the other run may be sending. */
export function makeRunBesideAnother(settings: SyncSettings): SyncRun {
	return { kind: 'stopped', facts: makeFactsWithoutState(ALREADY_RUNNING, settings), end: writeNothing };
}

/** The end of a run that has sent nothing and has no report to write: the state is still right. */
async function writeNothing(): Promise<undefined> {
	return await Promise.resolve(undefined);
}

/** Makes the facts of a run that has not read the sync state: every customer counts as changed. */
function makeFactsWithoutState(
	whyStopped: Failure | undefined,
	{ customers, clock, isManual, unstoredReport }: SyncSettings,
): StartFacts {
	return {
		beganMinute: minuteOf(clock.nowMs()),
		isManual,
		stateCondition: 'interrupted',
		verdicts: customers.map(() => 'changed'),
		sendOrder: [...customers.keys()],
		movedDevices: [],
		isFirstForAccount: false,
		lastReport: withUnstoredReport(ALL_WELL, unstoredReport),
		reportedFailures: new Set(),
		unreportedFailures: new Set(),
		recentlyRecovered: new Set(),
		idsWithoutDevices: new Set(),
		lastRunMinute: undefined,
		whyStopped,
		isRetriedEarly: () => false,
	};
}

/** Orders the customers to send, by index, without those that an earlier attempt of the execution has settled. */
function makeSendOrder(
	{ verdicts, isRetriedEarly }: Pick<StartFacts, 'verdicts' | 'isRetriedEarly'>,
	settings: SyncSettings,
): number[] {
	const { sendAll, settledIndexes, random } = settings;
	const sendOrder = sendOrderOf(verdicts, sendAll, isRetriedEarly, random);
	return sendOrder.filter((customerIndex) => settledIndexes?.has(customerIndex) !== true);
}

/** Begins a run that has read the lock row. It compares its rows with the state, and is stopped, unchanged or sending from then on. */
async function beginWithLock(lock: Lock, table: SyncTable, settings: SyncSettings): Promise<SyncRun> {
	const { dryRun, clock, rowsReceivedMs } = settings;
	const pause: Pause = async () => await clock.sleep(1);
	const beganMinute = minuteOf(clock.nowMs());
	const foundState = await readState(lock, table, settings, pause);
	const { last, accountContent } = foundState;
	if (!mustNotSend(settings) && isOvertaken(last, settings)) {
		throw new RowTaken();
	}
	const customersInRows = await findCustomersInRows(settings, accountContent?.records ?? new Map(), pause);
	const comparedRun = {
		settings,
		customersInRows,
		foundState,
		beganMinute,
		pause,
	};
	const { comparedFacts, departures, isStateUpToDate } = await compareRows(comparedRun);
	const facts = makeFacts(comparedRun, comparedFacts);
	if (dryRun || facts.whyStopped !== undefined) {
		return {
			kind: 'stopped',
			facts,
			end: async (_endStatuses, reported, changeLastCell) => {
				if (!mayWriteReportOfStop(lock, facts, settings)) {
					return undefined;
				}
				return await writeReport(lock, { reported }, changeLastCell);
			},
		};
	}
	if (isStateUpToDate) {
		return {
			kind: 'unchanged',
			facts,
			end: async (_endStatuses, reported, changeLastCell) => {
				const minutes = { minute: beganMinute, rePushMinute: beganMinute };
				const newMembers = { ...minutes, reported, beganMs: rowsReceivedMs };
				return await writeReport(lock, newMembers, changeLastCell);
			},
		};
	}
	if (foundState.isStateLost) {
		// A person has approved that every customer is sent. But if the lock row was deleted, too, a run that owned it may still be sending.
		await lock.waitUntilOwnerDead();
	}
	const run = new SendingRun(facts, { ...comparedRun, table, lock, departures });
	await run.claim();
	return run;
}

/** Makes the facts of a run that has compared its rows with the state. */
function makeFacts(
	{ settings, customersInRows, foundState, beganMinute }: ComparedRun,
	comparedFacts: Awaited<ReturnType<typeof compareRows>>['comparedFacts'],
): StartFacts {
	const { refusal, unstoredReport, signal, dryRun, isManual } = settings;
	const { last, accountContent, stateCondition } = foundState;
	const { whyStopped, verdicts, missingKeys = [] } = comparedFacts;
	const isRetriedEarly = (index: number) =>
		customersInRows.sendable[index]!.key.charCodeAt(0) % RETRY_GROUP_COUNT === last.turn;
	// If a refusal or a safety check stops the run, its rows are probably wrong. So the facts leave out what these rows would change, unless
	// a Dry Run is stopped by a safety check: its user wants to see that.
	const areChangesInFacts = refusal === undefined && (whyStopped === undefined || dryRun);
	const rowFacts = areChangesInFacts
		? { ...comparedFacts, sendOrder: makeSendOrder({ verdicts, isRetriedEarly }, settings) }
		: makeFactsWithoutState(undefined, settings);
	const whyCancelled = signal?.aborted ? CANCELLED : undefined;
	return {
		...rowFacts,
		beganMinute,
		isManual,
		isFirstForAccount: accountContent?.isComplete !== true,
		stateCondition,
		lastReport: withoutReturnedCustomers(withUnstoredReport(last.reported, unstoredReport), [
			customersInRows.sendable,
			customersInRows.withheld,
			customersInRows.leftOut,
			missingKeys.map((key) => ({ key })),
		]),
		lastRunMinute: last.minute,
		stateNumber: last.stateNumber,
		last,
		inDoubt: findCustomersInDoubt(foundState, customersInRows),
		whyStopped: refusal ?? whyStopped ?? whyCancelled,
		isRetriedEarly,
	};
}

/**
 * Gives the last report of a node: the report of the lock row, corrected by one that only this process has. If the lock row has a newer one,
 * another process has reported since.
 */
function withUnstoredReport(
	storedReport: LastReport,
	unstoredReport: UnstoredReport | undefined,
): LastReport {
	if (unstoredReport === undefined || unstoredReport.minute < storedReport.minute) {
		return storedReport;
	}
	return { ...storedReport, ...unstoredReport };
}

/**
 * Finds the record of each customer that the rows name. It hashes the ids of the withheld customers and of those left out: 100,000 ids take
 * 0.3 s of a core.
 * @param recordsBefore the records in the state that this run has found, by the hashes of customers
 */
async function findCustomersInRows(
	{ hashes, customers, withheldIds, leftOutIds }: SyncSettings,
	recordsBefore: ReadonlyMap<string, CustomerRecord>,
	pause: Pause,
): Promise<CustomersInRows> {
	const findWithRecords = async (customerIds: readonly string[]) => {
		const customersWithRecords: CustomerInRows[] = [];
		await forEachPausingByCount(customerIds, pause, (customerId) => {
			const key = hashes.customerHash(customerId);
			customersWithRecords.push({ customerId, key, recordBefore: recordsBefore.get(key) });
		});
		return customersWithRecords;
	};
	const sendable: SendableCustomer[] = [];
	await forEachPausingByCount(customers, pause, (customer) => {
		sendable.push({ ...customer, recordBefore: recordsBefore.get(customer.key) });
	});
	return {
		sendable,
		withheld: await findWithRecords(withheldIds),
		leftOut: await findWithRecords(leftOutIds),
	};
}

/** Finds the customers that interrupted runs may have sent. */
function findCustomersInDoubt(
	{ stateCondition, accountContent }: FoundState,
	{ sendable }: CustomersInRows,
): StartFacts['inDoubt'] {
	if (stateCondition !== 'interrupted') {
		return undefined;
	}
	let inDoubtCount = 0;
	for (const { status } of accountContent?.records.values() ?? []) {
		if (status === 'doubt') {
			inDoubtCount++;
		}
	}
	const sendableIndexes = [...sendable.keys()].filter(
		(index) => sendable[index]?.recordBefore?.status === 'doubt',
	);
	return { sendableIndexes, unsendableCount: inDoubtCount - sendableIndexes.length };
}

/**
 * Whether a run with newer rows has begun and ended while this run waited to start, or read its rows. If this run went on, it would replace
 * the newer devices with older ones. A time in the future was written by a wrong clock, and is ignored.
 */
function isOvertaken({ beganMs = 0 }: LastCell, settings: SyncSettings): boolean {
	return beganMs > settings.rowsReceivedMs && beganMs <= settings.clock.nowMs();
}

/**
 * Whether a stopped run writes its report. A cancelled run and a Dry Run by hand write nothing. Nor does a Dry Run or a refused run while
 * another run owns the row: the write would free the row, and such a run has not waited to see whether the owner is dead.
 */
function mayWriteReportOfStop(
	lock: Lock,
	{ whyStopped, isManual }: StartFacts,
	settings: SyncSettings,
): boolean {
	const isOwnerUnwatched = lock.mayBeOwnedByOther && mustNotSend(settings);
	const reportsNothing = settings.dryRun ? isManual : whyStopped?.code === CANCELLED.code;
	return !reportsNothing && !isOwnerUnwatched;
}

/** Writes what was reported into the lock row, and leaves the state as it is. */
async function writeReport(
	lock: Lock,
	newMembers: Pick<LastCell, 'reported' | 'minute' | 'rePushMinute' | 'beganMs'>,
	changeLastCell: ChangeLastCell = (storedLast) => storedLast,
): Promise<StateWriteResult> {
	const isReportStored = await lock
		.report((storedLast) => ({ ...changeLastCell(storedLast), ...newMembers }))
		.then(
			() => true,
			() => false,
		);
	return { kind: 'kept', isReportStored };
}
