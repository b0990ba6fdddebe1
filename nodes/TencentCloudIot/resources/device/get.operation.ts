import { perItemOperation } from '../operation/perItemOperation';
import { isObject } from '../../service/response/parseResponse';
import type { ResponseData } from '../../service/outcome';
import { deviceFields, readDevice } from '../fields/deviceFields';
import { pickDeviceInfo, includeSecrets, STATUS_NUMBERS } from './deviceInfo';

/** ServiceDescribeDevice. */
export const getDevice = perItemOperation({
	value: 'get',
	option: { name: 'Get', action: 'Get device', description: 'Get the status and details of a device' },
	toolAdvice: STATUS_NUMBERS,
	fields: deviceFields,
	options: { includeSecrets },
	action: 'ServiceDescribeDevice',
	parameters: readDevice,
	isDone: ({ Device }) => isObject(Device),
	reads: ['Device'],
	toJson: ({ Device }, options, timezone) => pickDeviceInfo(Device as ResponseData, options, timezone),
	unit: 'device',
	namedBy: ['ProductId', 'DeviceName'],
	done: 'read',
});
