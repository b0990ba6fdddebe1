import { NotSendable, notSent } from './outcome';

/** The service's address in China (product 1465, page 59071). */
export const CHINA_ENDPOINT = 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi';

/** The overseas platform's host for the sibling endpoints; that this API lives there too is not documented. */
export const OVERSEAS_ENDPOINT = 'https://oversea.iotcloud.tencentiotcloud.com/api/exploreropen/serviceapi';

/** Names of this machine itself. */
export const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks an endpoint before anything is sent to it.
 * @throws NotSendable when it is no https address, or carries a login, a query or a fragment. Plain http is accepted for
 * this machine itself only.
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
 * n8n's request functions read proxies from the environment and cannot be told to use none. A plain http endpoint, which is
 * on this machine, is therefore given as its own proxy: a server accepts the absolute form of its address, as a proxy
 * receives it (RFC 9112, section 3.2.2). Undefined for https, which proxies only tunnel.
 */
export function asOwnProxy({ protocol, hostname, port }: URL): ProxyAddress | undefined {
	return protocol === 'http:' ? { protocol: 'http', host: hostname, port: Number(port || 80) } : undefined;
}

function refusedEndpoint(reason: string): NotSendable {
	return new NotSendable(
		notSent('ENDPOINT_NOT_USABLE', reason, "Correct 'Endpoint' in the credential 'Tencent Cloud IoT API'"),
	);
}
