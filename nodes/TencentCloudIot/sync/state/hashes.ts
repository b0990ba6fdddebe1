import { hash } from 'node:crypto';

import type { DeviceInfo } from '../../service/devices';
import { accountKey, type Account } from '../../service/signing/signature';

/** The length of a hash in the state. Bytes. */
export const HASH_BYTES = 8;
/** The same as text, in characters. */
export const HASH_LENGTH = 11;

/** The members of a device that are sent, in the order in which they are hashed. If one is missing here this does not compile. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/**
 * Hashes ids and devices: the state has nothing else of them. A hash is the first 8 bytes of a SHA-256 as base64url, e.g. `C5wOEbakKlo`. It
 * is keyed by the App Secret, so nobody without it can find an id by trying all phone numbers, or forge the record of a customer.
 */
export class StateHashes {
	/** Names the account that is pushed to: App Key, App Secret and endpoint. */
	readonly account: string;
	/** Names App Key and endpoint alone: it stays when somebody replaces the App Secret. */
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

	/** The hashes of several devices, one after the other, 8 bytes each. */
	devices(devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId'>>): Buffer {
		return Buffer.concat(devices.map(({ DeviceId }) => Buffer.from(this.device(DeviceId), 'base64url')));
	}

	product(name: string): string {
		return this.#hash('product', name);
	}

	/** A hash of a customer's full set. Every value that is sent counts; the order of the devices, and of their rows, does not. */
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

/** As JSON no two lists of parts have the same text. */
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
