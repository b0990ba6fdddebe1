import type { IExecuteFunctions } from 'n8n-workflow';

import { readConnection, type Connection } from '../../service/connection';
import { NotSendable, notSent } from '../../service/outcome';
import type { Host } from '../../service/transport/transport';

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

/** What a transport needs of n8n. */
export function hostOf({ helpers, logger }: IExecuteFunctions): Host {
	return {
		httpRequest: async (options) => (await helpers.httpRequest(options)) as unknown,
		debug: (message, facts) => logger.debug(message, facts),
		egressFilter: helpers.getSecureEgressFilter?.(),
	};
}
