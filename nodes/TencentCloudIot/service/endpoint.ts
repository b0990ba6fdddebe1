import { NotSendable, notSent } from './outcome';

/** The service's address in China (product 1465, page 59071). */
export const CHINA_ENDPOINT = 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi';

/** The overseas platform's host for the sibling endpoints; that this API lives there too is not documented. */
export const OVERSEAS_ENDPOINT = 'https://oversea.iotcloud.tencentiotcloud.com/api/exploreropen/serviceapi';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks an endpoint before anything is sent to it.
 * @throws NotSendable when it is not an https address, or carries a login, a query or a fragment. Plain http is
 * taken for this machine itself only.
 */
export function parseEndpoint(endpoint: string): URL {
	if (!URL.canParse(endpoint)) throw refusedEndpoint('The endpoint is not a web address.');
	const url = new URL(endpoint);
	const isLoopback = url.protocol === 'http:' && LOOPBACK_HOST.test(url.hostname);
	if (url.protocol !== 'https:' && !isLoopback)
		throw refusedEndpoint('The endpoint does not start with https://.');
	if (url.username !== '' || url.password !== '') throw refusedEndpoint('The endpoint holds a login.');
	if (url.search !== '' || url.hash !== '')
		throw refusedEndpoint('The endpoint holds a query or a fragment.');
	return url;
}

/** A proxy as n8n's request functions take it. */
export interface ProxyAddress {
	protocol: 'http';
	host: string;
	port: number;
}

/**
 * For n8n's own request functions, which look for proxies in the environment and know no way to use none: an endpoint in
 * plain http, which is on this machine, as its own proxy. A server takes the address in full, as a proxy gets it, like
 * its path alone (RFC 9112, section 3.2.2). Undefined for https, which any proxy only tunnels.
 */
export function asOwnProxy({ protocol, hostname, port }: URL): ProxyAddress | undefined {
	return protocol === 'http:' ? { protocol: 'http', host: hostname, port: Number(port || 80) } : undefined;
}

function refusedEndpoint(reason: string): NotSendable {
	return new NotSendable(
		notSent('ENDPOINT_NOT_USABLE', reason, "Correct 'Endpoint' in the credential 'Tencent Cloud IoT API'"),
	);
}
