import type { IDataObject } from 'n8n-workflow';

import { someIds, withOthers } from '../../messages/checks';
import { ADVICE } from '../../messages/failures';
import { MENDS, rowsOf } from '../../messages/findings';
import type { Message } from '../../messages/message';
import { FAILURE_OF, RUN } from '../../messages/run';
import { wordsOfTables } from '../../messages/tables';
import {
	type Fact,
	hasOwn,
	isOfTemplate,
	inClauses,
	inCommas,
	inCounts,
	inQuotes,
	inReasons,
	inSentences,
	ofRows,
	ours,
	type Place,
	plain,
	type Text,
	write,
	withoutFullStop,
	writeEnglish,
	writeSentences,
} from '../../messages/text';
import { maskPhones } from '../../messages/words';
import type { Call } from '../../resources/operation/operation';
import { isAccepted, isAttempted, outcomeOf } from '../../service/fate';
import { type Failure, mayBeApplied, requestFailureOf } from '../../service/outcome';
import { SIGNATURE_SCHEMES, SIGNATURE_SCHEME_NAMES } from '../../service/signing/signature';
import { type StateWriteResult, TIME_OVER } from '../../sync/health';
import type { SyncFacts } from '../../sync/session';
import type { ReceiptOfRows } from '../../sync/log/receipt';
import { dayAndTime } from '../../input/dateTime';
import { asStop } from '../../sync/safetyChecks';
import { failureLineOf, listFailures } from './failures';
import {
	describeGone,
	MOST_EXAMPLES,
	nameFormerOwner,
	receiptsOfMissing,
	receiptsOfUnreportedGone,
} from './gone';
import { bringsFullSets, type EndedRun, type Preview, type Tally, failureOfWithheld } from './result';

/**
 * From this number of rows on, a hint warns of too many. n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two million end
 * its process (measured in n8n 2.41.1). Half of what fits leaves room for other runs.
 */
const MANY_ROWS = 500_000;

/** A text names at most this many causes, and as many devices. */
const MOST_NAMED_CAUSES = 3;

/** The readers of a text about a run: somebody who has the node open, or people who get a message. */
type Reader = 'node' | 'people';

/** An execution hint, or the error of a run that Stop Workflow ended: what happened, and what to do. */
export interface Hint {
	/** The only part that error workflows, toasts and agents see. */
	message: string;
	/** The most frequent reasons; empty if the message has them. */
	reasons: readonly string[];
}

/** The clauses about a run: why it failed as a whole, what became of its customers, the most frequent causes, and what to do. */
type Clauses = Record<'headline' | 'details' | 'reasons' | 'advice', readonly Text[]>;

/** The hints and errors about runs. */
export const hints = {
	/**
	 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused (nothing was changed). Correct 'DeviceId'
	 * and try again", and the most frequent reasons: "row 3: 'DeviceId' is empty". It names rows, but no customers.
	 * @param outputCount how many output items the successful calls have: the hint of a list counts these
	 */
	ofRun(run: EndedRun, place: Place, outputCount: number): Hint {
		return hintOf(run, clausesOf(run, { reader: 'node', outputCount, mostExamples: 0 }), place);
	},

	/** The execution hint of a Dry Run: what a run would do. */
	ofDryRun(preview: Preview, place: Place): Hint {
		return hintOf(preview, clausesOfPreview(preview), place);
	},

	/**
	 * The message of a run that ended at its first failure, or because of invalid rows: "2 of 3 customers, 4 devices pushed; 1 refused
	 * (nothing was changed). [row 3, c] …".
	 * @param output the first item for the error output: that of a failed call, or a finding of an audit
	 */
	ofStop(run: EndedRun, place: Place, output: Pick<Call, 'itemIndexes'> & { json: IDataObject }): Hint {
		const { calls, withheld, tally } = run;
		const style = { reader: 'node', outputCount: 0, mostExamples: MOST_EXAMPLES } as const;
		const { headline, details, reasons, advice } = clausesOf(run, style);
		const callFailures = listFailures(run).filter(({ failure }) => failure.scope === 'call');
		const sentences = [...headline];
		// If a single call failed, its failure says everything.
		const isSingleFailure = tally.reason === undefined && calls.length === 1 && withheld.length === 0;
		if (!isSingleFailure) {
			sentences.push(inClauses(details));
		}
		const [first] = callFailures;
		if (tally.reason === undefined) {
			const failureTexts = first === undefined ? describeFinding(output) : [failureLineOf(first, true)];
			sentences.push(...failureTexts);
		}
		sentences.push(...advice);
		const mayHaveBeenApplied = calls.some(({ fate }) => mayBeApplied(outcomeOf(fate)?.outcome));
		if (run.operation.effect === 'once' && mayHaveBeenApplied) {
			sentences.push(RUN.doNotRetry());
		}
		return {
			message: writeEnglish(inSentences(sentences), place),
			reasons: callFailures.length < 2 ? [] : reasons.map((reason) => writeEnglish(reason, place)),
		};
	},
};

function hintOf(
	run: Pick<EndedRun, 'operation' | 'remarks' | 'leftOut' | 'rowCount' | 'sync'>,
	{ headline, details, reasons, advice }: Clauses,
	place: Place,
): Hint {
	const leftOutClause = countedClause(run.leftOut?.size ?? 0, RUN.leftOut);
	const remarks = [...(run.remarks ?? []).map(inEnglish), ...leftOutClause, ...describeManyRows(run)];
	const middleSentence = inClauses([...details, ...remarks]);
	const message = inSentences([...headline, middleSentence, ...advice]);
	return {
		message: writeEnglish(message, place),
		reasons: reasons.map((reason) => writeEnglish(reason, place)),
	};
}

/** The text of an audit's finding, which only its output item has. */
function describeFinding({ json, itemIndexes }: Pick<Call, 'itemIndexes'> & { json: IDataObject }): Text[] {
	const { message, advice } = json.error as Record<'message' | 'advice', string>;
	const findingText = ofRows(withoutFullStop(message));
	return [
		FAILURE_OF({ place: rowsOf(itemIndexes), requestId: undefined, happened: findingText }),
		inEnglish(withoutFullStop(advice)),
	];
}

/**
 * The message about a run: its summary, without and with the most frequent reasons, and what to do (empty if nothing).
 * @param mostExamples the message names at most this many customers that are gone, and as many devices that have moved
 */
export function describeRun(
	run: EndedRun,
	place: Place,
	mostExamples = MOST_EXAMPLES,
): Record<'summary' | 'summaryWithReasons' | 'advice', Message> {
	const { health, reason } = run.tally;
	const { headline, details, reasons, advice } = clausesOf(run, {
		reader: 'people',
		outputCount: 0,
		mostExamples,
	});
	const reasonCode = reason?.code;
	const [why] = headline;
	const isCodeInHeadline = reasonCode === undefined || (why !== undefined && hasOwn(why, reasonCode));
	const summaryOf = (clauses: readonly Text[]): Message => {
		const text = RUN.health[health]({
			kind: ours(run.sync === undefined ? 'Push' : 'Sync'),
			code: isCodeInHeadline ? undefined : ours(reasonCode),
			what: inSentences([inReasons(headline), inClauses(clauses)]),
		});
		return write(text, place);
	};
	return {
		summary: summaryOf(details),
		summaryWithReasons: summaryOf([...details, ...reasons]),
		advice: writeSentences(advice, place),
	};
}

/** How the clauses about a run are written. */
interface ClauseStyle {
	reader: Reader;
	/** How many output items the successful calls have: the clause about a list counts these. */
	outputCount: number;
	/** The clauses name at most this many customers that are gone, and as many devices that have moved. */
	mostExamples: number;
}

function clausesOf(run: EndedRun, style: ClauseStyle): Clauses {
	const advice = adviceOn(run, run.tally.reason, style.reader);
	return {
		headline: headlineOf(run),
		details: detailsOf(run, style),
		reasons: reasonsOf(run),
		// A reader of the hint sees the missing customers in the item below it, within the plan.
		advice: style.reader === 'people' ? [...describeMissing(run, style), ...advice] : advice,
	};
}

/** The clauses of a Dry Run, for its hint: what a run would do. */
function clausesOfPreview(preview: Preview): Clauses {
	const { calls, withheld, planText, requestCount, blocked, stopsForInvalidRows, sync, tally } = preview;
	const headline = [RUN.dry.nothingSent()];
	if (blocked !== undefined) {
		headline.push(RUN.dry.wouldSendNothing({ why: blocked.reason }));
	}
	const details = [
		inEnglish(planText),
		...countedClause(calls.length - requestCount, RUN.unchanged),
		...describeWithheld({ withheld, tally }),
	];
	if (stopsForInvalidRows) {
		details.push(RUN.dry.stopsForRows());
	}
	details.push(...describeGoneCount(sync, undefined));
	if (sync?.stateCondition === 'interrupted') {
		details.push(RUN.dry.interrupted());
	} else if (requestCount > 0 && blocked === undefined) {
		details.push(...describeEverybodySent(sync));
	}
	const tallyOfPlan = { ...tally, reason: undefined, moved: [], standstill: undefined };
	const advice = adviceOn({ withheld, sync, tally: tallyOfPlan }, blocked, 'node');
	return { headline, details, reasons: describeCauses(tally), advice };
}

/** Codes which only say that many requests failed. The most frequent cause then says why. */
const CODES_OF_MANY_FAILURES = ['NO_RESPONSE', 'CIRCUIT_BREAKER'];

/** The most frequent cause of failed requests, if the run ended only because many failed; else undefined. */
function causeOfManyFailures({
	reason,
	causes,
}: Pick<Tally, 'reason' | 'causes'>): Tally['causes'][number] | undefined {
	return CODES_OF_MANY_FAILURES.includes(reason?.code ?? '')
		? causes.find(({ failure }) => failure)
		: undefined;
}

/** Why the run failed as a whole; empty if it did not. */
function headlineOf(run: EndedRun): Text[] {
	const { reason } = run.tally;
	if (reason === undefined) {
		return [];
	}
	const headline: Text[] = [];
	const cause = causeOfManyFailures(run.tally);
	if (cause !== undefined) {
		headline.push(cause.reason);
	}
	headline.push(reason.reason);
	if (run.blocked !== undefined) {
		headline.push(run.isRetry ? RUN.nothingSentNow() : RUN.nothingSent());
	}
	return headline;
}

/** The most frequent causes with their rows; none if the headline has the cause that ended the run. */
function reasonsOf({ tally, blocked }: EndedRun): Text[] {
	return tally.reason !== undefined && blocked === undefined ? [] : describeCauses(tally);
}

function describeCauses({ causes }: Pick<Tally, 'causes'>): Text[] {
	return causes.slice(0, MOST_NAMED_CAUSES).map(({ reason, itemIndexes, conflictingDevices }) => {
		return RUN.ofRows({ rows: rowsOf(itemIndexes), cause: reason, devices: someDevices(conflictingDevices) });
	});
}

/** The names of the first devices. A hint may show them, so phone numbers within them are masked. */
function someDevices(devices: ReadonlySet<string>): Fact {
	if (devices.size === 0) {
		return undefined;
	}
	const names = [...devices].slice(0, MOST_NAMED_CAUSES).map((device) => ours(maskPhones(device)));
	return plain(withOthers(inCommas(inQuotes(names)), devices.size > MOST_NAMED_CAUSES));
}

/** A clause about a number; none if the number is 0. */
function countedClause(count: number, clause: (facts: { count: number }) => Text): Text[] {
	return count > 0 ? [clause({ count })] : [];
}

/** A clause about customers; none if there are none. */
function customersClause(
	ids: readonly string[],
	clause: (facts: { count: number; ids: ReturnType<typeof someIds> }) => Text,
): Text[] {
	return ids.length > 0 ? [clause({ count: ids.length, ids: someIds(ids) })] : [];
}

/** What became of the customers of a run, clause by clause. */
function detailsOf(run: EndedRun, style: ClauseStyle): Text[] {
	const { operation, tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newlyFailed, recovered, stillFailed, reason, retries } = tally;
	const details = describeStopOver(run);
	details.push(...customersClause(newlyFailed, RUN.newlyFailed));
	if (sync !== undefined && reason === undefined) {
		details.push(...countedClause(stillFailed, newlyFailed.length > 0 ? RUN.othersFailed : RUN.stillFailed));
	}
	const isWholeRunBlocked = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	if (!isWholeRunBlocked) {
		// A read cannot have been applied.
		const unclearClause = operation.effect === 'read' ? RUN.unclear : RUN.mayBeApplied;
		details.push(
			...describeDone(run, style.outputCount),
			...countedClause(counts.Refused, RUN.refused),
			...countedClause(counts.Unclear, unclearClause),
			...countedClause(counts.NotSent, RUN.notSent),
		);
	}
	const callsDoneEarlier = calls.filter(({ fate }) => fate.kind === 'earlierAttempt' && isAccepted(fate));
	details.push(
		...describePostponed(run),
		...describeWithheld(run),
		...customersClause(recovered, RUN.recovered),
		...describeComparison(run, style),
		...countedClause(callsDoneEarlier.length, RUN.doneEarlier),
		...countedClause(retries, RUN.retries),
		...adviseScheme(run),
		...countedClause(Math.abs(Math.round(clockOffsetMs / 1000)), RUN.clockOff),
	);
	return details;
}

/** Says that an earlier stop is over, so that nobody has to decide about its plan any more. */
function describeStopOver({ tally: { passedStopMinute }, timezone }: EndedRun): Text[] {
	return passedStopMinute === undefined
		? []
		: [RUN.stopOver({ since: ours(dayAndTime(passedStopMinute, timezone)) })];
}

/** Says what was withheld, e.g. "2 rows invalid (not sent)". */
function describeWithheld({
	withheld,
	tally,
}: Pick<EndedRun, 'withheld'> & { tally: Pick<Tally, 'invalidRows'> }): Text[] {
	const countRefusedFor = (code: string) => withheld.filter(({ refusal }) => refusal?.code === code).length;
	return [
		...countedClause(tally.invalidRows, RUN.invalidRows),
		...countedClause(countRefusedFor('OTHER_SET_EARLIER'), RUN.givenEarlier),
		...countedClause(countRefusedFor('NOT_ALLOWED'), RUN.notAllowed),
	];
}

/** Says what was done. The text of operations that push no full sets is in English only: they have a hint, but no messages to people. */
function describeDone(run: EndedRun, outputCount: number): Text[] {
	const { operation } = run;
	const { counts, units, devices } = run.tally;
	if (run.sync !== undefined) {
		return describeUpToDate(run.tally);
	}
	if (bringsFullSets(operation)) {
		const { Pushed: pushed } = counts;
		const facts = { total: units, devices: pushed > 0 ? devices : undefined };
		return [pushed === units ? RUN.allPushed(facts) : RUN.pushed({ ...facts, pushed })];
	}
	const doneCalls = run.calls.flatMap(({ call, fate }) => {
		const outcome = outcomeOf(fate);
		return outcome?.outcome === 'OK' ? { call, data: outcome.data } : [];
	});
	const calls = doneCalls.map(({ call }) => call);
	return [inEnglish(operation.countDone(calls, units, outputCount, doneCalls[0]?.data))];
}

/** Says how many customers of a Sync are up to date. */
function describeUpToDate({ counts, devices }: Tally): Text[] {
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
	return [upToDate, ...countedClause(Due, RUN.rePushed)];
}

function describePostponed({ tally: { counts }, endedEarly }: EndedRun): Text[] {
	const why = endedEarly?.code === TIME_OVER ? endedEarly.reason : undefined;
	return counts.Postponed > 0 ? [RUN.postponed({ count: counts.Postponed, why })] : [];
}

/**
 * Says what a Sync knows from its state: why every customer was sent, which customers lost all devices or left the rows, which devices moved,
 * and whether the rows stand still. Also says if the new state could not be kept.
 */
function describeComparison(run: EndedRun, style: ClauseStyle): Text[] {
	const { sync, tally, calls } = run;
	if (sync === undefined) {
		return [];
	}
	const { stateCondition, lastRunMinute, idsWithoutDevices, notKept } = sync;
	const { hasNews, counts, reason } = tally;
	// Only a run that sent to its end has sent everybody: not one that ended early, nor one without valid rows.
	const hasSentToEnd = reason === undefined && calls.some(({ fate }) => isAttempted(fate));
	const clauses = hasSentToEnd ? describeEverybodySent(sync) : [];
	if (hasSentToEnd && stateCondition === 'interrupted') {
		clauses.push(RUN.interrupted());
	}
	// If the first run was interrupted, it has sent no message, so this run's message is still the first one.
	const isFirstUninterruptedRun =
		stateCondition === 'empty' || (stateCondition === 'interrupted' && lastRunMinute === undefined);
	if (isFirstUninterruptedRun && hasNews && counts.Pushed > 0) {
		clauses.push(RUN.firstMessage());
	}
	if (notKept !== undefined) {
		clauses.push(notKeptText(notKept));
	}
	clauses.push(
		...customersClause([...idsWithoutDevices], RUN.withoutDevices),
		...describeGoneCustomers(run, style),
		...describeMoved(run, style),
		...describeStandstill(run),
	);
	return clauses;
}

/** E.g. "2 customers are no longer in the rows; Tencent keeps their devices (a: last accepted 11-28 02:15)". */
function describeGoneCustomers(run: EndedRun, style: ClauseStyle): Text[] {
	const { gone: count = 0 } = run.sync ?? {};
	return describeGoneCount(run.sync, nameGone(run, receiptsOfUnreportedGone(run), { count, ...style }));
}

/**
 * Says how many customers are no longer in the rows, and whether Tencent keeps their devices.
 * @param customers the names of the first of these customers
 */
function describeGoneCount(
	sync: Pick<SyncFacts, 'gone' | 'neverPushed'> | undefined,
	customers: Fact,
): Text[] {
	const { gone: count = 0, neverPushed = 0 } = sync ?? {};
	const kept = count - neverPushed;
	if (count === 0) {
		return [];
	}
	if (neverPushed === 0) {
		return [RUN.gone({ count, customers })];
	}
	return [kept === 0 ? RUN.goneUnpushed({ count, customers }) : RUN.goneInPart({ count, kept, customers })];
}

/** Names customers that are missing from the rows of a run which a safety check stopped, e.g. "Missing: a: last accepted 11-28 02:15". */
function describeMissing(run: EndedRun, style: ClauseStyle): Text[] {
	const { missingKeys = [] } = asStop(run.blocked)?.plan?.changes ?? {};
	const customers = nameGone(run, receiptsOfMissing(run), { count: missingKeys.length, ...style });
	return customers === undefined ? [] : [RUN.missing({ customers })];
}

/** Names the first customers that are no longer in the rows; undefined if the log has none of them. */
function nameGone(
	{ timezone }: EndedRun,
	receipts: readonly ReceiptOfRows[],
	{ count, mostExamples }: Pick<ClauseStyle, 'mostExamples'> & { count: number },
): Fact {
	const receiptTexts = receipts.slice(0, mostExamples).map((receipt) => describeGone(receipt, timezone));
	return receiptTexts.length === 0
		? undefined
		: ofRows(withOthers(inCounts(receiptTexts), count > receiptTexts.length));
}

const DAY_MINUTES = 1440;

/** Says that the rows have not changed for far too long, unless an earlier run has reported that. */
function describeStandstill({
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
	const usual =
		longestGapMinutes === undefined ? undefined : Math.max(1, Math.ceil(longestGapMinutes / DAY_MINUTES));
	return [RUN.stale({ days: Math.floor(stillMinutes / DAY_MINUTES), usual })];
}

/** E.g. "2 devices moved to another customer (P/1 from a to b since 11-28 02:15)". */
function describeMoved(
	{ tally: { moved }, sync, lastReceiptsOfGone, timezone }: EndedRun,
	{ mostExamples }: ClauseStyle,
): Text[] {
	if (moved.length === 0 || sync?.isReplacing === true) {
		return [];
	}
	const moveTexts = moved.slice(0, mostExamples).map((move) => {
		return RUN.movedDevice({
			device: ours(move.deviceId),
			from: nameFormerOwner(move, lastReceiptsOfGone),
			to: ours(move.newOwnerId),
			since: ours(dayAndTime(move.leftMinute, timezone)),
		});
	});
	const namedMoves = ofRows(withOthers(inCounts(moveTexts), moved.length > moveTexts.length));
	const moves = moveTexts.length === 0 ? undefined : namedMoves;
	return [RUN.moved({ count: moved.length, moves })];
}

/** Says that every customer is sent, and why. */
function describeEverybodySent(sync: EndedRun['sync']): Text[] {
	if (sync === undefined) {
		return [];
	}
	const { stateCondition, whyStateless = '' } = sync;
	const why =
		stateCondition === 'none'
			? RUN.noState({ why: ours(whyStateless) })
			: RUN.whyEverybody[stateCondition]?.();
	return why === undefined ? [] : [RUN.everybodySent({ why })];
}

/** Says why the sync state may not have been kept, and what the next run does about it: in English, for n8n's log. */
export function describeNotKept(writeResult: StateWriteResult): string {
	return writeEnglish(notKeptText(writeResult), 'hint');
}

function notKeptText({ kind, whyUnusable, tookMs }: StateWriteResult): Text {
	if (kind === 'takenOver') {
		return RUN.stateTaken();
	}
	return whyUnusable === undefined
		? RUN.stateTooLate({ seconds: ours((tookMs / 1000).toFixed(1)) })
		: RUN.stateUnusable({ why: wordsOfTables(whyUnusable).reason });
}

/** Names the signature scheme to set in the credential, which saves the requests that only detect it. */
function adviseScheme({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Text[] {
	// Setting the first candidate saves nothing: it is tried first anyway.
	const isFirstScheme = acceptedScheme === SIGNATURE_SCHEMES[0];
	if (!isSchemeDetected || acceptedScheme === undefined || detectionRequests === 0 || isFirstScheme) {
		return [];
	}
	return [RUN.setScheme({ scheme: ours(SIGNATURE_SCHEME_NAMES[acceptedScheme]) })];
}

/** Advice for a run that has nearly too many rows for n8n. */
function describeManyRows({
	operation,
	rowCount,
	sync,
}: Pick<EndedRun, 'operation' | 'rowCount' | 'sync'>): Text[] {
	if (rowCount <= MANY_ROWS) {
		return [];
	}
	const advice = bringsFullSets(operation) ? RUN.fewerRows.byCustomer() : RUN.fewerRows.split();
	return [RUN.manyRows({ rows: rowCount, advice: sync === undefined ? advice : RUN.fewerRows.copies() })];
}

/** Codes of failures that may be gone at the next run: most often the network, the service or n8n's database was down. */
const TRANSIENT_CODES = [...CODES_OF_MANY_FAILURES, 'STATE_NOT_USABLE'];

/** Whether a failure may be gone at the next run although nobody corrects anything: by its code, or since it is one that the node retries calls for. */
function mayBeTransient(failure: Failure): boolean {
	const { scope, code } = failure;
	const retry = requestFailureOf(failure)?.retry ?? 'never';
	return TRANSIENT_CODES.includes(code) || (scope === 'call' && retry !== 'never');
}

/** The parts of a run's result that its advice depends on. */
interface AdvisedRun extends Pick<EndedRun, 'sync' | 'withheld'> {
	tally: Pick<
		Tally,
		'invalidFindings' | 'invalidRows' | 'mendable' | 'causes' | 'reason' | 'moved' | 'standstill'
	>;
}

/**
 * Says what to do about what went wrong, about moved devices and about rows that stand still. If a schedule repeats the run, the advice on a
 * failure that may be gone by then is to wait, and what to check if it lasts.
 * @param reason why the run failed as a whole; undefined if it did not
 */
function adviceOn(run: AdvisedRun, reason: Failure | undefined, reader: Reader): Text[] {
	const { sync, tally } = run;
	const failureOfRun = causeOfManyFailures(tally)?.failure ?? reason;
	const failures = failureOfRun === undefined ? failuresToAdvise(run) : [failureOfRun];
	const failuresByAdvice = new Map(
		failures.map((failure) => [writeEnglish(failure.advice, 'everything'), failure]),
	);
	const isScheduled = sync !== undefined && !sync.isManual;
	const advice = Array.from(failuresByAdvice.values(), (failure) => adviceFor(failure, isScheduled, reader));
	if (tally.moved.length > 0 && sync?.isReplacing !== true) {
		advice.push(RUN.movedAdvice());
	}
	if (describeStandstill(run).length > 0) {
		advice.push(RUN.staleAdvice());
	}
	if (failures.some(({ code }) => code === 'INVALID_ROWS')) {
		const { rows, options } = tally.mendable;
		// If the option Allow would mend all invalid rows, the advice of the failure names it already.
		const isAllowAdvised = rows === tally.invalidRows && options.every((option) => option === MENDS.allow);
		if (!isAllowAdvised && rows > 0) {
			advice.push(describeMendable(rows, tally.invalidRows, options));
		}
	}
	return advice;
}

/** E.g. "Row Handling can mend 7 of these 11 rows: Several Devices in a Cell → Split". */
function describeMendable(rows: number, invalidRows: number, optionNames: readonly string[]): Text {
	const options = inCommas(optionNames.map((name) => ours(name)));
	if (invalidRows === 1) {
		return RUN.canMendIt({ options });
	}
	const facts = { of: invalidRows, options };
	return rows === invalidRows ? RUN.canMendAll(facts) : RUN.canMend({ ...facts, count: rows });
}

/** The failures of customers and rows that need advice: those that a next run does not mend. If there are none, the most frequent failure. */
function failuresToAdvise({ tally: { causes, invalidFindings }, withheld }: AdvisedRun): Failure[] {
	const failuresOfCauses = causes
		.slice(0, MOST_NAMED_CAUSES)
		.map(({ failure }) => failure ?? failureOfWithheld({ findings: invalidFindings }));
	// The checks of the plan refused these rows, e.g. 'Allowed Actions': nothing is wrong with their cells.
	const refusals = withheld.flatMap(({ refusal }) => refusal ?? []);
	const lastingFailures = [...failuresOfCauses.filter((failure) => !mayBeTransient(failure)), ...refusals];
	return lastingFailures.length > 0 ? lastingFailures : failuresOfCauses.slice(0, 1);
}

function adviceFor(failure: Failure, isScheduled: boolean, reader: Reader): Text {
	const { advice } = failure;
	const stop = asStop(failure);
	// Whoever reads a message approves the plan in a form, if there is one. A reader of the hint has the node open, and gets the whole advice.
	if (stop !== undefined && reader === 'people') {
		const { planId, correction } = stop;
		return inSentences([correction.examples, correction.advice, RUN.approvePlan({ planId: ours(planId) })]);
	}
	if (stop !== undefined || !isScheduled || !mayBeTransient(failure)) {
		return advice;
	}
	return RUN.mendsItself({ advice: adviceIfItLasts(advice) });
}

/** The advice on a failure that lasts although the schedule tries again. */
function adviceIfItLasts(advice: Text): Text {
	const isAdvised = ({ template }: typeof ADVICE.tryAgain) => isOfTemplate(advice, template);
	if (isAdvised(ADVICE.askSupport)) {
		return RUN.giveRequestId();
	}
	return isAdvised(ADVICE.tryAgain) || isAdvised(ADVICE.tryLater) ? RUN.checkNetwork() : advice;
}

/** Makes a text of words that exist in English only, such as those that an operation writes about its items. */
function inEnglish(english: string): Text {
	return RUN.inEnglish({ english: ours(english) });
}
