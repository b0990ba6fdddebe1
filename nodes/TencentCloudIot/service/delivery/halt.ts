import type { NotTried, Postponed } from '../fate';
import { CANCELLED } from '../transportError';
import { notSent, type Failure } from '../outcome';

/** Why no further request of a run starts, once there is a reason. The first reason stays. */
export class Halt {
	readonly #controller = new AbortController();
	#rest: NotTried | Postponed | undefined;
	/** Aborted by the halt or by a cancel, so that no wait outlives it. */
	readonly signal: AbortSignal;

	/** @param failure of an earlier attempt that ended the run before this one began */
	constructor(failure: Failure | undefined, cancel: AbortSignal | undefined) {
		this.signal = AbortSignal.any([this.#controller.signal, ...(cancel ? [cancel] : [])]);
		if (failure !== undefined) this.#rest = notTriedAfter(failure);
	}

	get isSet(): boolean {
		return this.#rest !== undefined;
	}

	/** Ends the run after a failure. */
	fail(failure: Failure): void {
		this.#set(notTriedAfter(failure));
	}

	/** Leaves the calls that have not started to the next run. */
	postpone(why: Failure): void {
		this.#set({ kind: 'postponed', why });
	}

	/** The fate of a call that does not start any more. */
	get rest(): NotTried | Postponed {
		return this.#rest ?? { kind: 'notTried', why: CANCELLED };
	}

	#set(rest: NotTried | Postponed): void {
		this.#rest ??= rest;
		this.#controller.abort();
	}
}

function notTriedAfter(failure: Failure): NotTried {
	if (failure.code === CANCELLED.code) return { kind: 'notTried', why: CANCELLED };
	const reason = `Not tried, because of an earlier request. ${failure.reason}`;
	const why = { ...notSent('NOT_TRIED', reason, failure.advice), endedBy: failure };
	return { kind: 'notTried', why };
}
