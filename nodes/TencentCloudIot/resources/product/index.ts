import { getModel } from './getModel.operation';

export const product = {
	value: 'product',
	name: 'Product',
	operations: [getModel],
};
