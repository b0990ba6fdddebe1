import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import type { RequestRecord, Simulator } from '../../simulator/simulator.mts';
import { errorOf, linksOf } from '../engine/outputItems.mts';
import { isOfRun } from './reportViolations.mts';

/** The facts about a finished push. */
export interface Witness {
	rows: readonly IDataObject[];
	result: NodeResult;
	simulator: Simulator;
	/** Facts that not every test knows; without a fact its invariants are not checked. */
	facts?: {
		/** Attempts per request times attempts of the node. */
		mostRequestsPerCustomer?: number;
		/** Requests that only detect the signature scheme. */
		mostSigningTries?: number;
		/** Requests that had arrived when the execution was cancelled, and how many more could be in flight then. */
		cancelled?: { arrived: number; underWay: number };
		/** Whether every signature was made with the scheme and secret of the service. */
		isSignedRight?: boolean;
		/** What an output item represents; if set, the order of the items is checked. */
		outputItemPer?: 'request' | 'row' | 'run';
		/** Whether the service's clock is right; otherwise one request may be refused for its timestamp. */
		isClockRight?: boolean;
		/** Whether the node may have had several attempts. */
		isRetried?: boolean;
		/** Whether customers are pushed in spite of invalid rows. */
		sendsValid?: boolean;
		/** Whether a push adds to what a customer has, and what each had before. */
		adds?: boolean;
		before?: ReadonlyMap<string, ReadonlyArray<{ DeviceId: string }>>;
		/** Texts that must appear nowhere. */
		secrets?: readonly string[];
	};
}

/** One output item, read as the report of its request. */
export interface Told {
	item: INodeExecutionData;
	CustomerId: string | undefined;
	outcome: string;
	code: string | undefined;
	links: number[];
	isFailure: boolean;
	isOnErrorBranch: boolean;
}

/** The requests that push a customer, without those that only check the key. */
export function pushesOf({ requests }: Pick<Simulator, 'requests'>): readonly RequestRecord[] {
	return requests.filter(({ CustomerId }) => CustomerId !== undefined);
}

/** All items of a run except those of the run as a whole, success branch first. Empty after a throw or a cancel. */
export function toldBy({ success, error }: NodeResult): Told[] {
	const ofRequests = success.filter((item) => !isOfRun(item));
	return [...ofRequests.map((item) => told(item, false)), ...error.map((item) => told(item, true))];
}

function told(item: INodeExecutionData, isOnErrorBranch: boolean): Told {
	// A postponed row is neither a failure nor done.
	const outcomeOfSuccess = item.json.Status === 'POSTPONED' ? 'POSTPONED' : 'OK';
	const failure = errorOf(item);
	const {
		CustomerId,
		outcome = 'without outcome',
		code,
	} = failure ?? { ...item.json, outcome: outcomeOfSuccess, code: '' };
	return {
		item,
		CustomerId: CustomerId as string | undefined,
		outcome: String(outcome),
		code: code as string,
		links: linksOf(item),
		isFailure: failure !== undefined,
		isOnErrorBranch,
	};
}

/** Whether n8n discards the output: that of a cancelled run. A thrown error has no items and is checked instead. */
export function isOutputLost({ status, failure }: NodeResult): boolean {
	return status === 'canceled' || failure !== undefined;
}
