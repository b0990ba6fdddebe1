import { getProxyForUrl } from 'proxy-from-env';
import type { Dispatcher } from 'undici';

import { NotSendable, notSent } from '../../outcome';
import { blocked, checkAllowed, type EgressFilter } from '../egress';
import { MAX_RESPONSE_BYTES } from '../transport';

/** Time to open a connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface DispatcherOptions {
	/** The most open connections at once. */
	connections: number;
	/** The longest wait for the headers, and between two parts of the body, milliseconds. */
	timeoutMs: number;
	egressFilter?: EgressFilter | undefined;
}

/**
 * Opens the connection pool of one run, directly or through the proxy that this server's environment names for the
 * endpoint. Connections are made when the first request needs them.
 * @throws NotSendable when the host's policy does not allow the endpoint or the proxy
 */
export async function openDispatcher(endpoint: URL, options: DispatcherOptions): Promise<Dispatcher> {
	const { connections, timeoutMs, egressFilter } = options;
	if (egressFilter !== undefined) await checkAllowed(endpoint, egressFilter);
	// The lookup alone would let IP literals through, the check of the URL alone a name whose address changes later.
	const lookup = egressFilter && { lookup: egressFilter.createSecureLookup() };
	const connect = { timeout: CONNECT_TIMEOUT_MS, ...lookup };
	const pool = {
		connections,
		headersTimeout: timeoutMs,
		bodyTimeout: timeoutMs,
		maxResponseSize: MAX_RESPONSE_BYTES,
	};

	// Loaded by the first run, not by every start of n8n.
	const { Pool, ProxyAgent } = await import('undici');
	const proxy = proxyFor(endpoint);
	if (proxy === undefined) return new Pool(endpoint.origin, { ...pool, connect });
	if (egressFilter?.validateConnectionHost?.(proxy.hostname).ok === false) throw blocked('proxy');
	return new ProxyAgent({
		uri: proxy.href,
		...pool,
		proxyTls: connect,
		requestTls: { timeout: CONNECT_TIMEOUT_MS },
	});
}

/**
 * The proxy by the rules of n8n's own requests: HTTPS_PROXY, ALL_PROXY and NO_PROXY by `proxy-from-env`. Plain http is for
 * this machine itself and uses no proxy.
 */
function proxyFor(endpoint: URL): URL | undefined {
	const address = endpoint.protocol === 'https:' ? getProxyForUrl(endpoint.href) : '';
	if (address === '') return undefined;
	if (URL.canParse(address) && /^https?:/.test(address)) return new URL(address);
	throw new NotSendable(
		notSent(
			'PROXY_NOT_USABLE',
			"This server's proxy address is not usable.",
			'Give the proxy as http://host:port, e.g. in HTTPS_PROXY',
		),
	);
}
