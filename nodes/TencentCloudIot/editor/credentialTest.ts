import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { readConnection } from '../service/connection';
import { askOnce, type HostAnswer } from '../service/delivery/askOnce';
import { describe, NotSendable } from '../service/outcome';
import { recordsIn } from '../service/paging';

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
		const outcome = await askOnce(async (endpoint, body) => await post(this, endpoint, body), {
			connection: readConnection(data),
			parameters: HARMLESS_CALL,
			isDone: (answer) => recordsIn(answer, 'Customers') !== undefined || typeof answer.Total === 'number',
		});
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
): Promise<HostAnswer> {
	const {
		statusCode,
		headers,
		body: answer,
	} = (await request({
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
	})) as { statusCode: number; headers: HostAnswer['headers']; body?: string | Uint8Array };
	return { status: statusCode, headers, body: Buffer.from(answer ?? '') };
}
