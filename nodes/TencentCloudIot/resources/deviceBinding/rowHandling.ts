import type { IDataObject, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { EmptyIds } from '../../binding/emptyIds';
import type { RowRules } from '../../binding/row';
import { phoneIds, readIdRules, unusualCustomerIds } from '../customerId';

const ALLOW_OR_REFUSE: INodePropertyOptions[] = [
	{ name: 'Allow', value: 'allow' },
	{ name: 'Refuse', value: 'refuse' },
];

const choice = (
	texts: Pick<INodeProperties, 'displayName' | 'name' | 'description'>,
	options: INodePropertyOptions[],
	standard: string,
): INodeProperties => ({ ...texts, type: 'options', noDataExpression: true, default: standard, options });

/** What Push and Sync do with rows that are unusual. The defaults refuse whatever could make a set incomplete. */
export const rowHandling: INodeProperties = {
	displayName: 'Row Handling',
	name: 'rowHandling',
	type: 'collection',
	placeholder: 'Add rule',
	default: {},
	description: 'How to handle unusual rows; by default nothing is sent that could make a set incomplete',
	options: [
		choice(
			{
				displayName: 'Empty CustomerId',
				name: 'emptyCustomerId',
				description:
					'Owner of rows without an ID. Automatic (default) detects merged cells and withholds the customer above.',
			},
			[
				{
					name: 'Automatic',
					value: 'automatic',
					description:
						"Merged cells if each ID appears once, with empty cells below; nobody's if IDs repeat in every row",
				},
				{ name: "Nobody's", value: 'nobody', description: 'Devices in stock: only this row is refused' },
				{ name: 'Take It From the Row Above', value: 'above', description: 'Merged cells in a sheet' },
			],
			'automatic',
		),
		choice(
			{
				displayName: 'Invalid Rows',
				name: 'invalidRows',
				description:
					'Withhold customers with invalid rows (default), or send their valid devices: others may be unbound',
			},
			[
				{ name: 'Send the Valid Devices', value: 'sendValid' },
				{ name: 'Withhold the Customer', value: 'withhold' },
			],
			'withhold',
		),
		phoneIds,
		choice(
			{
				displayName: 'Rows Without a Device',
				name: 'rowsWithoutDevice',
				description:
					'Refuse rows with a CustomerId alone (default), or leave customers without any device out',
			},
			[
				{ name: 'Leave Out', value: 'leaveOut', description: 'Not sent, not a failure' },
				{ name: 'Refuse', value: 'refuse' },
			],
			'refuse',
		),
		choice(
			{
				displayName: 'Same Customer in Several Runs',
				name: 'repeatedCustomers',
				description:
					'Refuse other devices of a customer later in an execution, e.g. in a loop (default), or allow them',
			},
			ALLOW_OR_REFUSE,
			'refuse',
		),
		choice(
			{
				displayName: 'Same Device Under Several Customers',
				name: 'sharedDevices',
				description:
					'Refuse a device listed for more than one customer (default), or bind it to each of them',
			},
			ALLOW_OR_REFUSE,
			'refuse',
		),
		choice(
			{
				displayName: 'Several Devices in a Cell',
				name: 'severalDevices',
				description:
					'Refuse a cell with several devices (default), or pair each with a serial number; counts must match',
			},
			[
				{ name: 'Refuse', value: 'refuse' },
				{ name: 'Split', value: 'split', description: 'LOCK01/c,d means LOCK01/c and LOCK01/d' },
			],
			'refuse',
		),
		unusualCustomerIds,
	],
};

/** What a user chose under 'Row Handling', typed. */
export interface RowHandling extends RowRules {
	/** Whose a row without a CustomerId is. */
	emptyIds: EmptyIds;
	/** Whether the valid devices of a customer are sent although some of its rows are invalid. */
	sendsValidDevices: boolean;
	/** What to do with rows that have a CustomerId and nothing else. */
	rowsWithoutDevice: 'leaveOut' | 'refuse';
	/** What to do with a customer that an earlier run of the execution pushed with other devices. */
	repeatedCustomers: 'allow' | 'refuse';
	/** What to do with a device that rows name for more than one customer. */
	sharedDevices: 'allow' | 'refuse';
}

/** @param chosen the options of the run */
export function readRowHandling(chosen: IDataObject): RowHandling {
	const {
		emptyCustomerId,
		invalidRows,
		repeatedCustomers,
		rowsWithoutDevice,
		severalDevices,
		sharedDevices,
	} = chosen;
	return {
		...readIdRules(chosen),
		emptyIds: emptyCustomerId === 'above' || emptyCustomerId === 'nobody' ? emptyCustomerId : 'automatic',
		severalDevices: severalDevices === 'split' ? 'split' : 'refuse',
		sendsValidDevices: invalidRows === 'sendValid',
		rowsWithoutDevice: rowsWithoutDevice === 'leaveOut' ? 'leaveOut' : 'refuse',
		repeatedCustomers: repeatedCustomers === 'allow' ? 'allow' : 'refuse',
		sharedDevices: sharedDevices === 'allow' ? 'allow' : 'refuse',
	};
}
