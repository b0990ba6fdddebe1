/** What axios takes for a Blob: it looks at the name of the class, and reads `size`, `type` and `stream()`. */
const NAME_AXIOS_LOOKS_AT = 'Blob';

/**
 * The JSON text of a signed request, readable once.
 *
 * n8n hands the options of a failed request to the nodes after it, and code that runs in n8n's process (e.g. its LangChain Code
 * node) can call whatever it finds there. The service might still accept the signed text of a request that timed out. So axios, which
 * reads the body when it opens the request, gets the text, and whoever asks later gets nothing.
 */
export class SignedBody {
	/** n8n takes an object without an enumerable member for no body at all. */
	readonly isBody = true;
	readonly type = 'application/json';
	/** In bytes: axios sends it as Content-Length. */
	readonly size: number;
	#bytes: Uint8Array | undefined;

	constructor(text: string) {
		this.#bytes = new TextEncoder().encode(text);
		this.size = this.#bytes.length;
	}

	get [Symbol.toStringTag](): string {
		return NAME_AXIOS_LOOKS_AT;
	}

	/**
	 * @returns the whole text in UTF-8, as one chunk
	 * @throws Error from the second call on
	 */
	stream(): Iterable<Uint8Array> {
		const bytes = this.#bytes;
		if (bytes === undefined) {
			throw new Error(
				'Nothing was sent: the signed body has been read already, and is signed anew for each request',
			);
		}
		this.#bytes = undefined;
		return [bytes];
	}
}
