import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { unusualCustomerIds } from '../customerId';

/** What a user may choose besides what every operation offers: which rows are sent, and what is told of them. */
export const options: INodeProperties[] = [
	{
		displayName: 'Include Devices in Output',
		name: 'includeDevices',
		type: 'boolean',
		default: false,
		description: 'Whether each output item lists the devices that were pushed',
	},
	{
		displayName: 'Invalid Rows',
		name: 'invalidRows',
		type: 'options',
		noDataExpression: true,
		default: 'holdBack',
		options: [
			{ name: 'Hold Back the Customer', value: 'holdBack' },
			{ name: 'Send the Valid Devices', value: 'sendValid' },
		],
		description:
			'What to do with a customer of whom some rows cannot be used. Whether a push replaces the set of devices is not documented, so an incomplete one may unbind devices.',
	},
	{
		displayName: 'Same Customer in Several Runs',
		name: 'repeatedCustomers',
		type: 'options',
		noDataExpression: true,
		default: 'refuse',
		options: [
			{ name: 'Allow', value: 'allow' },
			{ name: 'Refuse', value: 'refuse' },
		],
		description:
			'What to do with a customer that an earlier run of the same execution pushed with other devices, as happens in a loop or where two branches lead to the node. Allow it only if each run has all devices of its customers.',
	},
	{
		displayName: 'Same Device Under Several Customers',
		name: 'sharedDevices',
		type: 'options',
		noDataExpression: true,
		default: 'refuse',
		options: [
			{ name: 'Allow', value: 'allow' },
			{ name: 'Refuse', value: 'refuse' },
		],
		description: 'What to do when rows name the same device for more than one customer',
	},
	unusualCustomerIds,
];

/** What a user chose for Push and Sync, typed. */
export interface PushOptions {
	/** Whether each output item lists the devices. */
	includesDevices: boolean;
	/** Whether the valid devices of a customer are sent although some of its rows cannot be used. */
	sendsValidDevices: boolean;
	/** What to do with a customer that an earlier run of the execution pushed with other devices. */
	repeatedCustomers: 'allow' | 'refuse';
	/** What to do with a device that rows name for more than one customer. */
	sharedDevices: 'allow' | 'refuse';
}

/** @param chosen the options as the node stores them */
export function readPushOptions(chosen: IDataObject): PushOptions {
	const { includeDevices, invalidRows, repeatedCustomers, sharedDevices } = chosen;
	return {
		includesDevices: includeDevices === true,
		sendsValidDevices: invalidRows === 'sendValid',
		repeatedCustomers: repeatedCustomers === 'allow' ? 'allow' : 'refuse',
		sharedDevices: sharedDevices === 'allow' ? 'allow' : 'refuse',
	};
}
