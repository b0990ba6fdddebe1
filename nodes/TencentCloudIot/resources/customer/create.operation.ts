import type { INodeProperties } from 'n8n-workflow';

import { checkCustomerId } from '../../binding/customerId';
import { readUnusualIds, unusualCustomerIds } from '../customerId';
import { perItemOperation } from '../perItemOperation';

const properties: INodeProperties[] = [
	{
		displayName: 'Customer ID',
		name: 'customerId',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. user_1024',
		description: "Your application's own ID of the customer: letters, digits and _, at most 32",
	},
	{
		displayName: 'Country Code',
		name: 'countryCode',
		type: 'string',
		required: true,
		default: '86',
		placeholder: 'e.g. 86',
		description: 'The country code of the phone number',
	},
	{
		displayName: 'Phone Number',
		name: 'phoneNumber',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 13800138000',
		description: 'The phone number of the customer, without the country code',
	},
];

/** ServiceCreateCustomer (product 1465, pages 59062–59079). */
export const createCustomer = perItemOperation({
	value: 'create',
	option: { name: 'Create', action: 'Create customer', description: 'Make a customer known to Tencent' },
	properties,
	options: [unusualCustomerIds],
	action: 'ServiceCreateCustomer',
	// The CustomerId is the key: a second request with the same one cannot make a second customer.
	repeatable: true,
	parameters: (item, options) => ({
		CustomerId: item.text('customerId', (text) => checkCustomerId(text, readUnusualIds(options))),
		CountryCode: item.text('countryCode'),
		PhoneNumber: item.text('phoneNumber'),
	}),
	isDone: ({ Status }) => Status === 'OK',
	toJson: ({ CustomerId }) => ({ CustomerId, Status: 'OK' }),
	unit: 'customer',
	done: 'created',
});
