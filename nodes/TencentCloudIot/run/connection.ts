import type { IExecuteFunctions } from 'n8n-workflow';

import { REASONS } from '../messages/failures';
import { ours } from '../messages/text';
import { readConnection, type Connection } from '../service/connection';
import { NotSendable, notSent } from '../service/outcome';

/**
 * Reads the node's credential.
 * @throws NotSendable when there is none, or it is not filled in
 */
export async function connectionOf(context: IExecuteFunctions): Promise<Connection> {
	const { credentials } = context.getNode();
	const read = await context.getCredentials('tencentCloudIotApi').catch((cause: Error) => {
		const chosen = credentials?.['tencentCloudIotApi']?.name;
		const reason =
			chosen === undefined ? REASONS.noCredential() : REASONS.credentialNotUsable({ name: ours(chosen) });
		throw new NotSendable(notSent('CREDENTIAL_MISSING', { reason, cause: ours(cause.message) }));
	});
	return readConnection(read);
}
