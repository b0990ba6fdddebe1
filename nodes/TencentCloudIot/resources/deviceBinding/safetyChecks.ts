import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { SafetyCheckOptions } from '../../sync/safetyChecks';

const percent: Pick<INodeProperties, 'type' | 'typeOptions'> = {
	type: 'number',
	typeOptions: { minValue: 1, maxValue: 100 },
};

/** What decides before the first request whether a Sync may send. */
export const safetyChecks: INodeProperties = {
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

/** @param chosen the options of the run */
export function readSafetyChecks(chosen: IDataObject): SafetyCheckOptions {
	return {
		stopAbovePercent: Number(chosen.stopAbove),
		stopWhenDevicesDropPercent: Number(chosen.stopWhenDevicesDrop),
		approvedPlan: String(chosen.approvedPlan ?? '').trim(),
	};
}
