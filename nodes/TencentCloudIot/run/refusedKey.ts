import type { IExecuteFunctions } from 'n8n-workflow';

import type { Call } from '../operation';
import { failureOf, type EarlierAttempt, type Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Connection } from '../service/connection';
import { digestOfText } from '../service/digest';
import { attemptMemory } from './executionState';

/** Where it is kept that the key was refused; changed in place. */
interface RefusedKeyState {
	refusedKey?: {
		/** The run and the key that it is about. */
		run: string;
		/** The call whose request was refused. */
		firstItem: number | undefined;
		failure: Failure;
	};
}

/**
 * That the service refused App Key or App Secret in this run of the node. The engine's Retry On Fail begins it again with
 * the same credential: it would be refused again.
 */
class RefusedKey {
	readonly #state: RefusedKeyState;
	readonly #run: string;
	readonly #known: RefusedKeyState['refusedKey'];

	/** @param run identifies run and key */
	constructor(state: RefusedKeyState, run: string) {
		this.#state = state;
		this.#run = run;
		this.#known = state.refusedKey?.run === run ? state.refusedKey : undefined;
	}

	/** Why nothing is sent in this attempt, if the key was refused in an earlier one. */
	get failure(): Failure | undefined {
		return this.#known?.failure;
	}

	/** The fate of the call whose request was refused in an earlier attempt. */
	fateOf({ itemIndexes }: Call): EarlierAttempt | undefined {
		if (this.failure === undefined || this.#known?.firstItem !== itemIndexes[0]) return undefined;
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

/** Whether an earlier attempt of this run was refused its key. */
export function refusedKeyOf(context: IExecuteFunctions, { endpoint, appKey }: Connection): RefusedKey {
	const { $runIndex } = context.getWorkflowDataProxy(0);
	const run = digestOfText([$runIndex, endpoint, appKey].map(String).join(' '), 22);
	return new RefusedKey(attemptMemory(context), run);
}
