import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { readConnection, asOwnProxy, type Connection } from '../nodes/TencentCloudIot/service/connection';
import { hasInexactNumber, isInexact } from '../nodes/TencentCloudIot/service/response/exactJson';
import { whyNotAllowed } from '../nodes/TencentCloudIot/service/actions';
import { NotSendable, notSent, type Failure } from '../nodes/TencentCloudIot/service/outcome';
import {
	createFreshness,
	signRequest,
	encodeParameters,
	type Parameters,
} from '../nodes/TencentCloudIot/service/signing/signature';
import { SignedBody } from './signedBody';

/** They are always added; the body's own must not duplicate them. */
const NO_COMMON_PARAMETERS = { AppKey: undefined, Nonce: undefined, Timestamp: undefined };

const nextFreshness = createFreshness(() => Date.now());

/**
 * Adds the common parameters and the signature to a JSON body, given as an object or as its text.
 * A RequestId of the caller's own is kept. The input is not changed.
 * @returns a POST to the credential's own endpoint with this body, which of the caller's options has those of `KEPT`
 * @throws Error when the credential is not filled in or does not allow the Action, the request goes elsewhere, or the body is
 * not a JSON object that can be signed as it is, or below Everything one whose signature is that of another one as well
 */
export async function signRequestOptions(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	return await sign(credentials, requestOptions).catch((cause: unknown) => {
		// The HTTP Request node shows only the message.
		throw cause instanceof NotSendable
			? new Error(`${cause.message} ${cause.failure.advice}`, { cause })
			: cause;
	});
}

async function sign(
	credentials: ICredentialDataDecryptedObject,
	options: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const { endpoint, appKey, appSecret, signatureSchemes, allowedActions } = readConnection(credentials);
	const bounds = boundTo(endpoint, options);
	const own = readBody(options.body);
	// The node that gets the response shows all of it.
	const refusal = whyNotAllowed(allowedActions, own, true) ?? whyAmbiguous(allowedActions, own);
	if (refusal !== undefined) {
		throw new NotSendable(refusal);
	}
	const { RequestId, ...parameters } = own;
	const freshness = nextFreshness();
	const { body } = signRequest(
		encodeParameters({ ...parameters, ...NO_COMMON_PARAMETERS }),
		typeof RequestId === 'string' && RequestId !== '' ? { ...freshness, RequestId } : freshness,
		// The first candidate in the order of detection.
		{ appKey, appSecret, scheme: signatureSchemes[0]! },
	);
	const accept = Object.entries(options.headers ?? {}).filter(([name]) => /^accept$/i.test(name));
	return {
		...Object.fromEntries(Object.entries(options).filter(([name]) => KEPT.has(name))),
		...bounds,
		method: 'POST',
		body: new SignedBody(body),
		headers: { ...Object.fromEntries(accept), 'content-type': 'application/json' },
	};
}

/** How long a caller waits, and how it reads the response, in the words of both of n8n's request functions. */
const KEPT = new Set([
	...['timeout', 'abortSignal', 'json', 'encoding', 'useStream', 'gzip'],
	...['returnFullResponse', 'resolveWithFullResponse', 'ignoreHttpStatusErrors', 'simple'],
]);

/** A name without the signs that the signed text is joined with, or that stand for each other in it. */
const PLAIN_NAME = /^[A-Z][A-Za-z0-9]*$/;

/**
 * Whoever gets hold of the signature could send it with other parameters, e.g. another Action: the signed text joins raw names
 * and values, so that `{ A: '1&Action=x' }` has the signature of `{ A: '1', Action: 'x' }`. Undefined where every `&` joins two.
 */
function whyAmbiguous(allowed: Connection['allowedActions'], own: Parameters): Failure | undefined {
	if (allowed === 'everything') {
		return undefined;
	}
	const name = encodeParameters(own).find(
		({ name, json }) => !PLAIN_NAME.test(name) || name < 'Action' || json.includes('&'),
	)?.name;
	if (name === undefined) {
		return undefined;
	}
	return {
		...notSent('NOT_ALLOWED'),
		reason: `The signature of this body would be that of other parameters as well, because of its member ${JSON.stringify(name)}.`,
		advice:
			"Use documented parameters without '&' in them, this node's own operation, or a credential that allows Everything",
	};
}

function readBody(body: unknown): Parameters {
	const parsed: unknown = typeof body === 'string' ? parseJson(body) : body;
	if (Object.prototype.toString.call(parsed) !== '[object Object]') {
		throw new Error(
			'Nothing was sent: give the parameters as a JSON object in the request\'s body, e.g. {"Action": "ServiceGetCustomerList"}',
		);
	}
	// Values that JSON does not know, such as a date, become their JSON form.
	if (typeof body !== 'string') {
		return parseJson(JSON.stringify(parsed, refuseInexactMember)) as Parameters;
	}
	if (!hasInexactNumber(body)) {
		return parsed as Parameters;
	}
	// The body is serialised again, which would change the last digits of a large whole number.
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

/** An object holds numbers as JavaScript read them: a large one may have lost its last digits already. */
function refuseInexactMember(_name: string, member: unknown): unknown {
	if (typeof member !== 'number' || !isInexact(member)) {
		return member;
	}
	throw new Error(
		`Nothing was sent: the request's body has the number ${member}, which JSON cannot hold exactly. Give it as text`,
	);
}

/** The options of both of n8n's request functions. The HTTP Request node uses the older one, with other names. */
interface RequestOptions extends IHttpRequestOptions {
	uri?: string;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
}

/**
 * Restricts a signed request to a POST to the credential's own endpoint, by https (plain http to this machine itself),
 * without redirects and without a proxy that could read it: anybody with a signed body could send it.
 * @returns the options that must be set for that, for both of n8n's request functions
 * @throws Error when the request is another one
 */
function boundTo(own: URL, options: RequestOptions): RequestOptions {
	const { url, uri, baseURL, qs = {}, method = 'POST' } = options;
	const address = String(url ?? uri);
	const target = URL.canParse(address, baseURL) ? new URL(address, baseURL) : undefined;
	const isOwn = target?.href === own.href && Object.keys(qs).length === 0;
	if (!isOwn || method.toUpperCase() !== 'POST') {
		const where = target === undefined ? 'without a usable URL' : `${target.origin}${target.pathname}`;
		throw new Error(
			`Nothing was signed or sent: this credential signs for POST ${own.href} alone, without a query, and this is ${method} ${where}. Correct the request, or the platform of the credential`,
		);
	}
	const proxy = asOwnProxy(own);
	return { url: own.href, ...NO_REDIRECTS, ...(proxy && { proxy }) };
}

/** A redirect would carry the signed body to another server. */
const NO_REDIRECTS = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false };
