import { parseJsonText } from '../answerValues';
import { perItemOperation } from '../perItemOperation';
import { deviceFields, readDevice } from '../deviceFields';

/** ServiceControlDeviceData. */
export const controlDevice = perItemOperation({
	value: 'control',
	option: { name: 'Control', action: 'Control device', description: 'Set properties of a device' },
	properties: [
		...deviceFields,
		{
			displayName: 'Data',
			name: 'data',
			type: 'json',
			required: true,
			default: '{}',
			placeholder: 'e.g. {"power_switch": 1}',
			description: "The properties to set, by their identifiers in the product's model",
		},
	],
	action: 'ServiceControlDeviceData',
	// A property may start something, e.g. unlock a door, which the device would then do twice.
	repeatable: false,
	unclearAdvice: "Look at the device with 'Device Data: Get Latest' before you control it again",
	parameters: (item) => ({ ...readDevice(item), Data: item.jsonText('data') }),
	isDone: ({ Data, Result }) => typeof Data === 'string' || typeof Result === 'string',
	toJson: ({ ProductId, DeviceName }, { Data, Result }) => ({
		ProductId,
		DeviceName,
		Data: parseJsonText(Data),
		Result: parseJsonText(Result),
	}),
	unit: 'device',
	done: 'controlled',
});
