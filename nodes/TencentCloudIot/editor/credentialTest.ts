import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { NESTED_RULE_NAMES } from '../../../credentials/nestedRuleNames';
import { readConnection } from '../service/connection';
import { askOnce } from '../service/delivery/askOnce';
import { HARMLESS_READ, isHarmlessReadDone } from '../service/harmlessRead';
import { describe, refusalOf, type Failure, type Outcome } from '../service/outcome';
import { NESTED_RULES, type NestedRule, type Parameters } from '../service/signing/signature';
import { shownText } from '../shown';
import { systemClock } from '../systemClock';
import { hostOfTest } from './host';

const ACCEPTED = 'Tencent accepted App Key and App Secret';

/** The harmless read with a list beside it, of which the Action knows nothing and which the signature has to cover. */
const NESTED_READ: Parameters = {
	...HARMLESS_READ,
	DeviceInfos: [{ CustomerDeviceNo: '0', DeviceId: 'Product/Device', ProductName: 'Product' }],
};

type Send = (parameters: Parameters, nestedRule?: NestedRule) => Promise<Outcome>;

/**
 * Tests the credential with harmless signed requests: one for key and secret, and if they are right one or more for how
 * nested values are signed. They go through n8n's own request function, which keeps to the policy of this n8n on where
 * requests may go.
 */
export async function testTencentCloudIotApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const test = async (): Promise<INodeCredentialTestResult | Failure> => {
		const connection = readConnection(data);
		const send: Send = async (parameters, nestedRule) => {
			const question = { connection, parameters, isDone: isHarmlessReadDone, reads: [] };
			return await askOnce(
				{ ...question, ...(nestedRule !== undefined && { nestedRule }) },
				{ host: hostOfTest(this), clock: systemClock },
			);
		};
		const outcome = await send(HARMLESS_READ);
		return outcome.outcome === 'OK' ? await testNestedRule(send, connection.nestedRules) : outcome;
	};
	const result = await test().catch(refusalOf);
	if (!('outcome' in result)) return result;
	// A test is to store nothing: only that nothing left is worth a sentence.
	const what = result.outcome === 'NOT_SENT' ? describe(result) : result.reason;
	return refused(`${what} ${result.advice}`);
}

/** @param chosen the rules that the credential allows: one, or all of them */
async function testNestedRule(send: Send, chosen: readonly NestedRule[]): Promise<INodeCredentialTestResult> {
	const others = NESTED_RULES.filter((rule) => !chosen.includes(rule));
	for (const rule of [...chosen, ...others]) {
		const outcome = await send(NESTED_READ, rule);
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
