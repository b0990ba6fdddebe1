import { action } from './action.mts';
import { deviceId, integer, listOf, number, objectOf, oneOf, text } from './parameters.mts';

const subType = integer(1000, 1007);
/** Unix seconds: a time in milliseconds is far above the limit. */
const seconds = integer(1, 100_000_000_000);
const reportInfos = listOf(objectOf({ SubType: subType, Value: number }));
const dataInfo = objectOf({ ReportTime: seconds, ReportInfos: reportInfos });

export const reportActions = {
	ServiceReportDeviceData: action({
		writes: true,
		required: {
			DeviceId: deviceId,
			CustomerId: text,
			DataCategory: oneOf(['100', '200', '300', '310', '400', '500']),
			DataInfo: dataInfo,
		},
		optional: {},
		apply: (report, state) => {
			state.reports.push(report);
			return { Status: 'OK' };
		},
	}),
	ServiceReportDeviceState: action({
		writes: true,
		required: { DeviceId: deviceId, OnlineStatus: integer(0, 2) },
		optional: {},
		apply: ({ DeviceId, OnlineStatus }, state) => {
			state.onlineStatus.set(DeviceId, OnlineStatus);
			const [productId = '', deviceName = ''] = DeviceId.split('/');
			const device = state.devices.find(productId, deviceName);
			if (device) {
				device.Status = OnlineStatus;
			}
			return { Status: 'OK' };
		},
	}),
};
