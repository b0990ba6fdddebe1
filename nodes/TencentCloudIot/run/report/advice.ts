/** What to do after a run: the advice on what failed, and on what the rows show. */
import { ADVICE } from '../../messages/reasons';
import { MENDS } from '../../messages/findings';
import { RUN } from '../../messages/run';
import { inCommas, inSentences, isOfTemplate, ours, type Text, writeEnglish } from '../../messages/text';
import { type Failure, requestFailureOf } from '../../service/outcome';
import { asStop } from '../../sync/stop';
import {
	causeOfManyFailures,
	type EndedRun,
	failureOfWithheld,
	MOST_NAMED_CAUSES,
	type Tally,
} from './result';
import { syncClauses } from './syncClauses';

/** The readers of a text about a run: somebody who has the node open, or people who get a message. */
type Reader = 'node' | 'people';

/** Codes of failures that may be gone at the next run: most often the network, the service or n8n's database was down. */
const TRANSIENT_CODES = ['NO_RESPONSE', 'CIRCUIT_BREAKER', 'STATE_NOT_USABLE'];

/**
 * Whether a failure may be gone at the next run although nobody corrects anything: it has one of the `TRANSIENT_CODES`, or it concerns a single
 * call, and the node retries such a failure.
 */
function mayBeTransient(failure: Failure): boolean {
	const { scope, code } = failure;
	const retry = requestFailureOf(failure)?.retry ?? 'never';
	const isRetried = scope === 'call' && retry !== 'never';
	return isRetried || TRANSIENT_CODES.includes(code);
}

/** The parts of a run's result that its advice depends on. */
interface AdvisedRun extends Pick<EndedRun, 'sync' | 'withheld'> {
	tally: Pick<
		Tally,
		| 'invalidRowFindings'
		| 'invalidRows'
		| 'mendable'
		| 'causes'
		| 'whyRunFailed'
		| 'movedDevices'
		| 'standstill'
	>;
}

/**
 * Says what to do about what went wrong, about moved devices and about rows that stand still. If a schedule repeats the run, the advice on a
 * failure that may be gone by then is to wait, and what to check if it lasts.
 * @param whyRunFailed why the run failed as a whole; undefined if it did not
 */
export function adviceOn(run: AdvisedRun, whyRunFailed: Failure | undefined, reader: Reader): Text[] {
	const { sync, tally } = run;
	const failureOfRun = causeOfManyFailures(tally)?.failure ?? whyRunFailed;
	const failures = failureOfRun === undefined ? failuresToAdvise(run) : [failureOfRun];
	const failuresByAdvice = new Map(
		failures.map((failure) => [writeEnglish(failure.advice, 'everything'), failure]),
	);
	const isScheduled = sync !== undefined && !sync.isManual;
	const advice = Array.from(failuresByAdvice.values(), (failure) => adviceFor(failure, isScheduled, reader));
	if (tally.movedDevices.length > 0 && sync?.isReplacing !== true) {
		advice.push(RUN.movedAdvice());
	}
	if (syncClauses.ofStandstill(run).length > 0) {
		advice.push(RUN.staleAdvice());
	}
	if (failures.some(({ code }) => code === 'INVALID_ROWS')) {
		const { rows, options } = tally.mendable;
		// If the option Allow would mend all invalid rows, the advice of the failure names that option already.
		const isAllowAdvised =
			rows === tally.invalidRows && options.every((optionName) => optionName === MENDS.allow);
		if (!isAllowAdvised && rows > 0) {
			advice.push(describeMendable(rows, tally.invalidRows, options));
		}
	}
	return advice;
}

/** Says which options would mend how many invalid rows, e.g. "Row Handling can fix 7 of these 11 rows: Several Devices in a Cell → Split". */
function describeMendable(mendableRows: number, invalidRows: number, optionNames: readonly string[]): Text {
	const options = inCommas(optionNames.map((name) => ours(name)));
	if (invalidRows === 1) {
		return RUN.canMendIt({ options });
	}
	const facts = { of: invalidRows, options };
	return mendableRows === invalidRows
		? RUN.canMendAll(facts)
		: RUN.canMend({ ...facts, count: mendableRows });
}

/** The failures of customers and rows that need advice: those that the next run will not mend. If there are none, the most frequent failure. */
function failuresToAdvise({ tally: { causes, invalidRowFindings }, withheld }: AdvisedRun): Failure[] {
	const frequentFailures = causes
		.slice(0, MOST_NAMED_CAUSES)
		.map(({ failure }) => failure ?? failureOfWithheld({ findings: invalidRowFindings }));
	// Calls that a check of the plan has refused, e.g. because of 'Allowed Actions'. Their cells are valid, so no cause above is about them.
	const refusals = withheld.flatMap(({ refusal }) => refusal ?? []);
	const lastingFailures = [...frequentFailures.filter((failure) => !mayBeTransient(failure)), ...refusals];
	return lastingFailures.length > 0 ? lastingFailures : frequentFailures.slice(0, 1);
}

function adviceFor(failure: Failure, isScheduled: boolean, reader: Reader): Text {
	const { advice } = failure;
	const stop = asStop(failure);
	// Whoever reads a message approves the plan in a form, if there is one. A reader of the hint has the node open, and gets the whole advice.
	if (stop !== undefined && reader === 'people') {
		const { planId, correction } = stop;
		return inSentences([correction.examples, correction.advice, RUN.approvePlan({ planId: ours(planId) })]);
	}
	const mayMendItself = stop === undefined && isScheduled && mayBeTransient(failure);
	return mayMendItself ? RUN.mendsItself({ advice: adviceIfFailureLasts(advice) }) : advice;
}

/**
 * What to do if a failure is still there after an hour of scheduled runs. The advice to try again becomes the advice to check the network. The
 * advice to ask Tencent's support also says to give it the RequestId.
 */
function adviceIfFailureLasts(advice: Text): Text {
	const isAdvised = ({ template }: typeof ADVICE.tryAgain) => isOfTemplate(advice, template);
	if (isAdvised(ADVICE.askSupport)) {
		return RUN.giveRequestId();
	}
	return isAdvised(ADVICE.tryAgain) || isAdvised(ADVICE.tryLater) ? RUN.checkNetwork() : advice;
}
