import type { Delivered } from '../fate';
import type { Freshness, Parameters } from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Connection } from '../connection';
import type { Attempt, Request } from './attempt';

/** Carries out one call by several requests, such as those for the pages of a list. It never rejects. */
export type Conduct = (requests: Requests) => Promise<Delivered>;

/** What a run offers to a call that takes several requests. */
export interface Requests {
	/** Sends one request to its end, with as many attempts as its failures allow. None may change anything at the service. */
	send(parameters: Parameters): Promise<Delivered>;
	/**
	 * Makes one request exactly as it is given, as soon as the rate allows it. It is never retried.
	 * @returns what came back; undefined when no request may start any more
	 */
	attempt(request: Request, makeFresh: () => Freshness): Promise<Attempt | undefined>;
	/** No request of the account starts before this time is over. Milliseconds. */
	pause(ms: number): void;
	/** Tells the run by how much the service's clock is ahead of this server's. Milliseconds. */
	noteClockOffset(ms: number): void;
	/** Whether the run's time is over, so that no further request is to be made. */
	isTimeOver(): boolean;
	/** The most requests in flight at once. */
	readonly concurrency: number;
	readonly connection: Connection;
	readonly clock: Clock;
	readonly signal: AbortSignal | undefined;
}
