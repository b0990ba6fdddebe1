import { ALLOWED_ACTIONS, DEFAULT_ALLOWED } from './actions';
import { REASONS } from '../messages/reasons';
import { ours } from '../messages/text';
import { NotSendable, notSent } from './outcome';
import {
	SIGNATURE_SCHEMES,
	SIGNATURE_SCHEME_NAMES,
	type Account,
	type SignatureScheme,
} from './signing/signature';

/** The platforms that a credential offers, each with its endpoint. For `custom` the user enters the endpoint. */
export const PLATFORMS = {
	/** Documented: product 1465, page 59071. */
	china: { name: 'China', endpoint: 'https://iot.cloud.tencent.com/api/exploreropen/serviceapi' },
	/** The host of the sibling APIs. Not documented for this API. */
	overseas: {
		name: 'Overseas',
		endpoint: 'https://oversea.iotcloud.tencentiotcloud.com/api/exploreropen/serviceapi',
	},
	custom: { name: 'Custom Endpoint', endpoint: undefined },
} as const;

/** A credential as it was read. */
export interface Connection extends Account {
	/** The schemes to try, in the order of detection; only one if the user chose it. */
	signatureSchemes: readonly SignatureScheme[];
	allowedActions: keyof typeof ALLOWED_ACTIONS;
}

/**
 * Reads the credential 'Tencent Cloud IoT API'.
 * @throws NotSendable when the key, the secret or a custom endpoint is not filled in, or the endpoint cannot be used
 */
export function readConnection(credential: Readonly<Record<string, unknown>>): Connection {
	const { platform, nestedRule, allowedActions = DEFAULT_ALLOWED } = credential;
	const scheme = chosenOf(SIGNATURE_SCHEME_NAMES, nestedRule);
	const { endpoint } = PLATFORMS[chosenOf(PLATFORMS, platform) ?? 'china'];
	return {
		endpoint: parseEndpoint(endpoint ?? requiredText(credential.endpoint, 'Endpoint')),
		appKey: requiredText(credential.appKey, 'App Key'),
		appSecret: requiredText(credential.appSecret, 'App Secret'),
		signatureSchemes: scheme === undefined ? SIGNATURE_SCHEMES : [scheme],
		// Anything else, e.g. an expression, allows the least.
		allowedActions: chosenOf(ALLOWED_ACTIONS, allowedActions) ?? 'readsOnly',
	};
}

/** The stored value if it is one that is offered; undefined for anything else, e.g. an expression. */
function chosenOf<Name extends string>(
	offered: Readonly<Record<Name, unknown>>,
	stored: unknown,
): Name | undefined {
	return (Object.keys(offered) as Name[]).find((name) => name === stored);
}

/** Zero-width and direction characters. No key, secret or address has one. */
const INVISIBLE = /\p{Cf}/gu;

/**
 * The text of a required field, trimmed: keys are pasted from a web page, often with a space, a line break or an invisible character around.
 * @throws NotSendable when it is empty
 */
function requiredText(value: unknown, displayName: string): string {
	const text = typeof value === 'string' ? value.replace(INVISIBLE, '').trim() : '';
	if (text !== '') {
		return text;
	}
	throw new NotSendable(notSent('CREDENTIAL_INCOMPLETE', { field: ours(displayName) }));
}

/** Host names of this machine. */
export const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Parses an endpoint that requests may be sent to.
 * @throws NotSendable when it is not an https address, or has a login, a query or a fragment. Plain http is accepted for this
 * machine only.
 */
function parseEndpoint(text: string): URL {
	let why = REASONS.endpoint.noAddress();
	if (URL.canParse(text)) {
		const url = new URL(text);
		const isLoopback = url.protocol === 'http:' && LOOPBACK_HOST.test(url.hostname);
		if (url.protocol !== 'https:' && !isLoopback) {
			why = REASONS.endpoint.notHttps();
		} else if (url.username + url.password !== '') {
			why = REASONS.endpoint.login();
		} else if (url.search + url.hash !== '') {
			why = REASONS.endpoint.query();
		} else {
			return url;
		}
	}
	throw new NotSendable(notSent('ENDPOINT_NOT_USABLE', { why }));
}

/**
 * n8n's request functions read proxies from the environment and cannot be told to use none. A plain http endpoint, which is
 * on this machine, is therefore given as its own proxy: a server accepts the absolute form of its address, as a proxy
 * receives it (RFC 9112, section 3.2.2). Undefined for https, which proxies only tunnel.
 */
export function asOwnProxy({ protocol, hostname, port }: URL) {
	return protocol === 'http:'
		? ({ protocol: 'http', host: hostname, port: Number(port || 80) } as const)
		: undefined;
}
