/** What a summary says of a Sync: the clauses that need its state. */
import { withOthers } from '../../messages/checks';
import { RUN, countedClauses, customersClauses } from '../../messages/run';
import { wordsOfTables } from '../../messages/tables';
import { type Fact, inCounts, ofRows, ours, type Text, writeEnglish } from '../../messages/text';
import { dayAndTime } from '../../input/dateTime';
import { isAttempted } from '../../service/fate';
import type { StateNotKept } from '../../sync/health';
import type { ReceiptOfNamedCustomer } from '../../sync/log/receipt';
import { asStop } from '../../sync/stop';
import type { SyncFacts } from '../../sync/session';
import { lastReceiptsOfMissing, lastReceiptText, nameFormerOwner, receiptsOfUnreportedGone } from './gone';
import type { EndedRun, Tally } from './result';

const DAY_MINUTES = 1440;

/** The clauses of a Sync, each a list: empty if there is nothing to say. */
export const syncClauses = {
	/** Says how many customers of a Sync are up to date. */
	ofUpToDate({ counts, devices }: Tally): Text[] {
		const { Pushed, Due, Unchanged, WithoutDevice } = counts;
		const total = counts.Customers - WithoutDevice;
		const pushed = Pushed + Due;
		const done = pushed + Unchanged;
		if (total > 0 && done === 0) {
			return [RUN.nobodyPushed({ count: total })];
		}
		if (total > 0 && Unchanged === total) {
			return [RUN.allUpToDate({ count: total })];
		}
		const facts = { total, pushed, devices: pushed === 0 ? undefined : devices };
		const upToDate = done === total ? RUN.allNowUpToDate(facts) : RUN.upToDate({ ...facts, done });
		return [upToDate, ...countedClauses(Due, RUN.rePushed)];
	},

	/**
	 * Says what a Sync knows from its state: why every customer was sent, which customers lost all devices or left the rows, which devices moved,
	 * and whether the rows stand still. Also says if the new state could not be kept.
	 */
	ofComparison(run: EndedRun, mostExamples: number): Text[] {
		const { sync, tally, calls } = run;
		if (sync === undefined) {
			return [];
		}
		const { stateCondition, lastRunMinute, idsWithoutDevices, notKept } = sync;
		const { hasNews, counts, whyRunFailed } = tally;
		// Only a run that sent to its end has sent everybody: not one that ended early, nor one without valid rows.
		const hasSentToEnd = whyRunFailed === undefined && calls.some(({ fate }) => isAttempted(fate));
		const clauses = hasSentToEnd ? syncClauses.ofEverybodySent(sync) : [];
		if (hasSentToEnd && stateCondition === 'interrupted') {
			clauses.push(RUN.interrupted());
		}
		// If the first run was interrupted, it has sent no message, so this run's message is still the first one.
		const isFirstRunInterrupted = stateCondition === 'interrupted' && lastRunMinute === undefined;
		const isFirstMessage = hasNews && (stateCondition === 'empty' || isFirstRunInterrupted);
		if (isFirstMessage && counts.Pushed > 0) {
			clauses.push(RUN.firstMessage());
		}
		if (notKept !== undefined) {
			clauses.push(notKeptText(notKept));
		}
		clauses.push(
			...customersClauses([...idsWithoutDevices], RUN.withoutDevices),
			...describeGoneCustomers(run, mostExamples),
			...describeMovedDevices(run, mostExamples),
			...syncClauses.ofStandstill(run),
		);
		return clauses;
	},

	/**
	 * Says how many customers are no longer in the rows, and whether Tencent keeps their devices.
	 * @param customers the names of the first customers that are no longer in the rows
	 */
	ofGoneCount(sync: Pick<SyncFacts, 'gone' | 'neverPushed'> | undefined, customers: Fact): Text[] {
		const { gone: count = 0, neverPushed = 0 } = sync ?? {};
		// Tencent keeps the devices of each customer that was ever pushed.
		const kept = count - neverPushed;
		if (count === 0) {
			return [];
		}
		if (neverPushed === 0) {
			return [RUN.gone({ count, customers })];
		}
		return [kept === 0 ? RUN.goneUnpushed({ count, customers }) : RUN.goneInPart({ count, kept, customers })];
	},

	/** Names customers that are missing from the rows of a run which a safety check stopped, e.g. "Missing: a: last accepted 11-28 02:15". */
	ofMissing(run: EndedRun, mostExamples: number): Text[] {
		const { missingKeys = [] } = asStop(run.blocked)?.planFacts?.changes ?? {};
		const customers = nameGone(run, lastReceiptsOfMissing(run), { count: missingKeys.length, mostExamples });
		return customers === undefined ? [] : [RUN.missing({ customers })];
	},

	/** Says that the rows have not changed for far too long, unless an earlier run has reported that. */
	ofStandstill({
		sync,
		tally: { standstill },
	}: {
		sync: EndedRun['sync'];
		tally: Pick<Tally, 'standstill'>;
	}): Text[] {
		if (standstill === undefined || sync?.lastReport?.isStale === true) {
			return [];
		}
		const { stillMinutes, longestGapMinutes } = standstill;
		// The longest gap between two changes so far, in days; undefined if 'Expect Changes Within (Days)' sets the limit.
		const usual =
			longestGapMinutes === undefined ? undefined : Math.max(1, Math.ceil(longestGapMinutes / DAY_MINUTES));
		return [RUN.stale({ days: Math.floor(stillMinutes / DAY_MINUTES), usual })];
	},

	/** Says that every customer is sent because of the state that the run found: lost, of another account and so on. Empty for a state that was used. */
	ofEverybodySent(sync: EndedRun['sync']): Text[] {
		if (sync === undefined) {
			return [];
		}
		const why = RUN.whyEverybody[sync.stateCondition]?.();
		return why === undefined ? [] : [RUN.everybodySent({ why })];
	},
};

/** Counts the customers that left the rows, e.g. "2 customers are no longer in the rows; Tencent keeps their devices (a: last accepted 11-28 02:15)". */
function describeGoneCustomers(run: EndedRun, mostExamples: number): Text[] {
	const { gone: count = 0 } = run.sync ?? {};
	return syncClauses.ofGoneCount(
		run.sync,
		nameGone(run, receiptsOfUnreportedGone(run), { count, mostExamples }),
	);
}

/** Names the first customers that are no longer in the rows; undefined if the log has none of them. */
function nameGone(
	{ timezone }: EndedRun,
	receipts: readonly ReceiptOfNamedCustomer[],
	{ count, mostExamples }: Record<'count' | 'mostExamples', number>,
): Fact {
	const receiptTexts = receipts.slice(0, mostExamples).map((receipt) => lastReceiptText(receipt, timezone));
	return receiptTexts.length === 0
		? undefined
		: ofRows(withOthers(inCounts(receiptTexts), count > receiptTexts.length));
}

/** Counts the devices that moved and names the first ones, e.g. "2 devices moved to another customer (P/1 from a to b since 11-28 02:15)". */
function describeMovedDevices(
	{ tally: { movedDevices }, sync, lastReceiptsOfGone, timezone }: EndedRun,
	mostExamples: number,
): Text[] {
	if (movedDevices.length === 0 || sync?.isReplacing === true) {
		return [];
	}
	const moveTexts = movedDevices.slice(0, mostExamples).map((move) => {
		return RUN.movedDevice({
			device: ours(move.deviceId),
			from: nameFormerOwner(move, lastReceiptsOfGone),
			to: ours(move.newOwnerId),
			since: ours(dayAndTime(move.leftMinute, timezone)),
		});
	});
	const namedMoves = ofRows(withOthers(inCounts(moveTexts), movedDevices.length > moveTexts.length));
	// If no move may be named, the message has their number only.
	const moves = moveTexts.length === 0 ? undefined : namedMoves;
	return [RUN.moved({ count: movedDevices.length, moves })];
}

/** Says why the sync state may not have been kept, and what the next run does about it: in English, for n8n's log. */
export function describeNotKept(writeResult: StateNotKept): string {
	return writeEnglish(notKeptText(writeResult), 'hint');
}

function notKeptText({ kind, whyUnusable, tookMs }: StateNotKept): Text {
	if (kind === 'takenOver') {
		return RUN.stateTaken();
	}
	return whyUnusable === undefined
		? RUN.stateTooLate({ seconds: ours((tookMs / 1000).toFixed(1)) })
		: RUN.stateUnusable({ why: wordsOfTables(whyUnusable).reason });
}
