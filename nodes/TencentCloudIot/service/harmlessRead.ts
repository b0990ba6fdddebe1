import type { ResponseData } from './response/parseResponse';
import { recordsIn } from './paging';
import type { Parameters } from './signing/signature';

/**
 * ServiceGetCustomerList needs no parameter of its own and changes nothing (product 1465, page 59064). Its success proves
 * that App Key, App Secret and clock are right. Without nested values every scheme signs it alike.
 */
export const HARMLESS_READ: Parameters = { Action: 'ServiceGetCustomerList', Limit: 1 };

/**
 * A list beside a read that knows nothing of it and whose signature has to cover it: an accepted request shows how nested
 * values are signed, unless the service signs only what the Action knows.
 */
export const NESTED_LIST: Parameters = {
	DeviceInfos: [{ CustomerDeviceNo: '0', DeviceId: 'Product/Device', ProductName: 'Product' }],
};

/** Whether the response proves its success. */
export function isHarmlessReadDone(data: ResponseData): boolean {
	return recordsIn(data, 'Customers') !== undefined || typeof data.Total === 'number';
}
