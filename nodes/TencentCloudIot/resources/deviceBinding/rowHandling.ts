import { optionGroup } from '../../input/fields/fieldGroups';
import { setting } from '../../input/fields/fields';
import { phoneIds, unusualCustomerIds } from '../customerFields';

const ALLOW_OR_REFUSE = [
	{ name: 'Allow', value: 'allow' },
	{ name: 'Refuse', value: 'refuse' },
] as const;

/** What Push and Sync do with rows that are unusual. The defaults refuse whatever could make a set incomplete. */
export const rowHandling = optionGroup({
	displayName: 'Row Handling',
	placeholder: 'Add rule',
	description: 'How to handle unusual rows; by default nothing is sent that could make a set incomplete',
	fields: {
		emptyCustomerId: setting({
			displayName: 'Empty CustomerId',
			noDataExpression: true,
			default: 'automatic',
			options: [
				{
					name: 'Automatic',
					value: 'automatic',
					description:
						"Merged cells if each ID appears once, with empty cells below; nobody's if IDs repeat in every row",
				},
				{ name: "Nobody's", value: 'nobody', description: 'Devices in stock: only this row is refused' },
				{ name: 'Take It From the Row Above', value: 'above', description: 'Merged cells in a sheet' },
			],
			description:
				'Owner of rows without an ID. Automatic (default) detects merged cells and withholds the customer above.',
		}),
		invalidRows: setting({
			displayName: 'Invalid Rows',
			noDataExpression: true,
			default: 'withhold',
			options: [
				{ name: 'Send the Valid Devices', value: 'sendValid' },
				{ name: 'Withhold the Customer', value: 'withhold' },
			],
			description:
				'Withhold customers with invalid rows (default), or send their valid devices: others may be unbound',
		}),
		phoneIds,
		rowsWithoutDevice: setting({
			displayName: 'Rows Without a Device',
			noDataExpression: true,
			default: 'refuse',
			options: [
				{ name: 'Leave Out', value: 'leaveOut', description: 'Not sent, not a failure' },
				{ name: 'Refuse', value: 'refuse' },
			],
			description: 'Refuse rows with a CustomerId alone (default), or leave customers without any device out',
		}),
		repeatedCustomers: setting({
			displayName: 'Same Customer in Several Runs',
			noDataExpression: true,
			default: 'refuse',
			options: ALLOW_OR_REFUSE,
			description:
				'Refuse other devices of a customer later in an execution, e.g. in a loop (default), or allow them',
		}),
		sharedDevices: setting({
			displayName: 'Same Device Under Several Customers',
			noDataExpression: true,
			default: 'refuse',
			options: ALLOW_OR_REFUSE,
			description: 'Refuse a device listed for more than one customer (default), or bind it to each of them',
		}),
		severalDevices: setting({
			displayName: 'Several Devices in a Cell',
			noDataExpression: true,
			default: 'refuse',
			options: [
				{ name: 'Refuse', value: 'refuse' },
				{ name: 'Split', value: 'split', description: 'LOCK01/c,d means LOCK01/c and LOCK01/d' },
			],
			description:
				'Refuse a cell with several devices (default), or pair each with a serial number; counts must match',
		}),
		unusualCustomerIds,
	},
});
