import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import {
	readConnection,
	asOwnProxy,
	parseEndpoint,
	type Connection,
} from '../nodes/TencentCloudIot/service/connection';
import { hasInexactNumber, isInexact } from '../nodes/TencentCloudIot/service/response/exactJson';
import { whyNotAllowed } from '../nodes/TencentCloudIot/service/actions';
import { NotSendable } from '../nodes/TencentCloudIot/service/outcome';
import {
	createFreshness,
	signRequest,
	encodeParameters,
} from '../nodes/TencentCloudIot/service/signing/signature';

/** They are always added; the body's own must not duplicate them. */
const NO_COMMON_PARAMETERS = { AppKey: undefined, Nonce: undefined, Timestamp: undefined };

const nextFreshness = createFreshness(() => Date.now());

/**
 * Adds the common parameters and the signature to a JSON body, given as an object or as its text.
 * A RequestId of the caller's own is kept. The input is not changed.
 * @throws Error when the credential is not filled in or does not allow the Action, the request does not go to the
 * credential's own server, or the body is not a JSON object that can be signed as it is
 */
export async function signRequestOptions(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
	const { appKey, appSecret, signatureSchemes, allowedActions, bounds } = await readCredentials(
		credentials,
		requestOptions,
	).catch(throwWithAdvice);
	const { RequestId, ...parameters } = readBody(requestOptions.body);
	// The node that gets the response shows all of it.
	const refusal = whyNotAllowed(allowedActions, parameters, true);
	if (refusal !== undefined) throwWithAdvice(new NotSendable(refusal));
	const freshness = nextFreshness();
	const { body } = signRequest(
		encodeParameters({ ...parameters, ...NO_COMMON_PARAMETERS }),
		typeof RequestId === 'string' && RequestId !== '' ? { ...freshness, RequestId } : freshness,
		// The first candidate in the order of detection.
		{ appKey, appSecret, scheme: signatureSchemes[0]! },
	);
	const others = Object.entries(requestOptions.headers ?? {}).filter(
		([name]) => name.toLowerCase() !== 'content-type',
	);
	return {
		...requestOptions,
		...bounds,
		body,
		headers: { ...Object.fromEntries(others), 'content-type': 'application/json' },
	};
}

async function readCredentials(
	credentials: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): Promise<Connection & { bounds: Partial<RequestOptions> }> {
	const connection = readConnection(credentials);
	return { ...connection, bounds: boundTo(connection.endpoint, requestOptions) };
}

/** The HTTP Request node shows only the message. */
function throwWithAdvice(cause: unknown): never {
	if (cause instanceof NotSendable) throw new Error(`${cause.message} ${cause.failure.advice}`, { cause });
	throw cause;
}

function readBody(body: unknown): Readonly<Record<string, unknown>> {
	const parsed: unknown = typeof body === 'string' ? parseJson(body) : body;
	if (Object.prototype.toString.call(parsed) !== '[object Object]') {
		throw new Error(
			'Nothing was sent: give the parameters as a JSON object in the request\'s body, e.g. {"Action": "ServiceGetCustomerList"}',
		);
	}
	if (typeof body === 'string') refuseInexactNumbers(body);
	// Values that JSON does not know, such as a date, become their JSON form.
	return (
		typeof body === 'string' ? parsed : parseJson(JSON.stringify(parsed, refuseInexactMember))
	) as Readonly<Record<string, unknown>>;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** The body is serialised again, which would change the last digits of a large whole number. */
function refuseInexactNumbers(text: string): void {
	if (!hasInexactNumber(text)) return;
	throw new Error(
		"Nothing was sent: the request's body has a whole number too large to be exact. Write it in quotes, as text",
	);
}

/** An object holds numbers as JavaScript read them: a large one may have lost its last digits already. */
function refuseInexactMember(_name: string, member: unknown): unknown {
	if (typeof member !== 'number' || !isInexact(member)) return member;
	throw new Error(
		`Nothing was sent: the request's body has the number ${member}, which JSON cannot hold exactly. Give it as text`,
	);
}

/** The options of both of n8n's request functions. The HTTP Request node uses the older one, with other names. */
interface RequestOptions extends IHttpRequestOptions {
	uri?: string;
	rejectUnauthorized?: boolean;
	followRedirect?: boolean;
	followAllRedirects?: boolean;
}

/**
 * Restricts a signed request to the credential's own server, by https (plain http to this machine itself), without redirects
 * and without a proxy that could read it: anybody with a signed body could send it.
 * @returns the options that must be set for that, for both of n8n's request functions
 * @throws Error when the request goes elsewhere; NotSendable when the endpoint itself cannot be used
 */
function boundTo(endpoint: string, options: RequestOptions): Partial<RequestOptions> {
	const own = parseEndpoint(endpoint);
	const target = targetOf(options);
	if (target?.origin !== own.origin) {
		const where =
			target === undefined ? 'the request has no usable URL' : `the request goes to ${target.origin}`;
		throw new Error(
			`Nothing was signed or sent: this credential signs for ${own.origin} alone, and ${where}. Correct the URL, or the platform of the credential`,
		);
	}
	const isUnchecked = options.rejectUnauthorized === false || options.skipSslCertificateValidation === true;
	if (own.protocol === 'https:' && isUnchecked) {
		throw new Error(
			"Nothing was signed or sent: switch 'Ignore SSL Issues' off, which lets others read the traffic. Give a company CA to n8n with NODE_EXTRA_CA_CERTS",
		);
	}
	const proxy = asOwnProxy(own);
	return { ...NO_REDIRECTS, ...(proxy && { proxy }) };
}

/** A redirect would carry the signed body to another server. */
const NO_REDIRECTS = { disableFollowRedirect: true, followRedirect: false, followAllRedirects: false };

function targetOf({ url, uri, baseURL }: RequestOptions): URL | undefined {
	const address = String(url ?? uri ?? '');
	return URL.canParse(address, baseURL) ? new URL(address, baseURL) : undefined;
}
