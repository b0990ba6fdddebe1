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
