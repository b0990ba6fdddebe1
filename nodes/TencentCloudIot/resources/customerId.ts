import type { INodeProperties } from 'n8n-workflow';

/** A customer that Tencent knows already: picked from the list, or by id. */
export const customerId: INodeProperties = {
	displayName: 'Customer ID',
	name: 'customerId',
	type: 'resourceLocator',
	required: true,
	default: { mode: 'id', value: '' },
	description: "Your application's own ID of the customer",
	modes: [
		{
			displayName: 'By ID',
			name: 'id',
			type: 'string',
			placeholder: 'e.g. user_1024',
		},
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchCustomers', searchable: true },
		},
	],
};
