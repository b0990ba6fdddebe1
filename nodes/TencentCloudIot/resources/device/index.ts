import { callDeviceAction } from './callAction.operation';
import { controlDevice } from './control.operation';
import { getDevice } from './get.operation';
import { getManyDevices } from './getMany.operation';

export const device = {
	value: 'device',
	name: 'Device',
	operations: [getDevice, getManyDevices, controlDevice, callDeviceAction],
};
