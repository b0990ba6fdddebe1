import { asOwnProxy } from '../../connection';
import type { TransportError, TransportErrorKind } from '../../transportError';
import type { HttpResponse } from '../../response/httpResponse';
import { Deadlines } from '../clock';
import {
	MAX_RESPONSE_BYTES,
	REQUEST_HEADERS,
	type Exchange,
	type Transport,
	type TransportOptions,
	checkAllowed,
	responseOf,
	systemErrorKind,
} from '../transport';

type Options = Omit<TransportOptions, 'connections'>;

/**
 * Uses the host's own request function: one connection for each request, with the host's proxies and certificates.
 * @throws NotSendable when the host's policy does not allow the endpoint
 */
export async function openHostTransport(options: Options): Promise<Transport> {
	await checkAllowed(options);
	return new HostTransport(options);
}

/** A full response of the host's function; the body is a stream. */
interface HostResponse {
	statusCode: number;
	/** Names in lower case. */
	headers: Readonly<Record<string, unknown>>;
	body: AsyncIterable<Uint8Array> & { destroy(cause: Error): void };
}

class HostTransport implements Transport {
	readonly #options: Options;
	readonly #deadlines: Deadlines;

	constructor(options: Options) {
		this.#options = options;
		this.#deadlines = new Deadlines(options.timeoutMs, options.clock, options.signal);
	}

	async post(body: string): Promise<Exchange | undefined> {
		const { mayLeave, signal } = this.#options;
		if (signal?.aborted) {
			return { error: { kind: 'CANCELLED', written: false } };
		}
		// The latest moment to ask: the host does not report when it has connected.
		if (mayLeave?.() === false) {
			return undefined;
		}
		const controller = new AbortController();
		let endedBy: TransportErrorKind | undefined;
		const end = (reason: TransportErrorKind) => {
			endedBy ??= reason;
			controller.abort();
		};
		const cancelDeadline = this.#deadlines.set(end);
		try {
			// A race, because not every request function of the host obeys the signal.
			return {
				response: await Promise.race([
					this.#exchange(body, controller.signal, end),
					rejectWhenAborted(controller.signal),
				]),
			};
		} catch (error) {
			// It is not known which bytes were written, so an aborted request may have arrived.
			return { error: endedBy === undefined ? transportErrorOf(error) : { kind: endedBy, written: true } };
		} finally {
			cancelDeadline();
		}
	}

	async close(): Promise<void> {
		this.#deadlines.close();
	}

	async #exchange(
		body: string,
		signal: AbortSignal,
		end: (reason: TransportErrorKind) => void,
	): Promise<HttpResponse> {
		const response = await this.#send(body, signal);
		signal.addEventListener('abort', () => response.body.destroy(new Error('ended')));
		if (signal.aborted) {
			response.body.destroy(new Error('ended'));
		}
		const chunks: Uint8Array[] = [];
		let byteCount = 0;
		for await (const chunk of response.body) {
			byteCount += chunk.length;
			if (byteCount > MAX_RESPONSE_BYTES) {
				end('RESPONSE_TOO_LARGE');
			} else {
				chunks.push(chunk);
			}
		}
		return responseOf(response.statusCode, response.headers, chunks, this.#options.clock);
	}

	async #send(body: string, abortSignal: AbortSignal): Promise<HostResponse> {
		const { endpoint, timeoutMs, host } = this.#options;
		const request: Parameters<typeof host.httpRequest>[0] = {
			method: 'POST',
			url: endpoint.href,
			headers: {
				...REQUEST_HEADERS,
				// A compressed body could be far larger than the counted bytes.
				'accept-encoding': 'identity',
			},
			body,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: timeoutMs,
			abortSignal,
		};
		const proxy = asOwnProxy(endpoint);
		if (proxy !== undefined) {
			request.proxy = proxy;
		}
		return (await host.httpRequest(request)) as HostResponse;
	}
}

async function rejectWhenAborted(signal: AbortSignal): Promise<never> {
	return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
}

/** The host's own codes for a timeout. */
const TIMEOUT_CODE = /^(ECONNABORTED|ERR_CANCELED)$/;

/** Errors of name lookup, connect and certificate: they occur before any byte of a request is written. */
const BEFORE_WRITING: ReadonlySet<TransportErrorKind> = new Set([
	'CONNECTION_REFUSED',
	'DNS_NOT_FOUND',
	'DNS_UNAVAILABLE',
	'TLS_NOT_TRUSTED',
]);

/**
 * Classifies an error of the host's request function. The error does not show which bytes were written, so only an error
 * that occurs before the first byte proves that nothing was sent.
 */
function transportErrorOf(error: unknown): TransportError {
	const code = memberOf(error, 'code');
	const kind = TIMEOUT_CODE.test(code) ? 'RESPONSE_TIMEOUT' : (systemErrorKind(code) ?? 'CONNECTION_RESET');
	// An open connection that went silent gives the same code, but a different system call.
	const isConnecting = kind === 'UNREACHABLE' && memberOf(error, 'syscall') === 'connect';
	return { kind, written: !BEFORE_WRITING.has(kind) && !isConnecting };
}

/** A member of the error, or else of its cause. */
function memberOf(error: unknown, name: 'code' | 'syscall'): string {
	if (typeof error !== 'object' || error === null) {
		return '';
	}
	const value: unknown = name in error ? (error as Record<typeof name, unknown>)[name] : undefined;
	if (typeof value === 'string') {
		return value;
	}
	return 'cause' in error ? memberOf(error.cause, name) : '';
}
