import type { IExecuteFunctions } from 'n8n-workflow';

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
		const problem =
			chosen === undefined ? 'The node has no credential.' : `The credential '${chosen}' cannot be used.`;
		throw new NotSendable(notSent('CREDENTIAL_MISSING', { what: problem, cause: cause.message }));
	});
	return readConnection(read);
}
