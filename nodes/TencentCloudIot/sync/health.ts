import { CANCELLED } from '../service/fault';
import { failureOf, outcomeOf, type Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Health } from './stateEntries';
import type { Verdict } from './verdicts';

/** The code of what was postponed because the time was over: nothing is wrong with that. */
export const TIME_OVER = 'TIME_OVER';

/** What a run came to, as far as its health depends on it. */
export interface RunEnd {
	calls: ReadonlyArray<{ fate: Fate; verdict?: Verdict | undefined }>;
	withheld: readonly unknown[];
	/** Why nothing could be sent. */
	blocked: Failure | undefined;
	/** Why no further request was started from some moment on. */
	endedEarly: Failure | undefined;
	sync: { healthBefore: Health | undefined } | undefined;
}

/**
 * How a run ended: `failing` when nothing was sent for a reason of the whole run, when most of it failed, or when nothing
 * was answered; `degraded` when something was not accepted or could not be sent. That the time was over is neither. What
 * somebody cancelled is `degraded`. Where only those got no response who failed last time as well, it is as bad as it was: a
 * customer that never gets one would be `failing` whenever nobody else has changed.
 */
export function healthOf({ calls, withheld, blocked, endedEarly, sync }: RunEnd): Health {
	if (blocked !== undefined || (endedEarly !== undefined && endedEarly.code !== TIME_OVER)) return 'failing';
	const failed = calls.flatMap(({ fate, verdict }) => {
		const failure = failureOf(fate);
		return failure === undefined ? [] : [{ failure, isTried: fate.kind !== 'notTried', verdict }];
	});
	const isNew = failed.some(({ verdict }) => verdict !== 'failed');
	const meant = failed.filter(({ failure }) => failure.code !== CANCELLED.code);
	const isAnswered = calls.some(({ fate }) => ['OK', 'REFUSED'].includes(outcomeOf(fate)?.outcome ?? ''));
	const isFailing =
		meant.some(({ failure, isTried }) => failure.scope === 'run' && (isNew || isTried)) ||
		(meant.length > 0 && !isAnswered && (isNew || sync?.healthBefore === 'failing'));
	if (isFailing) return 'failing';
	return failed.length > 0 || withheld.length > 0 ? 'degraded' : 'ok';
}
