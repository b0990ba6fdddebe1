import { randomUUID } from 'node:crypto';

/** What n8n's REST interface answered when it refused a request. */
export class RestRefusal extends Error {
	override readonly name = 'RestRefusal';
	readonly status: number;

	constructor(what: string, status: number, answer: string) {
		super(`${what} was answered with ${status}: ${answer.slice(0, 1000)}`);
		this.status = status;
	}
}

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
	 * @throws RestRefusal
	 */
	async request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
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
		if (!answer.ok) throw new RestRefusal(`${method} ${path}`, answer.status, text);
		const [login] = answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('n8n-auth='));
		if (login !== undefined) this.#cookie = login.split(';')[0]!;
		return (JSON.parse(text) as { data: T }).data;
	}
}
