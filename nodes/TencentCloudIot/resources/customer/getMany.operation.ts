import type { INodeProperties } from 'n8n-workflow';

import { listOperation } from '../listOperation';
import { pick } from '../answerValues';
import { readPhone } from './phone';

const filter = (displayName: string, name: string, placeholder: string): INodeProperties => ({
	displayName,
	name,
	type: 'string',
	default: '',
	placeholder,
	description: 'Only customers with exactly this value',
});

const properties: INodeProperties[] = [
	{
		displayName: 'Filters',
		name: 'filters',
		type: 'collection',
		placeholder: 'Add filter',
		default: {},
		description: 'Which customers to return',
		options: [
			filter('Country Code', 'countryCode', 'e.g. 86'),
			filter('Customer ID', 'customerId', 'e.g. user_1024'),
			filter('Phone Number', 'phoneNumber', 'e.g. 13800138000'),
		],
	},
];

/** ServiceGetCustomerList (product 1465, page 59064). */
export const getManyCustomers = listOperation({
	value: 'getMany',
	option: {
		name: 'Get Many',
		action: 'Get many customers',
		description: 'List customers that Tencent knows',
	},
	properties,
	action: 'ServiceGetCustomerList',
	paging: { list: 'Customers', size: 'Limit', by: 'Offset' },
	parameters: (item) => ({
		CustomerId: item.optionalText('filters.customerId'),
		...readPhone(item, 'filters.'),
	}),
	toRecord: (customer) => pick(customer, ['CustomerId', 'CountryCode', 'PhoneNumber']),
	record: 'customer',
});
