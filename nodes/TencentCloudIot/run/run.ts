import type { INodeExecutionData } from 'n8n-workflow';

import type { Execution } from '../host/execution';
import type { NodeInput } from '../input/nodeInput';
import type { placesOf } from '../messages/text';
import { bringsFullSets, type Call, type Calls, type Operation } from '../resources/operation/operation';
import type { readRunOptions } from '../resources/runOptions';
import type { Fate } from '../service/fate';
import type { Failure } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import type { Host } from '../service/transport/transport';
import type { SyncSession } from '../sync/session';
import type { CustomersToRemember } from '../sync/state/rememberedCustomers';
import type { DataTables } from '../tables/dataTables';
import type { Credential } from './connection';
import type { Ledger } from './ledger';
import type { RunMemory } from './memory';
import type { DeduplicationHelpers } from './syncTable';

/** What a run needs of n8n. The module that uses a port declares the interface of the port. */
interface Ports {
	credential: Credential;
	/** Sends requests. */
	host: Host;
	/** Opens n8n's Data Tables. Each object that it returns may make one last call after the execution's time limit. */
	openTables(): DataTables;
	/** n8n's deduplication store. An entry there shows that a Sync has had a state, even if that state is lost. */
	deduplication: DeduplicationHelpers;
	/** Writes a line to n8n's log. */
	log: Record<'info' | 'warn', (line: string) => void>;
}

/** What every run gets from n8n when it begins: its execution, the node's settings and items, and the ports. */
export interface RunEnvironment {
	execution: Execution;
	input: NodeInput;
	ports: Ports;
}

/** One run of the node: its items, its operation and the user's options. */
export interface Run extends RunEnvironment {
	operation: Operation<unknown>;
	items: INodeExecutionData[];
	options: ReturnType<typeof readRunOptions>['options'];
	/** Where the run's reports and its hint are shown, which decides whether they may name customers. */
	places: ReturnType<typeof placesOf>;
	/** Why the run may not begin: an option that cannot be used. */
	invalidOption: Failure | undefined;
	/** Whether the first final failure ends the run. */
	stopAtFailure: boolean;
	/**
	 * Whether one item reports the whole run, failures and findings included, and nothing is thrown. That holds for a Sync or an Audit with
	 * one item per run and 'Stop Workflow': if such a Sync is failing, the node *Confirm News* after it ends the workflow.
	 */
	isReportedInOneItem: boolean;
	/** How far sending has come. Changes during the run: the code that catches an unexpected error reads it. */
	sendingProgress: {
		/** Whether requests may be in flight, or were in an earlier attempt. While this is false, an unexpected error proves that nothing was sent. */
		isSending: boolean;
	};
	memory: RunMemory;
	/** When the run began, as `elapsedMs` of the clock gave it. */
	startMs: number;
}

/** What a run is to do, and what earlier attempts of it have done. */
export interface Plan extends Calls {
	/** For a Sync of clean rows (docs/architecture.md, *Clean rows*): its customers, and which of them the last run had as well. */
	customersToRemember?: CustomersToRemember | undefined;
	/**
	 * What became of each call in an earlier attempt of the execution (n8n's Retry On Fail), by its index; undefined for a call that is still
	 * to be sent. For a settled call, `calls` has it as the earlier attempt sent it.
	 */
	earlierFates: ReadonlyArray<Extract<Fate, { kind: 'earlierAttempt' }> | undefined>;
	/** Keeps the fates of the calls for a further attempt. Undefined for a Dry Run, and for a run that only reads, unless the run is an Audit. */
	ledger: Ledger | undefined;
	/** Why nothing is sent; undefined if requests may be made. */
	blocked: Failure | undefined;
}

/** Whether invalid rows end the run before it sends anything. */
export function stopsForInvalidRows({ withheld }: Plan, { stopAtFailure, options }: Run): boolean {
	return stopAtFailure && withheld.length > 0 && options.rowHandling?.invalidRows !== 'sendValid';
}

/** Whether the run outputs one item with all its counts, before the items of what failed. */
export function outputsRunItem({ operation, options }: Pick<Run, 'operation' | 'options'>): boolean {
	return options.outputItemPer === 'run' && bringsFullSets(operation);
}

/** Identifies the node of a run, with its workflow, by n8n's ids. */
export function nodeKeyOf({ execution: { workflow, node } }: Pick<Run, 'execution'>): string {
	return `${workflow.id} ${node.id}`;
}

/** The Action and the parameters of a call's request, without the parameters that every request has. */
export function requestOf(
	{ action, parameters }: Call,
	operation: Pick<Operation<unknown>, 'action'>,
): Parameters {
	return { Action: action ?? operation.action, ...parameters };
}

/**
 * Which calls of a run are sent. A Sync selects them by its state, and gives its whole session. Any other run sends all of its calls, and
 * gives only the first two members.
 */
export type Selection = Pick<SyncSession, 'sendOrder' | 'blocked'> & Partial<SyncSession>;
