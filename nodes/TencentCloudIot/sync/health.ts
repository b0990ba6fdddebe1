import type { Failure } from '../service/outcome';
import type { Health } from './stateEntries';
import { CANCELLED } from './state/begun';
import type { CustomerFacts, RunFacts } from './runFacts';
import { TIME_OVER } from './sending';

/**
 * How a run ended: `failing` when nothing was sent for a reason of the whole run, when most of it failed, or when nothing
 * was answered; `degraded` when something was not accepted or could not be sent. That the time was over is neither. What
 * somebody cancelled is `degraded`. Where only those got no answer who failed last time as well, it is as bad as it was: a
 * customer that never gets one would be `failing` whenever nobody else has changed.
 */
export function healthOf({ customers, heldBack, memory, stopped, paused }: RunFacts): Health {
	const failures = customers.map(failureOf).filter((failure) => failure !== undefined);
	const isNew = customers.some((facts) => facts.verdict !== 'failed' && failureOf(facts) !== undefined);
	const isAnswered = customers.some(
		({ outcome }) => outcome?.outcome === 'OK' || outcome?.outcome === 'REFUSED',
	);
	const meant = failures.filter(({ code }) => code !== CANCELLED.code);
	const isFailing =
		(paused !== undefined && paused.code !== TIME_OVER) ||
		meant.some(({ scope, code }) => scope === 'run' && (isNew || code !== 'NOT_TRIED')) ||
		(meant.length > 0 && !isAnswered && (isNew || memory?.healthBefore === 'failing'));
	if (stopped !== undefined || isFailing) return 'failing';
	return failures.length > 0 || heldBack.length > 0 ? 'degraded' : 'ok';
}

/** What went wrong with a customer, if something did. */
export function failureOf({ outcome }: CustomerFacts): Failure | undefined {
	return outcome === undefined || outcome.outcome === 'OK' ? undefined : outcome;
}
