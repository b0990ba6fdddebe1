import type { Dispatcher } from 'undici';
import { getProxyForUrl } from 'proxy-from-env';

import { NotSendable, notSent } from '../../outcome';
import type { TransportErrorKind } from '../../transportError';
import { Deadlines } from '../clock';
import {
	REQUEST_HEADERS,
	MAX_RESPONSE_BYTES,
	type Exchange,
	type Transport,
	type TransportOptions,
	blockedError,
	checkAllowed,
	responseOf,
	systemErrorKind,
} from '../transport';

/** Time to open a connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens one pool of connections for the run, by undici: directly or through the proxy that this server's environment names
 * for the endpoint. Connections are made when the first request needs them.
 * @throws NotSendable when the host's policy does not allow the endpoint or the proxy, or the proxy is not usable
 */
export async function openPoolTransport(options: TransportOptions): Promise<Transport> {
	const { endpoint, connections, timeoutMs, host } = options;
	const { egressFilter } = host;
	await checkAllowed(options);
	// The lookup alone would let IP literals through, the check of the URL alone a name whose address changes later.
	const lookup = egressFilter && { lookup: egressFilter.createSecureLookup() };
	const connectOptions = { timeout: CONNECT_TIMEOUT_MS, ...lookup };
	const poolOptions = {
		connections,
		headersTimeout: timeoutMs,
		bodyTimeout: timeoutMs,
		maxResponseSize: MAX_RESPONSE_BYTES,
	};

	// Loaded by the first run, not when n8n starts.
	const { Pool, ProxyAgent } = await import('undici');
	const proxy = proxyFor(endpoint);
	if (proxy === undefined) {
		return new PoolTransport(new Pool(endpoint.origin, { ...poolOptions, connect: connectOptions }), options);
	}
	if (egressFilter?.validateConnectionHost?.(proxy.hostname).ok === false) {
		throw blockedError('proxy');
	}
	const requestTls = { timeout: CONNECT_TIMEOUT_MS };
	const agent = new ProxyAgent({ uri: proxy.href, ...poolOptions, proxyTls: connectOptions, requestTls });
	return new PoolTransport(agent, options);
}

class PoolTransport implements Transport {
	readonly #dispatcher: Dispatcher;
	readonly #options: TransportOptions;
	readonly #deadlines: Deadlines;

	constructor(dispatcher: Dispatcher, options: TransportOptions) {
		this.#dispatcher = dispatcher;
		this.#options = options;
		this.#deadlines = new Deadlines(options.timeoutMs, options.clock, options.signal);
	}

	async post(body: string): Promise<Exchange | undefined> {
		const { endpoint, signal } = this.#options;
		if (signal?.aborted) {
			return { error: { kind: 'CANCELLED', written: false } };
		}
		const exchange = new PostExchange(this.#options);
		const cancelDeadline = this.#deadlines.set((reason) => exchange.abort(reason));
		try {
			this.#dispatcher.dispatch(
				{
					origin: endpoint.origin,
					path: endpoint.pathname,
					method: 'POST',
					headers: REQUEST_HEADERS,
					body,
				},
				exchange,
			);
			return await exchange.done;
		} finally {
			cancelDeadline();
		}
	}

	async close(): Promise<void> {
		this.#deadlines.close();
		await this.#dispatcher.destroy();
	}
}

/** One request and its response, as undici's handler: the shortest way from the socket to the outcome. */
class PostExchange implements Dispatcher.DispatchHandler {
	readonly #options: Pick<TransportOptions, 'clock' | 'mayLeave'>;
	#settle: (exchange: Exchange | undefined) => void = () => undefined;
	readonly done = new Promise<Exchange | undefined>((resolve) => {
		this.#settle = resolve;
	});
	#controller: Dispatcher.DispatchController | undefined;
	#abortReason: TransportErrorKind | undefined;
	#written = false;
	#status = 0;
	#headers: Readonly<Record<string, string | string[] | undefined>> = {};
	readonly #chunks: Buffer[] = [];

	constructor(options: Pick<TransportOptions, 'clock' | 'mayLeave'>) {
		this.#options = options;
	}

	abort(reason: TransportErrorKind): void {
		this.#abortReason ??= reason;
		if (this.#controller === undefined) {
			this.#fail(reason);
		} else {
			this.#controller.abort(new Error(reason));
		}
	}

	/** Called right before the first byte is written: a request that failed earlier was provably not sent. */
	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		if (this.#abortReason !== undefined) {
			controller.abort(new Error(this.#abortReason));
		} else if (this.#options.mayLeave?.() === false) {
			this.#settle(undefined);
			controller.abort(new Error('too late'));
		} else {
			this.#written = true;
		}
	}

	onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
		this.#status = status;
		this.#headers = headers;
	}

	onResponseData(_: unknown, chunk: Buffer): void {
		this.#chunks.push(chunk);
	}

	onResponseEnd(): void {
		this.#settle({ response: responseOf(this.#status, this.#headers, this.#chunks, this.#options.clock) });
	}

	onResponseError(_: unknown, error: Error): void {
		this.#fail(this.#abortReason ?? poolErrorKind(error));
	}

	#fail(kind: TransportErrorKind): void {
		this.#settle({ error: { kind, written: this.#written } });
	}
}

/** undici's own errors, by "code message": the first row whose pattern matches gives the kind. */
const KINDS: ReadonlyArray<[pattern: RegExp, kind: TransportErrorKind]> = [
	[/^UND_ERR_CONNECT_TIMEOUT/, 'UNREACHABLE'],
	[/^UND_ERR_PRX_TLS/, 'TLS_NOT_TRUSTED'],
	[/^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)/, 'RESPONSE_TIMEOUT'],
	[/^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_EXCEEDED_MAX_SIZE)/, 'RESPONSE_TOO_LARGE'],
	// These have no distinct code.
	[/ Proxy response \(407\)/, 'PROXY_LOGIN'],
	[/ Proxy response \(/, 'PROXY_REFUSED'],
	[/ Response does not match the HTTP/, 'NOT_HTTP'],
];

/** The kind of an error of undici or of its socket. The error's message may hold addresses and is shown nowhere. */
export function poolErrorKind(error: Error & { code?: unknown }): TransportErrorKind {
	const code = typeof error.code === 'string' ? error.code : '';
	const text = `${code} ${error.message}`;
	return systemErrorKind(code) ?? KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'CONNECTION_RESET';
}

/**
 * The proxy by the rules of n8n's own requests: HTTPS_PROXY, ALL_PROXY and NO_PROXY by `proxy-from-env`. Plain http is for
 * this machine itself and uses no proxy.
 */
function proxyFor(endpoint: URL): URL | undefined {
	const address = endpoint.protocol === 'https:' ? getProxyForUrl(endpoint.href) : '';
	if (address === '') {
		return undefined;
	}
	if (URL.canParse(address) && /^https?:/.test(address)) {
		return new URL(address);
	}
	throw new NotSendable(notSent('PROXY_NOT_USABLE'));
}
