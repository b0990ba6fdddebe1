import type { AnswerData } from './response/answer';
import { recordsIn } from './paging';
import type { Parameters } from './signing/signature';

/**
 * ServiceGetCustomerList needs no parameter of its own and changes nothing (product 1465, page 59064): whether it is
 * accepted tells whether App Key, App Secret and clock are right. Without nested values every rule signs it alike.
 */
export const HARMLESS_READ: Parameters = { Action: 'ServiceGetCustomerList', Limit: 1 };

/** The proof of success in its answer. */
export function isHarmlessReadDone(data: AnswerData): boolean {
	return recordsIn(data, 'Customers') !== undefined || typeof data.Total === 'number';
}
