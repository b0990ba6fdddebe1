import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { IdRules } from '../binding/ids';
import { customers } from '../editor/lists';
import { picker } from '../input/fields/fieldGroups';

/** A customer that Tencent knows already: picked from the list, or by id, whatever it looks like. */
export const customerId = picker({
	displayName: 'Customer ID',
	description: "Your application's own ID for the customer",
	placeholder: 'e.g. user_1024',
	list: customers,
});

/** Where ids are made known to Tencent. */
export const unusualCustomerIds: INodeProperties = {
	displayName: 'Unusual Customer IDs',
	name: 'unusualCustomerIds',
	type: 'options',
	noDataExpression: true,
	default: 'refuse',
	options: [
		{ name: 'Allow', value: 'allow' },
		{ name: 'Refuse', value: 'refuse' },
	],
	description: 'Refuse IDs other than the documented 1 to 32 letters, digits or _ (default), or allow them',
};

export const phoneIds: INodeProperties = {
	displayName: 'Phone Numbers as IDs',
	name: 'phoneIds',
	type: 'options',
	noDataExpression: true,
	default: 'refuse',
	options: [
		{ name: 'Digits Only', value: 'digits', description: '13712345678, without spaces, dashes and +86' },
		{ name: 'Refuse', value: 'refuse' },
	],
	description:
		'Refuse phone numbers as IDs, e.g. +86 137-1234-5678 (default), or use their digits without +86',
};

/** Which ids are taken, as the user chose above. */
export function readIdRules(chosen: IDataObject): IdRules {
	return {
		unusualIds: chosen[unusualCustomerIds.name] === 'allow' ? 'allow' : 'refuse',
		phoneIds: chosen[phoneIds.name] === 'digits' ? 'digits' : 'refuse',
	};
}
