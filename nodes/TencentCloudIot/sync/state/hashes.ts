import { hash } from 'node:crypto';

import type { DeviceInfo } from '../../service/devices';
import { accountKey, type Account } from '../../service/signing/signature';

/** The length of a hash in the state, bytes. */
export const HASH_BYTES = 8;
/** The length of a hash as base64url text, characters. */
export const HASH_CHARACTERS = 11;

/** The members of a device that a fingerprint covers, in the order of hashing. `satisfies` refuses to compile if a member that is sent is missing. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/**
 * Makes the hashes by which the state knows customers, devices and products. A hash is the first 8 bytes of a SHA-256 as base64url, e.g.
 * `C5wOEbakKlo`. The App Secret is its key, so nobody without it can find an id by trying all phone numbers, or forge a customer's record.
 */
export class StateHashes {
	/** A hash of App Key, App Secret and endpoint. */
	readonly accountHash: string;
	/** A hash of App Key and endpoint only: it stays the same when somebody replaces the App Secret. */
	readonly applicationHash: string;
	readonly #accountKey: string;

	constructor(account: Account) {
		this.#accountKey = accountKey(account);
		this.accountHash = this.#hash('account');
		this.applicationHash = hashOf(['application', `${account.endpoint} ${account.appKey}`]);
	}

	customerHash(customerId: string): string {
		return this.#hash('customer', customerId);
	}

	deviceHash(deviceId: string): string {
		return this.#hash('device', deviceId);
	}

	/** The hashes of several devices in one text: `CustomerRecord.deviceHashes`. */
	deviceHashes(devices: ReadonlyArray<Pick<DeviceInfo, 'DeviceId'>>): string {
		return joinHashes(devices.map(({ DeviceId }) => this.deviceHash(DeviceId)));
	}

	productHash(name: string): string {
		return this.#hash('product', name);
	}

	/** A hash of a customer's full set. Each value that is sent changes it; the order of the devices and of their rows does not. */
	fingerprint(customerId: string, devices: readonly DeviceInfo[]): string {
		const texts = [customerId];
		for (const device of devices.toSorted(compareDevices)) {
			for (const member of SENT_MEMBERS) {
				texts.push(device[member]);
			}
		}
		return this.#hash('devices', ...texts);
	}

	#hash(...texts: readonly string[]): string {
		return hashOf([this.#accountKey, ...texts]);
	}
}

/** Hashes a list of texts. JSON gives each list a text of its own: joined texts could be the same for two lists. */
function hashOf(texts: readonly string[]): string {
	return hash('sha256', JSON.stringify(texts), 'buffer').toString('base64url', 0, HASH_BYTES);
}

function compareDevices(a: DeviceInfo, b: DeviceInfo): number {
	for (const member of SENT_MEMBERS) {
		if (a[member] !== b[member]) {
			return a[member] < b[member] ? -1 : 1;
		}
	}
	return 0;
}

/** Joins hashes in base64url to a latin1 text, in which each takes 8 characters: `CustomerRecord.deviceHashes`. */
export function joinHashes(hashes: readonly string[]): string {
	return hashes.map((base64Hash) => Buffer.from(base64Hash, 'base64url').toString('latin1')).join('');
}

/** Reads the hash that begins at byte `start` of a buffer. */
export function hashAt(bytes: Buffer, start: number): string {
	return bytes.toString('base64url', start, start + HASH_BYTES);
}
