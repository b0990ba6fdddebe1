import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Verdict } from '../sync/verdicts';
import type { SyncFacts } from '../sync/session';
import type { RunResult } from './result';

/** Which calls of a run are sent, in which order, and until when. */
export interface Selection {
	/** The calls to send, by their index, in the order of sending. The others are unchanged. */
	readonly order: readonly number[];
	/** How the sync state knows each call; empty for an operation without one. */
	readonly verdicts: readonly Verdict[];
	/** Why nothing may be sent. */
	readonly blocked: Failure | undefined;
	/** Why no further request is started since some moment of the run. */
	readonly endedEarly: Failure | undefined;
	readonly facts: SyncFacts | undefined;
	/** Called before each request: why no further request may start. */
	whyBlocked?(): Promise<Failure | undefined>;
	/** Aborted when the run's time is over: then `whyBlocked` says so. */
	readonly ends?: AbortSignal;
	/** Whether a call without a response says something of the service; left out, each does. */
	countsForWarmUp?(index: number): boolean;
	/** A call has its fate. */
	settled(index: number, fate: Fate): void;
	/** The run is over; without a result when it was thrown out of. */
	finish(result: RunResult | undefined): Promise<void>;
}

/** Sends all calls, in their order, to the end. */
export function selectAll(calls: readonly unknown[], blocked: Failure | undefined): Selection {
	return {
		order: [...calls.keys()],
		verdicts: [],
		blocked,
		endedEarly: undefined,
		facts: undefined,
		settled: () => undefined,
		finish: async () => undefined,
	};
}
