import { editorLists } from '../../editor/lists';
import { collection, picker, flag, json, optional } from '../../input/fields/fields';
import { parseJsonText, pick } from '../operation/responseValues';
import { perItemOperation } from '../operation/perItemOperation';
import { ACTING_TOOL_ADVICE, actingDeviceFields, readActingDevice } from './liveDevice';
import { OPERATION_ADVICE } from '../../messages/operations';

/** ServiceCallDeviceActionSync, or ServiceCallDeviceActionAsync without waiting for the result. */
export const callDeviceAction = perItemOperation({
	value: 'callAction',
	option: {
		name: 'Call Action',
		action: 'Call device action',
		description: 'Run an action on a device',
	},
	toolAdvice: ACTING_TOOL_ADVICE,
	fields: {
		...actingDeviceFields,
		actionId: picker({
			displayName: 'Action ID',
			description: "Identifier of the action in the product's model",
			placeholder: 'e.g. open_door',
			list: editorLists.actions,
		}),
		waitForResult: flag({
			displayName: 'Wait for Result',
			default: true,
			description: 'Whether to wait for the response of the device and return it',
		}),
		additionalFields: collection({
			displayName: 'Additional Fields',
			placeholder: 'Add field',
			description: 'Optional input of the action',
			fields: {
				inputParams: optional(
					json({
						displayName: 'Input Parameters',
						description: "Parameters of the action, by their identifiers in the product's model",
					}),
				),
			},
		}),
	},
	action: 'ServiceCallDeviceActionSync',
	actionFor: ({ waitForResult }) => `ServiceCallDeviceAction${waitForResult ? 'Sync' : 'Async'}`,
	unclearAdvice: OPERATION_ADVICE.lookAtDevice(),
	parameters: (item) => ({
		...readActingDevice(item),
		ActionId: item.actionId,
		InputParams: item.additionalFields.inputParams,
	}),
	isDone: ({ ClientToken }) => typeof ClientToken === 'string' && ClientToken !== '',
	reads: ['ClientToken', 'OutputParams', 'Status'],
	toJson: (data) => {
		const json = pick(data, ['ClientToken', 'OutputParams', 'Status']);
		if ('OutputParams' in json) {
			json.OutputParams = parseJsonText(data.OutputParams);
		}
		return json;
	},
	unit: 'action',
	namedBy: ['ProductId', 'DeviceName', 'ActionId'],
	done: 'called',
});
