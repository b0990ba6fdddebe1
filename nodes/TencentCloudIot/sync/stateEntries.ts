import { hash } from 'node:crypto';

import type { DeviceInfo } from '../binding/row';

/**
 * The format of all entries. A change of what goes into them, or how, is another format: then nothing that an older one
 * left behind is recognised, and everything is pushed once.
 */
export const ENTRY_FORMAT = '1';

const DAY_MS = 86_400_000;

/** All that is sent of a device, in the order in which it goes into an entry. A member that is missing does not compile. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/** How the last run ended, as its report shows it. */
export type Health = 'ok' | 'degraded' | 'failing';

/** Whose sync state it is: what was pushed to another account says nothing about this one. */
export interface Account {
	endpoint: string;
	appKey: string;
}

/**
 * The entries in the sync state of an account. An entry is the SHA-256 of what it is about, 43 characters of base64url: the
 * store holds no id and no key in clear. Example: `C5wOEbakKloygO5qpEWeNZsbxRyQHSXsloyIqZ12v1o`.
 */
export class StateEntries {
	/** Whose sync state it is. */
	readonly account: string;
	readonly #account: string;

	constructor({ endpoint, appKey }: Account) {
		this.#account = hash('sha256', `${endpoint} ${appKey}`, 'base64url');
		this.account = entryOf(['account', this.#account]);
	}

	/**
	 * The service accepted exactly these devices as those of the customer, and nothing else has been sent since. The order
	 * of the devices, and of the rows that they come from, does not count; every value that is sent does.
	 */
	fingerprint(customerId: string, devices: readonly DeviceInfo[]): string {
		const parts = ['accepted', this.#account, customerId];
		for (const device of devices.toSorted(byContent)) {
			for (const member of SENT_MEMBERS) parts.push(device[member]);
		}
		return entryOf(parts);
	}

	/** The customer was in the rows, and nothing of it was sent. */
	waiting(customerId: string): string {
		return entryOf(['waiting', this.#account, customerId]);
	}

	/** The customer was sent, and is not known to be accepted. */
	failed(customerId: string): string {
		return entryOf(['failed', this.#account, customerId]);
	}
}

/** A run began and has not ended. Holds for every account: no run of the node may rely on the other entries then. */
export const IN_PROGRESS = entryOf(['open']);

/** The day on which the last run that ended began, counted from 1970 in UTC. */
export function dayEntry(day: number): string {
	return entryOf(['day', String(day)]);
}

/** The last run ended so. */
export function healthEntry(health: Health): string {
	return entryOf(['health', health]);
}

/** A run of its own, or anything else that must be new to the store. */
export function tokenEntry(token: string): string {
	return entryOf(['token', token]);
}

/** Days since 1970 in UTC. */
export function dayOf(unixMs: number): number {
	return Math.floor(unixMs / DAY_MS);
}

/**
 * The re-push slot of a customer: a number that goes up by one on one day of every `everyDays`. On which day depends on the
 * customer, so that all re-pushes are spread evenly.
 * @param everyDays whole days; 0 for never
 */
export function rePushSlotOf(customerId: string, day: number, everyDays: number): number {
	if (everyDays < 1) return 0;
	// 48 bits: a whole number that stays exact.
	const offset = Number.parseInt(hash('sha256', customerId, 'hex').slice(0, 12), 16) % everyDays;
	return Math.floor((day + offset) / everyDays);
}

/** Members and devices are counted, so that no two lists of parts have the same text. */
function entryOf(parts: readonly string[]): string {
	return hash('sha256', JSON.stringify([ENTRY_FORMAT, ...parts]), 'base64url');
}

function byContent(a: DeviceInfo, b: DeviceInfo): number {
	for (const member of SENT_MEMBERS) {
		if (a[member] !== b[member]) return a[member] < b[member] ? -1 : 1;
	}
	return 0;
}
