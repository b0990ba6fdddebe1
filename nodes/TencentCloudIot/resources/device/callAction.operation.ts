import type { INodeProperties } from 'n8n-workflow';

import { parseJsonText } from '../answerValues';
import { perItemOperation } from '../perItemOperation';
import { deviceFields, readDevice } from '../deviceFields';
import { picker } from '../picker';
import { liveDevice, refuseModel } from './liveDevice';

const properties: INodeProperties[] = [
	liveDevice,
	...deviceFields,
	picker({
		displayName: 'Action ID',
		name: 'actionId',
		description: "The identifier of the action in the product's model",
		placeholder: 'e.g. open_door',
		searchListMethod: 'searchActions',
	}),
	{
		displayName: 'Wait for Result',
		name: 'waitForResult',
		type: 'boolean',
		default: true,
		description: 'Whether to wait until the device has answered, and return what it said',
	},
	{
		displayName: 'Additional Fields',
		name: 'additionalFields',
		type: 'collection',
		placeholder: 'Add field',
		default: {},
		description: 'What the action may be called with',
		options: [
			{
				displayName: 'Input Parameters',
				name: 'inputParams',
				type: 'json',
				default: '{}',
				description: "The parameters of the action, by their identifiers in the product's model",
			},
		],
	},
];

/** ServiceCallDeviceActionSync, or ServiceCallDeviceActionAsync for who does not wait. */
export const callDeviceAction = perItemOperation({
	value: 'callAction',
	option: {
		name: 'Call Action',
		action: 'Call device action',
		description: 'Let a device carry out an action',
	},
	toolAdvice:
		'It acts on a real device at once. Never repeat it when the outcome is unclear: read the device first',
	properties,
	action: 'ServiceCallDeviceActionSync',
	actionFor: (item) => `ServiceCallDeviceAction${item.flag('waitForResult') ? 'Sync' : 'Async'}`,
	// The device would carry it out twice.
	effect: 'once',
	unclearAdvice: 'Look at the device before you call the action again: it may have carried it out',
	parameters: (item) => {
		refuseModel(item);
		return {
			...readDevice(item),
			ActionId: item.text('actionId'),
			InputParams: item.optionalJsonText('additionalFields.inputParams'),
		};
	},
	isDone: ({ ClientToken }) => typeof ClientToken === 'string' && ClientToken !== '',
	reads: ['ClientToken', 'OutputParams', 'Status'],
	toJson: ({ ProductId, DeviceName, ActionId }, { ClientToken, OutputParams, Status }) => ({
		ProductId,
		DeviceName,
		ActionId,
		ClientToken: String(ClientToken),
		...(OutputParams !== undefined && { OutputParams: parseJsonText(OutputParams) }),
		...(Status !== undefined && { Status: String(Status) }),
	}),
	unit: 'action',
	done: 'called',
});
