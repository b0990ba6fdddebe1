import { randomUUID } from 'node:crypto';

/** A login to n8n's REST interface, with the headers and the cookie that the editor sends. */
export class RestSession {
	readonly origin: string;
	readonly #browserId = randomUUID();
	readonly #pushRef = randomUUID();
	#cookie = '';

	constructor(origin: string) {
		this.origin = origin;
	}

	/**
	 * One request below `/rest`. Gives the `data` of the answer.
	 *
	 * @throws Error with what n8n answered when it refused it
	 */
	async request<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
		const answer = await fetch(`${this.origin}/rest${path}`, {
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
		const text = await answer.text();
		if (!answer.ok)
			throw new Error(`${method} ${path} was answered with ${answer.status}: ${text.slice(0, 1000)}`);
		const [login] = answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('n8n-auth='));
		if (login !== undefined) this.#cookie = login.split(';')[0]!;
		return (JSON.parse(text) as { data: T }).data;
	}
}
