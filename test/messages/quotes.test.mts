import { expect, test } from '@jest/globals';
import { noRowsError } from '../../nodes/TencentCloudIot/input/mapping';
import { FINDING_TEXT, whyNotEvaluated } from '../../nodes/TencentCloudIot/messages/findings';
import { explain, type Failure, NotSendable, notSent } from '../../nodes/TencentCloudIot/service/outcome';
import { Credential } from '../../nodes/TencentCloudIot/run/connection';
import { refusedBy } from '../support/httpResponse.mts';

function invalidOption(message: string): Failure {
	const finding = { itemIndex: 0, field: 'Day', ...whyNotEvaluated(new Error(message)) };
	return notSent('INVALID_OPTION', { wrong: FINDING_TEXT.ofField(finding) });
}

async function withoutCredential(message: string): Promise<Failure> {
	const context = {
		getNode: () => ({ credentials: {} }),
		getCredentials: async () => await Promise.reject(new Error(message)),
	};
	const cause: unknown = await new Credential(context as never).connection().catch((error: unknown) => error);
	if (!(cause instanceof NotSendable)) {
		throw new Error('There is a credential.');
	}
	return cause.failure;
}

test.each<[quoted: string, failureSaying: (message: string) => Failure | Promise<Failure>]>([
	['Tencent', (message) => refusedBy('InvalidParameter', message)],
	['an expression', invalidOption],
	['the node before', (message) => noRowsError({ error: message }).failure],
	['n8n, about the credential', withoutCredential],
])('The full stop of a message from %s is not repeated', async (_, failureSaying) => {
	const withFullStop = explain(await failureSaying('It is not there.'));
	expect(withFullStop).toContain('It is not there');
	expect(withFullStop).not.toContain('..');
	expect(withFullStop).toBe(explain(await failureSaying('It is not there')));
});
