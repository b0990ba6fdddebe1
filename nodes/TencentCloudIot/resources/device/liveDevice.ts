import type { ItemFields } from '../../input/fields/field';
import { flag } from '../../input/fields/fields';
import { because, FINDING_ADVICE } from '../../messages/findings';
import { deviceFields, readDevice } from '../fields/deviceFields';

/** What a model must know about an operation that acts on a device. */
export const ACTING_TOOL_ADVICE =
	'It acts on a real device immediately. Never repeat it when the outcome is unclear: read the device first';

/** The switch with which a person lets a model act on devices. Only a tool shows it. It takes no expression, so no model can set it. */
const liveDevice = flag({
	displayName: 'Live Device',
	noDataExpression: true,
	displayOptions: { show: { '@tool': [true] } },
	description: 'Whether the model may act on real devices (off = this tool refuses every call)',
	builderHint: { propertyHint: 'Leave off unless the user asks for this device to act' },
});

/** The fields for operations that act on a device. */
export const actingDeviceFields = { liveDevice, ...deviceFields };

/** Reads the device, and refuses a call by a model unless 'Live Device' is on: an unlocked door cannot be undone. */
export function readActingDevice(item: ItemFields<typeof actingDeviceFields>): ReturnType<typeof readDevice> {
	if (item.isTool && !item.liveDevice) {
		item.refuse('liveDevice', because('switchedOff'), FINDING_ADVICE.askAPerson());
	}
	return readDevice(item);
}
