import type { AnswerData } from '../answer';
import { classifyAnswer } from '../classify';
import { parseEndpoint } from '../endpoint';
import type { Outcome } from '../outcome';
import { createFreshness, signedBody } from '../request';
import { encodeParameters, type NestedRule, type Parameters } from '../signature';

/** What came back through the host's own request function. */
export interface HostAnswer {
	status: number;
	/** By their names in lower case. */
	headers: Readonly<Record<string, string | undefined>>;
	body: Buffer;
}

export interface Question {
	connection: { endpoint: string; appKey: string; appSecret: string };
	/** The Action and its own parameters. */
	parameters: Parameters;
	/** How nested ones are signed; where there are none, every rule makes the same signature. */
	nestedRule?: NestedRule;
	/** The proof of success in an answer. */
	isDone: (data: AnswerData) => boolean;
}

/**
 * Makes one signed request outside of a run, while a user sets the node up.
 * @param post the host's own request function, which keeps to the policy of the host on where requests may go
 * @throws NotSendable when the endpoint cannot be used, and what `post` throws
 */
export async function askOnce(
	post: (endpoint: URL, body: string) => Promise<HostAnswer>,
	{ connection: { endpoint, appKey, appSecret }, parameters, nestedRule = 'json', isDone }: Question,
): Promise<Outcome> {
	const freshness = createFreshness(() => Date.now())();
	const body = signedBody(encodeParameters(parameters), freshness, { appKey, appSecret, nestedRule });
	const { status, headers, body: answer } = await post(parseEndpoint(endpoint), body);
	const { 'content-type': contentType = '', date = '', age = '' } = headers;
	return classifyAnswer(
		{ status, body: answer, contentType, date, age, retryAfter: '', receivedAtMs: Date.now() },
		{ requestId: freshness.RequestId, isDone },
	);
}
