import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { readConnection, asOwnProxy, type Connection } from '../nodes/TencentCloudIot/service/connection';
import { hasInexactNumber, isInexact } from '../nodes/TencentCloudIot/service/response/exactJson';
import { ambiguousFailure, whyNotAllowed } from '../nodes/TencentCloudIot/service/actions';
import { explain, NotSendable, type Failure } from '../nodes/TencentCloudIot/service/outcome';
import {
	createFreshness,
	signRequest,
	encodeParameters,
	type Parameters,
} from '../nodes/TencentCloudIot/service/signing/signature';

/** Signing always adds its own values of these parameters, so the values in a body are dropped. */
const NO_COMMON_PARAMETERS = { AppKey: undefined, Nonce: undefined, Timestamp: undefined };

const nextFreshness = createFreshness(() => Date.now());

/**
 * Adds the common parameters and the signature to a JSON body, given as an object or as its text.
 * A RequestId of the caller is kept. The input is not changed.
 * @returns a POST of the signed body to the endpoint of the credential, with those of the caller's options that `KEPT` lists
 * @throws Error if
 * - the credential is not filled in, or does not allow the Action
 * - the request would go to another address than the endpoint
 * - the body is not a JSON object, or cannot be signed without a change
 * - other parameters would have the same signature, unless the credential allows Everything
 */
export async function signRequestOptions(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	return await sign(credentials, requestOptions).catch((cause: unknown) => Promise.reject(explained(cause)));
}

/** Adds the advice to the message, because the HTTP Request node shows only the message of an error. */
function explained(cause: unknown): unknown {
	if (!(cause instanceof NotSendable)) {
		return cause;
	}
	return new Error(explain(cause.failure), { cause });
}

async function sign(
	credentials: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const { endpoint, appKey, appSecret, signatureSchemes, allowedActions } = readConnection(credentials);
	const bounds = boundTo(endpoint, options);
	const bodyParameters = readBody(options.body);
	// The node that receives the response shows all of it, so Actions that return secrets need permission to show them (`true`).
	const refusal =
		whyNotAllowed(allowedActions, bodyParameters, true) ?? whyAmbiguous(allowedActions, bodyParameters);
	if (refusal !== undefined) {
		throw new NotSendable(refusal);
	}
	const { RequestId, ...parameters } = bodyParameters;
	const freshness = nextFreshness();
	const { body } = signRequest(
		encodeParameters({ ...parameters, ...NO_COMMON_PARAMETERS }),
		typeof RequestId === 'string' && RequestId !== '' ? { ...freshness, RequestId } : freshness,
		// The first candidate in the order of detection.
		{ appKey, appSecret, scheme: signatureSchemes[0]! },
	);
	const accept = Object.entries(options.headers ?? {}).filter(([name]) => /^accept$/i.test(name));
	const kept = Object.entries(options).filter(([name]) => KEPT.has(name));
	return {
		...Object.fromEntries(kept),
		...bounds,
		method: 'POST',
		body: new SignedBody(body),
		headers: { ...Object.fromEntries(accept), 'content-type': 'application/json' },
	};
}

/** The options of both of n8n's request functions that say how long a caller waits and how it reads the response. */
const KEPT = new Set([
	'abortSignal',
	'encoding',
	'gzip',
	'ignoreHttpStatusErrors',
	'json',
	'resolveWithFullResponse',
	'returnFullResponse',
	'simple',
	'timeout',
	'useStream',
]);

/** Matches a parameter name that the signed text contains unchanged and that cannot be split: no `&`, `=` or other special characters. */
const PLAIN_NAME = /^[A-Z][A-Za-z0-9]*$/;

/**
 * Refuses parameters whose signature would also fit other parameters. The signed text joins raw names and values, so
 * `{ A: '1&Action=x' }` and `{ A: '1', Action: 'x' }` have the same signature, and anyone who gets hold of it could send another Action.
 * @returns undefined if every `&` of the signed text separates two parameters
 */
function whyAmbiguous(allowed: Connection['allowedActions'], parameters: Parameters): Failure | undefined {
	if (allowed === 'everything') {
		return undefined;
	}
	const name = encodeParameters(parameters).find(
		({ name, json }) => !PLAIN_NAME.test(name) || name < 'Action' || json.includes('&'),
	)?.name;
	if (name === undefined) {
		return undefined;
	}
	return ambiguousFailure(name);
}

function readBody(body: unknown): Parameters {
	const parsed: unknown = typeof body === 'string' ? parseJson(body) : body;
	if (Object.prototype.toString.call(parsed) !== '[object Object]') {
		throw new Error(
			'Nothing was sent: give the parameters as a JSON object in the request\'s body, e.g. {"Action": "ServiceGetCustomerList"}',
		);
	}
	// Converts values that JSON does not have, such as dates.
	if (typeof body !== 'string') {
		return parseJson(JSON.stringify(parsed, refuseInexactMember)) as Parameters;
	}
	if (!hasInexactNumber(body)) {
		return parsed as Parameters;
	}
	// Serialising the body again would change the last digits of a large whole number.
	throw new Error(
		"Nothing was sent: the request's body has a whole number too large to be exact. Write it in quotes, as text",
	);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Refuses a large number in an object, because it may have lost its last digits when it was parsed. */
function refuseInexactMember(_name: string, member: unknown): unknown {
	if (typeof member !== 'number' || !isInexact(member)) {
		return member;
	}
	throw new Error(
		`Nothing was sent: the request's body has the number ${member}, which JSON cannot hold exactly. Give it as text`,
	);
}

/** The options of n8n's two request functions. The HTTP Request node uses the older one, which has other names for some of them. */
interface RequestOptions extends IHttpRequestOptions {
	uri?: string;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
}

/**
 * Restricts a signed request to a POST to the endpoint of the credential, by https (plain http only to this machine), without
 * redirects and without a proxy that could read it: anyone who reads a signed body can send it.
 * @returns the options to set for this, under the names of both of n8n's request functions
 * @throws Error when the request goes elsewhere
 */
function boundTo(endpoint: URL, options: RequestOptions): RequestOptions {
	const { url, uri, baseURL, qs = {}, method = 'POST' } = options;
	const address = String(url ?? uri);
	const target = URL.canParse(address, baseURL) ? new URL(address, baseURL) : undefined;
	const isToEndpoint = target?.href === endpoint.href && Object.keys(qs).length === 0;
	if (!isToEndpoint || method.toUpperCase() !== 'POST') {
		const where = target === undefined ? 'without a usable URL' : `${target.origin}${target.pathname}`;
		throw new Error(
			`Nothing was signed or sent: this credential signs for POST ${endpoint.href} alone, without a query, and this is ${method} ${where}. Correct the request, or the platform of the credential`,
		);
	}
	const bounds: RequestOptions = { url: endpoint.href, ...NO_REDIRECTS };
	const proxy = asOwnProxy(endpoint);
	if (proxy !== undefined) {
		bounds.proxy = proxy;
	}
	return bounds;
}

/** A redirect would carry the signed body to another server. */
const NO_REDIRECTS = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false };

/** Makes axios treat a body as a Blob: it looks for a class of this name, and reads `size`, `type` and `stream()`. */
const BLOB_TAG = 'Blob';

/**
 * The JSON text of a signed request, readable once.
 *
 * n8n passes the options of a failed request to the nodes after it, and code that runs in n8n's process (e.g. its LangChain Code
 * node) can call any function that it finds there. The service might still accept the signed text of a request that timed out. So
 * axios, which reads the body when it opens the request, gets the text, and later callers get nothing.
 */
class SignedBody {
	/** An enumerable member. Without one n8n would treat the object as a missing body. */
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
		return BLOB_TAG;
	}

	/**
	 * @returns the whole text in UTF-8, as one chunk
	 * @throws Error from the second call on
	 */
	stream(): Iterable<Uint8Array> {
		const bytes = this.#bytes;
		if (bytes === undefined) {
			throw new Error(
				'Nothing was sent: the signed body has been read already, and each request needs a signature of its own',
			);
		}
		this.#bytes = undefined;
		return [bytes];
	}
}
