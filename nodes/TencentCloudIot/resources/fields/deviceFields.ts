import { checkDeviceId, normalizeDeviceId } from '../../binding/devices';
import { editorLists } from '../../editor/lists';
import type { Field, ItemFields } from '../../input/fields/field';
import { picker, readText, text } from '../../input/fields/fields';
import { whyNotId } from '../../input/placeholder';
import { because, type Why } from '../../messages/findings';

export const productId = text({
	displayName: 'Product ID',
	placeholder: 'e.g. ProductABC',
	description: 'ID of the product on the IoT platform',
	rule: checkNamePart,
});

/** The two fields by which most Actions identify a device. */
export const deviceFields = {
	productId,
	deviceName: picker({
		displayName: 'Device Name',
		description: 'Device of the product',
		placeholder: 'e.g. Device001',
		typedLabel: 'By Name',
		list: editorLists.devices,
		rule: checkNamePart,
	}),
};

/** The field by which Actions that report data identify a device: the DeviceId of a push. */
export const deviceId: Field<string> = {
	...text({
		displayName: 'Device ID',
		placeholder: 'e.g. ProductABC/Device001',
		description: 'The device as ProductId/DeviceName, the same as in a device binding',
	}),
	read: (value) => normalizeDeviceId(readText(value, (text) => checkDeviceId(normalizeDeviceId(text)))),
};

export function readDevice({ productId, deviceName }: ItemFields<typeof deviceFields>) {
	return { ProductId: productId, DeviceName: deviceName };
}

function checkNamePart(part: string): Why | undefined {
	return part.includes('/') ? because('slash') : whyNotId(part);
}
