import { ALLOWED_ACTIONS, DEFAULT_ALLOWED } from './actions';
import { NotSendable, notSent } from './outcome';
import { SIGNATURE_SCHEMES, type SignatureScheme } from './signing/signature';

const SETTINGS = Object.keys(ALLOWED_ACTIONS) as ReadonlyArray<keyof typeof ALLOWED_ACTIONS>;

/** The credential's data. */
export interface Connection {
	endpoint: string;
	appKey: string;
	appSecret: string;
	/** The candidates, in the order of detection; a single one when the user chose it. */
	signatureSchemes: readonly SignatureScheme[];
	allowedActions: keyof typeof ALLOWED_ACTIONS;
}

/**
 * Reads the credential 'Tencent Cloud IoT API'.
 * @throws NotSendable when the key, the secret or a custom endpoint is not filled in
 */
export function readConnection(credential: Readonly<Record<string, unknown>>): Connection {
	const { platform, nestedRule, allowedActions = DEFAULT_ALLOWED } = credential;
	return {
		endpoint: platform === 'custom' ? filledIn(credential.endpoint, 'Endpoint') : endpointOf(platform),
		appKey: filledIn(credential.appKey, 'App Key'),
		appSecret: filledIn(credential.appSecret, 'App Secret'),
		signatureSchemes: SIGNATURE_SCHEMES.filter(
			(scheme) => scheme === nestedRule || !isSignatureScheme(nestedRule),
		),
		// Whatever else it is, e.g. an expression, allows the least.
		allowedActions: SETTINGS.find((setting) => setting === allowedActions) ?? 'readsOnly',
	};
}

function endpointOf(platform: unknown): string {
	return platform === 'overseas' ? OVERSEAS_ENDPOINT : CHINA_ENDPOINT;
}

function isSignatureScheme(value: unknown): value is SignatureScheme {
	return SIGNATURE_SCHEMES.some((scheme) => scheme === value);
}

/** Keys are pasted from a web console, often with a space or line break around. */
function filledIn(value: unknown, displayName: string): string {
	const text = typeof value === 'string' ? value.trim() : '';
	if (text !== '') return text;
	throw new NotSendable({
		...notSent(
			'CREDENTIAL_INCOMPLETE',
			`The credential has no ${displayName}.`,
			`Fill in '${displayName}' in the credential 'Tencent Cloud IoT API'`,
		),
		chinese: { reason: `凭证未填写 ${displayName}` },
	});
}

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
