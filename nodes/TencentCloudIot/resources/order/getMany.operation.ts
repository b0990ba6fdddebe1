import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { pick } from '../answerValues';

const properties: INodeProperties[] = [
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: 'Which orders to return',
		options: [
			{
				displayName: 'Customer ID',
				name: 'customerId',
				type: 'string',
				default: '',
				placeholder: 'e.g. user_1024',
				description: 'Only orders of this customer',
			},
			{
				displayName: 'Order Number',
				name: 'orderNo',
				type: 'string',
				default: '',
				placeholder: 'e.g. 2026-000123',
				description: 'Only the order with this number',
			},
		],
	},
];

/** ServiceGetOrderList (product 1465, pages 59062–59079). */
export const getManyOrders = listOperation({
	value: 'getMany',
	option: { name: 'Get Many', action: 'Get many orders', description: 'List orders that were created' },
	properties,
	action: 'ServiceGetOrderList',
	paging: { list: 'Orders', size: 'Limit', by: 'Offset' },
	parameters: (item) => ({
		CustomerId: item.optionalText('filters.customerId'),
		OrderNo: item.optionalText('filters.orderNo'),
	}),
	toRecord: (order) => pick(order, ['CustomerId', 'OrderNo', 'ItemId', 'ItemVNO', 'ItemNum']),
	record: 'order',
});
