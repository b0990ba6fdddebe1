import type { ICredentialDataDecryptedObject, IHttpRequestOptions } from 'n8n-workflow';

import { createFreshness, signedBody } from '../nodes/TencentCloudIot/service/request';
import { encodeParameters, NESTED_RULES } from '../nodes/TencentCloudIot/service/signature';

/** They are added anew; a body that brings its own must not hold them twice. */
const NO_COMMON_PARAMETERS = { AppKey: undefined, Nonce: undefined, Timestamp: undefined };

const nextFreshness = createFreshness(() => Date.now());

/**
 * Adds the common parameters and the signature to a JSON body, given as an object or as its text.
 * A RequestId of the caller's own is kept. The input is not changed.
 * @throws Error when the body is not a JSON object
 */
export function signRequestOptions(
	{ appKey, appSecret, nestedRule }: ICredentialDataDecryptedObject,
	requestOptions: IHttpRequestOptions,
): IHttpRequestOptions {
	const { RequestId, ...parameters } = readBody(requestOptions.body);
	const freshness = nextFreshness();
	const body = signedBody(
		encodeParameters({ ...parameters, ...NO_COMMON_PARAMETERS }),
		typeof RequestId === 'string' && RequestId !== '' ? { ...freshness, RequestId } : freshness,
		{
			appKey: String(appKey).trim(),
			appSecret: String(appSecret).trim(),
			nestedRule: NESTED_RULES.find((rule) => rule === nestedRule) ?? 'json',
		},
	);
	const others = Object.entries(requestOptions.headers ?? {}).filter(
		([name]) => name.toLowerCase() !== 'content-type',
	);
	return {
		...requestOptions,
		body,
		headers: { ...Object.fromEntries(others), 'content-type': 'application/json' },
	};
}

function readBody(body: unknown): Readonly<Record<string, unknown>> {
	const parsed: unknown = typeof body === 'string' ? parseJson(body) : body;
	const isPlain = Object.prototype.toString.call(parsed) === '[object Object]';
	if (isPlain) return parsed as Readonly<Record<string, unknown>>;
	throw new Error(
		'Nothing was sent: give the parameters as a JSON object in the request\'s body, e.g. {"Action": "ServiceGetCustomerList"}',
	);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
