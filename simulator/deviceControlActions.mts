import { randomUUID } from 'node:crypto';
import { action } from './action.mts';
import { jsonText, text } from './parameters.mts';
import type { ServiceState } from './serviceState.mts';

const named = { ProductId: text, DeviceName: text };

export const controlDeviceData = action({
	required: { ...named, Data: jsonText },
	optional: {},
	apply: ({ Data, ...device }, { devices }) => {
		const { Status, values } = devices.get(device);
		const properties = JSON.parse(Data) as object;
		for (const [name, Value] of Object.entries(properties))
			values.set(name, { Value, LastUpdate: Date.now() });
		return { Data, Result: JSON.stringify({ Sent: Status === 1 ? 1 : 0, Subscribed: 1 }) };
	},
});

interface ActionCall {
	readonly ProductId: string;
	readonly DeviceName: string;
	readonly ActionId: string;
	readonly InputParams?: string;
}

function callDeviceAction({ ActionId, InputParams, ...device }: ActionCall, { devices }: ServiceState) {
	const given = InputParams === undefined ? {} : (JSON.parse(InputParams) as object);
	devices.get(device).actions.push({ ActionId, InputParams: given });
	return { given, ClientToken: randomUUID() };
}

export const callDeviceActionSync = action({
	required: { ...named, ActionId: text },
	optional: { InputParams: jsonText },
	apply: (call, state) => {
		const { given, ClientToken } = callDeviceAction(call, state);
		return { ClientToken, OutputParams: JSON.stringify({ echo: given }), Status: 'done' };
	},
});

export const callDeviceActionAsync = action({
	required: { ...named, ActionId: text },
	optional: { InputParams: jsonText },
	apply: (call, state) => ({ ClientToken: callDeviceAction(call, state).ClientToken, Status: 'sent' }),
});
