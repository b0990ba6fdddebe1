import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INodeCredentialTestResult,
} from 'n8n-workflow';

import { sendOnce } from '../service/delivery/attempt';
import { HARMLESS_READ, HARMLESS_READ_WITH_LIST, isHarmlessReadDone } from '../service/actions';
import { readConnection } from '../service/connection';
import { whatHappened, type Outcome, requestFailureOf } from '../service/outcome';
import {
	SIGNATURE_SCHEMES,
	SIGNATURE_SCHEME_NAMES,
	type SignatureScheme,
} from '../service/signing/signature';
import type { Host } from '../service/transport/transport';
import { shownText } from '../host/shown';
import { systemClock } from '../host/systemClock';
import { inSentences, writeEnglish } from '../messages/text';

/**
 * Tests the credential with one signed request that only reads. Then it repeats the request with a list, at most once for each signature
 * scheme, to detect how the service signs lists. Requests go through n8n's own function, which follows n8n's policy on where requests may
 * go.
 */
export async function testTencentCloudIotApi(
	this: ICredentialTestFunctions,
	{ data = {} }: ICredentialsDecrypted,
): Promise<INodeCredentialTestResult> {
	const port = { host: hostOfTest(this), clock: systemClock };
	const proof = { isDone: isHarmlessReadDone, reads: [] };
	const outcome = await sendOnce(data, HARMLESS_READ, proof, port);
	if (outcome.outcome === 'OK') {
		const { signatureSchemes } = readConnection(data);
		const acceptedScheme = await findAcceptedScheme(
			signatureSchemes,
			async (scheme) => await sendOnce(data, HARMLESS_READ_WITH_LIST, proof, port, scheme),
		);
		return testResultFor(acceptedScheme, signatureSchemes);
	}
	// The test only reads, so the message does not have to say whether Tencent applied anything.
	const reason = outcome.outcome === 'NOT_SENT' ? whatHappened(outcome) : outcome.reason;
	const message = writeEnglish(inSentences([reason, outcome.advice]), 'everything');
	return { status: 'Error', message: shownText(message) };
}

/**
 * Sends the request with one signature scheme after another until one is accepted. Returns undefined if no response decides.
 * @param chosenSchemes the credential's schemes, which come first
 */
async function findAcceptedScheme(
	chosenSchemes: readonly SignatureScheme[],
	send: (scheme: SignatureScheme) => Promise<Outcome>,
): Promise<SignatureScheme | undefined> {
	for (const scheme of new Set([...chosenSchemes, ...SIGNATURE_SCHEMES])) {
		const outcome = await send(scheme);
		if (outcome.outcome === 'OK') {
			return scheme;
		}
		if (requestFailureOf(outcome)?.authFailure !== 'signature') {
			return undefined;
		}
	}
	return undefined;
}

function testResultFor(
	acceptedScheme: SignatureScheme | undefined,
	chosenSchemes: readonly SignatureScheme[],
): INodeCredentialTestResult {
	const accepted = 'Tencent accepted App Key and App Secret';
	if (acceptedScheme === undefined) {
		return { status: 'OK', message: `${accepted}; no response shows how it signs lists: run Account: Check` };
	}
	const name = SIGNATURE_SCHEME_NAMES[acceptedScheme];
	if (chosenSchemes.includes(acceptedScheme)) {
		return { status: 'OK', message: `${accepted}, and lists that are signed by ${name}` };
	}
	return {
		status: 'Error',
		message: `${accepted}, but lists only if they are signed by ${name}: set 'Nested Value Signing' to Automatic or ${name}`,
	};
}

/** The host for a credential test. n8n offers only its older request function there: its options have other names, and it takes no signal. */
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
			const throughProxy = proxy === undefined ? request : { ...request, proxy };
			return (await helpers.request(throughProxy)) as unknown;
		},
	};
}
