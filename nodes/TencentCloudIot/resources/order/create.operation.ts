import type { INodeProperties } from 'n8n-workflow';

import { perItemOperation } from '../perItemOperation';
import { customerId, readCustomerId } from '../customerId';
import type { ItemFields } from '../../input/itemFields';
import { CREATE_ORDER, isLiveItem } from '../../service/liveOrder';
import { itemId, itemVersions, readItem } from '../orderItems';

/** No expression can fill it, and so no model. */
const liveOrder: INodeProperties = {
	displayName: 'Live Order',
	name: 'liveOrder',
	type: 'boolean',
	noDataExpression: true,
	default: false,
	description: 'Whether live items may be ordered; while it is off, only test orders are placed',
};

const properties: INodeProperties[] = [
	customerId,
	{
		displayName: 'Order Number',
		name: 'orderNo',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 2026-000123',
		description: "Your application's own number of the order",
	},
	{
		displayName: 'A live order consumes the quota that you purchased. Test orders (D-…) consume none.',
		name: 'liveOrderNotice',
		type: 'notice',
		default: '',
	},
	liveOrder,
	itemId,
	...itemVersions,
	{
		displayName: 'Item Count',
		name: 'itemNum',
		type: 'number',
		required: true,
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 1,
		description: 'How many of the item are ordered',
	},
];

/** ServiceCreateOrder (product 1465, pages 59062–59079). */
export const createOrder = perItemOperation({
	value: 'create',
	option: { name: 'Create', action: 'Create order', description: 'Order an insurance for a customer' },
	toolAdvice:
		'It places a test order unless the item is a live one and the node allows that. Never call it again for an order that may exist: look for its number first',
	properties,
	action: CREATE_ORDER,
	// It consumes quota, and no page says that Tencent refuses an OrderNo that it has already.
	effect: 'once',
	unclearAdvice: "Look for the order with 'Order: Get Many' before you create it again: it may exist already",
	parameters: (item) => ({
		CustomerId: readCustomerId(item),
		OrderNo: item.text('orderNo'),
		...readItem(item, (itemId) => whyNotLive(item, itemId)),
		ItemNum: item.integer('itemNum', 1),
	}),
	isDone: ({ Status }) => Status === 'OK',
	reads: [],
	toJson: ({ CustomerId, OrderNo, ItemId }) => ({ CustomerId, OrderNo, ItemId, Status: 'OK' }),
	unit: 'order',
	done: 'created',
});

function whyNotLive(item: ItemFields, itemId: string): string | undefined {
	if (!isLiveItem(itemId) || item.flag('liveOrder')) return undefined;
	return "is a live item, and 'Live Order' is off: give a test item (D-…); only the node itself can switch it on";
}
