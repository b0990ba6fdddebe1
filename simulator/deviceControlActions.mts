import { randomUUID } from 'node:crypto';
import type { Action, ResultFields } from './action.mts';
import { action } from './action.mts';
import { jsonText, text } from './parameters.mts';

const named = { ProductId: text, DeviceName: text };

/** @param answer what the response has beside the ClientToken, for these input parameters */
function callDeviceAction(answer: (given: object) => ResultFields): Action {
	return action({
		writes: true,
		required: { ...named, ActionId: text },
		optional: { InputParams: jsonText },
		apply: ({ ActionId, InputParams = '{}', ...device }, { devices }) => {
			const given = JSON.parse(InputParams) as object;
			devices.get(device).actions.push({ ActionId, InputParams: given });
			return { ClientToken: randomUUID(), ...answer(given) };
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
	ServiceCallDeviceActionSync: callDeviceAction((given) => ({
		OutputParams: JSON.stringify({ echo: given }),
		Status: 'done',
	})),
	ServiceCallDeviceActionAsync: callDeviceAction(() => ({ Status: 'sent' })),
};
