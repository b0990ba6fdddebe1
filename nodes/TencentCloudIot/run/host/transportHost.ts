import type { IExecuteFunctions } from 'n8n-workflow';

import type { Host } from '../../service/transport/transport';

/** What a transport needs of n8n. */
export function hostOf({ helpers, logger }: IExecuteFunctions): Host {
	return {
		httpRequest: async (options) => (await helpers.httpRequest(options)) as unknown,
		debug: (message, facts) => logger.debug(message, facts),
		egressFilter: helpers.getSecureEgressFilter?.(),
	};
}
