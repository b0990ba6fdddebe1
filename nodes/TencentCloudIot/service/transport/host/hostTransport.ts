import { asOwnProxy } from '../../endpoint';
import type { FaultKind } from '../../fault';
import type { HttpAnswer } from '../../response/httpAnswer';
import { Deadlines } from '../deadlines';
import { checkAllowed } from '../egress';
import { MAX_ANSWER_BYTES, type Exchange, type Transport, type TransportOptions } from '../transport';
import { hostFault } from './hostFault';

/**
 * The host's own request function: a connection for each request, by the host's rules for proxies and certificates.
 * @throws NotSendable when the host's policy does not allow the endpoint
 */
export async function openHostTransport(options: TransportOptions): Promise<Transport> {
	const { egressFilter } = options.host;
	if (egressFilter !== undefined) await checkAllowed(options.endpoint, egressFilter);
	return new HostTransport(options);
}

/** What the host's function gives back of a whole response, the body being a stream. */
interface HostResponse {
	statusCode: number;
	/** By their names in lower case. */
	headers: Readonly<Record<string, unknown>>;
	body: AsyncIterable<Uint8Array> & { destroy(cause: Error): void };
}

class HostTransport implements Transport {
	readonly #options: TransportOptions;
	readonly #deadlines: Deadlines;
	/** How to end each request that is under way. */
	readonly #underWay = new Set<(reason: FaultKind) => void>();
	readonly #onAbort = () => this.#endAll('CANCELLED');

	constructor(options: TransportOptions) {
		this.#options = options;
		this.#deadlines = new Deadlines(options.timeoutMs, options.clock);
		options.signal?.addEventListener('abort', this.#onAbort, { once: true });
	}

	async post(body: string): Promise<Exchange> {
		if (this.#options.signal?.aborted) return { fault: { kind: 'CANCELLED', written: false } };
		const controller = new AbortController();
		let endedBy: FaultKind | undefined;
		const end = (reason: FaultKind) => {
			endedBy ??= reason;
			controller.abort();
		};
		this.#underWay.add(end);
		const cancelDeadline = this.#deadlines.set(() => end('ANSWER_TIMEOUT'));
		try {
			// Not every function of the host knows what to do with a signal.
			return {
				answer: await Promise.race([this.#exchange(body, controller.signal, end), ended(controller.signal)]),
			};
		} catch (error) {
			// Which bytes were written is not told, so that what was ended from here may have arrived.
			return { fault: endedBy === undefined ? hostFault(error) : { kind: endedBy, written: true } };
		} finally {
			cancelDeadline();
			this.#underWay.delete(end);
		}
	}

	async close(): Promise<void> {
		this.#options.signal?.removeEventListener('abort', this.#onAbort);
		this.#deadlines.close();
		this.#endAll('CONNECTION_RESET');
	}

	#endAll(reason: FaultKind): void {
		for (const end of this.#underWay) end(reason);
	}

	async #exchange(body: string, signal: AbortSignal, end: (reason: FaultKind) => void): Promise<HttpAnswer> {
		const response = await this.#send(body, signal);
		signal.addEventListener('abort', () => response.body.destroy(new Error('ended')));
		if (signal.aborted) response.body.destroy(new Error('ended'));
		return await this.#readWhole(response, end);
	}

	async #send(body: string, abortSignal: AbortSignal): Promise<HostResponse> {
		const { endpoint, timeoutMs, host } = this.#options;
		const proxy = asOwnProxy(endpoint);
		return (await host.httpRequest({
			method: 'POST',
			url: endpoint.href,
			headers: {
				'content-type': 'application/json',
				accept: 'application/json',
				// What is compressed could be far larger than what is counted.
				'accept-encoding': 'identity',
			},
			body,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			...(proxy && { proxy }),
			timeout: timeoutMs,
			abortSignal,
		})) as HostResponse;
	}

	async #readWhole(response: HostResponse, end: (reason: FaultKind) => void): Promise<HttpAnswer> {
		const chunks: Uint8Array[] = [];
		let size = 0;
		for await (const chunk of response.body) {
			size += chunk.length;
			if (size > MAX_ANSWER_BYTES) end('ANSWER_TOO_LARGE');
			else chunks.push(chunk);
		}
		const header = (name: string): string => {
			const value = response.headers[name];
			return typeof value === 'string' ? value : '';
		};
		return {
			status: response.statusCode,
			body: Buffer.concat(chunks),
			contentType: header('content-type'),
			date: header('date'),
			age: header('age'),
			retryAfter: header('retry-after'),
			receivedAtMs: this.#options.clock.nowMs(),
		};
	}
}

/** Rejects when the signal is aborted. */
async function ended(signal: AbortSignal): Promise<never> {
	return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
}
