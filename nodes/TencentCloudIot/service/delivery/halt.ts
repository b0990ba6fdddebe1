import { notSent, type Failure } from '../outcome';

const CANCELLED = notSent('CANCELLED', 'The execution was cancelled.', 'Run the workflow again');

/** Why no further request of a run may start, once there is a reason. */
export class Halt {
	readonly #controller = new AbortController();
	#reason: Failure | undefined;
	/** Aborted with it or by a cancel, so that nobody waits for a request that will not be made. */
	readonly signal: AbortSignal;

	/** @param reason a failure of an earlier try that ended the run before this one began */
	constructor(reason: Failure | undefined, cancel: AbortSignal | undefined) {
		this.#reason = reason;
		this.signal = AbortSignal.any([this.#controller.signal, ...(cancel ? [cancel] : [])]);
	}

	get isSet(): boolean {
		return this.#reason !== undefined;
	}

	/** The first reason stays. */
	set(reason: Failure): void {
		this.#reason ??= reason;
		this.#controller.abort();
	}

	/** What becomes of a call that is not begun any more. */
	notTried(): Failure {
		const reason = this.#reason;
		if (reason === undefined || reason.code === CANCELLED.code) return CANCELLED;
		return notSent('NOT_TRIED', `Not tried, because of an earlier request. ${reason.reason}`, reason.advice);
	}
}
