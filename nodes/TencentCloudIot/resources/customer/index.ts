import { createCustomer } from './create.operation';
import { getManyCustomers } from './getMany.operation';

export const customer = {
	value: 'customer',
	name: 'Customer',
	operations: [createCustomer, getManyCustomers],
};
