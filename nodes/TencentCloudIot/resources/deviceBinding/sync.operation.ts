import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Row } from '../../binding/row';
import type { Operation } from '../../operation';
import type { SyncOptions } from '../../sync/syncOptions';
import { columns } from './columns';
import { pushOperation } from './push.operation';

/** What a user may choose besides the options of Push. */
const options: INodeProperties[] = [
	{
		displayName: 'Longest Run',
		name: 'longestRun',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description:
			'After how many minutes no further customer is begun; 0 for no limit. Those that are left come first in the next run.',
	},
	{
		displayName: 'Push Again After',
		name: 'pushAgainAfter',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 0, maxValue: 365, numberPrecision: 0 },
		default: 7,
		description:
			'After how many days a customer is pushed again although nothing changed, in case that somebody else changed it at Tencent; 0 for never',
	},
	{
		displayName: 'Send',
		name: 'send',
		type: 'options',
		noDataExpression: true,
		default: 'changed',
		options: [
			{ name: 'Changed Customers', value: 'changed' },
			{ name: 'Every Customer', value: 'every' },
		],
		description: 'Which customers are pushed. What was accepted is remembered either way.',
	},
	{
		displayName: 'Stop Above',
		name: 'stopAbove',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 1, maxValue: 100 },
		default: 50,
		description:
			'When more than so many percent of the customers changed, or are missing from the rows, nothing is sent: a column that is mapped wrongly or a table that was read in part looks like that. 100 for never.',
	},
];

function readSyncOptions({ longestRun, pushAgainAfter, send, stopAbove }: IDataObject): SyncOptions {
	return {
		longestRunMinutes: Number(longestRun),
		pushAgainAfterDays: Number(pushAgainAfter),
		sendAll: send === 'every',
		stopAbovePercent: Number(stopAbove),
	};
}

/** ServiceBindDevice for the customers that changed since the service last accepted them. */
export const syncOperation: Operation<Row | Row[]> = {
	...pushOperation,
	value: 'sync',
	option: {
		name: 'Sync',
		action: 'Sync device bindings',
		description:
			'Push the customers that changed since Tencent last accepted them; give it all customers in one run',
	},
	toolAdvice:
		'Not for single customers: it takes the rows of all customers, and those that are missing count as gone',
	properties: [columns],
	options: [...pushOperation.options, ...options],
	incremental: readSyncOptions,
};
