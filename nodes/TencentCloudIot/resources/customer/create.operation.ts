import { checkCustomerId, normalizeCustomerId } from '../../binding/ids';
import { optional } from '../../input/fields/fields';
import {
	countryCode,
	phoneIds,
	phoneNumber,
	readPhone,
	typedCustomerId,
	unusualCustomerIds,
} from '../fields/customerFields';
import { perItemOperation } from '../operation/perItemOperation';
import { because } from '../../messages/findings';

/** ServiceCreateCustomer (product 1465, pages 59062–59079). */
export const createCustomer = perItemOperation({
	value: 'create',
	option: { name: 'Create', action: 'Create customer', description: 'Register a customer with Tencent' },
	fields: {
		customerId: typedCustomerId("Your application's own ID for the customer: 1 to 32 letters, digits or _"),
		countryCode: optional(
			countryCode({
				default: '86',
				description: 'Country code of the phone number; may be empty if the number begins with it, e.g. +86',
			}),
			'allow',
		),
		phoneNumber: phoneNumber({
			description: 'Phone number of the customer, without the country code or in full like +8613800138000',
		}),
	},
	options: { phoneIds, unusualCustomerIds },
	action: 'ServiceCreateCustomer',
	parameters: (item, rules) => {
		const CustomerId = normalizeCustomerId(item.customerId, rules);
		item.check('customerId', () => checkCustomerId(CustomerId, rules));
		const phone = readPhone(item);
		if (item.phoneNumber !== '' && phone.CountryCode === undefined) {
			item.refuse('countryCode', because('countryMissing'));
		}
		return { CustomerId, ...phone };
	},
	unit: 'customer',
	namedBy: ['CustomerId'],
	done: 'created',
});
