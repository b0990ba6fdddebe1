import { whyNoId } from '../input/placeholder';
import { isList } from './severalDevices';

/** Most are this, which needs no look at its form. */
const PLAIN = /^[\w.-]+\/[\w.-]+$/;

/**
 * Why a text is not `ProductId/DeviceName`, or undefined when it is. Characters are not restricted further: only a sibling
 * API documents some (`[a-zA-Z0-9:_-]{1,48}`).
 */
export function checkDeviceId(deviceId: string): string | undefined {
	return whyNoId(deviceId) ?? whyNoDevice(deviceId);
}

/**
 * The same for a text that is an id.
 * @param usable a DeviceId of which nothing is wrong: most rows have the ProductId of the row before
 */
export function whyNoDevice(id: string, usable = ''): string | undefined {
	const why = PLAIN.test(id) ? undefined : whyForm(id);
	if (why !== undefined) return why;
	const slash = id.indexOf('/');
	const isUsable = usable.startsWith(id.slice(0, slash + 1));
	const whyProduct = isUsable ? undefined : whyPart('ProductId', id.slice(0, slash));
	return whyProduct ?? whyPart('DeviceName', id.slice(slash + 1));
}

function whyForm(deviceId: string): string | undefined {
	if (isList(deviceId)) return 'holds several devices: give one';
	if (/[\uFF01-\uFF5E\u3000]/.test(deviceId)) {
		return 'has full-width characters: type them in half width, e.g. ProductABC/Device001';
	}
	const [productId = '', deviceName = '', ...others] = deviceId.split('/');
	if (productId === '' || deviceName === '' || others.length > 0) {
		return 'is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001';
	}
	return /\s\/|\/\s/.test(deviceId) ? 'has a space beside "/": remove it' : undefined;
}

function whyPart(name: string, part: string): string | undefined {
	const why = whyNoId(part);
	return why && `has the ${name} '${part}', which ${why.replace(`is '${part}', which `, '')}`;
}
