/**
 * The receipts of a run:
 *
 *     settled    a request has come to its end: its receipt is to be written
 *     written    every WRITE_MS, those that were settled since: the state of Sync may say now that they were accepted
 *     ended      what is left, customers that were not sent, and the row of the run
 *
 * If a run is killed, the log has a receipt for each customer that its state calls accepted. The next run sends the others again, and writes
 * their receipts.
 */
import { systemClock } from '../host/systemClock';
import { shownText } from '../host/shown';
import { BEAT_MS } from '../sync/lock/lock';
import { LogWriter, type Written } from '../sync/log/logTables';
import { findGone } from '../sync/log/readLog';
import type { Receipt, RunRow } from '../sync/log/receipt';
import { RepeatedFailures } from '../sync/log/repeats';
import { closingRows, extendStretch, type LogMemory, readLogMemory, receiptRows } from '../sync/log/runLog';
import { asStop } from '../sync/safetyChecks';
import { StateHashes } from '../sync/state/hashes';
import { isAccepted } from '../service/fate';
import { mayBeApplied } from '../service/outcome';
import type { DataTables } from '../tables/dataTables';
import { type KeptReceipts, NO_RECEIPTS } from './kept';
import { type OutcomeRecord, OutcomeRecords } from './report/records';
import { receiptsOfGone } from './report/gone';
import { bringsSets, type CallResult, type EndedRun } from './report/result';
import { sayRun } from './report/summary';
import { nodeOf, type Plan, type Run, type Selection } from './run';

/** As often as the sync state is written. Each call of n8n takes some 0.1 s of processor time, whatever it writes. */
const WRITE_MS = BEAT_MS;

/** A plan names five customers of each kind. It may wait for days, and each run until then searches for their receipts. */
const SEARCH_OF_PLAN = { enough: 5, mostReceipts: 5_000 };

/** After this many failed writes in a row there seems to be no log: the remaining receipts wait for the end of the run. */
const MOST_FAILURES = 2;

/** The receipts of one run. Nothing of it rejects. */
export class RunReceipts {
	readonly #run: Run;
	readonly #selection: Selection;
	readonly #tables: DataTables;
	readonly #writer: LogWriter;
	#memory: LogMemory;
	readonly #repeats: RepeatedFailures;
	readonly #beganMs = systemClock.nowMs();
	readonly #records: OutcomeRecords;
	/** Requests that have come to their end, by the index of their call, whose receipts are to be written. */
	#settled = new Map<number, CallResult>();
	/** Calls, by their index, whose receipts stand in the log. */
	readonly #standing = new Set<number>();
	#writtenCount = 0;
	#failures = 0;
	#turnOff: (() => void) | undefined;
	#writing: Promise<void> = Promise.resolve();

	private constructor(run: Run, selection: Selection, records: OutcomeRecords) {
		const { keepReceipts: keepMonths = 0, largestLog: largestMb = 0 } = run.options;
		this.#run = run;
		this.#selection = selection;
		this.#tables = run.ports.openTables();
		this.#memory = readLogMemory(selection.facts?.last?.['log']);
		this.#writer = new LogWriter(this.#tables, { keepMonths, largestMb }, this.#memory.tableId);
		this.#repeats = new RepeatedFailures(this.#memory.repeats);
		this.#records = records;
	}

	/** Whether a run writes receipts. Where customers must not be named there are none. */
	static areWritten({ execution, operation, options }: Omit<Run, 'items'>): boolean {
		const { keepReceipts = 0, nameCustomers, dryRun } = options;
		const isSaved = execution.workflow.id !== '';
		return bringsSets(operation) && keepReceipts > 0 && nameCustomers && !dryRun && isSaved;
	}

	/**
	 * Counts the receipts that the log lacks after a Sync that writes none. If no run has written any, the log has not begun, and lacks
	 * nothing.
	 */
	static leaveUnwritten(ended: EndedRun): KeptReceipts {
		const { sync, calls } = ended;
		const before = readLogMemory(sync?.last?.['log']);
		if (sync?.last === undefined || !before.isBegun) {
			return NO_RECEIPTS;
		}
		const nowMs = systemClock.nowMs();
		const memory = withDoubt(before, ended, nowMs - Math.round(ended.durationMs));
		const sent = calls.filter(({ fate }) => fate.kind === 'answered' && mayBeApplied(fate.outcome.outcome));
		return { ...NO_RECEIPTS, memory: addMissing(memory, sent.length, nowMs) };
	}

	/** @returns undefined for a run that writes none */
	static async open(run: Run, plan: Plan, selection: Selection): Promise<RunReceipts | undefined> {
		return RunReceipts.areWritten(run)
			? new RunReceipts(
					run,
					selection,
					await OutcomeRecords.open({ withheld: plan.withheld, sync: selection.facts }),
				)
			: undefined;
	}

	/** A call has its fate. */
	settle(index: number, result: CallResult): void {
		if (result.fate.kind !== 'answered') {
			return;
		}
		if (this.#failures >= MOST_FAILURES) {
			this.#selection.receiptsStand?.([index]);
			return;
		}
		this.#settled.set(index, result);
		this.#turnOff ??= systemClock.alarm(WRITE_MS, () => {
			this.#turnOff = undefined;
			this.#writing = this.#writing.then(async () => await this.#writeSettled());
		});
	}

	/**
	 * The last receipts of customers that are no longer in the rows, by their hashes, as far as the log has them: of those that have left since
	 * the last run, and of the former owners of devices that a report names as moved. Of a run that was stopped some are enough. Undefined where
	 * the log cannot be read, or the credential not be used: the run is reported without them.
	 */
	async findGone(ended: EndedRun): Promise<EndedRun['gone']> {
		return await this.#findGone(ended).catch(() => undefined);
	}

	async #findGone({ blocked, tally }: EndedRun): Promise<EndedRun['gone']> {
		const changes = asStop(blocked)?.plan?.changes;
		const left = blocked === undefined ? this.#selection.facts?.missing : changes?.missing;
		const moved = changes?.moved ?? tally.moved;
		const formerOwners = moved.filter(({ from }) => from === undefined).map(({ fromKey }) => fromKey);
		const hashes = new StateHashes(await this.#run.ports.credential.connection());
		const keyOf = (id: string) => hashes.customer(id);
		const search = blocked === undefined ? { keyOf } : { keyOf, ...SEARCH_OF_PLAN };
		const wanted = new Set([...(left ?? []), ...formerOwners]);
		return await findGone(this.#tables, hashes.application, wanted, search);
	}

	/** Writes the remaining receipts before the state is closed: after a kill in between the next run sends those customers again. */
	async end(ended: EndedRun): Promise<KeptReceipts> {
		this.#turnOff?.();
		await this.#writing;
		// Beside another run there is nothing to tell of this one.
		const isBeside = ended.blocked !== undefined && ended.sync !== undefined && ended.sync.last === undefined;
		if (isBeside) {
			return NO_RECEIPTS;
		}
		this.#memory = withDoubt(this.#memory, ended, this.#beganMs);
		return await this.#writeEnd(ended).catch(() => NO_RECEIPTS);
	}

	async #writeSettled(): Promise<void> {
		const batch = this.#settled;
		this.#settled = new Map();
		const endMs = systemClock.nowMs();
		const records = Array.from(batch.values(), (result) => this.#records.ofCall(result, endMs));
		const receipts = records.flatMap((record) => (record === undefined ? [] : [this.#receiptOf(record)]));
		const isWritten = await this.#write(receipts).then(
			({ missing }) => missing === 0,
			() => false,
		);
		this.#failures = isWritten ? 0 : this.#failures + 1;
		if (isWritten) {
			this.#repeats.note(receipts, this.#beganMs);
			for (const index of batch.keys()) {
				this.#standing.add(index);
			}
		} else {
			// In the order in which they came to their end.
			this.#settled = new Map([...batch, ...this.#settled]);
		}
		if (isWritten || this.#failures >= MOST_FAILURES) {
			this.#selection.receiptsStand?.([...batch.keys()]);
		}
	}

	async #writeEnd(ended: EndedRun): Promise<KeptReceipts> {
		const nowMs = systemClock.nowMs();
		const isOfSync = ended.sync !== undefined;
		const receipts = [...(await this.#receiptsLeft(ended, nowMs)), ...this.#receiptsOfGone(ended, nowMs)];
		const count =
			this.#writtenCount + receipts.filter((receipt) => !this.#repeats.isRepeated(receipt)).length;
		const row = rowOf(this.#run, ended, nowMs);
		const { stretch } = this.#memory;
		const longer = extendStretch(stretch, row);
		if (count === 0 && (!isOfSync || longer !== undefined)) {
			this.#repeats.note(receipts, this.#beganMs);
			return isOfSync
				? { ...NO_RECEIPTS, memory: { ...this.#memory, repeats: this.#repeats.kept, stretch: longer } }
				: NO_RECEIPTS;
		}
		const { missing, why, isClosed, isLost, tableId } = await this.#write(receipts, { row, count });
		if (missing === 0) {
			this.#repeats.note(receipts, this.#beganMs);
		}
		const kept: KeptReceipts = { written: this.#writtenCount, missing, why, isLost: isLost && isClosed };
		if (isOfSync) {
			// Which of them are not in the log is not known: all of them are written again.
			const repeats = missing === 0 && !isLost ? this.#repeats.kept : [];
			const { inDoubt } = this.#memory;
			kept.memory = isClosed
				? { isBegun: true, repeats, missing: 0, inDoubt, tableId }
				: { ...addMissing(this.#memory, missing, nowMs), repeats };
		}
		return kept;
	}

	/** Writes the receipts that the log does not have, and at the end of the run what closes them. */
	async #write(receipts: readonly Receipt[], end?: { row: RunRow; count: number }): Promise<Written> {
		const account = await this.#run.ports.credential.logAccount();
		const written = await this.#writer.write(
			{
				receipts: receipts.filter((receipt) => !this.#repeats.isRepeated(receipt)),
				rowsOfReceipt: (receipt) => receiptRows(account, receipt, this.#repeats),
				closing: end && ((facts) => closingRows(this.#endOf(account, end), facts)),
			},
			systemClock.nowMs(),
		);
		this.#writtenCount += written.written;
		return written;
	}

	#endOf(account: string, { row, count }: { row: RunRow; count: number }) {
		const { facts } = this.#selection;
		return {
			account,
			receipts: count,
			run: row,
			// A Push has no place for a memory; its receipts say that they are of one.
			memory: facts === undefined ? { ...this.#memory, isBegun: true } : this.#memory,
			// Where the state is lost, so may be the log: a customer that is not in it may have been sent.
			isFirst: facts?.isFirst === true && facts.state !== 'lost',
		};
	}

	/** The receipts of customers that do not stand in the log yet. */
	async #receiptsLeft(ended: EndedRun, nowMs: number): Promise<Receipt[]> {
		// An earlier attempt of the run has written the receipts of what it had settled.
		const isWritten = (index: number) => {
			return this.#standing.has(index) || ended.calls[index]?.fate.kind === 'earlierAttempt';
		};
		const records = await this.#records.ofRun(ended, nowMs, isWritten);
		return records.map((record) => this.#receiptOf(record));
	}

	/** The receipts of customers that have left the rows, as far as the log has their names. */
	#receiptsOfGone(ended: EndedRun, nowMs: number): Receipt[] {
		return receiptsOfGone(ended).map(({ customerId }) => {
			return { customerId, atMs: nowMs, outcome: 'GONE', node: nodeOf(this.#run), devices: [] };
		});
	}

	#receiptOf(record: OutcomeRecord): Receipt {
		return { ...record, node: nodeOf(this.#run), isPush: this.#selection.facts === undefined };
	}
}

/** Notes receipts that are not written, and were to be until then. @param untilMs Unix milliseconds */
function addMissing(memory: LogMemory, count: number, untilMs: number): LogMemory {
	return count === 0 ? memory : { ...memory, missing: memory.missing + count, missingMs: untilMs };
}

/**
 * What is known after a run of customers that an interrupted one may have sent. Whatever those had that Tencent has accepted now is replaced
 * or confirmed. Of the others a receipt is missing for good, unless this run was stopped: then they stay in doubt.
 * @param beganMs when this run began, Unix milliseconds: they were sent before
 */
function withDoubt(memory: LogMemory, { sync, blocked, calls }: EndedRun, beganMs: number): LogMemory {
	const { sendable, others: otherCustomers } = sync?.inDoubt ?? { sendable: [], others: 0 };
	if (blocked !== undefined) {
		return { ...memory, inDoubt: sendable.length + otherCustomers };
	}
	const notAccepted = sendable.filter((index) => {
		const call = calls[index];
		return call === undefined || !isAccepted(call.fate);
	});
	return { ...addMissing(memory, otherCustomers + notAccepted.length, beganMs - 1), inDoubt: 0 };
}

function rowOf(run: Run, ended: EndedRun, nowMs: number): RunRow {
	const { health, reason } = ended.tally;
	const [summary, summaryZh] = sayRun(ended, 'nameless').state;
	return {
		node: nodeOf(run),
		atMs: nowMs,
		sinceMs: nowMs - Math.round(ended.durationMs),
		runs: 1,
		health,
		code: reason?.code ?? '',
		receipts: 0,
		missing: 0,
		summary: shownText(summary),
		summaryZh: shownText(summaryZh),
	};
}
