import { hash } from 'node:crypto';

import type { DeviceInfo } from '../../service/devices';
import { accountKey, type Account } from '../../service/signing/signature';

/** The length of a hash in the state. Bytes. */
export const HASH_BYTES = 8;
/** The same as text, in characters. */
export const HASH_LENGTH = 11;

/** All that is sent of a device, in the order in which it is hashed. A member that is missing does not compile. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/**
 * What the state holds of ids and devices: the first 8 bytes of a SHA-256 as base64url, e.g. `C5wOEbakKlo`. All of it has a key
 * made of the App Secret: without that nobody finds an id by trying all phone numbers, or writes an entry of a customer.
 */
export class StateHashes {
	/** The account that was pushed to: what another one has accepted says nothing about it. */
	readonly account: string;
	/** The same with any App Secret. */
	readonly application: string;
	readonly #key: string;

	constructor(account: Account) {
		this.#key = accountKey(account);
		this.account = this.#hash('account');
		this.application = hashOf(['application', `${account.endpoint} ${account.appKey}`]);
	}

	customer(customerId: string): string {
		return this.#hash('customer', customerId);
	}

	device(deviceId: string): string {
		return this.#hash('device', deviceId);
	}

	/** Those of several devices, 8 bytes each. */
	devices(devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId'>>): Buffer {
		return Buffer.concat(devices.map(({ DeviceId }) => Buffer.from(this.device(DeviceId), 'base64url')));
	}

	product(name: string): string {
		return this.#hash('product', name);
	}

	/** Exactly these devices. The order of the devices, and of the rows that they come from, does not count; every value that is sent does. */
	fingerprint(customerId: string, devices: readonly DeviceInfo[]): string {
		const parts = [customerId];
		for (const device of devices.toSorted(byContent)) {
			for (const member of SENT_MEMBERS) {
				parts.push(device[member]);
			}
		}
		return this.#hash('devices', ...parts);
	}

	#hash(...parts: readonly string[]): string {
		return hashOf([this.#key, ...parts]);
	}
}

/** Parts are counted, so that no two lists of them have the same text. */
function hashOf(parts: readonly string[]): string {
	return hash('sha256', JSON.stringify(parts), 'buffer').toString('base64url', 0, HASH_BYTES);
}

function byContent(a: DeviceInfo, b: DeviceInfo): number {
	for (const member of SENT_MEMBERS) {
		if (a[member] !== b[member]) {
			return a[member] < b[member] ? -1 : 1;
		}
	}
	return 0;
}
