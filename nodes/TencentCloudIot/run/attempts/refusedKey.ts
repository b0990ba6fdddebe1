import type { Call } from '../../operation';
import { failureOf, type EarlierAttempt, type Fate } from '../../service/fate';
import type { Failure } from '../../service/outcome';

/** That the key was refused, as it is kept in the execution's data. */
export interface KeptRefusal {
	/** The run and the key that it is about. */
	run: string;
	/** The call whose request was refused. */
	firstItem: number | undefined;
	failure: Failure;
}

/** Where it is kept; changed in place. */
export interface RefusedKeyState {
	refusedKey?: KeptRefusal;
}

/**
 * That the service refused App Key or App Secret in this run of the node. The engine's Retry On Fail begins it again with
 * the same credential: it would be refused again.
 */
export class RefusedKey {
	/** Why nothing is sent in this attempt, if the key was refused in an earlier one. */
	readonly failure: Failure | undefined;
	readonly #state: RefusedKeyState;
	readonly #run: string;
	readonly #firstItem: number | undefined;

	/** @param run identifies run and key */
	constructor(state: RefusedKeyState, run: string) {
		this.#state = state;
		this.#run = run;
		const known = state.refusedKey?.run === run ? state.refusedKey : undefined;
		this.failure = known?.failure;
		this.#firstItem = known?.firstItem;
	}

	/** The fate of the call whose request was refused in an earlier attempt. */
	fateOf({ itemIndexes }: Call): EarlierAttempt | undefined {
		if (this.failure === undefined || this.#firstItem !== itemIndexes[0]) return undefined;
		return { kind: 'earlierAttempt', outcome: this.failure };
	}

	/** Keeps what became of a call, if it shows that the key is refused. */
	record({ itemIndexes }: Call, fate: Fate): void {
		const failure = failureOf(fate);
		if (failure?.scope !== 'run' || this.failure !== undefined) return;
		if (failure.authFailure !== 'signature' && failure.authFailure !== 'appKey') return;
		this.#state.refusedKey = { run: this.#run, firstItem: itemIndexes[0], failure };
	}
}
