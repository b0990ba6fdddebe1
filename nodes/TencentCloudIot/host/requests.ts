import type { Logger, RequestHelperFunctions } from 'n8n-workflow';

import type { Host } from '../service/transport/transport';

/** The host of a run: it sends requests with n8n's own function, which follows n8n's policy on where they may go, and writes to n8n's log. */
export function hostOf({
	helpers,
	logger,
}: {
	helpers: Pick<RequestHelperFunctions, 'httpRequest'>;
	logger: Pick<Logger, 'debug'>;
}): Host {
	return {
		httpRequest: async (options) => (await helpers.httpRequest(options)) as unknown,
		debug: (message, facts) => logger.debug(message, facts),
	};
}
