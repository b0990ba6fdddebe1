import type { ProxyAddress } from '../connection';
import type { TransportError } from '../transportError';
import type { HttpResponse } from '../response/httpResponse';
import type { Clock } from './clock';
import type { EgressFilter } from './egress';

/** The result of one posted body, e.g. `{ error: { kind: 'CONNECTION_RESET', written: true } }`. */
export type Exchange = { response: HttpResponse } | { error: TransportError };

/** Posts JSON bodies to one endpoint, for one run. */
export interface Transport {
	/** Never throws: a request without a complete response is a transport error. */
	post(body: string): Promise<Exchange>;
	/** Ends every connection at once, also one that is still being opened. No request is in flight by then. */
	close(): Promise<void>;
}

export interface TransportOptions {
	endpoint: URL;
	/** The most requests in flight at once. */
	connections: number;
	/** The longest time from handing over a request to the end of its response, milliseconds. */
	timeoutMs: number;
	clock: Clock;
	/** Aborting it ends all requests at once. */
	signal?: AbortSignal | undefined;
	host: Host;
}

/** The port to the program that the node runs in. */
export interface Host {
	/** The host's own request function (n8n's `helpers.httpRequest`). */
	httpRequest(options: HostRequest): Promise<unknown>;
	/** Writes to the host's log at level debug. The message is constant, `facts` holds no secrets. */
	debug(message: string, facts: Readonly<Record<string, unknown>>): void;
	/** The host's egress policy, if it has one. */
	egressFilter?: EgressFilter | undefined;
}

/** A request as the host's function takes it, by n8n's own names. */
export interface HostRequest {
	method: 'POST';
	url: string;
	headers: Record<string, string>;
	body: string;
	encoding: 'stream';
	returnFullResponse: true;
	ignoreHttpStatusErrors: true;
	disableFollowRedirect: true;
	/** By default one that the environment names for the url. */
	proxy?: ProxyAddress;
	timeout: number;
	abortSignal: AbortSignal;
}

/** The headers of every request. The User-Agent names the package and its version, as Tencent's support may ask for it. */
export const REQUEST_HEADERS = {
	'content-type': 'application/json',
	accept: 'application/json',
	'user-agent': 'n8n-nodes-tencent-iot/0.1.0',
};

/** 100 records, the longest page, are about 100 kB; a larger response is cut off. Bytes. */
export const MAX_RESPONSE_BYTES = 2 * 1024 * 1024;
