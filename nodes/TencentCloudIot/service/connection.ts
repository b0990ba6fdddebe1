import { CHINA_ENDPOINT, OVERSEAS_ENDPOINT } from './endpoint';
import { NotSendable, notSent } from './outcome';
import { SIGNATURE_SCHEMES, type SignatureScheme } from './signing/signature';

/** The credential's data. */
export interface Connection {
	endpoint: string;
	appKey: string;
	appSecret: string;
	/** The candidates, in the order of detection; a single one when the user chose it. */
	signatureSchemes: readonly SignatureScheme[];
	/** Whether live orders are refused. */
	testOrdersOnly: boolean;
}

/**
 * Reads the credential 'Tencent Cloud IoT API'.
 * @throws NotSendable when the key, the secret or a custom endpoint is not filled in
 */
export function readConnection(credential: Readonly<Record<string, unknown>>): Connection {
	const { platform, nestedRule, testOrdersOnly = false } = credential;
	return {
		endpoint: platform === 'custom' ? filledIn(credential.endpoint, 'Endpoint') : endpointOf(platform),
		appKey: filledIn(credential.appKey, 'App Key'),
		appSecret: filledIn(credential.appSecret, 'App Secret'),
		signatureSchemes: SIGNATURE_SCHEMES.filter(
			(scheme) => scheme === nestedRule || !isSignatureScheme(nestedRule),
		),
		testOrdersOnly: testOrdersOnly !== false,
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
	throw new NotSendable(
		notSent(
			'CREDENTIAL_INCOMPLETE',
			`The credential has no ${displayName}.`,
			`Fill in '${displayName}' in the credential 'Tencent Cloud IoT API'`,
		),
	);
}
