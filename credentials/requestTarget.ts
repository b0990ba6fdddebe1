import type { IHttpRequestOptions } from 'n8n-workflow';

import { asOwnProxy, parseEndpoint } from '../nodes/TencentCloudIot/service/endpoint';

/** The options of both of n8n's request functions. The HTTP Request node uses the older one, with other names. */
export interface RequestOptions extends IHttpRequestOptions {
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
export function boundTo(endpoint: string, options: RequestOptions): Partial<RequestOptions> {
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
