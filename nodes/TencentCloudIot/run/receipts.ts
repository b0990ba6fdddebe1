/**
 * The receipts of a run. Each says what became of one customer, and is a row of the log. They are written in three steps:
 *
 *     addResult         a call has ended: its receipt is to be written
 *     #writeBatch       every WRITE_EVERY_MS, the receipts of the calls that ended since; only then may the sync state call their customers
 *                       accepted
 *     writeRemaining    the receipts that no batch has written, also of customers that were not sent, and the row of the run
 *
 * So if a run is killed, the log has a receipt for each customer that the sync state calls accepted. The next run sends the other customers
 * again, and writes their receipts.
 */
import { systemClock } from '../host/systemClock';
import { shownText } from '../host/shown';
import { HEARTBEAT_MS } from '../sync/lock/lock';
import { LogWriter, type LogBatchResult } from '../sync/log/logWriter';
import { ReceiptLog } from '../sync/log/readLog';
import type { Receipt, RunRow } from '../sync/log/receipt';
import { OngoingFailures } from '../sync/log/repeats';
import { type LogMemory, readLogMemory, RunLogRows } from '../sync/log/runLog';
import { asStop } from '../sync/stop';
import { StateHashes } from '../sync/state/hashes';
import { bringsFullSets } from '../resources/operation/operation';
import { isAccepted } from '../service/fate';
import { mayBeApplied } from '../service/outcome';
import type { DataTables } from '../tables/dataTables';
import { type ReceiptCounts, NO_RECEIPTS } from './receiptCounts';
import { type OutcomeRecord, OutcomeRecords } from './report/records';
import type { CallResult, EndedRun } from './report/result';
import { describeRun } from './report/summary';
import { nodeKeyOf, type Plan, type Run, type Selection } from './run';

/** A batch is written as often as the sync state, not more often: each call of n8n takes some 0.1 s of processor time, whatever it writes. */
const WRITE_EVERY_MS = HEARTBEAT_MS;

/**
 * Limits the search for receipts in a stopped run. The plan of that run names five missing customers, and its message five that left earlier. The
 * plan may wait for approval for days, and each run until then searches again.
 */
const PLAN_SEARCH_LIMITS = { mostCustomers: 10, mostReceipts: 5_000 };

/** After this many failed writes in a row the log counts as unusable: the run tries to write the remaining receipts only once more, at its end. */
const MOST_FAILED_WRITES = 2;

/** What `RunLogRows` makes the closing rows from. Only the last write of a run adds them. */
type ClosingInput = Parameters<RunLogRows['makeClosingRows']>[0];

/** Writes the receipts of one run. None of its methods rejects. */
export class RunReceipts {
	readonly #run: Run;
	readonly #selection: Selection;
	readonly #tables: DataTables;
	readonly #writer: LogWriter;
	#logMemory: LogMemory;
	readonly #ongoingFailures: OngoingFailures;
	readonly #beganMs = systemClock.nowMs();
	readonly #outcomeRecords: OutcomeRecords;
	/** The results of the calls that have ended and whose receipts are to be written, by the index of the call. */
	#unwrittenResults = new Map<number, CallResult>();
	/** The indexes of the calls whose receipts are in the log. */
	readonly #writtenIndexes = new Set<number>();
	#writtenCount = 0;
	/** How many writes in a row have failed. */
	#failedWriteCount = 0;
	#cancelAlarm: (() => void) | undefined;
	/** Resolves when the write that began last has ended. The next write waits for it. */
	#lastWrite: Promise<void> = Promise.resolve();

	private constructor(run: Run, selection: Selection, records: OutcomeRecords) {
		const { keepReceipts: keepMonths = 0, largestLog: largestMb = 0 } = run.options;
		this.#run = run;
		this.#selection = selection;
		this.#tables = run.ports.openTables();
		this.#logMemory = readLogMemory(selection.facts?.last?.['log']);
		this.#writer = new LogWriter(this.#tables, { keepMonths, largestMb }, this.#logMemory.tableId);
		this.#ongoingFailures = new OngoingFailures(this.#logMemory.repeats);
		this.#outcomeRecords = records;
	}

	/** Whether a run writes receipts. It writes none if customers must not be named, since a receipt names its customer. */
	static areWritten({ execution, operation, options }: Omit<Run, 'items'>): boolean {
		const { keepReceipts = 0, nameCustomers, dryRun } = options;
		const isWorkflowSaved = execution.workflow.id !== '';
		const areReceiptsWanted = keepReceipts > 0 && nameCustomers;
		const pushesFullSets = bringsFullSets(operation) && !dryRun;
		return areReceiptsWanted && pushesFullSets && isWorkflowSaved;
	}

	/**
	 * Counts the receipts that the log lacks because this Sync writes none. If the node has never written to the log, none are lacking.
	 */
	static countUnwritten(ended: EndedRun): ReceiptCounts {
		const { sync, calls } = ended;
		const logMemoryBefore = readLogMemory(sync?.last?.['log']);
		if (sync?.last === undefined || !logMemoryBefore.isBegun) {
			return NO_RECEIPTS;
		}
		const nowMs = systemClock.nowMs();
		const logMemory = resolveDoubt(logMemoryBefore, ended, nowMs - Math.round(ended.durationMs));
		const possiblyAppliedCalls = calls.filter(
			({ fate }) => fate.kind === 'answered' && mayBeApplied(fate.outcome.outcome),
		);
		return { ...NO_RECEIPTS, logMemory: addMissing(logMemory, possiblyAppliedCalls.length, nowMs) };
	}

	/** Prepares the receipts of a run before it sends. @returns undefined for a run that writes none */
	static async open(run: Run, plan: Plan, selection: Selection): Promise<RunReceipts | undefined> {
		return RunReceipts.areWritten(run)
			? new RunReceipts(
					run,
					selection,
					await OutcomeRecords.prepare({ withheld: plan.withheld, sync: selection.facts }),
				)
			: undefined;
	}

	/** Adds the receipt of a call to those that are to be written. To be called when the fate of the call is known. */
	addResult(callIndex: number, callResult: CallResult): void {
		if (callResult.fate.kind !== 'answered') {
			return;
		}
		if (this.#failedWriteCount >= MOST_FAILED_WRITES) {
			// The log is unusable. If the sync state waited for this receipt, it would never record the customer as accepted.
			this.#selection.noteReceiptsWritten?.([callIndex]);
			return;
		}
		this.#unwrittenResults.set(callIndex, callResult);
		this.#cancelAlarm ??= systemClock.alarm(WRITE_EVERY_MS, () => {
			this.#cancelAlarm = undefined;
			this.#lastWrite = this.#lastWrite.then(async () => await this.#writeBatch());
		});
	}

	/**
	 * Finds the last receipts of customers that are no longer in the rows: customers that have left since the last run, customers that left
	 * before and that no report has named, and former owners of devices that have moved. A stopped run needs only some (`PLAN_SEARCH_LIMITS`).
	 * @returns by the hash of a customer, its last receipt, if the log has one; undefined if the log or the credential cannot be used: the report
	 * then does not name these customers
	 */
	async findLastReceiptsOfGone(ended: EndedRun): Promise<EndedRun['lastReceiptsOfGone']> {
		return await this.#searchReceiptsOfGone(ended).catch(() => undefined);
	}

	async #searchReceiptsOfGone({ blocked, tally, sync }: EndedRun): Promise<EndedRun['lastReceiptsOfGone']> {
		const changes = asStop(blocked)?.planFacts?.changes;
		const missingKeys = blocked === undefined ? sync?.missingKeys : changes?.missingKeys;
		const unreportedGoneKeys = sync?.goneKeys?.map(([key]) => key) ?? [];
		const movedDevices = changes?.movedDevices ?? tally.movedDevices;
		const unnamedFormerOwnerKeys = movedDevices
			.filter(({ formerOwnerId }) => formerOwnerId === undefined)
			.map(({ formerOwnerKey }) => formerOwnerKey);
		const hashes = new StateHashes(await this.#run.ports.credential.connection());
		const keyOf = (id: string) => hashes.customerHash(id);
		const search = blocked === undefined ? { keyOf } : { keyOf, ...PLAN_SEARCH_LIMITS };
		const wantedKeys = new Set([...(missingKeys ?? []), ...unreportedGoneKeys, ...unnamedFormerOwnerKeys]);
		return await new ReceiptLog(this.#tables).findLastReceipts(hashes.applicationHash, wantedKeys, search);
	}

	/**
	 * Writes the remaining receipts. To be called before the state is closed: if the run is killed in between, the next run sends the
	 * customers of these receipts again, and no receipt is missing.
	 */
	async writeRemaining(ended: EndedRun): Promise<ReceiptCounts> {
		this.#cancelAlarm?.();
		await this.#lastWrite;
		const { blocked, sync } = ended;
		// A Sync that was blocked because another run is active has read no state, and leaves nothing in the log.
		const hasReadNoState = this.#isOfSync && sync?.last === undefined;
		if (hasReadNoState && blocked !== undefined) {
			return NO_RECEIPTS;
		}
		this.#logMemory = resolveDoubt(this.#logMemory, ended, this.#beganMs);
		return await this.#writeClosing(ended).catch(() => NO_RECEIPTS);
	}

	async #writeBatch(): Promise<void> {
		const batch = this.#unwrittenResults;
		this.#unwrittenResults = new Map();
		const nowMs = systemClock.nowMs();
		const records = Array.from(batch.values(), (result) => this.#outcomeRecords.ofCall(result, nowMs));
		const receipts = records.flatMap((record) => (record === undefined ? [] : [this.#receiptOf(record)]));
		const isBatchWritten = await this.#write(receipts).then(
			({ missing }) => missing === 0,
			() => false,
		);
		this.#failedWriteCount = isBatchWritten ? 0 : this.#failedWriteCount + 1;
		if (isBatchWritten) {
			this.#ongoingFailures.noteReceipts(receipts, this.#beganMs);
			for (const callIndex of batch.keys()) {
				this.#writtenIndexes.add(callIndex);
			}
		} else {
			// The next write tries the receipts of this batch again, before those of the calls that have ended meanwhile.
			this.#unwrittenResults = new Map([...batch, ...this.#unwrittenResults]);
		}
		if (isBatchWritten || this.#failedWriteCount >= MOST_FAILED_WRITES) {
			this.#selection.noteReceiptsWritten?.([...batch.keys()]);
		}
	}

	/** Whether the run is a Sync. A Push has no state, and so no cell that remembers anything of the log for its next run. */
	get #isOfSync(): boolean {
		return this.#selection.facts !== undefined;
	}

	/** Writes the receipts that no batch has written, and the row of the run. A run without receipts may write no row of its own. */
	async #writeClosing(endedRun: EndedRun): Promise<ReceiptCounts> {
		const nowMs = systemClock.nowMs();
		const receipts = [
			...(await this.#pendingReceipts(endedRun, nowMs)),
			...this.#receiptsOfGone(endedRun, nowMs),
		];
		const receiptCount =
			this.#writtenCount + receipts.filter((receipt) => !this.#ongoingFailures.isRepeated(receipt)).length;
		const runRow = runRowOf(this.#run, endedRun, nowMs);
		const longerStretch = RunLogRows.extendStretch(this.#logMemory.stretch, runRow);
		// Without receipts a Push writes no row. A Sync only adds itself to the stretch in the lock row, which a later run writes to the log. If a
		// Sync cannot add itself, because its health differs from that of the stretch, it writes the stretch itself.
		const isStretchOver = this.#isOfSync && longerStretch === undefined;
		if (receiptCount > 0 || isStretchOver) {
			return await this.#writeWithRunRow(receipts, this.#closingInputOf(runRow, receiptCount));
		}
		this.#ongoingFailures.noteReceipts(receipts, this.#beganMs);
		if (!this.#isOfSync) {
			return NO_RECEIPTS;
		}
		const repeats = this.#ongoingFailures.failureGroups;
		return { ...NO_RECEIPTS, logMemory: { ...this.#logMemory, repeats, stretch: longerStretch } };
	}

	/** Writes receipts and the row of the run, and counts what could not be written. */
	async #writeWithRunRow(receipts: readonly Receipt[], closing: ClosingInput): Promise<ReceiptCounts> {
		const { missing, why, areClosingRowsWritten, isTableLost, tableId } = await this.#write(
			receipts,
			closing,
		);
		if (missing === 0) {
			this.#ongoingFailures.noteReceipts(receipts, this.#beganMs);
		}
		const receiptCounts: ReceiptCounts = {
			writtenCount: this.#writtenCount,
			missing,
			why,
			isLogLost: isTableLost && areClosingRowsWritten,
		};
		if (this.#isOfSync) {
			// If receipts are missing from the log, the next run must not leave out any failure as a repeated one.
			const repeats = missing === 0 && !isTableLost ? this.#ongoingFailures.failureGroups : [];
			const { inDoubt } = this.#logMemory;
			receiptCounts.logMemory = areClosingRowsWritten
				? { isBegun: true, repeats, missing: 0, inDoubt, tableId }
				: { ...addMissing(this.#logMemory, missing, closing.run.atMs), repeats };
		}
		return receiptCounts;
	}

	/** Writes receipts, except those that repeat a failure which the log has. With `closing` it also writes the rows that close the run. */
	async #write(receipts: readonly Receipt[], closing?: ClosingInput): Promise<LogBatchResult> {
		const logRows = new RunLogRows(await this.#run.ports.credential.accountHash(), this.#ongoingFailures);
		const batchResult = await this.#writer.write(
			{
				receipts: receipts.filter((receipt) => !this.#ongoingFailures.isRepeated(receipt)),
				rowsOfReceipt: (receipt) => logRows.rowsOfReceipt(receipt),
				makeClosingRows: closing && ((facts) => logRows.makeClosingRows(closing, facts)),
			},
			systemClock.nowMs(),
		);
		this.#writtenCount += batchResult.writtenCount;
		return batchResult;
	}

	/** Gathers what `makeClosingRows` makes the rows at the end of a run from: the run itself, its receipts, and what earlier runs wrote. */
	#closingInputOf(run: RunRow, receiptCount: number): ClosingInput {
		const { facts } = this.#selection;
		return {
			receiptCount,
			run,
			// As long as `isBegun` is false, the closing rows include a mark that the node's receipts begin here. A Push has no lock row to remember that
			// mark, and would write it in each run. So `isBegun` is true for a Push, and each of its receipts says that it is of a Push (`isPush`).
			logMemory: this.#isOfSync ? this.#logMemory : { ...this.#logMemory, isBegun: true },
			// If the state was lost, the log may have been lost with it. So the log must not say that this is the first run: there may be older receipts.
			isFirstRun: facts?.isFirstForAccount === true && facts.stateCondition !== 'lost',
		};
	}

	/** The receipts of the run that are not in the log yet. */
	async #pendingReceipts(ended: EndedRun, nowMs: number): Promise<Receipt[]> {
		// An earlier attempt of the run has written the receipts of the calls that it settled.
		const isWritten = (callIndex: number) => {
			return this.#writtenIndexes.has(callIndex) || ended.calls[callIndex]?.fate.kind === 'earlierAttempt';
		};
		const records = await this.#outcomeRecords.ofRun(ended, nowMs, isWritten);
		return records.map((record) => this.#receiptOf(record));
	}

	/**
	 * Receipts which say that a customer has left the rows; only for customers whose names the log has. A run that was stopped writes
	 * none: a customer that its rows lack counts as gone only once somebody has approved the plan.
	 */
	#receiptsOfGone({ lastReceiptsOfGone, blocked, sync }: EndedRun, nowMs: number): Receipt[] {
		const missingKeys = blocked === undefined ? (sync?.missingKeys ?? []) : [];
		const lastReceipts = missingKeys.flatMap((key) => lastReceiptsOfGone?.get(key) ?? []);
		return lastReceipts.map(({ customerId }) => {
			return { customerId, atMs: nowMs, outcome: 'GONE', nodeKey: nodeKeyOf(this.#run), devices: [] };
		});
	}

	#receiptOf(record: OutcomeRecord): Receipt {
		return { ...record, nodeKey: nodeKeyOf(this.#run), isPush: !this.#isOfSync };
	}
}

/**
 * Adds receipts to the count of those that the log lacks.
 * @param newestMissingMs when the newest of these receipts should have been written, Unix milliseconds
 */
function addMissing(logMemory: LogMemory, newlyMissingCount: number, newestMissingMs: number): LogMemory {
	return newlyMissingCount === 0
		? logMemory
		: { ...logMemory, missing: logMemory.missing + newlyMissingCount, missingMs: newestMissingMs };
}

/**
 * Decides whether the log lacks receipts of customers in doubt, which an interrupted run may have sent without a receipt. If Tencent has accepted
 * such a customer in this run, its new receipt is enough. For each other customer in doubt the log lacks a receipt for good. If this run was
 * stopped, all of them stay in doubt.
 * @param beganMs when this run began, Unix milliseconds: the interrupted run may have sent customers until then
 */
function resolveDoubt(logMemory: LogMemory, { sync, blocked, calls }: EndedRun, beganMs: number): LogMemory {
	const { sendableIndexes, unsendableCount } = sync?.inDoubt ?? { sendableIndexes: [], unsendableCount: 0 };
	if (blocked !== undefined) {
		return { ...logMemory, inDoubt: sendableIndexes.length + unsendableCount };
	}
	const unacceptedIndexes = sendableIndexes.filter((callIndex) => {
		const call = calls[callIndex];
		return call === undefined || !isAccepted(call.fate);
	});
	return { ...addMissing(logMemory, unsendableCount + unacceptedIndexes.length, beganMs - 1), inDoubt: 0 };
}

/** The row of the log about the run itself. */
function runRowOf(run: Run, ended: EndedRun, nowMs: number): RunRow {
	const { health, whyRunFailed } = ended.tally;
	const [summary, summaryZh] = describeRun(ended, 'nameless').summary;
	return {
		nodeKey: nodeKeyOf(run),
		atMs: nowMs,
		sinceMs: nowMs - Math.round(ended.durationMs),
		runs: 1,
		health,
		code: whyRunFailed?.code ?? '',
		receipts: 0,
		missing: 0,
		summary: shownText(summary),
		summaryZh: shownText(summaryZh),
	};
}
