import type { EgressPolicy } from '../../embedded/embeddedEngine.mts';
import type { Wire } from './faultServer.mts';

/** One fault and its expected consequences. */
export interface FaultRow {
	/** Continues the sentence "when a push meets". */
	fault: string;
	/** The server's behaviour; without it, no connection may reach the server. */
	wire?: Wire;
	/** The client's endpoint; by default the server. */
	endpoint?: (port: number) => string | Promise<string>;
	/** Sets the fault up before the run; returns the function that ends it. */
	around?: (port: number) => Promise<() => void> | (() => void);
	/** n8n's policy on where requests may go. */
	egressPolicy?: EgressPolicy;
	/** The proxies of this machine. */
	environment?: (port: number) => Record<string, string>;
	/** The outcome and the code. */
	word: string;
	/** What the user reads. */
	says: string;
	/** The advice, or its beginning. */
	advice: string;
	/** The number of attempts, if the server does not see them. */
	attempts?: number;
	/** The maximum of the pool's connections, and the exact number of requests, that reach the server in two attempts. */
	connections: number;
	requests: number;
}
