import type { ILoadOptionsFunctions, ICredentialTestFunctions } from 'n8n-workflow';

import { readConnection } from '../service/connection';
import { describe, blockedBy, type ResponseData } from '../service/outcome';
import { sendOnce, type SingleRequest } from '../service/delivery/attempt';
import type { Parameters } from '../service/signing/signature';
import { shownError, shownText } from '../shown';
import { systemClock } from '../systemClock';
import type { Host } from '../service/transport/transport';
import { cleanServerText } from '../service/response/serverText';

/**
 * Reads from the service while a user sets a node up.
 * @throws NodeOperationError when the request failed; its message ends with what to do
 */
export async function query(
	context: ILoadOptionsFunctions,
	parameters: Parameters,
	{ isDone, reads }: Pick<SingleRequest, 'isDone' | 'reads'>,
): Promise<ResponseData> {
	const credential = await context.getCredentials('tencentCloudIotApi');
	const send = async () =>
		await sendOnce(
			{ connection: readConnection(credential), parameters, isDone, reads },
			{ host: hostOf(context), clock: systemClock },
		);
	const outcome = await send().catch(blockedBy);
	if (outcome.outcome === 'OK') return outcome.data;
	// The advice of a run is about rows.
	const advice = outcome.isInvalidValue ? 'Correct what it names' : outcome.advice;
	// The editor shows the message alone.
	throw shownError(context, `${describe({ ...outcome, onlyReads: true })} ${advice}`);
}

/**
 * The product that the user chose in the open node.
 * @param listed what is listed of it, in the plural
 * @throws NodeOperationError when none is chosen yet
 */
export function chosenProduct(context: ILoadOptionsFunctions, listed: string): string {
	const ProductId = String(context.getCurrentNodeParameter('productId') ?? '').trim();
	if (ProductId !== '' && !ProductId.startsWith('=')) return ProductId;
	throw shownError(context, `Fill in 'Product ID' to list its ${listed}.`);
}

/** What a request of a pick list or of the mapper needs of n8n. n8n's function itself keeps to its policy on hosts. */
function hostOf({ helpers, logger }: ILoadOptionsFunctions): Host {
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

/** The most characters of a name that are shown. */
const LONGEST_NAME = 100;

/**
 * What a user may pick as a value, or undefined. n8n stores it, and evaluates from then on what begins with an equals sign.
 * A cleaned text would be another value, and the list would show both alike.
 */
export function pickedValue(value: unknown): string | undefined {
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text !== 'string' || text === '' || text.startsWith('=')) return undefined;
	return cleanServerText(text, text.length).trim() === text ? text : undefined;
}

/** The name of what can be picked. n8n stores and evaluates it like the value. */
export function pickedName(name: unknown, value: string): string {
	const text = typeof name === 'string' ? cleanServerText(name, LONGEST_NAME) : '';
	return shownText(text.trim().replace(/^[=\s]+/, '') || value);
}
