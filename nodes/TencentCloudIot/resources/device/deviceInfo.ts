import type { IDataObject } from 'n8n-workflow';

import { flag } from '../../input/fields/fields';
import type { ResponseData } from '../../service/outcome';
import { pick, withIsoTimes } from '../operation/responseValues';

/** The members of a device that are not secret (product 1465, page 59061). */
const PUBLIC_MEMBERS = [
	'DeviceName',
	'Status',
	'FirstOnlineTime',
	'LoginTime',
	'CreateTime',
	'Version',
	'LogLevel',
	'DevAddr',
] as const;

/** Anyone who has these can act as the device. DevEUI is half of what a LoRaWAN device needs to join its network. */
const SECRET_MEMBERS = ['DevicePsk', 'DeviceCert', 'AppKey', 'DevEUI', 'AppSKey', 'NwkSKey'] as const;

/** What a model needs to know about a device's numbers (product 1465, page 59061). */
export const STATUS_NUMBERS = 'Status is 0 for offline, 1 for online, 2 for unknown or 3 for not activated';

export const includeSecrets = flag({
	displayName: 'Include Secrets',
	builderHint: { propertyHint: 'Leave off unless the user names the device whose keys they want' },
	description: 'Whether to output keys and certificates. Everyone who sees the execution can read them.',
});

export function pickDeviceInfo(
	device: ResponseData,
	options: { includeSecrets: boolean },
	timezone: string,
): IDataObject {
	const info = pick(device, options.includeSecrets ? [...PUBLIC_MEMBERS, ...SECRET_MEMBERS] : PUBLIC_MEMBERS);
	return withIsoTimes(info, ['FirstOnlineTime', 'LoginTime', 'CreateTime'], timezone);
}
