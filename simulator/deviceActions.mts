import { action } from './action.mts';
import type { DeviceRecord } from './devices.mts';
import { offsetPage, pageSize } from './page.mts';
import { deviceId, integer, listOf, objectOf, text } from './parameters.mts';

// Composed readers are constants: written inside an entry, they would break the type inference of its parameters.
const deviceInfos = listOf(objectOf({ CustomerDeviceNo: text, DeviceId: deviceId, ProductName: text }));

/** Secrets start with `secret-`, so a test can search for them. */
function infoOf({ DeviceName, Status }: DeviceRecord) {
	return {
		DeviceName,
		Status,
		DevicePsk: `secret-psk-${DeviceName}`,
		FirstOnlineTime: 1_700_000_000,
		LoginTime: 1_700_000_100,
		CreateTime: 1_699_999_999,
		Version: '1.0.0',
		DeviceCert: `secret-cert-${DeviceName}`,
		LogLevel: 1,
		DevAddr: '26011bda',
		AppKey: `secret-app-key-${DeviceName}`,
		DevEUI: `secret-dev-eui-${DeviceName}`,
		AppSKey: `secret-app-s-key-${DeviceName}`,
		NwkSKey: `secret-nwk-s-key-${DeviceName}`,
	};
}

export const deviceActions = {
	ServiceBindDevice: action({
		writes: true,
		required: { CustomerId: text, DeviceInfos: deviceInfos },
		optional: {},
		apply: ({ CustomerId, DeviceInfos }, state) => {
			state.bind(CustomerId, DeviceInfos);
			return { Status: 'OK' };
		},
	}),
	ServiceDescribeDevice: action({
		required: { ProductId: text, DeviceName: text },
		optional: {},
		apply: (device, { devices }) => ({ Device: infoOf(devices.get(device)) }),
	}),
	ServiceGetDeviceList: action({
		required: { ProductId: text, Offset: integer(0), Limit: pageSize },
		optional: {},
		apply: ({ ProductId, Offset, Limit }, { devices }) => {
			const found = devices.ofProduct(ProductId);
			return { Devices: offsetPage(found, Offset, Limit).map(infoOf), Total: found.length };
		},
	}),
};
