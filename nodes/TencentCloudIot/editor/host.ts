import type { ICredentialTestFunctions, ILoadOptionsFunctions } from 'n8n-workflow';

import type { Host } from '../service/transport/transport';

/** What a request of a pick list or of the mapper needs of n8n. n8n's function itself keeps to its policy on hosts. */
export function hostOf({ helpers, logger }: ILoadOptionsFunctions): Host {
	return {
		httpRequest: async (options) => (await helpers.httpRequest(options)) as unknown,
		debug: (message, facts) => logger.debug(message, facts),
	};
}

/** The same for a credential test, for which n8n has its older function alone, with other names and without a signal. */
export function hostOfTest({ helpers, logger }: ICredentialTestFunctions): Host {
	return {
		debug: (message, facts) => logger.debug(message, facts),
		httpRequest: async ({ method, url, headers, body, proxy, timeout }) =>
			(await helpers.request({
				method,
				uri: url,
				headers,
				body,
				...(proxy && { proxy }),
				timeout,
				useStream: true,
				resolveWithFullResponse: true,
				simple: false,
				followRedirect: false,
				followAllRedirects: false,
			})) as unknown,
	};
}
