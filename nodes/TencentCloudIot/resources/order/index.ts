import { createOrder } from './create.operation';
import { getManyOrders } from './getMany.operation';

export const order = {
	value: 'order',
	name: 'Order',
	operations: [createOrder, getManyOrders],
};
