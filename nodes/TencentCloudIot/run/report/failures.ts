import { storedBy } from '../../messages/failures';
import { describeFinding, namedRows, rowNumber, type Finding } from '../../messages/findings';
import type { Message } from '../../messages/message';
import type { Operation } from '../../operation/operation';
import { failureOf, isTried, requestIdsOf } from '../../service/fate';
import { describe, type Failure } from '../../service/outcome';
import { stopOf } from '../../sync/health';
import { type EndedRun, withheldFor } from './result';

/** A failure, and whom it concerns. */
export interface OwnFailure {
	failure: Failure;
	/** What its call is known by: the CustomerId of one that brings a set. */
	id?: string | undefined;
	itemIndexes: readonly number[];
	/** Of the last request. */
	requestId?: string | undefined;
	/** What is wrong with its rows. */
	findings?: readonly Finding[];
	/** What failed first of a run that went no further. */
	isEnd?: boolean;
}

/** The failures of a run: a reason of the whole run stands once, and first; then come those that newly failed. */
export function nameFailures({ namedBy }: Pick<Operation<unknown>, 'namedBy'>, run: EndedRun): OwnFailure[] {
	const { calls, withheld, blocked } = run;
	const ofRun = new Map<string, OwnFailure>();
	const own: OwnFailure[] = [];
	const addOfRun = (failure: Failure, isEnd = false) =>
		ofRun.set(failure.code, { failure, itemIndexes: [], isEnd });
	const stop = stopOf(run);
	// A stop for rows is named with them.
	if (stop !== undefined && (stop !== blocked || stop.scope === 'run')) {
		addOfRun(stop, stop !== blocked);
	}
	const attempted = calls.filter(({ fate }) => isTried(fate));
	for (const { call, fate } of [...attempted, ...calls.filter(({ fate }) => !isTried(fate))]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) {
			continue;
		}
		// What was not attempted has the reason of what was.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) {
			continue;
		}
		const { itemIndexes, parameters } = call;
		const id = namedBy.map((name) => String(parameters[name])).join('/') || undefined;
		const requestId = failure.requestId ?? requestIdsOf(fate).at(-1);
		if (failure.scope === 'call') {
			own.push({ failure, id, itemIndexes, requestId });
		} else if (failure.endedBy?.scope === 'run') {
			addOfRun(failure.endedBy, true);
		} else if (!ofRun.has(failure.code)) {
			addOfRun(failure);
		}
	}
	for (const held of withheld) {
		own.push({ ...held, failure: withheldFor(held), id: held.customerId });
	}
	const newly = new Set<string | undefined>(run.tally.newly);
	const isNew = ({ id }: OwnFailure) => newly.has(id);
	return [...ofRun.values(), ...own.filter(isNew), ...own.filter((one) => !isNew(one))];
}

/**
 * In one line: "[row 3, c017] Tencent responded with …. Tencent refused it; nothing was changed."
 * @param hasRequestId whether it has the RequestId of a call, in English
 */
export function lineOf(
	{ failure, id, itemIndexes, findings = [], requestId }: OwnFailure,
	hasRequestId = false,
): Message {
	const [first] = findings;
	const row = `第 ${rowNumber(first?.itemIndex ?? itemIndexes[0] ?? 0)} 行 ${id ?? ''}`;
	const [, stored] = storedBy(failure.outcome, failure.onlyReads);
	if (first !== undefined) {
		return [describe(failure), `${row}：${describeFinding(first)[1]}（${stored}）`];
	}
	const request = hasRequestId && requestId !== undefined ? `; RequestId ${requestId}` : '';
	const who = [namedRows(itemIndexes), id ?? []].flat().join(', ');
	return [`[${who}${request}] ${describe(failure)}`, `${row}：${failure.reasonZh}（${stored}）`];
}
