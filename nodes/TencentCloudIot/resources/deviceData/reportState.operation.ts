import { choice } from '../../input/fields/fields';
import { perItemOperation } from '../operation/perItemOperation';
import { deviceId } from '../fields/deviceFields';

/** ServiceReportDeviceState. */
export const reportState = perItemOperation({
	value: 'reportState',
	option: {
		name: 'Report State',
		action: 'Report device state',
		description: 'Report to Tencent whether a device is online',
	},
	toolAdvice: 'The status is 0 for offline, 1 for online or 2 for unknown',
	fields: {
		deviceId,
		onlineStatus: choice({
			displayName: 'Online Status',
			default: 1,
			options: [
				{ name: 'Offline', value: 0 },
				{ name: 'Online', value: 1 },
				{ name: 'Unknown', value: 2 },
			],
			description: 'Online status to report',
		}),
	},
	action: 'ServiceReportDeviceState',
	parameters: ({ deviceId, onlineStatus }) => ({ DeviceId: deviceId, OnlineStatus: onlineStatus }),
	shown: ['DeviceId', 'OnlineStatus'],
	unit: 'state',
	namedBy: ['DeviceId'],
	done: 'reported',
});
