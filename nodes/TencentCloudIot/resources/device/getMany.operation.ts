import { listOperation } from '../operation/perItemOperation';
import { productId } from '../fields/deviceFields';
import { pickDeviceInfo, includeSecrets, STATUS_NUMBERS } from './deviceInfo';

/** ServiceGetDeviceList. */
export const getManyDevices = listOperation({
	value: 'getMany',
	option: { name: 'Get Many', action: 'Get many devices', description: 'List the devices of a product' },
	toolAdvice: STATUS_NUMBERS,
	fields: { productId },
	options: { includeSecrets },
	action: 'ServiceGetDeviceList',
	paging: { list: 'Devices', size: 'Limit', by: 'Offset' },
	parameters: ({ productId }) => ({ ProductId: productId }),
	shown: ['ProductId'],
	toRecord: pickDeviceInfo,
	recordUnit: 'device',
});
