/** What an item of a test order begins with (product 1465, pages 59062–59079). */
const TEST_ITEM = 'D-';

/** Whether an order for the item consumes purchased quota: all do, but for those of test orders. */
export function isLiveItem(itemId: unknown): boolean {
	return typeof itemId !== 'string' || !itemId.startsWith(TEST_ITEM);
}

/** Whether a request places a live order, however its Action is written. */
export function isLiveOrder({ Action, ItemId }: Readonly<Record<string, unknown>>): boolean {
	return String(Action).trim().toLowerCase() === 'servicecreateorder' && isLiveItem(ItemId);
}
