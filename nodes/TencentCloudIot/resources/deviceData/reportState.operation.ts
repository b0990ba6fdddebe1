import type { INodeProperties } from 'n8n-workflow';

import { perItemOperation } from '../perItemOperation';
import { deviceId, readDeviceId } from '../deviceFields';

const onlineStatus: INodeProperties = {
	displayName: 'Online Status',
	name: 'onlineStatus',
	type: 'options',
	required: true,
	default: 1,
	options: [
		{ name: 'Offline', value: 0 },
		{ name: 'Online', value: 1 },
		{ name: 'Unknown', value: 2 },
	],
	description: 'Whether the device can be reached',
};

/** ServiceReportDeviceState. */
export const reportState = perItemOperation({
	value: 'reportState',
	option: {
		name: 'Report State',
		action: 'Report device state',
		description: 'Tell Tencent whether a device is online',
	},
	toolAdvice: 'The status is 0 for offline, 1 for online or 2 for unknown',
	properties: [deviceId, onlineStatus],
	action: 'ServiceReportDeviceState',
	// It says how things are, not what changed.
	effect: 'idempotent',
	parameters: (item) => ({ DeviceId: readDeviceId(item), OnlineStatus: item.choice('onlineStatus') }),
	isDone: ({ Status }) => Status === 'OK',
	reads: [],
	toJson: ({ DeviceId, OnlineStatus }) => ({ DeviceId, OnlineStatus, Status: 'OK' }),
	unit: 'state',
	done: 'reported',
});
