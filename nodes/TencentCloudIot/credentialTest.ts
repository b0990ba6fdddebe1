import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { readConnection } from './connection';
import { classifyAnswer } from './service/classify';
import { parseEndpoint } from './service/endpoint';
import { describe, NotSendable, type Outcome } from './service/outcome';
import { createFreshness, signedBody } from './service/request';
import { encodeParameters } from './service/signature';

/** ServiceGetCustomerList needs no parameter of its own and changes nothing (product 1465, page 59064). */
const HARMLESS_CALL = { Action: 'ServiceGetCustomerList', Limit: 1 };

/**
 * Tests the credential with one harmless signed request. It goes through n8n's own request function, which keeps to
 * the policy of this n8n on where requests may go.
 */
export async function testTencentCloudIotApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const { endpoint, appKey, appSecret } = readConnection(data);
		// The call has no nested value, so that every rule makes the same signature.
		const freshness = createFreshness(() => Date.now())();
		const body = signedBody(encodeParameters(HARMLESS_CALL), freshness, {
			appKey,
			appSecret,
			nestedRule: 'json',
		});
		const outcome = await post(this, parseEndpoint(endpoint), body);
		if (outcome.outcome === 'OK') return { status: 'OK', message: 'Tencent accepted App Key and App Secret' };
		return { status: 'Error', message: `${outcome.reason} ${outcome.advice}` };
	} catch (cause) {
		if (cause instanceof NotSendable)
			return { status: 'Error', message: `${describe(cause.failure)} ${cause.failure.advice}` };
		return {
			status: 'Error',
			message: "The endpoint could not be reached. Check the endpoint and this server's network",
		};
	}
}

async function post(
	{ helpers: { request } }: ICredentialTestFunctions,
	endpoint: URL,
	body: string,
): Promise<Outcome> {
	const response = (await request({
		method: 'POST',
		uri: endpoint.href,
		headers: { 'content-type': 'application/json' },
		body,
		encoding: null,
		resolveWithFullResponse: true,
		simple: false,
		followRedirect: false,
		followAllRedirects: false,
		timeout: 15_000,
	})) as { statusCode: number; headers: Record<string, string | undefined>; body?: string | Uint8Array };
	const { 'content-type': contentType = '', date = '', age = '' } = response.headers;
	return classifyAnswer(
		{
			status: response.statusCode,
			body: Buffer.from(response.body ?? ''),
			contentType,
			date,
			age,
			retryAfter: '',
			receivedAtMs: Date.now(),
		},
		({ Total, Customers }) => typeof Total === 'number' || Array.isArray(Customers),
	);
}
