import { rowsOf, type Finding } from '../../messages/findings';
import { FAILURE_OF } from '../../messages/run';
import { asPlace, ofRows, ours, type Text } from '../../messages/text';
import { decidingRequestIdOf, failureOf, isTried } from '../../service/fate';
import { happened, type Failure } from '../../service/outcome';
import { stopOf } from '../../sync/health';
import { type EndedRun, withheldFor } from './result';

/** A failure, and the rows and customer that it concerns. */
export interface OwnFailure {
	failure: Failure;
	/** The name by which a user knows the call, e.g. the CustomerId. */
	id?: string | undefined;
	itemIndexes: readonly number[];
	/** The RequestId of the request that decided the outcome. */
	requestId?: string | undefined;
	/** What is wrong with the rows, if they were withheld. */
	findings?: readonly Finding[];
	/** Whether this failure ended the run after it had begun to send. */
	hasEndedRun?: boolean;
}

/** The failures of a run: first each reason that concerns the whole run, once; then customers that newly failed; then the others. */
export function nameFailures(run: EndedRun): OwnFailure[] {
	const { calls, withheld, blocked } = run;
	const { namedBy } = run.operation;
	const ofRun = new Map<string, OwnFailure>();
	const ofCalls: OwnFailure[] = [];
	const addOfRun = (failure: Failure, hasEndedRun = false) =>
		ofRun.set(failure.code, { failure, itemIndexes: [], hasEndedRun });
	const stop = stopOf(run);
	// If invalid rows have stopped the run, it has no failure of the whole run: the rows are listed below.
	if (stop !== undefined && (stop !== blocked || stop.scope === 'run')) {
		addOfRun(stop, stop !== blocked);
	}
	const attempted = calls.filter(({ fate }) => isTried(fate));
	const notAttempted = calls.filter(({ fate }) => !isTried(fate));
	for (const { call, fate } of [...attempted, ...notAttempted]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) {
			continue;
		}
		// A call that was not attempted failed for the same reason as those that were.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) {
			continue;
		}
		const { itemIndexes, parameters } = call;
		const id = namedBy.map((name) => String(parameters[name])).join('/') || undefined;
		const requestId = decidingRequestIdOf(fate);
		if (failure.scope === 'call') {
			ofCalls.push({ failure, id, itemIndexes, requestId });
		} else if (failure.endedBy?.scope === 'run') {
			addOfRun(failure.endedBy, true);
		} else if (!ofRun.has(failure.code)) {
			addOfRun(failure);
		}
	}
	for (const withheldRows of withheld) {
		ofCalls.push({ ...withheldRows, failure: withheldFor(withheldRows), id: withheldRows.customerId });
	}
	const newlyFailed = new Set<string | undefined>(run.tally.newlyFailed);
	const isNewlyFailed = ({ id }: OwnFailure) => newlyFailed.has(id);
	const notNew = ofCalls.filter((failure) => !isNewlyFailed(failure));
	return [...ofRun.values(), ...ofCalls.filter(isNewlyFailed), ...notNew];
}

/**
 * A failure in one line, e.g. "[row 3, c017] Tencent responded with …. Tencent refused it; nothing was changed."
 * @param hasRequestId whether the line names the RequestId
 */
export function lineOf(
	{ failure, id, itemIndexes, findings = [], requestId }: OwnFailure,
	hasRequestId = false,
): Text {
	// The text of withheld rows names its row already.
	if (findings.length > 0) {
		return happened(failure);
	}
	const place = asPlace([rowsOf(itemIndexes), id === undefined ? undefined : ofRows(id)]);
	const request = hasRequestId && requestId !== undefined ? ours(requestId) : undefined;
	return FAILURE_OF({ place, requestId: request, happened: happened(failure) });
}
