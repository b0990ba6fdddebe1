import type { ResponseData } from './outcome';
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

/** The Action that places orders (product 1465, pages 59062–59079). */
export const CREATE_ORDER = 'ServiceCreateOrder';

/** What an item of a test order begins with (product 1465, pages 59062–59079). */
const TEST_ITEM = 'D-';

/** Whether an order for the item consumes purchased quota: all but test orders do. */
export function isLiveItem(itemId: unknown): boolean {
	return typeof itemId !== 'string' || !itemId.startsWith(TEST_ITEM);
}

/**
 * Whether a request places a live order, however its Action is written. A service in Go accepts member names in any case
 * and takes the last of duplicates.
 */
export function isLiveOrder(parameters: Readonly<Record<string, unknown>>): boolean {
	const all = (name: string) =>
		Object.keys(parameters).flatMap((key) => (key.toLowerCase() === name ? [parameters[key]] : []));
	const isOrder = all('action').some(
		(action) => String(action).trim().toLowerCase() === CREATE_ORDER.toLowerCase(),
	);
	const items = all('itemid');
	return isOrder && (items.length === 0 || items.some(isLiveItem));
}
