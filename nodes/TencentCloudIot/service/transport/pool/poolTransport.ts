import type { Dispatcher } from 'undici';

import type { TransportErrorKind } from '../../transportError';
import type { Clock } from '../clock';
import { Deadlines } from '../deadlines';
import { REQUEST_HEADERS, type Exchange, type Transport, type TransportOptions } from '../transport';
import { openDispatcher } from './dispatcher';
import { poolErrorKind } from './poolError';

/**
 * Opens one pool of connections for the run, by undici.
 * @throws NotSendable when the host's policy does not allow the endpoint or the proxy, or the proxy is not usable
 */
export async function openPoolTransport(options: TransportOptions): Promise<Transport> {
	const { endpoint, connections, timeoutMs, host } = options;
	const { egressFilter } = host;
	const dispatcher = await openDispatcher(endpoint, { connections, timeoutMs, egressFilter });
	return new PoolTransport(dispatcher, options);
}

class PoolTransport implements Transport {
	readonly #dispatcher: Dispatcher;
	readonly #options: TransportOptions;
	readonly #deadlines: Deadlines;
	readonly #onAbort = () => void this.#dispatcher.destroy();

	constructor(dispatcher: Dispatcher, options: TransportOptions) {
		this.#dispatcher = dispatcher;
		this.#options = options;
		this.#deadlines = new Deadlines(options.timeoutMs, options.clock);
		options.signal?.addEventListener('abort', this.#onAbort, { once: true });
	}

	async post(body: string): Promise<Exchange> {
		const { endpoint, clock, signal } = this.#options;
		const exchange = new PostExchange(clock, signal);
		const cancelDeadline = this.#deadlines.set(() => exchange.abort('RESPONSE_TIMEOUT'));
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
		this.#options.signal?.removeEventListener('abort', this.#onAbort);
		this.#deadlines.close();
		await this.#dispatcher.destroy();
	}
}

/** One request and its response, as undici's handler: the shortest way from the socket to the outcome. */
class PostExchange implements Dispatcher.DispatchHandler {
	readonly done: Promise<Exchange>;
	readonly #clock: Clock;
	readonly #signal: AbortSignal | undefined;
	#settle: (exchange: Exchange) => void = () => undefined;
	#controller: Dispatcher.DispatchController | undefined;
	#abortReason: TransportErrorKind | undefined;
	#written = false;
	#status = 0;
	#headers: Readonly<Record<string, string | string[] | undefined>> = {};
	readonly #chunks: Buffer[] = [];

	constructor(clock: Clock, signal: AbortSignal | undefined) {
		this.#clock = clock;
		this.#signal = signal;
		this.done = new Promise((resolve) => (this.#settle = resolve));
	}

	abort(reason: TransportErrorKind): void {
		this.#abortReason = reason;
		if (this.#controller === undefined) this.#fail(reason);
		else this.#controller.abort(new Error(reason));
	}

	/** Called right before the first byte is written: a request that failed earlier was provably not sent. */
	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		if (this.#abortReason === undefined) this.#written = true;
		else controller.abort(new Error(this.#abortReason));
	}

	onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
		this.#status = status;
		this.#headers = headers;
	}

	onResponseData(_: unknown, chunk: Buffer): void {
		this.#chunks.push(chunk);
	}

	onResponseEnd(): void {
		this.#settle({
			response: {
				status: this.#status,
				body: this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks),
				contentType: this.#header('content-type'),
				date: this.#header('date'),
				age: this.#header('age'),
				retryAfter: this.#header('retry-after'),
				receivedAtMs: this.#clock.nowMs(),
			},
		});
	}

	onResponseError(_: unknown, error: Error): void {
		// A proxy agent forgets why it was destroyed, and reports a lost connection.
		this.#fail(this.#signal?.aborted ? 'CANCELLED' : (this.#abortReason ?? poolErrorKind(error)));
	}

	#fail(kind: TransportErrorKind): void {
		this.#settle({ error: { kind, written: this.#written } });
	}

	#header(name: string): string {
		const value = this.#headers[name];
		return typeof value === 'string' ? value : '';
	}
}
