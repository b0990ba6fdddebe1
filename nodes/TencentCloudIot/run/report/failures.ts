import type { Finding } from '../../messages/findings';
import { rowsOf } from '../../messages/rows';
import { FAILURE_OF } from '../../messages/run';
import { asPlace, ofRows, ours, type Text } from '../../messages/text';
import { decidingRequestIdOf, failureOf, isAttempted } from '../../service/fate';
import { whatHappened, type Failure } from '../../service/outcome';
import { whyRunStopped } from '../../sync/health';
import { type EndedRun, failureOfWithheld } from './result';

/** A failure, and the rows and customer that it concerns. */
export interface NamedFailure {
	failure: Failure;
	/** The name by which a user knows the call, e.g. the CustomerId. */
	callName?: string | undefined;
	itemIndexes: readonly number[];
	/** The RequestId of the response that decided the outcome, or else of the last request; undefined if no request was made. */
	requestId?: string | undefined;
	/** What is wrong with the rows, if they were withheld. */
	findings?: readonly Finding[];
	/** Whether this failure ended the run after it had begun to send. */
	hasEndedRun?: boolean;
}

/** Lists the failures of a run: first those of the whole run, one for each reason; then those of customers that newly failed; then all others. */
export function listFailures(run: EndedRun): NamedFailure[] {
	const { calls, withheld, blocked } = run;
	const { namedBy } = run.operation;
	const failuresOfRun = new Map<string, NamedFailure>();
	const furtherFailures: NamedFailure[] = [];
	// A failure that ends a run early has the scope `call`, because the calls under way go on. In this list it concerns the whole run.
	const addFailureOfRun = (failure: Failure, hasEndedRun = false) =>
		failuresOfRun.set(failure.code, { failure: { ...failure, scope: 'run' }, itemIndexes: [], hasEndedRun });
	const whyStopped = whyRunStopped(run);
	// If invalid rows have blocked the run, it has no failure of the whole run: the rows are listed below.
	const isBlockedByRows = whyStopped === blocked && whyStopped?.scope === 'call';
	if (whyStopped !== undefined && !isBlockedByRows) {
		addFailureOfRun(whyStopped, whyStopped !== blocked);
	}
	const failedCalls = calls.filter(({ fate }) => failureOf(fate) !== undefined);
	const attemptedCalls = failedCalls.filter(({ fate }) => isAttempted(fate));
	const unattemptedCalls = failedCalls.filter(({ fate }) => !isAttempted(fate));
	for (const { call, fate } of [...attemptedCalls, ...unattemptedCalls]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) {
			continue;
		}
		// A call that was not attempted failed for the reason of the attempted calls, which is listed already.
		const isReasonListed = failure.scope === 'run' && failuresOfRun.size > 0;
		if (isReasonListed && !isAttempted(fate)) {
			continue;
		}
		const { itemIndexes, parameters } = call;
		const callName = namedBy.map((name) => String(parameters[name])).join('/') || undefined;
		const requestId = decidingRequestIdOf(fate);
		if (failure.scope === 'call') {
			furtherFailures.push({ failure, callName, itemIndexes, requestId });
		} else if (failure.endedBy?.scope === 'run') {
			addFailureOfRun(failure.endedBy, true);
		} else if (!failuresOfRun.has(failure.code)) {
			addFailureOfRun(failure);
		}
	}
	for (const withheldRows of withheld) {
		furtherFailures.push({
			...withheldRows,
			failure: failureOfWithheld(withheldRows),
			callName: withheldRows.customerId,
		});
	}
	const newlyFailedIds = new Set<string | undefined>(run.tally.newlyFailed);
	const isNewlyFailed = ({ callName }: NamedFailure) => newlyFailedIds.has(callName);
	const otherFailures = furtherFailures.filter((failure) => !isNewlyFailed(failure));
	return [...failuresOfRun.values(), ...furtherFailures.filter(isNewlyFailed), ...otherFailures];
}

/**
 * A failure in one line, e.g. "[row 3, c017] Tencent responded with …. Tencent refused it; nothing was changed."
 * @param namesRequestId whether the line names the RequestId
 */
export function failureLineOf(
	{ failure, callName, itemIndexes, findings = [], requestId }: NamedFailure,
	namesRequestId = false,
): Text {
	// The reason of withheld rows names the first invalid row already.
	if (findings.length > 0) {
		return whatHappened(failure);
	}
	const place = asPlace([rowsOf(itemIndexes), callName === undefined ? undefined : ofRows(callName)]);
	const requestIdFact = namesRequestId && requestId !== undefined ? ours(requestId) : undefined;
	return FAILURE_OF({ place, requestId: requestIdFact, happened: whatHappened(failure) });
}
