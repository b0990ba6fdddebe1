import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { readConnection } from '../service/connection';
import type { ResponseData } from '../service/response/parseResponse';
import { sendOnce, type SingleRequest } from '../service/delivery/sendOnce';
import { describe, blockedBy } from '../service/outcome';
import type { Parameters } from '../service/signing/signature';
import { shownError } from '../shown';
import { systemClock } from '../systemClock';
import { hostOf } from './host';

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
