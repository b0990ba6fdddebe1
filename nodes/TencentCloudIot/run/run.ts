import type { INodeExecutionData } from 'n8n-workflow';

import type { Execution } from '../host/execution';
import type { NodeInput } from '../input/nodeInput';
import type { placesOf } from '../messages/text';
import type { Calls, Operation, Call } from '../resources/operation/operation';
import type { readRunOptions } from '../resources/runOptions';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import type { Host } from '../service/transport/transport';
import type { RunEnd } from '../sync/health';
import type { ChangeLast } from '../sync/last';
import type { SyncFacts } from '../sync/session';
import type { PlannedSheet } from '../sync/state/cleanSheets';
import type { Verdict } from '../sync/verdicts';
import type { DataTables } from '../tables/dataTables';
import type { Credential } from './connection';
import type { KeptForPeople } from './kept';
import type { Ledger } from './ledger';
import type { RunMemory } from './memory';
import type { DeduplicationHelpers } from './syncTable';
import { bringsSets } from './report/result';

/** What a run needs of n8n, each part as an interface that its user declares. */
export interface Ports {
	credential: Credential;
	/** Sends requests. */
	host: Host;
	/** Opens n8n's Data Tables. Each of what this gives may make one last call after the execution's time limit. */
	openTables(): DataTables;
	/** The table of processed data, which shows that a Sync has had a state. */
	deduplication: DeduplicationHelpers;
	/** Write a line to n8n's log. */
	log: Record<'info' | 'warn', (line: string) => void>;
}

/** What a run of any operation begins with: the execution, the node's settings and items, and the ports. */
export interface Surroundings {
	execution: Execution;
	input: NodeInput;
	ports: Ports;
}

/** One run of the node: its items, and what the user wants to be done with them. */
export interface Run extends Surroundings {
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: ReturnType<typeof readRunOptions>['options'];
	/** Where its reports and its hint are shown. */
	places: ReturnType<typeof placesOf>;
	/** Why it may not begin: an option that cannot be used. */
	invalid: Failure | undefined;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/**
	 * Whether one item has all that the run came to, failures and findings included, and nothing is thrown. That is so for a Sync or an
	 * Audit with one item per run and 'Stop Workflow': if such a Sync is failing, Confirm News behind it ends the workflow.
	 */
	isToldInOneItem: boolean;
	progress: {
		/** Whether requests may be in flight, or were in an earlier attempt: until then nothing was sent, whatever happens. */
		isSending: boolean;
	};
	memory: RunMemory;
	/** When it began, by `elapsedMs`. */
	startMs: number;
	/** What it has written for people: receipts, news and who is gone. Undefined before its end. */
	kept?: KeptForPeople | undefined;
}

/** What a run is to do, and what earlier attempts of it have done. */
export interface Plan extends Calls {
	/** Of a Sync of clean rows: the sheet that an earlier run remembered, or that the next one may use. */
	cleanSheet?: PlannedSheet | undefined;
	/** For each call what an earlier attempt has settled of it, if there was one. The call is then as it was sent. */
	earlier: ReadonlyArray<Extract<Fate, { kind: 'earlierAttempt' }> | undefined>;
	/** Undefined for a run that only reads, or is only shown. */
	ledger: Ledger | undefined;
	/** Why nothing is sent; undefined where requests may be made. */
	blocked: Failure | undefined;
}

/** Whether invalid rows end the run before it begins. */
export function stopsForRows({ withheld }: Plan, { stopAtFailure, options }: Run): boolean {
	return stopAtFailure && withheld.length > 0 && options.rowHandling?.invalidRows !== 'sendValid';
}

/** Whether the run outputs one item with all its counts, before the items of what failed. */
export function outputsRunItem({ operation, options }: Pick<Run, 'operation' | 'options'>): boolean {
	return options.outputItemPer === 'run' && bringsSets(operation);
}

/** Names workflow and node of a run. */
export function nodeOf({ execution: { workflow, node } }: Pick<Run, 'execution'>): string {
	return `${workflow.id} ${node.id}`;
}

/** The Action and the call's parameters: all that a request carries of its own. */
export function requestOf(
	{ action, parameters }: Call,
	operation: Pick<Operation<unknown>, 'action'>,
): Parameters {
	return { Action: action ?? operation.action, ...parameters };
}

/**
 * Which calls of a run are sent. A run of Sync selects them by the sync state (`SyncSession`), and has all members; any other
 * run sends all of its calls, and has the first two.
 */
export interface Selection {
	/** The calls to send, by their index, in the order of sending; the others are unchanged. */
	readonly order: readonly number[];
	/** Why nothing is sent. */
	readonly blocked: Failure | undefined;
	/** How the sync state judges the customer of each call. */
	readonly verdicts?: readonly Verdict[];
	/** What the run knows of the sync state, for its reports; once it has ended, also how the state was left. */
	readonly facts?: SyncFacts;
	/** Why no further request was started from some moment on. */
	readonly endedEarly?: Failure | undefined;
	/** Aborted when `whyBlocked` has a reason that also holds for calls that wait for a retry. */
	readonly ends?: AbortSignal;
	/** Called before each request: says why no further one may start. @param index of its call; undefined for a request that changes nothing */
	whyBlocked?(index?: number): Promise<Failure | undefined>;
	/** Called right before a request that may start leaves: whether it still may. */
	mayLeave?(): boolean;
	/** Whether a missing response to this call says that the service is down. */
	countsForWarmUp?(index: number): boolean;
	/** Called when a call has its fate. */
	addFate?(index: number, fate: Fate): void;
	/** Called when the receipts of these calls are in the log. */
	receiptsStand?(indexes: readonly number[]): void;
	/** To be called once, however the run went. @param change of the lock row's `last` for people */
	finish?(end: RunEnd | undefined, change?: ChangeLast): Promise<void>;
}
