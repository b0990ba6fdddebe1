import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { SafetyCheckOptions } from '../../sync/safetyChecks';
import type { Row } from '../../binding/row';
import type { Operation } from '../../operation';
import type { SyncOptions } from '../../sync/session';
import { columns, columnsHelp } from './columns';
import { pushOperation } from './push.operation';

const percent: Pick<INodeProperties, 'type' | 'typeOptions'> = {
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 100 },
};

/** What decides before the first request whether a Sync may send. */
const safetyChecks: INodeProperties = {
	displayName: 'Safety Checks',
	name: 'safetyChecks',
	type: 'collection',
	placeholder: 'Add check',
	default: {},
	description: 'Send nothing if the rows differ too much from those of the last run',
	options: [
		{
			displayName: 'Approved Plan',
			name: 'approvedPlan',
			type: 'string',
			default: '',
			placeholder: 'e.g. q3BzX0yAf9LmK2dV',
			description: 'Plan ID of a stopped run: send exactly this plan, once. Other rows are checked again.',
		},
		{
			displayName: 'Stop Above (% Changed)',
			name: 'stopAbove',
			...percent,
			default: 50,
			description: 'Send nothing if more than this percentage of customers changed or is missing (100 = off)',
		},
		{
			displayName: 'Stop When Devices Drop (%)',
			name: 'stopWhenDevicesDrop',
			...percent,
			default: 3,
			description:
				'Send nothing if the rows lost more than this percentage of devices, or a whole product (100 = off)',
		},
	],
};

/** The time budget of a run. */
export const longestRun: INodeProperties = {
	displayName: 'Longest Run (Minutes)',
	name: 'longestRun',
	type: 'number',
	typeOptions: { minValue: 0, maxValue: 1440 },
	default: 0,
	description:
		'Stop starting new customers after this many minutes (0 = no limit). The next run sends the rest first.',
};

/** @param chosen the options of the run */
function readSafetyChecks(chosen: IDataObject): SafetyCheckOptions {
	return {
		stopAbovePercent: Number(chosen.stopAbove),
		stopWhenDevicesDropPercent: Number(chosen.stopWhenDevicesDrop),
		approvedPlan: String(chosen.approvedPlan ?? '').trim(),
	};
}

/** What a user may choose besides the options of Push. */
const options: INodeProperties[] = [
	longestRun,
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
