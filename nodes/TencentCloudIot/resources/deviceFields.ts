import type { INodeProperties } from 'n8n-workflow';

import { checkDeviceId } from '../binding/row';
import type { ItemFields } from '../input/itemFields';
import { picker } from './picker';

export const productId: INodeProperties = {
	displayName: 'Product ID',
	name: 'productId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. ProductABC',
	description: 'The product on the IoT platform',
};

const deviceName = picker({
	displayName: 'Device Name',
	name: 'deviceName',
	description: 'The device of the product, picked from the list or by its name',
	placeholder: 'e.g. Device001',
	typedLabel: 'By Name',
	searchListMethod: 'searchDevices',
});

/** How most Actions name a device. */
export const deviceFields: INodeProperties[] = [productId, deviceName];

/** How the Actions that report name a device: as a push does. */
export const deviceId: INodeProperties = {
	displayName: 'Device ID',
	name: 'deviceId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. ProductABC/Device001',
	description: 'The device as ProductId/DeviceName, as in a push of device bindings',
};

export function readProductId(item: ItemFields): string {
	return item.text('productId', checkNamePart);
}

export function readDevice(item: ItemFields): { ProductId: string; DeviceName: string } {
	return { ProductId: readProductId(item), DeviceName: item.text('deviceName', checkNamePart) };
}

export function readDeviceId(item: ItemFields): string {
	return item.text('deviceId', checkDeviceId);
}

function checkNamePart(text: string): string | undefined {
	return text.includes('/') ? 'has a "/": give product and device in their own fields' : undefined;
}
