import { systemClock } from '../host/systemClock';
import { shownText } from '../host/shown';
import type { LastMembers } from '../sync/began';
import { type LogLimits, writeLog } from '../sync/log/logTables';
import { findGone } from '../sync/log/readLog';
import type { Receipt, RunRow } from '../sync/log/receipt';
import {
	closingRows,
	continues,
	extend,
	type LogMemory,
	readLogMemory,
	receiptRows,
	withoutRepeats,
} from '../sync/log/runLog';
import { StateHashes } from '../sync/state/hashes';
import { connectionOf } from './connection';
import { openDataTables } from './dataTables';
import type { KeptReceipts } from './kept';
import { recordsOf } from './report/records';
import { type EndedRun, bringsSets } from './report/result';
import { sayRun } from './report/summary';
import type { Run, Selection } from './run';
import { logAccountOf } from './runKept';
import { timezoneOf } from '../input/dateTime';

const NONE: KeptReceipts = { written: 0, missing: 0 };

/**
 * Writes the receipts of a run, before its state is closed: a run that is killed in between sends those customers again, and writes
 * their receipts then. Where customers must not be named there are none. Never rejects.
 */
export async function keepReceipts(run: Run, ended: EndedRun, selection: Selection): Promise<KeptReceipts> {
	const { operation, options } = run;
	const { keepReceipts: keepMonths = 0, largestLog: largestMb = 0, nameCustomers, dryRun } = options;
	const isSaved = (run.context.getWorkflow().id ?? '') !== '';
	const isKept = bringsSets(operation) && keepMonths > 0 && nameCustomers && !dryRun && isSaved;
	// Beside another run there is nothing to tell of this one.
	const isBeside = ended.blocked !== undefined && selection.last === undefined && ended.sync !== undefined;
	if (!isKept || isBeside) {
		return NONE;
	}
	return await write(run, ended, { selection, limits: { keepMonths, largestMb } }).catch(() => NONE);
}

async function write(
	run: Run,
	ended: EndedRun,
	{ selection, limits }: { selection: Selection; limits: LogLimits },
): Promise<KeptReceipts> {
	const { context } = run;
	const tables = openDataTables(context);
	const account = await logAccountOf(context);
	const nowMs = systemClock.nowMs();
	const memory = readLogMemory(selection.last?.['log']);
	const receipts = await receiptsOf(run, ended, nowMs);
	const hashes = new StateHashes(await connectionOf(context));
	const missing = new Set(ended.blocked === undefined ? selection.missing : []);
	const goneIds = await findGone(tables, account, missing, (id) => hashes.customer(id)).catch(() => []);
	const gone = goneIds.map((customerId): Receipt => {
		return { customerId, atMs: nowMs, outcome: 'GONE', node: nodeOf(run), devices: [] };
	});
	const { fresh, repeats } = withoutRepeats([...receipts, ...gone], memory);
	const row = rowOf(run, ended, nowMs);
	const isOfSync = ended.sync !== undefined;
	if (fresh.length === 0 && (!isOfSync || memory.stretch === undefined || continues(memory.stretch, row))) {
		const stretch = memory.stretch === undefined ? row : extend(memory.stretch, row);
		return isOfSync ? { ...NONE, memory: { ...memory, repeats, stretch } } : NONE;
	}
	const entry = {
		account,
		receipts: fresh,
		run: row,
		// A Push has no place for a memory; its receipts say that they are of one.
		memory: isOfSync ? memory : { ...memory, isBegun: true },
		isFirst: selection.facts?.isFirst === true,
	};
	const batch = {
		receipts: receiptRows(entry),
		closing: (facts: Parameters<typeof closingRows>[1]) => closingRows(entry, facts),
	};
	const result = await writeLog(tables, batch, nowMs, limits);
	if (!isOfSync) {
		return result;
	}
	const after: LogMemory = {
		isBegun: memory.isBegun || result.isClosed,
		stretch: result.isClosed ? undefined : memory.stretch,
		// Which of them are not in the log is not known: all of them are written again.
		repeats: result.missing === 0 ? repeats : [],
		missing: result.isClosed ? 0 : memory.missing + result.missing,
	};
	return { ...result, memory: after };
}

function nodeOf({ context }: Run): string {
	return `${context.getWorkflow().id ?? ''} ${context.getNode().id}`;
}

/** What became of each customer of which the log is to know. */
async function receiptsOf(run: Run, ended: EndedRun, nowMs: number): Promise<Receipt[]> {
	const node = nodeOf(run);
	const isPush = ended.sync === undefined;
	const records = await recordsOf(ended, nowMs);
	return records.map(({ CustomerId, Outcome, Code, Reason, Devices, RequestId, At }) => ({
		customerId: CustomerId,
		atMs: Date.parse(At),
		outcome: Outcome,
		node,
		isPush,
		code: Code ?? undefined,
		reason: Reason ?? undefined,
		devices: Devices,
		requestId: RequestId ?? undefined,
	}));
}

function rowOf(run: Run, ended: EndedRun, nowMs: number): RunRow {
	const { operation, context } = run;
	const { health, reason } = ended.tally;
	const style = { isNaming: false, timezone: timezoneOf(context) };
	const [summary, summaryZh] = sayRun(operation, ended, style).state;
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

/** Writes down for the next run what the log has. */
export function noteLog<Members extends LastMembers>(before: Members, { memory }: KeptReceipts): Members {
	return memory === undefined ? before : { ...before, log: memory };
}
