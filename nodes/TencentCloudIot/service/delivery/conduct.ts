import type { Delivered } from '../fate';
import type { Freshness, Parameters } from '../signing/signature';
import type { Clock } from '../transport/clock';
import type { Connection } from '../connection';
import type { Attempt, Request } from './attempt';

/** Carries out one call with several requests, such as those for the pages of a list. It never rejects. */
export type Conduct = (requests: Requests) => Promise<Delivered>;

/** What a run offers to a call that takes several requests. */
export interface Requests {
	/** Sends one request, with as many attempts as its failures allow. None may change anything at the service. */
	send(parameters: Parameters): Promise<Delivered>;
	/**
	 * Makes one request exactly as it is given, as soon as the rate allows it. It is never retried.
	 * @returns what came back; undefined when no further request may start
	 */
	attempt(request: Request, makeFresh: () => Freshness): Promise<Attempt | undefined>;
	/** Keeps all requests of the account from starting for this many milliseconds. */
	pause(ms: number): void;
	/** Tells the run by how many milliseconds the service's clock is ahead of this server's. */
	noteClockOffset(ms: number): void;
	/** Whether the run's time is over, so that no further request should be made. */
	isTimeOver(): boolean;
	/** The most requests in flight at once. */
	readonly concurrency: number;
	readonly connection: Connection;
	readonly clock: Clock;
	readonly signal: AbortSignal | undefined;
}
