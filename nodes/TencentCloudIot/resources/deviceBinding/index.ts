import { pushOperation } from './push.operation';

export const deviceBinding = {
	value: 'deviceBinding',
	name: 'Device Binding',
	operations: [pushOperation],
};
