import { limit, notice, optional, optionGroup, propertiesOf, setting, text } from '../../input/fields/fields';
import type { Options } from '../../input/fields/field';
import type { Row } from '../../binding/row';
import type { Operation } from '../operation/operation';
import { planIds } from '../../sync/stop';
import type { SyncOptions } from '../../sync/session';
import { cleanRows } from './cleanRows';
import { columns, columnsHelp } from './columns';
import { keepReceipts, messages } from './keeping';
import { longestRun } from './longestRun';
import { pushOperation } from './push.operation';
import { mappedColumns } from './rowHandling';

const PERCENT_LIMITS = { minValue: 1, maxValue: 100 };

const MOST_CHANGED = 20;
const MOST_DEVICES_FEWER = 3;

/** The thresholds that decide, before the first request of a Sync, whether it may send. */
const safetyChecks = optionGroup({
	displayName: 'Safety Checks',
	placeholder: 'Add check',
	description: 'Send nothing if the rows differ too much from those of the last run',
	fields: {
		approvedPlan: optional(
			text({
				displayName: 'Approved Plan',
				placeholder: 'e.g. q3BzX0yAf9LmK2dV',
				description: 'Plan ID of a stopped run. Exactly this plan is sent, once; other rows are checked.',
				rule: () => undefined,
			}),
			'allow',
		),
		expectChangesWithin: limit({
			displayName: 'Expect Changes Within (Days)',
			typeOptions: { minValue: 0, maxValue: 365 },
			default: 0,
			description: 'Report once if no row changed for this many days (0 = judged by past changes)',
		}),
		stopAbove: limit({
			displayName: 'Stop Above (% Changed)',
			typeOptions: PERCENT_LIMITS,
			default: MOST_CHANGED,
			description: 'Send nothing if more than this percentage of customers changed or is missing (100 = off)',
		}),
		stopWhenDevicesDrop: limit({
			displayName: 'Stop When Devices Drop (%)',
			typeOptions: PERCENT_LIMITS,
			default: MOST_DEVICES_FEWER,
			description: 'Send nothing if more than this % of devices, or a product, left the rows (100 = off)',
		}),
	},
});

/** The options of Sync that Push does not have. */
const options = {
	...pushOperation.options,
	keepReceipts,
	messages,
	safetyChecks,
	longestRun: longestRun(
		'Start no new customer after this many minutes; the next run goes on (0 = no limit)',
	),
	movedDevices: setting({
		displayName: 'Moved Devices',
		default: 'report',
		options: [
			{
				name: 'Do Not Report',
				value: 'ignore',
				description: 'For a service whose pushes are known to replace',
			},
			{ name: 'Report', value: 'report' },
		],
		description: 'What to do when a device moves: if pushes add, its former customer keeps it, too',
	}),
	pushAgainAfter: limit({
		displayName: 'Push Again After (Days)',
		noDataExpression: true,
		typeOptions: { minValue: 0, maxValue: 365, numberPrecision: 0 },
		default: 7,
		description: 'Push unchanged customers again after this many days (0 = never)',
	}),
	send: setting({
		displayName: 'Send',
		default: 'changed',
		options: [
			{ name: 'Changed Customers', value: 'changed' },
			{ name: 'Every Customer', value: 'every' },
		],
		description: 'Which customers to push. The sync state is kept either way.',
	}),
};

/** ServiceBindDevice for the customers that changed since the service last accepted them. */
export const syncOperation: Operation<Row | Row[], typeof options> = {
	...pushOperation,
	value: 'sync',
	option: {
		name: 'Sync',
		action: 'Sync device bindings',
		description: 'Push the customers that changed since Tencent last accepted them. Input: all customers',
	},
	toolAdvice:
		'Not for single customers: it takes the rows of all customers, and customers without rows count as missing',
	properties: [
		...propertiesOf({
			syncHelp: notice(
				`Sync needs all customers in one run. It stops at ${MOST_CHANGED} % changed or ${MOST_DEVICES_FEWER} % fewer devices.`,
			),
		}),
		columnsHelp,
		columns,
	],
	options,
	customers: { purpose: 'sync', columns: mappedColumns, clean: cleanRows },
};

/** The options of a run of Sync, with their types. @param chosen the options of a run of this operation */
export function readSyncOptions(chosen: object): SyncOptions {
	const {
		longestRun: longestRunMinutes,
		movedDevices,
		pushAgainAfter,
		send,
		safetyChecks: checks,
	} = chosen as Options<typeof options>;
	return {
		longestRunMinutes,
		pushAgainAfterDays: pushAgainAfter,
		sendAll: send === 'every',
		isReplacing: movedDevices === 'ignore',
		expectChangesDays: checks.expectChangesWithin,
		checks: {
			stopAbovePercent: checks.stopAbove,
			stopWhenDevicesDropPercent: checks.stopWhenDevicesDrop,
			approvedPlan: planIds.findIn(checks.approvedPlan ?? ''),
		},
	};
}
