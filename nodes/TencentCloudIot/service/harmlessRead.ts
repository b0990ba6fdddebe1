import type { ResponseData } from './response/parseResponse';
import { recordsIn } from './paging';
import type { Parameters } from './signing/signature';

/**
 * ServiceGetCustomerList needs no parameter of its own and changes nothing (product 1465, page 59064). Its success proves
 * that App Key, App Secret and clock are right. Without nested values every scheme signs it alike.
 */
export const HARMLESS_READ: Parameters = { Action: 'ServiceGetCustomerList', Limit: 1 };

/** Whether the response proves its success. */
export function isHarmlessReadDone(data: ResponseData): boolean {
	return recordsIn(data, 'Customers') !== undefined || typeof data.Total === 'number';
}
