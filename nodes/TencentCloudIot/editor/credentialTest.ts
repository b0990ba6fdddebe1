import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { SIGNATURE_SCHEME_NAMES } from '../../../credentials/signatureSchemeNames';
import { readConnection } from '../service/connection';
import { sendOnce } from '../service/delivery/attempt';
import { HARMLESS_READ, isHarmlessReadDone, NESTED_LIST } from '../service/actions';
import { describe, blockedBy, type Failure, type Outcome } from '../service/outcome';
import { SIGNATURE_SCHEMES, type SignatureScheme, type Parameters } from '../service/signing/signature';
import type { Host } from '../service/transport/transport';
import { shownText } from '../host/shown';
import { systemClock } from '../host/systemClock';

const ACCEPTED = 'Tencent accepted App Key and App Secret';

type SendRead = (parameters: Parameters, scheme?: SignatureScheme) => Promise<Outcome>;

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
		const send: SendRead = async (parameters, scheme) => {
			const request = { connection, parameters, isDone: isHarmlessReadDone, reads: [] };
			return await sendOnce(
				{ ...request, ...(scheme !== undefined && { scheme }) },
				{ host: hostOfTest(this), clock: systemClock },
			);
		};
		const outcome = await send(HARMLESS_READ);
		return outcome.outcome === 'OK' ? await testSchemes(send, connection.signatureSchemes) : outcome;
	};
	const result = await test().catch(blockedBy);
	if (!('outcome' in result)) return result;
	// A test is to store nothing: only that nothing left is worth a sentence.
	const what = result.outcome === 'NOT_SENT' ? describe(result) : result.reason;
	return refused(`${what} ${result.advice}`);
}

/** @param chosen the schemes that the credential allows: one, or all of them */
async function testSchemes(
	send: SendRead,
	chosen: readonly SignatureScheme[],
): Promise<INodeCredentialTestResult> {
	const others = SIGNATURE_SCHEMES.filter((scheme) => !chosen.includes(scheme));
	for (const scheme of [...chosen, ...others]) {
		const outcome = await send({ ...HARMLESS_READ, ...NESTED_LIST }, scheme);
		if (outcome.outcome === 'OK') return schemeFound(scheme, chosen);
		if (outcome.authFailure !== 'signature') return { status: 'OK', message: ACCEPTED };
	}
	return refused(
		`${ACCEPTED}, but no signature of a list: reads work, pushes may be refused. Tell the node's authors`,
	);
}

function schemeFound(scheme: SignatureScheme, chosen: readonly SignatureScheme[]): INodeCredentialTestResult {
	// The service may sign only what the Action knows, which the list of a push is and this one is not.
	if (scheme === 'scalarsOnly') return { status: 'OK', message: ACCEPTED };
	const name = `'${SIGNATURE_SCHEME_NAMES[scheme]}'`;
	return chosen.includes(scheme)
		? { status: 'OK', message: `${ACCEPTED}, and nested values signed as ${name}` }
		: refused(
				`${ACCEPTED}, but nested values only when signed as ${name}. Choose that or Automatic in 'Nested Value Signing'`,
			);
}

function refused(message: string): INodeCredentialTestResult {
	return { status: 'Error', message: shownText(message) };
}

/** What a request needs of n8n, which has its older function alone here, with other names and without a signal. */
function hostOfTest({ helpers, logger }: ICredentialTestFunctions): Host {
	return {
		debug: (message, facts) => logger.debug(message, facts),
		httpRequest: async ({ method, url, headers, body, proxy, timeout }) =>
			(await helpers.request({
				method,
				uri: url,
				headers,
				body,
				...(proxy && { proxy }),
				timeout,
				useStream: true,
				resolveWithFullResponse: true,
				simple: false,
				followRedirect: false,
				followAllRedirects: false,
			})) as unknown,
	};
}
