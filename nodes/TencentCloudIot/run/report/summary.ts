/** The summary of a run: the hint above its output, the error of a run that was stopped, and the message to people. */
import type { IDataObject } from 'n8n-workflow';

import { withOthers } from '../../messages/checks';
import { rowsOf } from '../../messages/rows';
import type { Message } from '../../messages/message';
import { countedClauses, customersClauses, FAILURE_OF, RUN } from '../../messages/run';
import {
	type Fact,
	hasOwnWords,
	inClauses,
	inCommas,
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
import { bringsFullSets, type Call, isAudit } from '../../resources/operation/operation';
import { isAccepted, outcomeOf } from '../../service/fate';
import { mayBeApplied } from '../../service/outcome';
import { SIGNATURE_SCHEMES, SIGNATURE_SCHEME_NAMES } from '../../service/signing/signature';
import { TIME_OVER } from '../../sync/health';
import { dayAndTime } from '../../input/dateTime';
import { adviceOn } from './advice';
import { failureLineOf, listFailures } from './failures';
import { MOST_EXAMPLES } from './gone';
import { causeOfManyFailures, type EndedRun, MOST_NAMED_CAUSES, type Preview, type Tally } from './result';
import { syncClauses } from './syncClauses';

/**
 * With more rows than this, a hint warns of too many. n8n keeps all rows of a run as items: about a million fit into a GB of its heap, and two
 * million end its process (measured in n8n 2.41.1). Half of what fits leaves room for other runs.
 */
const MANY_ROWS = 500_000;

/** An execution hint, or the error of a run that Stop Workflow ended: what happened, and what to do. */
export interface Hint {
	/** What happened and what to do: the only part of a hint that error workflows, toasts and agents see. */
	message: string;
	/** The most frequent reasons why customers or rows failed; empty if the message has them. */
	reasons: readonly string[];
}

/**
 * The clauses about a run: why it failed as a whole (`headline`), what became of its customers (`details`), the most frequent causes (`reasons`), and
 * what to do (`advice`).
 */
type Clauses = Record<'headline' | 'details' | 'reasons' | 'advice', readonly Text[]>;

/** The hints and errors about runs. */
export const hints = {
	/**
	 * The execution hint above the output: "35 of 37 customers, 120 devices pushed; 2 refused (nothing was changed). Correct 'DeviceId'
	 * and try again", and the most frequent reasons: "row 3: 'DeviceId' is empty". It names rows, but no customers.
	 * @param outputCount how many output items the successful calls have: the hint of a list counts the items
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
		// If a single call failed and nothing else happened, its failure says everything.
		const needsDetails = tally.whyRunFailed !== undefined || calls.length !== 1 || withheld.length > 0;
		if (needsDetails) {
			sentences.push(inClauses(details));
		}
		const [first] = callFailures;
		if (tally.whyRunFailed === undefined) {
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
	run: EndedRun | Preview,
	{ headline, details, reasons, advice }: Clauses,
	place: Place,
): Hint {
	const leftOutClauses = countedClauses(run.leftOut?.size ?? 0, RUN.leftOut);
	const remarks = [...(run.remarks ?? []).map(inEnglish), ...leftOutClauses, ...adviseFewerRows(run)];
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
	const { health, whyRunFailed } = run.tally;
	const { headline, details, reasons, advice } = clausesOf(run, {
		reader: 'people',
		outputCount: 0,
		mostExamples,
	});
	const reasonCode = whyRunFailed?.code;
	const [why] = headline;
	const isCodeInHeadline = reasonCode === undefined || (why !== undefined && hasOwnWords(why, reasonCode));
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

/** For whom the clauses about a run are written, and how much they name. */
interface ClauseStyle {
	/** Who reads the clauses: somebody who has the node open, or people who get a message. */
	reader: 'node' | 'people';
	/** How many output items the successful calls have: the clause about a list counts the items. */
	outputCount: number;
	/** The clauses name at most this many customers that are gone, and as many devices that have moved. */
	mostExamples: number;
}

function clausesOf(run: EndedRun, style: ClauseStyle): Clauses {
	const advice = adviceOn(run, run.tally.whyRunFailed, style.reader);
	return {
		headline: headlineOf(run),
		details: detailsOf(run, style),
		reasons: reasonsOf(run),
		// A reader of the hint sees the missing customers in the item below it, within the plan.
		advice:
			style.reader === 'people' ? [...syncClauses.ofMissing(run, style.mostExamples), ...advice] : advice,
	};
}

/** The clauses of a Dry Run, for its hint: what a run would do. */
function clausesOfPreview(preview: Preview): Clauses {
	const { calls, withheld, planText, dueCallCount, blocked, stopsForInvalidRows, sync, tally } = preview;
	const headline = [RUN.dry.nothingSent()];
	if (blocked !== undefined) {
		headline.push(RUN.dry.wouldSendNothing({ why: blocked.reason }));
	}
	const details = [
		inEnglish(planText),
		...countedClauses(calls.length - dueCallCount, RUN.unchanged),
		...describeWithheld(preview),
	];
	if (stopsForInvalidRows) {
		details.push(RUN.dry.stopsForRows());
	}
	details.push(...syncClauses.ofGoneCount(sync, undefined));
	if (sync?.stateCondition === 'interrupted') {
		details.push(RUN.dry.interrupted());
	} else if (dueCallCount > 0 && blocked === undefined) {
		details.push(...syncClauses.ofEverybodySent(sync));
	}
	const tallyOfPlan = { ...tally, whyRunFailed: undefined, movedDevices: [], standstill: undefined };
	const advice = adviceOn({ withheld, sync, tally: tallyOfPlan }, blocked, 'node');
	return { headline, details, reasons: describeCauses(tally), advice };
}

/** Why the run failed as a whole; empty if the run did not fail. */
function headlineOf(run: EndedRun): Text[] {
	const { whyRunFailed } = run.tally;
	if (whyRunFailed === undefined) {
		return [];
	}
	const headline: Text[] = [];
	const cause = causeOfManyFailures(run.tally);
	if (cause !== undefined) {
		headline.push(cause.reason);
	}
	headline.push(whyRunFailed.reason);
	if (run.blocked !== undefined) {
		headline.push(run.isRetry ? RUN.nothingSentNow() : RUN.nothingSent());
	}
	return headline;
}

/** The most frequent causes with their rows. None if a run failed that was not blocked: the headline has its cause. A blocked run lists its invalid rows. */
function reasonsOf({ tally, blocked }: EndedRun): Text[] {
	return tally.whyRunFailed !== undefined && blocked === undefined ? [] : describeCauses(tally);
}

function describeCauses({ causes }: Pick<Tally, 'causes'>): Text[] {
	return causes.slice(0, MOST_NAMED_CAUSES).map(({ reason, itemIndexes, conflictingDevices }) => {
		return RUN.ofRows({
			rows: rowsOf(itemIndexes),
			cause: reason,
			devices: nameFirstDevices(conflictingDevices),
		});
	});
}

/** Names the first devices. A hint may show the names, so phone numbers within them are masked. */
function nameFirstDevices(devices: ReadonlySet<string>): Fact {
	if (devices.size === 0) {
		return undefined;
	}
	const deviceNames = [...devices].slice(0, MOST_NAMED_CAUSES).map((device) => ours(maskPhones(device)));
	return plain(withOthers(inCommas(inQuotes(deviceNames)), devices.size > MOST_NAMED_CAUSES));
}

/** What became of the customers of a run, clause by clause. */
function detailsOf(run: EndedRun, style: ClauseStyle): Text[] {
	const { operation, tally, sync, calls, blocked, clockOffsetMs } = run;
	const { counts, newlyFailed, recovered, othersFailed, stillFailed, whyRunFailed, retries } = tally;
	const details = describeStopOver(run);
	details.push(...customersClauses(newlyFailed, RUN.newlyFailed));
	if (sync !== undefined && whyRunFailed === undefined) {
		const failedClause =
			newlyFailed.length > 0
				? countedClauses(othersFailed, RUN.othersFailed)
				: countedClauses(stillFailed, RUN.stillFailed);
		details.push(...failedClause);
	}
	const isWholeRunBlocked = blocked !== undefined && counts.Pushed + counts.Due + counts.Unchanged === 0;
	if (!isWholeRunBlocked) {
		// A request that only reads cannot have been applied, so the clause about unclear requests does not say so.
		const unclearClause = operation.effect === 'read' ? RUN.unclear : RUN.mayBeApplied;
		details.push(
			...describeDone(run, style.outputCount),
			...countedClauses(counts.Refused, RUN.refused),
			...countedClauses(counts.Unclear, unclearClause),
			...countedClauses(counts.NotSent, RUN.notSent),
		);
	}
	const callsDoneEarlier = calls.filter(({ fate }) => fate.kind === 'earlierAttempt' && isAccepted(fate));
	details.push(
		...describePostponed(run),
		...describeWithheld(run),
		...customersClauses(recovered, RUN.recovered),
		...syncClauses.ofComparison(run, style.mostExamples),
		...countedClauses(callsDoneEarlier.length, RUN.doneEarlier),
		...countedClauses(retries, RUN.retries),
		...adviseScheme(run),
		...countedClauses(Math.abs(Math.round(clockOffsetMs / 1000)), RUN.clockOff),
	);
	return details;
}

/** Says that an earlier stop is over, so that nobody has to decide about its plan any more. */
function describeStopOver({ tally: { passedStopMinute }, timezone }: EndedRun): Text[] {
	return passedStopMinute === undefined
		? []
		: [RUN.stopOver({ since: ours(dayAndTime(passedStopMinute, timezone)) })];
}

/** Says what was withheld, e.g. "2 rows invalid (not sent)". An audit sends no rows. */
function describeWithheld({ operation, withheld, tally }: EndedRun | Preview): Text[] {
	const countRefusedFor = (code: string) => withheld.filter(({ refusal }) => refusal?.code === code).length;
	return [
		...countedClauses(tally.invalidRows, isAudit(operation) ? RUN.invalidRowsOfAudit : RUN.invalidRows),
		...countedClauses(countRefusedFor('OTHER_SET_EARLIER'), RUN.givenEarlier),
		...countedClauses(countRefusedFor('NOT_ALLOWED'), RUN.notAllowed),
	];
}

/** Says what was done. The text of operations that push no full sets is in English only: they have a hint, but no messages to people. */
function describeDone(run: EndedRun, outputCount: number): Text[] {
	const { operation } = run;
	const { counts, units, devices } = run.tally;
	if (run.sync !== undefined) {
		return syncClauses.ofUpToDate(run.tally);
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

function describePostponed({ tally: { counts }, endedEarly }: EndedRun): Text[] {
	const why = endedEarly?.code === TIME_OVER ? endedEarly.reason : undefined;
	return counts.Postponed > 0 ? [RUN.postponed({ count: counts.Postponed, why })] : [];
}

/** Names the signature scheme to set in the credential, which saves the requests that only detect it. */
function adviseScheme({ acceptedScheme, detectionRequests, isSchemeDetected }: EndedRun): Text[] {
	// Setting the first scheme saves nothing: detection tries it first anyway.
	const isFirstScheme = acceptedScheme === SIGNATURE_SCHEMES[0];
	const settingSavesRequests = isSchemeDetected && detectionRequests > 0 && !isFirstScheme;
	if (acceptedScheme === undefined || !settingSavesRequests) {
		return [];
	}
	return [RUN.setScheme({ scheme: ours(SIGNATURE_SCHEME_NAMES[acceptedScheme]) })];
}

/** Advises to split the rows of a run that has nearly too many for n8n. */
function adviseFewerRows({ operation, rowCount, sync }: EndedRun | Preview): Text[] {
	if (rowCount <= MANY_ROWS) {
		return [];
	}
	const advice = bringsFullSets(operation) ? RUN.fewerRows.byCustomer() : RUN.fewerRows.split();
	return [RUN.manyRows({ rows: rowCount, advice: sync === undefined ? advice : RUN.fewerRows.copies() })];
}

/** Makes a text of words that exist in English only, such as those that an operation writes about its items. */
function inEnglish(english: string): Text {
	return RUN.inEnglish({ english: ours(english) });
}
