import type { Dispatcher } from 'undici';

import type { Clock } from '../clock';
import { Deadlines } from './deadlines';
import type { TransportFault } from '../../transportFault';

/** A complete HTTP answer: what is looked at of it. Missing headers are the empty string. */
export interface HttpAnswer {
	status: number;
	body: Buffer;
	contentType: string;
	date: string;
	age: string;
	retryAfter: string;
	receivedAtMs: number;
}

export type Exchange = { answer: HttpAnswer } | { fault: TransportFault };

export interface ClientOptions {
	dispatcher: Dispatcher;
	endpoint: URL;
	/** The longest time from handing over a request to the end of its answer, milliseconds. */
	timeoutMs: number;
	clock: Clock;
	/** Aborting it ends all requests at once. */
	signal?: AbortSignal | undefined;
}

/** Posts JSON bodies to one endpoint. Never throws: a request that gets no complete answer is a fault. */
export class Client {
	readonly #options: ClientOptions;
	readonly #deadlines: Deadlines;
	readonly #onAbort = () => void this.#options.dispatcher.destroy();

	constructor(options: ClientOptions) {
		this.#options = options;
		this.#deadlines = new Deadlines(options.timeoutMs, options.clock);
		options.signal?.addEventListener('abort', this.#onAbort, { once: true });
	}

	async post(body: string): Promise<Exchange> {
		const { dispatcher, endpoint, clock, signal } = this.#options;
		const exchange = new PostExchange(clock, signal);
		const cancelDeadline = this.#deadlines.set(() => exchange.abort(new ClientFault('DEADLINE')));
		try {
			dispatcher.dispatch(
				{
					origin: endpoint.origin,
					path: endpoint.pathname,
					method: 'POST',
					headers: { 'content-type': 'application/json', accept: 'application/json' },
					body,
				},
				exchange,
			);
			return await exchange.done;
		} finally {
			cancelDeadline();
		}
	}

	/** Closes every connection at once, also one that is still being opened. No request is in flight by then. */
	async close(): Promise<void> {
		const { dispatcher, signal } = this.#options;
		signal?.removeEventListener('abort', this.#onAbort);
		this.#deadlines.close();
		await dispatcher.destroy();
	}
}

/** One request and its answer, as undici's handler: the shortest way from the socket to the outcome. */
class PostExchange implements Dispatcher.DispatchHandler {
	readonly done: Promise<Exchange>;
	readonly #clock: Clock;
	readonly #signal: AbortSignal | undefined;
	#settle: (exchange: Exchange) => void = () => undefined;
	#controller: Dispatcher.DispatchController | undefined;
	#abortReason: ClientFault | undefined;
	#written = false;
	#status = 0;
	#headers: Readonly<Record<string, string | string[] | undefined>> = {};
	readonly #chunks: Buffer[] = [];

	constructor(clock: Clock, signal: AbortSignal | undefined) {
		this.#clock = clock;
		this.#signal = signal;
		this.done = new Promise((resolve) => (this.#settle = resolve));
	}

	abort(reason: ClientFault): void {
		this.#abortReason = reason;
		if (this.#controller === undefined) this.#fail(reason);
		else this.#controller.abort(reason);
	}

	/** Called right before the first byte is written: a request that failed earlier was provably not sent. */
	onRequestStart(controller: Dispatcher.DispatchController): void {
		this.#controller = controller;
		if (this.#abortReason === undefined) this.#written = true;
		else controller.abort(this.#abortReason);
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
			answer: {
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
		const reason = this.#signal?.aborted ? new ClientFault('CANCELLED') : this.#abortReason;
		this.#fail(reason ?? error);
	}

	#fail(error: Error & { code?: unknown }): void {
		const errorCode = typeof error.code === 'string' ? error.code : '';
		this.#settle({ fault: { errorCode, errorMessage: error.message, written: this.#written } });
	}

	#header(name: string): string {
		const value = this.#headers[name];
		return typeof value === 'string' ? value : '';
	}
}

/** A fault of the client's own making; `code` is read by `classifyFault`. */
class ClientFault extends Error {
	readonly code: string;

	constructor(code: 'DEADLINE' | 'CANCELLED') {
		super(code);
		this.code = code;
	}
}
