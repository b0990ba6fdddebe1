import { columnClues } from '../../binding/columnClues';
import type { ColumnClues } from '../../input/columnFit';
import type { Options } from '../../input/fields/field';
import { optionGroup, setting } from '../../input/fields/fields';
import { phoneIds, refusedUnlessAllowed, unusualCustomerIds } from '../fields/customerFields';

/** The options for unusual rows. The defaults refuse everything that could make the full set of a customer incomplete. */
export const rowHandling = optionGroup({
	displayName: 'Row Handling',
	placeholder: 'Add rule',
	description: 'How to handle unusual rows; by default nothing is sent that could make a set incomplete',
	fields: {
		emptyCustomerId: setting({
			displayName: 'Empty CustomerId',
			default: 'automatic',
			whenAdded: 'above',
			options: [
				{
					name: 'Automatic',
					value: 'automatic',
					description: 'Empty cells withhold the customer above; where IDs repeat, also the one below',
				},
				{ name: "Nobody's", value: 'nobody', description: 'For devices in stock: only this row is refused' },
				{
					name: 'Take It From the Row Above',
					value: 'above',
					description:
						'For merged cells. Extract From File drops #N/A cells of an .xlsx: use IFERROR or CSV.',
				},
			],
			description: 'Automatic (default) withholds every customer that rows without an ID might belong to',
		}),
		emptyProductName: setting({
			displayName: 'Empty ProductName',
			default: 'refuse',
			whenAdded: 'sameProduct',
			options: [
				{ name: 'Refuse', value: 'refuse' },
				{
					name: 'Take It From Rows of the Same Product',
					value: 'sameProduct',
					description: 'The name that all other rows with the same ProductId have',
				},
			],
			description: "Refuse rows without a name (default), or use the name of the product's other rows",
		}),
		invalidRows: setting({
			displayName: 'Invalid Rows',
			default: 'withhold',
			whenAdded: 'sendValid',
			options: [
				{ name: 'Send the Valid Devices', value: 'sendValid' },
				{ name: 'Withhold the Customer', value: 'withhold' },
			],
			description: 'Withhold customers with invalid rows (default), or send their valid devices alone',
		}),
		phoneIds,
		rowsWithoutDevice: setting({
			displayName: 'Rows Without a Device',
			default: 'refuse',
			whenAdded: 'leaveOut',
			options: [
				{
					name: 'Leave Out',
					value: 'leaveOut',
					description: 'The customer is not sent, which is not a failure',
				},
				{ name: 'Refuse', value: 'refuse' },
			],
			description: 'Refuse rows with only a CustomerId (default), or leave out customers without a device',
		}),
		repeatedCustomers: refusedUnlessAllowed({
			displayName: 'Same Customer in Several Runs',
			description: 'Refuse a customer that comes again with other devices (default), or allow it',
		}),
		sharedDevices: refusedUnlessAllowed({
			displayName: 'Same Device Under Several Customers',
			description: 'Refuse a device listed for several customers (default), or bind it to each of them',
		}),
		severalDevices: setting({
			displayName: 'Several Devices in a Cell',
			default: 'refuse',
			whenAdded: 'split',
			options: [
				{ name: 'Refuse', value: 'refuse' },
				{ name: 'Split', value: 'split', description: 'LOCK01/c,d means LOCK01/c and LOCK01/d' },
			],
			description: 'Refuse a cell with several devices (default), or pair each with a serial number',
		}),
		unusualCustomerIds,
	},
});

/** What the user has chosen in 'Row Handling'. */
export type RowHandling = Options<{ rowHandling: typeof rowHandling }>['rowHandling'];

/** The fields to which users map columns, and the clues from which the node finds columns for the fields that are not mapped. */
export const mappedColumns = (options: { rowHandling: { phoneIds: 'digits' | 'refuse' } }): ColumnClues =>
	columnClues(options.rowHandling.phoneIds);
