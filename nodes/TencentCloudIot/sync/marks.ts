import { hash } from 'node:crypto';

import type { DeviceInfo } from '../binding/row';

/**
 * The format of all marks. A change of what goes into them, or how, is another format: then nothing that an older one
 * left behind is recognised, and everything is pushed once.
 */
export const MARK_FORMAT = '1';

const DAY_MS = 86_400_000;

/** All that is sent of a device, in the order in which it goes into a mark. A member that is missing does not compile. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/** How the last run ended, as seen by whoever is told of it. */
export type Health = 'ok' | 'degraded' | 'failing';

/** Whose memory it is: what was pushed to another account says nothing about this one. */
export interface Account {
	endpoint: string;
	appKey: string;
}

/**
 * What stands in the memory of an account. A mark is the SHA-256 of what it is about, 43 characters of base64url: no id
 * and no key is in the memory in clear.
 */
export class Marks {
	/** Whose memory it is. */
	readonly account: string;
	readonly #account: string;

	constructor({ endpoint, appKey }: Account) {
		this.#account = hash('sha256', `${endpoint} ${appKey}`, 'base64url');
		this.account = markOf(['account', this.#account]);
	}

	/**
	 * The service accepted exactly these devices as those of the customer, and nothing else has been sent since. The order
	 * of the devices, and of the rows that they come from, does not count; every value that is sent does.
	 */
	accepted(customerId: string, devices: readonly DeviceInfo[]): string {
		const parts = ['accepted', this.#account, customerId];
		for (const device of devices.toSorted(byContent)) {
			for (const member of SENT_MEMBERS) parts.push(device[member]);
		}
		return markOf(parts);
	}

	/** The customer was in the rows, and nothing of it was sent. */
	waiting(customerId: string): string {
		return markOf(['waiting', this.#account, customerId]);
	}

	/** The customer was sent, and is not known to be accepted. */
	failed(customerId: string): string {
		return markOf(['failed', this.#account, customerId]);
	}
}

/** A run began and has not ended. It says nothing of the account: no run of the node may rely on the others then. */
export const OPEN_MARK = markOf(['open']);

/** The last run that ended planned on this day, counted from 1970 in UTC. */
export function dayMark(day: number): string {
	return markOf(['day', String(day)]);
}

/** The last run ended so. */
export function healthMark(health: Health): string {
	return markOf(['health', health]);
}

/** A run of its own, or anything else that must differ from all there was. */
export function tokenMark(token: string): string {
	return markOf(['token', token]);
}

/** Days since 1970 in UTC. */
export function dayOf(unixMs: number): number {
	return Math.floor(unixMs / DAY_MS);
}

/**
 * Counts how often a customer's turn to be pushed again has come: it goes up by one on one day of every `everyDays`, and on
 * which of them depends on the customer, so that all turns together are spread evenly.
 * @param everyDays whole days; 0 for never
 */
export function generationOf(customerId: string, day: number, everyDays: number): number {
	if (everyDays < 1) return 0;
	// 48 bits: a whole number that stays exact.
	const offset = Number.parseInt(hash('sha256', customerId, 'hex').slice(0, 12), 16) % everyDays;
	return Math.floor((day + offset) / everyDays);
}

/** Members and devices are counted, so that no two lists of parts have the same text. */
function markOf(parts: readonly string[]): string {
	return hash('sha256', JSON.stringify([MARK_FORMAT, ...parts]), 'base64url');
}

function byContent(a: DeviceInfo, b: DeviceInfo): number {
	for (const member of SENT_MEMBERS) {
		if (a[member] !== b[member]) return a[member] < b[member] ? -1 : 1;
	}
	return 0;
}
