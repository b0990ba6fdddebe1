import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { NESTED_RULE_NAMES } from '../../../credentials/nestedRuleNames';
import { readConnection } from '../service/connection';
import { askOnce, type HostAnswer } from '../service/delivery/askOnce';
import { HARMLESS_READ, isHarmlessReadDone } from '../service/harmlessRead';
import { describe, NotSendable, type Outcome } from '../service/outcome';
import { NESTED_RULES, type NestedRule, type Parameters } from '../service/signature';
import { shownText } from '../shown';

const ACCEPTED = 'Tencent accepted App Key and App Secret';

/** The harmless read with a list beside it, of which the Action knows nothing and which the signature has to cover. */
const NESTED_READ: Parameters = {
	...HARMLESS_READ,
	DeviceInfos: [{ CustomerDeviceNo: '0', DeviceId: 'Product/Device', ProductName: 'Product' }],
};

type Ask = (parameters: Parameters, nestedRule?: NestedRule) => Promise<Outcome>;

/**
 * Tests the credential with harmless signed requests: one for key and secret, and if they are right one or more for how
 * nested values are signed. They go through n8n's own request function, which keeps to the policy of this n8n on where
 * requests may go.
 */
export async function testTencentCloudIotApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	try {
		const connection = readConnection(data);
		const ask: Ask = async (parameters, nestedRule) =>
			await askOnce(async (endpoint, body) => await post(this, endpoint, body), {
				connection,
				parameters,
				...(nestedRule !== undefined && { nestedRule }),
				isDone: isHarmlessReadDone,
			});
		const outcome = await ask(HARMLESS_READ);
		if (outcome.outcome === 'OK') return await testNestedRule(ask, connection.nestedRules);
		return refused(`${outcome.reason} ${outcome.advice}`);
	} catch (cause) {
		if (cause instanceof NotSendable) return refused(`${describe(cause.failure)} ${cause.failure.advice}`);
		return refused("The endpoint could not be reached. Check the endpoint and this server's network");
	}
}

/** @param chosen the rules that the credential allows: one, or all of them */
async function testNestedRule(ask: Ask, chosen: readonly NestedRule[]): Promise<INodeCredentialTestResult> {
	const others = NESTED_RULES.filter((rule) => !chosen.includes(rule));
	for (const rule of [...chosen, ...others]) {
		const outcome = await ask(NESTED_READ, rule);
		if (outcome.outcome === 'OK') return nestedRuleFound(rule, chosen);
		if (outcome.refused !== 'signature') return { status: 'OK', message: ACCEPTED };
	}
	return refused(
		`${ACCEPTED}, but no signature of a list: reads work, pushes may be refused. Tell the node's authors`,
	);
}

function nestedRuleFound(rule: NestedRule, chosen: readonly NestedRule[]): INodeCredentialTestResult {
	// The service may sign only what the Action knows, which the list of a push is and this one is not.
	if (rule === 'scalarsOnly') return { status: 'OK', message: ACCEPTED };
	const name = `'${NESTED_RULE_NAMES[rule]}'`;
	return chosen.includes(rule)
		? { status: 'OK', message: `${ACCEPTED}, and nested values signed as ${name}` }
		: refused(
				`${ACCEPTED}, but nested values only when signed as ${name}. Choose that or Automatic in 'Nested Value Signing'`,
			);
}

function refused(message: string): INodeCredentialTestResult {
	return { status: 'Error', message: shownText(message) };
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
