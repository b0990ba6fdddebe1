import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Calls, Operation, Call } from '../operation/operation';
import type { RunOptions } from '../resources/runOptions';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import type { SyncSession } from '../sync/session';
import type { KeptForPeople } from './kept';
import type { Ledger } from './ledger';
import type { RunMemory } from './memory';
import { bringsSets } from './report/result';

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
	/**
	 * Whether the run's item tells everything, failures and findings too, and none of them is thrown: a Sync or an Audit with one item per
	 * run and 'Stop Workflow'. Confirm News behind a Sync ends the workflow where it is failing.
	 */
	isToldInOneItem: boolean;
	progress: {
		/** Whether requests may be in flight, or were in an earlier attempt: until then nothing was sent, whatever happens. */
		isSending: boolean;
	};
	memory: RunMemory;
	/** When it began, by `elapsedMs`. */
	startMs: number;
	/** What it has left for people; undefined before it has ended. */
	kept?: KeptForPeople | undefined;
}

/** What a run is to do, and what earlier attempts of it have done. */
export interface Plan extends Calls {
	/** For each call what an earlier attempt has settled of it, if there was one. The call is then as it was sent. */
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

/**
 * Which calls of a run are sent, by their index in the order of sending, and until when; the others are unchanged. For an
 * operation without a sync state these are all calls, without verdicts.
 */
export type Selection = Pick<SyncSession, 'order' | 'blocked'> &
	Partial<Omit<SyncSession, 'order' | 'blocked'>>;
