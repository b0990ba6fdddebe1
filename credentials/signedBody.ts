/** Makes axios treat a body as a Blob: it looks for a class of this name, and reads `size`, `type` and `stream()`. */
const NAME_AXIOS_LOOKS_AT = 'Blob';

/**
 * The JSON text of a signed request, readable once.
 *
 * n8n hands the options of a failed request to the nodes after it, and code that runs in n8n's process (e.g. its LangChain Code
 * node) can call whatever it finds there. The service might still accept the signed text of a request that timed out. So axios, which
 * reads the body when it opens the request, gets the text, and whoever asks later gets nothing.
 */
export class SignedBody {
	/** An enumerable member. Without one n8n would take the object for no body at all. */
	readonly isBody = true;
	readonly type = 'application/json';
	/** The length in bytes, which axios sends as Content-Length. */
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
