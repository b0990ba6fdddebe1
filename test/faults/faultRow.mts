import type { EgressPolicy } from '../../embedded/embeddedEngine.mts';
import type { Wire } from './faultServer.mts';

/** One fault and all that must come of it. */
export interface FaultRow {
	/** In words that follow "A push that meets". */
	fault: string;
	/** The server's behaviour; without it there is a server that nobody is to reach. */
	wire?: Wire;
	/** Where the client is sent; by default to the server. */
	endpoint?: (port: number) => string | Promise<string>;
	/** Brought about around the run; returns how to end it. */
	around?: (port: number) => Promise<() => void> | (() => void);
	/** n8n's policy on where requests may go. */
	egressPolicy?: EgressPolicy;
	/** The proxies of this machine. */
	environment?: (port: number) => Record<string, string>;
	/** The outcome and the code. */
	word: string;
	/** What the user reads. */
	says: string;
	/** The advice that stands beside it, or its beginning. */
	advice: string;
	/** How often it is tried, where the server does not see it. */
	attempts?: number;
	/** The most connections of the pool, and exactly the requests, that reach the server in two attempts. */
	connections: number;
	requests: number;
}
