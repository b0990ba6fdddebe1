import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { UnusualIds } from '../binding/customerId';
import { customers } from '../editor/listSearch';
import { picker } from '../input/fieldGroups';

/** A customer that Tencent knows already: picked from the list, or by id, whatever it looks like. */
export const customerId = picker({
	displayName: 'Customer ID',
	description: "Your application's own ID of the customer",
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
	description: 'Refuse IDs that are not 1 to 32 letters, digits or _, as documented (default), or allow them',
};

export function readUnusualIds({ unusualCustomerIds: chosen }: IDataObject): UnusualIds {
	return chosen === 'allow' ? 'allow' : 'refuse';
}
