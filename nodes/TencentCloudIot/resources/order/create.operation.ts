import type { INodeProperties } from 'n8n-workflow';

import { perItemOperation } from '../perItemOperation';
import { customerId, readCustomerId } from '../customerId';
import { itemId, itemVersions, readItem } from '../orderItems';

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
	properties,
	action: 'ServiceCreateOrder',
	// It consumes quota, and no page says that Tencent refuses an OrderNo that it has already.
	repeatable: false,
	unclearAdvice: "Look for the order with 'Order: Get Many' before you create it again: it may exist already",
	parameters: (item) => ({
		CustomerId: readCustomerId(item),
		OrderNo: item.text('orderNo'),
		...readItem(item),
		ItemNum: item.integer('itemNum', 1),
	}),
	isDone: ({ Status }) => Status === 'OK',
	toJson: ({ CustomerId, OrderNo, ItemId }) => ({ CustomerId, OrderNo, ItemId, Status: 'OK' }),
	unit: 'order',
	done: 'created',
});
