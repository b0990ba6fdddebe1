import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Calls, Operation, Call } from '../operation/operation';
import type { RunOptions } from '../resources/runOptions';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import type { Verdict } from '../sync/verdicts';
import type { SyncFacts } from '../sync/session';
import type { Ledger } from './ledger';
import type { RunMemory } from './memory';
import { bringsSets, type RunResult } from './report/result';

/** One run of the node: its items, and what the user wants to be done with them. */
export interface Run {
	context: IExecuteFunctions;
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: RunOptions;
	/** Why it may not begin: an option that cannot be used. */
	invalid: Failure | undefined;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	progress: {
		/** Whether requests may be in flight, or were in an earlier attempt: until then nothing was sent, whatever happens. */
		isSending: boolean;
	};
	memory: RunMemory;
	/** When it began, by `elapsedMs`. */
	startMs: number;
}

/** What a run is to do, and what earlier attempts of it have done. */
export interface Plan extends Calls {
	/** For each call what an earlier attempt has settled of it. The call is then as it was sent. */
	earlier: ReadonlyArray<Extract<Fate, { kind: 'earlierAttempt' }> | undefined>;
	/** Undefined where nothing is kept: what only reads, or is only shown. */
	ledger: Ledger | undefined;
	/** Why nothing is sent. */
	blocked: Failure | undefined;
}

/** Whether the run outputs one item with all its counts, before the items of what failed. */
export function outputsRunItem({ operation, options }: Pick<Run, 'operation' | 'options'>): boolean {
	return options.outputItemPer === 'run' && bringsSets(operation);
}

/** The Action and the call's parameters: all that a request carries of its own. */
export function requestOf(
	{ action, parameters }: Call,
	operation: Pick<Operation<unknown>, 'action'>,
): Parameters {
	return { Action: action ?? operation.action, ...parameters };
}

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
	addFate(index: number, fate: Fate): void;
	/** The run is over; without a result when it was thrown out of. */
	finish(result: RunResult | undefined): Promise<void>;
}
