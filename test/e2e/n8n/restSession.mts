import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Identifies a signed-in browser to n8n. */
export interface Login {
	readonly origin: string;
	readonly browserId: string;
	/** Empty before the owner has signed in. */
	readonly cookie: string;
}

/** A login to n8n's REST interface, with the headers and the cookie that the editor sends. */
export class RestSession {
	readonly origin: string;
	readonly #browserId: string;
	readonly #pushRef = randomUUID();
	#cookie: string;

	constructor({ origin, browserId = randomUUID(), cookie = '' }: Partial<Login> & Pick<Login, 'origin'>) {
		this.origin = origin;
		this.#browserId = browserId;
		this.#cookie = cookie;
	}

	get login(): Login {
		return { origin: this.origin, browserId: this.#browserId, cookie: this.#cookie };
	}

	/**
	 * Sends a request below `/rest`. @returns the `data` of the response
	 *
	 * @throws Error with n8n's response if n8n refused the request
	 */
	async request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
		const send = async () =>
			await fetch(`${this.origin}/rest${path}`, {
				method,
				headers: {
					'content-type': 'application/json',
					'browser-id': this.#browserId,
					'push-ref': this.#pushRef,
					cookie: this.#cookie,
					// A busy n8n may close an idle connection while the next request is already on its way.
					connection: 'close',
				},
				body: body === undefined ? null : JSON.stringify(body),
			});
		let response = await untilReady(send);
		let text = await response.text();
		if (response.status === 500 && text.includes(STARVED)) {
			response = await untilReady(send);
			text = await response.text();
		}
		if (!response.ok) {
			throw new Error(`${method} ${path} failed with status ${response.status}: ${text.slice(0, 1000)}`);
		}
		const [login] = response.headers.getSetCookie().filter((cookie) => cookie.startsWith('n8n-auth='));
		if (login !== undefined) {
			this.#cookie = login.split(';')[0]!;
		}
		return (JSON.parse(text) as { data: T }).data;
	}
}

/**
 * n8n's error if it got no processor time for 250 ms while it evaluated a display condition of a parameter (safe-regex.ts of
 * n8n-workflow). n8n has run nothing then.
 */
const STARVED = 'Regular expression execution timed out';

/** How long n8n may refuse requests. Milliseconds. */
const LONGEST_UNREADY_MS = 60_000;

/**
 * Sends a request until n8n accepts it: on a busy machine, while its database is slow, n8n refuses all requests with 503; and
 * newer versions register a webhook some moments after the workflow was activated.
 *
 * @param refusals the statuses of temporary refusals
 */
export async function untilReady<T extends { status: number }>(
	send: () => Promise<T>,
	refusals: readonly number[] = [503],
): Promise<T> {
	const deadline = Date.now() + LONGEST_UNREADY_MS;
	for (;;) {
		const response = await send();
		if (!refusals.includes(response.status) || Date.now() > deadline) {
			return response;
		}
		await sleep(250);
	}
}
