import { collection, optional } from '../../input/fields/fields';
import { pick } from '../operation/responseValues';
import { countryCode, phoneNumber, readPhone, typedCustomerId } from '../fields/customerFields';
import { listOperation } from '../operation/perItemOperation';

const description = 'Return only customers with exactly this value';

/** ServiceGetCustomerList (product 1465, page 59064). */
export const getManyCustomers = listOperation({
	value: 'getMany',
	option: {
		name: 'Get Many',
		action: 'Get many customers',
		description: 'List the customers registered with Tencent',
	},
	fields: {
		filters: collection({
			displayName: 'Filters',
			placeholder: 'Add filter',
			description: 'Which customers to return',
			fields: {
				countryCode: optional(countryCode({ description })),
				customerId: optional(typedCustomerId(description)),
				phoneNumber: optional(phoneNumber({ description })),
			},
		}),
	},
	action: 'ServiceGetCustomerList',
	paging: { list: 'Customers', size: 'Limit', by: 'Offset' },
	parameters: ({ filters }) => ({ CustomerId: filters.customerId, ...readPhone(filters) }),
	toRecord: (customer) => pick(customer, ['CustomerId', 'CountryCode', 'PhoneNumber']),
	recordUnit: 'customer',
});
