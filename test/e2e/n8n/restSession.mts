import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** What n8n knows a signed-in browser by. */
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
	 * One request below `/rest`. Gives the `data` of the answer.
	 *
	 * @throws Error with what n8n answered when it refused it
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
					// A busy n8n closes idle connections at moments when the next request is already on its way.
					connection: 'close',
				},
				body: body === undefined ? null : JSON.stringify(body),
			});
		let answer = await untilReady(send);
		let text = await answer.text();
		if (answer.status === 500 && text.includes(STARVED)) {
			answer = await untilReady(send);
			text = await answer.text();
		}
		if (!answer.ok) {
			throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 1000)}`);
		}
		const [login] = answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('n8n-auth='));
		if (login !== undefined) {
			this.#cookie = login.split(';')[0]!;
		}
		return (JSON.parse(text) as { data: T }).data;
	}
}

/**
 * What n8n says before it runs anything where it got no processor time for 250 ms while it matched a condition under which
 * a parameter is shown (safe-regex.ts of n8n-workflow).
 */
const STARVED = 'Regular expression execution timed out';

/** How long n8n may refuse everything. Milliseconds. */
const LONGEST_UNREADY_MS = 60_000;

/**
 * Sends a request until n8n takes it: while its database is slow to answer, on a busy machine, it refuses all with 503
 * before it looks at them; and newer versions register a webhook some moments after the workflow was activated.
 *
 * @param refusals the statuses of a refusal that ends by itself
 */
export async function untilReady<T extends { status: number }>(
	send: () => Promise<T>,
	refusals: readonly number[] = [503],
): Promise<T> {
	const deadline = Date.now() + LONGEST_UNREADY_MS;
	for (;;) {
		const answer = await send();
		if (!refusals.includes(answer.status) || Date.now() > deadline) {
			return answer;
		}
		await sleep(250);
	}
}
