import { randomUUID } from 'node:crypto';
import type { Action, ResultFields } from './action.mts';
import { action } from './action.mts';
import { jsonText, text } from './parameters.mts';

const named = { ProductId: text, DeviceName: text };

/** @param respond returns the fields of the response besides the ClientToken, for these input parameters */
function callDeviceAction(respond: (inputParams: object) => ResultFields): Action {
	return action({
		writes: true,
		required: { ...named, ActionId: text },
		optional: { InputParams: jsonText },
		apply: ({ ActionId, InputParams = '{}', ...device }, { devices }) => {
			const inputParams = JSON.parse(InputParams) as object;
			devices.get(device).actions.push({ ActionId, InputParams: inputParams });
			return { ClientToken: randomUUID(), ...respond(inputParams) };
		},
	});
}

export const deviceControlActions = {
	ServiceControlDeviceData: action({
		writes: true,
		required: { ...named, Data: jsonText },
		optional: {},
		apply: ({ Data, ...device }, { devices }) => {
			const { Status, values } = devices.get(device);
			const properties = JSON.parse(Data) as object;
			for (const [name, Value] of Object.entries(properties)) {
				values.set(name, { Value, LastUpdate: Date.now() });
			}
			return { Data, Result: JSON.stringify({ Sent: Status === 1 ? 1 : 0, Subscribed: 1 }) };
		},
	}),
	ServiceCallDeviceActionSync: callDeviceAction((inputParams) => ({
		OutputParams: JSON.stringify({ echo: inputParams }),
		Status: 'done',
	})),
	ServiceCallDeviceActionAsync: callDeviceAction(() => ({ Status: 'sent' })),
};
