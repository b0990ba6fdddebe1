import { name, version } from '../../../../package.json';
import type { asOwnProxy } from '../connection';
import { REASONS } from '../../messages/reasons';
import { type TransportError, type TransportErrorKind, classifyTransportError } from '../transportError';
import type { HttpResponse } from '../response/httpResponse';
import type { Clock } from './clock';
import { NotSendable, notSent } from '../outcome';

/** The result of one posted body, e.g. `{ error: { kind: 'CONNECTION_RESET', written: true } }`. */
export type Exchange = { response: HttpResponse } | { error: TransportError };

/** Posts JSON bodies to one endpoint, for one run. */
export interface Transport {
	/**
	 * Never throws: a request without a complete response is a transport error.
	 * @returns undefined if `mayLeave` held the request back: nothing was sent
	 */
	post(body: string): Promise<Exchange | undefined>;
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
	/**
	 * Asked as late as possible before the first byte of a request is written: whether the request may still be sent. The process may have
	 * been suspended since the request was allowed to start, and the connection may have taken seconds to open.
	 */
	mayLeave?: (() => boolean) | undefined;
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

/** A request as the host's function takes it, with n8n's own names. */
interface HostRequest {
	method: 'POST';
	url: string;
	headers: Record<string, string>;
	body: string;
	encoding: 'stream';
	returnFullResponse: true;
	ignoreHttpStatusErrors: true;
	disableFollowRedirect: true;
	/** If left out, the host uses the proxy that the environment names for the url. */
	proxy?: NonNullable<ReturnType<typeof asOwnProxy>>;
	timeout: number;
	abortSignal: AbortSignal;
}

/** The headers of every request. The User-Agent names the package and the version of this build, because Tencent's support may ask for it. */
export const REQUEST_HEADERS = {
	'content-type': 'application/json',
	accept: 'application/json',
	'user-agent': `${name}/${version}`,
};

/** 100 records, the longest page, are about 100 kB; a larger response is cut off. Bytes. */
export const MAX_RESPONSE_BYTES = 2 * 1024 * 1024;

/**
 * Builds a complete response from its parts.
 * @param headers with names in lower case
 */
export function responseOf(
	status: number,
	headers: Readonly<Record<string, unknown>>,
	chunks: readonly Uint8Array[],
	clock: Clock,
): HttpResponse {
	const [chunk, ...furtherChunks] = chunks;
	const header = (name: string): string => {
		const value = headers[name];
		return typeof value === 'string' ? value : '';
	};
	return {
		status,
		body: chunk !== undefined && furtherChunks.length === 0 ? chunk : Buffer.concat(chunks),
		contentType: header('content-type'),
		date: header('date'),
		age: header('age'),
		retryAfter: header('retry-after'),
		receivedAtMs: clock.nowMs(),
	};
}

/** Looks a host name up, in the form that Node's `net.connect` takes. */
type LookupHost = (
	hostname: string,
	options: { all?: boolean | undefined; family?: number | 'IPv4' | 'IPv6' | undefined },
	callback: (
		cause: (Error & { code?: string | undefined }) | null,
		address: string | Array<{ address: string; family: number }>,
		family?: number,
	) => void,
) => void;

/** The host's egress policy (n8n's egress filter), as far as it is used here. */
interface EgressFilter {
	validateUrl(url: URL): Promise<{ ok: boolean }>;
	validateConnectionHost?(host: string): { ok: boolean };
	createSecureLookup(): LookupHost;
}

/**
 * Checks the host's policy, if it has one, before anything is sent.
 * @throws NotSendable when it does not allow the endpoint, or the endpoint's name cannot be looked up
 */
export async function checkAllowed({
	endpoint,
	host,
}: Pick<TransportOptions, 'endpoint' | 'host'>): Promise<void> {
	// The filter looks the host name up, and throws when that fails.
	const verdict = await host.egressFilter?.validateUrl(endpoint).catch((cause: unknown) => {
		const { code } = cause as { code?: unknown };
		const kind = systemErrorKind(String(code)) ?? 'DNS_NOT_FOUND';
		throw new NotSendable(classifyTransportError({ kind, written: false }), { cause });
	});
	if (verdict?.ok === false) {
		throw blockedError('endpoint');
	}
}

/** The error for an address that the host's policy does not allow. */
export function blockedError(address: 'endpoint' | 'proxy'): NotSendable {
	return new NotSendable(notSent('EGRESS_BLOCKED', { address: REASONS.addresses[address]() }));
}

/** Node's own error codes: the first row whose pattern matches gives the kind. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: TransportErrorKind]> = [
	[/^ENOTFOUND/, 'DNS_NOT_FOUND'],
	[/^EAI_/, 'DNS_UNAVAILABLE'],
	[/^ECONNREFUSED/, 'CONNECTION_REFUSED'],
	[/^(ETIMEDOUT|EHOST|ENET)/, 'UNREACHABLE'],
	// The server's alert about the client's certificate; our own checks of the server's have other codes.
	[/^ERR_SSL_[A-Z0-9/]+_ALERT_(\w+_)?CERTIFICATE/, 'CLIENT_CERTIFICATE'],
	[/^(\w*CERT|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH)/, 'TLS_NOT_TRUSTED'],
	[/^(EPROTO|ERR_SSL|ERR_TLS)/, 'NO_TLS'],
	[/^HPE_HEADER_OVERFLOW/, 'RESPONSE_TOO_LARGE'],
	[/^HPE_INVALID_EOF/, 'CONNECTION_RESET'],
	[/^HPE_/, 'NOT_HTTP'],
];

/** The kind of an error code of Node's network layer, e.g. of `ECONNREFUSED`; undefined for any other. */
export function systemErrorKind(errorCode: string): TransportErrorKind | undefined {
	return KINDS.find(([pattern]) => pattern.test(errorCode))?.[1];
}
