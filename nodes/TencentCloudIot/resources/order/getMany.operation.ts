import { collection, optional } from '../../input/fields/fields';
import { pick } from '../operation/responseValues';
import { listOperation } from '../operation/perItemOperation';
import { typedCustomerId } from '../fields/customerFields';
import { orderNumber } from '../fields/orderItems';

/** ServiceGetOrderList (product 1465, pages 59062–59079). */
export const getManyOrders = listOperation({
	value: 'getMany',
	option: { name: 'Get Many', action: 'Get many orders', description: 'List the orders of your application' },
	fields: {
		filters: collection({
			displayName: 'Filters',
			placeholder: 'Add filter',
			description: 'Which orders to return',
			fields: {
				customerId: optional(typedCustomerId('Return only orders of this customer')),
				orderNo: optional(orderNumber('Return only the order with this number')),
			},
		}),
	},
	action: 'ServiceGetOrderList',
	paging: { list: 'Orders', size: 'Limit', by: 'Offset' },
	parameters: ({ filters: { customerId, orderNo } }) => ({ CustomerId: customerId, OrderNo: orderNo }),
	toRecord: (order) => pick(order, ['CustomerId', 'OrderNo', 'ItemId', 'ItemVNO', 'ItemNum']),
	recordUnit: 'order',
});
