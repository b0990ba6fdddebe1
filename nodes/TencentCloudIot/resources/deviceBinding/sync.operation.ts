import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Row } from '../../binding/row';
import type { Operation } from '../../operation';
import type { SyncOptions } from '../../sync/session';
import { columns, columnsHelp } from './columns';
import { pushOperation } from './push.operation';
import { readSafetyChecks, safetyChecks } from './safetyChecks';

/** What a user may choose besides the options of Push. */
const options: INodeProperties[] = [
	{
		displayName: 'Longest Run (Minutes)',
		name: 'longestRun',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1440 },
		default: 0,
		description:
			'Stop starting new customers after this many minutes (0 = no limit). The next run sends the rest first.',
	},
	{
		displayName: 'Push Again After (Days)',
		name: 'pushAgainAfter',
		type: 'number',
		noDataExpression: true,
		typeOptions: { minValue: 0, maxValue: 365, numberPrecision: 0 },
		default: 7,
		description:
			"Re-push unchanged customers after this many days, in case they were changed on Tencent's side (0 = never)",
	},
	{
		displayName: 'Send',
		name: 'send',
		type: 'options',
		default: 'changed',
		options: [
			{ name: 'Changed Customers', value: 'changed' },
			{ name: 'Every Customer', value: 'every' },
		],
		description: 'Which customers to push. The sync state is kept either way.',
	},
];

function readSyncOptions({ longestRun, pushAgainAfter, send, ...chosen }: IDataObject): SyncOptions {
	return {
		longestRunMinutes: Number(longestRun),
		pushAgainAfterDays: Number(pushAgainAfter),
		sendAll: send === 'every',
		checks: readSafetyChecks(chosen),
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
			'Push the customers that changed since Tencent last accepted them; needs all customers in one run',
	},
	toolAdvice:
		'Not for single customers: it takes the rows of all customers, and customers without rows count as missing',
	properties: [
		{
			displayName:
				'Sync needs the rows of all customers in one run. Customers without rows count as missing.',
			name: 'syncHelp',
			type: 'notice',
			default: '',
		},
		columnsHelp,
		columns,
	],
	options: [...pushOperation.options, ...options],
	optionGroups: [...(pushOperation.optionGroups ?? []), safetyChecks],
	incremental: readSyncOptions,
};
