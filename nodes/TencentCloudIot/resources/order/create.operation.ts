import { count, flag, notice } from '../../input/fields/fields';
import { because } from '../../messages/findings';
import { isLiveItem } from '../../service/actions';
import { customerId } from '../fields/customerFields';
import { orderItemFields, orderNumber, readOrderItem } from '../fields/orderItems';
import { perItemOperation } from '../operation/perItemOperation';
import { OPERATION_ADVICE } from '../../messages/operations';

/** ServiceCreateOrder (product 1465, pages 59062–59079). */
export const createOrder = perItemOperation({
	value: 'create',
	option: { name: 'Create', action: 'Create order', description: 'Order an insurance policy for a customer' },
	toolAdvice:
		'It places a test order unless the item is a live one and the node allows that. Never call it again for an order that may exist: look for its number first',
	fields: {
		customerId,
		orderNo: orderNumber("Your application's own number for the order"),
		liveOrderNotice: notice('A live order consumes purchased quota. Test orders (D-…) consume none.'),
		// It takes no expression, so no argument of a model can turn it on.
		liveOrder: flag({
			displayName: 'Live Order',
			noDataExpression: true,
			description: 'Whether live items may be ordered (off = test orders only)',
			builderHint: { propertyHint: 'Leave off unless the user asks for a live order' },
		}),
		...orderItemFields,
		itemNum: count({
			displayName: 'Item Count',
			required: true,
			typeOptions: { minValue: 1, numberPrecision: 0 },
			description: 'Number of items to order',
		}),
	},
	uniqueField: 'orderNo',
	action: 'ServiceCreateOrder',
	unclearAdvice: OPERATION_ADVICE.lookForOrder(),
	parameters: (item) => ({
		CustomerId: item.customerId,
		OrderNo: item.orderNo,
		...readOrderItem(item, (itemId) =>
			!isLiveItem(itemId) || item.liveOrder ? undefined : because('liveOrderOff'),
		),
		ItemNum: item.itemNum,
	}),
	shown: ['CustomerId', 'OrderNo', 'ItemId'],
	unit: 'order',
	namedBy: ['OrderNo'],
	done: 'created',
});
