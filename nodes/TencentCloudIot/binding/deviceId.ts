import { whyNoId } from '../input/placeholder';
import { isList } from './severalDevices';

/** Most are this, which needs no look at its form. */
const PLAIN = /^[\w.-]+\/[\w.-]+$/;

/**
 * Why a text is not `ProductId/DeviceName`, or undefined when it is. Characters are not restricted further: only a sibling
 * API documents some (`[a-zA-Z0-9:_-]{1,48}`).
 */
export function checkDeviceId(deviceId: string): string | undefined {
	const why = whyNoId(deviceId) ?? (PLAIN.test(deviceId) ? undefined : whyForm(deviceId));
	if (why !== undefined) return why;
	const slash = deviceId.indexOf('/');
	return whyPart('ProductId', deviceId.slice(0, slash)) ?? whyPart('DeviceName', deviceId.slice(slash + 1));
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
