import type { IExecuteFunctions } from 'n8n-workflow';

import { readConnection, type Connection } from '../../service/connection';
import { NotSendable, notSent } from '../../service/outcome';

/**
 * Reads the node's credential.
 * @throws NotSendable when there is none, or it is not filled in
 */
export async function connectionOf(context: IExecuteFunctions): Promise<Connection> {
	return readConnection(await context.getCredentials('tencentCloudIotApi').catch(credentialMissing));
}

function credentialMissing(cause: Error): never {
	const advice = `Choose or create a credential 'Tencent Cloud IoT API' in the node. ${cause.message}`;
	throw new NotSendable(notSent('CREDENTIAL_MISSING', 'The node has no usable credential.', advice));
}
