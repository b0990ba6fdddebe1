import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { UnusualIds } from '../binding/customerId';
import { whyNoId } from '../binding/placeholder';
import { customers } from '../editor/listSearch';
import { picker } from '../input/fieldGroups';

/** A customer that Tencent knows already: picked from the list, or by id, whatever it looks like. */
export const customerId = picker({
	displayName: 'Customer ID',
	description: "Your application's own ID of the customer",
	placeholder: 'e.g. user_1024',
	list: customers,
	rule: whyNoId,
});

/** The entry of 'Options' of what makes ids known to Tencent. */
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
	description:
		'What to do with an ID that is not made of letters, digits and _, at most 32, as the documentation has it. What is no ID at all, such as "null" or "#N/A", is always refused.',
};

export function readUnusualIds({ unusualCustomerIds: chosen }: IDataObject): UnusualIds {
	return chosen === 'allow' ? 'allow' : 'refuse';
}
