import { customers } from '../editor/lists';
import { picker } from '../input/fields/fieldGroups';
import { setting } from '../input/fields/fields';

/** A customer that Tencent knows already: picked from the list, or by id, whatever it looks like. */
export const customerId = picker({
	displayName: 'Customer ID',
	description: "Your application's own ID for the customer",
	placeholder: 'e.g. user_1024',
	list: customers,
});

/** Where ids are made known to Tencent. */
export const unusualCustomerIds = setting({
	displayName: 'Unusual Customer IDs',
	noDataExpression: true,
	default: 'refuse',
	options: [
		{ name: 'Allow', value: 'allow' },
		{ name: 'Refuse', value: 'refuse' },
	],
	description: 'Refuse IDs other than the documented 1 to 32 letters, digits or _ (default), or allow them',
});

export const phoneIds = setting({
	displayName: 'Phone Numbers as IDs',
	noDataExpression: true,
	default: 'refuse',
	options: [
		{ name: 'Digits Only', value: 'digits', description: '13712345678, without spaces, dashes and +86' },
		{ name: 'Refuse', value: 'refuse' },
	],
	description:
		'Refuse phone numbers as IDs, e.g. +86 137-1234-5678 (default), or use their digits without +86',
});
