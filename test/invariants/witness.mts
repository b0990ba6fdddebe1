import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import type { NodeResult } from '../../embedded/embeddedEngine.mts';
import type { RequestRecord, Simulator } from '../../simulator/simulator.mts';
import { errorOf, linksOf } from '../engine/outputItems.mts';
import { isOfRun } from './reportViolations.mts';

/** What is known of a push when it is over. */
export interface Witness {
	rows: readonly IDataObject[];
	result: NodeResult;
	simulator: Simulator;
	/** Facts that not every test knows; what is left out is not held against the run. */
	facts?: {
		/** Attempts per request times tries of the node. */
		mostRequestsPerCustomer?: number;
		/** Requests that only find out how to sign. */
		mostSigningTries?: number;
		/** Requests that had arrived when the execution was cancelled, and how many could be under way then. */
		cancelled?: { arrived: number; underWay: number };
		/** Whether every signature was made by the rule and the secret that the service has. */
		isSignedRight?: boolean;
		/** What an output item stands for; known, the order of the items is checked. */
		outputItemPer?: 'request' | 'row' | 'run';
		/** Whether the service's clock is the true one: else one request may be refused for its timestamp. */
		isClockRight?: boolean;
		/** Whether the node may have been tried several times. */
		isRetried?: boolean;
		/** Whether customers are pushed in spite of rows that cannot be used. */
		sendsValid?: boolean;
		/** Whether a push adds to what a customer has, and what each had before. */
		adds?: boolean;
		before?: ReadonlyMap<string, ReadonlyArray<{ DeviceId: string }>>;
		/** Texts that must appear nowhere. */
		secrets?: readonly string[];
	};
}

/** One output item, read as what it says of its request. */
export interface Told {
	item: INodeExecutionData;
	CustomerId: string | undefined;
	outcome: string;
	code: string | undefined;
	links: number[];
	isFailure: boolean;
	isOnErrorBranch: boolean;
}

/** The requests that push a customer, without those that only ask whether the key is right. */
export function pushesOf({ requests }: Pick<Simulator, 'requests'>): readonly RequestRecord[] {
	return requests.filter(({ CustomerId }) => CustomerId !== undefined);
}

/** All items of a run but those of the run as a whole, the success branch first. Empty after a throw or a cancel. */
export function toldBy({ success, error }: NodeResult): Told[] {
	const ofRequests = success.filter((item) => !isOfRun(item));
	return [...ofRequests.map((item) => told(item, false)), ...error.map((item) => told(item, true))];
}

function told(item: INodeExecutionData, isOnErrorBranch: boolean): Told {
	// A row that is left for the next run is no failure, and not done either.
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

/** What n8n throws away: the items of a cancelled run. A throw has none; its one error counts instead. */
export function isOutputLost({ status, failure }: NodeResult): boolean {
	return status === 'canceled' || failure !== undefined;
}
