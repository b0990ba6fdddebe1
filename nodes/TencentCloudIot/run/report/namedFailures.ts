import { rowNumber } from '../../input/finding';
import { failureOf, isTried } from '../../service/fate';
import { describe, type Failure } from '../../service/outcome';
import { stopOf } from '../../sync/health';
import { withheldFor } from '../checks/invalidRows';
import type { RunResult } from '../result';

/** One failure, without what only its own item says. */
export interface NamedFailure {
	CustomerId?: string;
	outcome: Failure['outcome'];
	code: string;
	message: string;
	advice: string;
	/** Of a run that a safety check stopped: what 'Approved Plan' takes. */
	planId?: string;
	/** Counted from 1. */
	rows: number[];
}

/** A reason of the whole run stands once, and first. */
export function nameFailures(result: RunResult): NamedFailure[] {
	const { calls, withheld, blocked } = result;
	const ofRun = new Map<string, NamedFailure>();
	const ofCustomers: NamedFailure[] = [];
	const stop = stopOf(result);
	// A stop for rows is named with them.
	if (blocked?.scope === 'run') ofRun.set(blocked.code, nameFailure(blocked, undefined, []));
	else if (stop !== undefined && stop !== blocked) ofRun.set(stop.code, nameEnd(stop));
	const attempted = calls.filter(({ fate }) => isTried(fate));
	for (const { call, fate } of [...attempted, ...calls.filter(({ fate }) => !isTried(fate))]) {
		const failure = failureOf(fate);
		if (failure === undefined || failure === blocked) continue;
		// What was not attempted has the reason of what was.
		if (failure.scope === 'run' && ofRun.size > 0 && !isTried(fate)) continue;
		const named = nameFailure(failure, call.customer?.id, call.itemIndexes);
		if (failure.scope === 'call') ofCustomers.push(named);
		else if (failure.endedBy?.scope === 'run') ofRun.set(failure.endedBy.code, nameEnd(failure.endedBy));
		else if (!ofRun.has(failure.code)) ofRun.set(failure.code, nameFailure(failure, undefined, []));
	}
	for (const { findings, refusal, customerId, itemIndexes } of withheld) {
		ofCustomers.push(nameFailure(withheldFor(findings, refusal), customerId, itemIndexes));
	}
	return [...ofRun.values(), ...ofCustomers];
}

/** Why no further request was started. */
function nameEnd(failure: Failure): NamedFailure {
	return { ...nameFailure(failure, undefined, []), message: `${failure.reason} Nothing more was sent.` };
}

function nameFailure(
	failure: Failure,
	customerId: string | undefined,
	itemIndexes: readonly number[],
): NamedFailure {
	const { outcome, code, advice, planId } = failure;
	const rows = itemIndexes.map(rowNumber);
	const named = customerId !== undefined && { CustomerId: customerId };
	const plan = planId !== undefined && { planId };
	return { ...named, outcome, code, message: describe(failure), advice, ...plan, rows };
}
