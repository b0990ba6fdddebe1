import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { sendOnce } from '../service/delivery/attempt';
import { HARMLESS_READ, isHarmlessReadDone } from '../service/actions';
import { describe } from '../service/outcome';
import type { Host } from '../service/transport/transport';
import { shownText } from '../host/shown';
import { systemClock } from '../host/systemClock';

/**
 * Tests the credential with one harmless signed request, which is signed alike whatever scheme was chosen. It goes through
 * n8n's own request function, which keeps to the policy of this n8n on where requests may go.
 */
export async function testTencentCloudIotApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const proof = { isDone: isHarmlessReadDone, reads: [] };
	const outcome = await sendOnce(data, HARMLESS_READ, proof, { host: hostOfTest(this), clock: systemClock });
	if (outcome.outcome === 'OK') {
		return { status: 'OK', message: 'Tencent accepted App Key and App Secret' };
	}
	// The test changes nothing at Tencent, so whether something was applied is not worth a sentence.
	const reason = outcome.outcome === 'NOT_SENT' ? describe(outcome) : outcome.reason;
	return { status: 'Error', message: shownText(`${reason} ${outcome.advice}`) };
}

/** The host for a credential test: n8n offers only its older request function here, with other names and without a signal. */
function hostOfTest({ helpers, logger }: ICredentialTestFunctions): Host {
	return {
		debug: (message, facts) => logger.debug(message, facts),
		httpRequest: async ({ method, url, headers, body, proxy, timeout }) => {
			const request = {
				method,
				uri: url,
				headers,
				body,
				timeout,
				useStream: true,
				resolveWithFullResponse: true,
				simple: false,
				followRedirect: false,
				followAllRedirects: false,
			};
			return (await helpers.request(proxy === undefined ? request : { ...request, proxy })) as unknown;
		},
	};
}
