import { pushOperation } from './push.operation';
import { syncOperation } from './sync.operation';

export const deviceBinding = {
	value: 'deviceBinding',
	name: 'Device Binding',
	operations: [pushOperation, syncOperation],
};
