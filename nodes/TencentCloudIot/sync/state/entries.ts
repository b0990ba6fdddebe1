import { hash } from 'node:crypto';

import type { DeviceInfo } from '../../binding/row';
import { accountKey, type Account } from '../../service/signing/signature';

/**
 * The format of all entries. A change of what goes into them, or how, is another format: then nothing that an older one
 * left behind is recognised, and everything is pushed once.
 */
const ENTRY_FORMAT = '4';

/** All that is sent of a device, in the order in which it goes into an entry. A member that is missing does not compile. */
const SENT_MEMBERS = Object.keys({
	DeviceId: true,
	CustomerDeviceNo: true,
	ProductName: true,
} satisfies Record<keyof DeviceInfo, true>) as Array<keyof DeviceInfo>;

/**
 * What there is of a customer beside the fingerprint of what was accepted: what an entry of each kind means, for which
 * customers the end of a run writes it, and for which a run asks it.
 */
const KINDS = {
	/** The customer was in the rows with a device. */
	known: {
		written: ['accepted', 'waiting', 'failed', 'withheld', 'lost devices'],
		asked: ['changed', 'withheld', 'newly left out'],
	},
	/** Nothing of it was sent; or it has lost its devices, and that is still to be reported. */
	waiting: { written: ['waiting', 'lost devices'], asked: ['changed'] },
	/** It was sent, and is not known to be accepted; or its rows were withheld. */
	failed: { written: ['failed', 'withheld'], asked: ['changed', 'withheld', 'newly left out'] },
	/** It was in the rows without a device, and that it has none any more is no news. */
	withoutDevice: { written: ['left out'], asked: ['left out'] },
	/** That it failed, or that some of its rows were withheld, was reported; that this is over was not. */
	reported: { written: ['reported'], asked: ['changed', 'withheld', 'accepted'] },
} as const;

export type Kind = keyof typeof KINDS;
/** Why an entry is written: a standing, how the customer's rows were, or that its failing was reported. */
export type Leaving = (typeof KINDS)[Kind]['written'][number];
/** Why a run asks for a customer. */
export type Asking = (typeof KINDS)[Kind]['asked'][number];

/** The kinds that are written, or asked, for a reason. */
export function kindsOf(...[how, why]: ['written', Leaving] | ['asked', Asking]): Kind[] {
	const kinds = Object.keys(KINDS) as Kind[];
	return kinds.filter((kind) => (KINDS[kind][how] as ReadonlyArray<Leaving | Asking>).includes(why));
}

/**
 * The entries in the sync state of an account. An entry is the SHA-256 of what it is about, 43 characters of base64url. What
 * it is about has a key made of the App Secret: without that nobody finds an id by trying all phone numbers, or writes an
 * entry of a customer. Example: `C5wOEbakKloygO5qpEWeNZsbxRyQHSXsloyIqZ12v1o`.
 */
export class StateEntries {
	/** The account that was pushed to: what another one has accepted says nothing about it. */
	readonly account: string;
	/** The same with any App Secret. */
	readonly application: string;
	readonly #account: string;

	constructor(account: Account) {
		this.#account = accountKey(account);
		this.application = entryOf(['application', `${account.endpoint} ${account.appKey}`]);
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

	/** An entry of a customer beside its fingerprint. */
	ofCustomer(kind: Kind, customerId: string): string {
		return entryOf([kind, this.#account, customerId]);
	}
}

/** Makes a state that has been closed too late one in progress: it has an entry more than its size says. */
export const REOPENED = entryOf(['reopened']);

/** A run of its own, or anything else that must be new to the store. */
export function tokenEntry(token: string): string {
	return entryOf(['token', token]);
}

/**
 * A closed state has this many entries, this one included. What others have added since shows by that alone.
 * @param count for example 128 for the state of 30 customers
 */
export function sizeEntry(count: number): string {
	return entryOf(['size', String(count)]);
}

/** A run claims a state of this number of entries. */
export function claimEntry(count: number): string {
	return entryOf(['claim', String(count)]);
}

/** The number of entries of a closed state is divisible by this, that of a state in progress is not. */
export const CLOSED_MULTIPLE = 32;

/** All entries of a closed state. @param entries those of a run that ends and of its rows, none of them twice */
export function closedState(entries: readonly string[]): string[] {
	const length = CLOSED_MULTIPLE - 1 - (entries.length % CLOSED_MULTIPLE);
	const fillers = Array.from({ length }, (_, filler) => entryOf(['filler', String(filler)]));
	return [...entries, ...fillers, sizeEntry(entries.length + length + 1)];
}

/** Some customers that were accepted have the entry `reported`. */
export const ACCEPTED_REPORTED = entryOf(['reported']);

/** There is a note that the node has a state. */
export const NOTED = entryOf(['noted']);

/** Minutes since 1970. */
export function minuteOf(unixMs: number): number {
	return Math.floor(unixMs / 60_000);
}

/** Members and devices are counted, so that no two lists of parts have the same text. */
export function entryOf(parts: readonly string[]): string {
	return hash('sha256', JSON.stringify([ENTRY_FORMAT, ...parts]), 'base64url');
}

function byContent(a: DeviceInfo, b: DeviceInfo): number {
	for (const member of SENT_MEMBERS) {
		if (a[member] !== b[member]) return a[member] < b[member] ? -1 : 1;
	}
	return 0;
}

/** Bases 4 and 2 take the fewest queries for a number. */
const BASE = 4;

/**
 * Numbers in a store that knows membership only: one entry for each of their digits to the base 4. Every number that a run
 * leaves to be read, and not only to be recognised, stands like that.
 */
export class NumberEntries<Name extends string> {
	readonly #names: readonly Name[];
	/** The entries of each digit that there may be of a number, the lowest position first. */
	readonly #digitsOf: (name: Name) => string[][];

	/**
	 * @param below the numbers are integers from 0 up to these
	 * @param prefix of their names in the entries
	 */
	constructor(below: Readonly<Record<Name, number>>, prefix = '') {
		this.#names = Object.keys(below) as Name[];
		const all = (size: number) => [...Array(size).keys()].map(String);
		this.#digitsOf = (name) =>
			all((below[name] - 1).toString(BASE).length).map((position) =>
				all(BASE).map((digit) => entryOf([`${prefix}${name}`, position, digit])),
			);
	}

	/** The entries of some of them, the lowest digit of each first. What does not fit into the digits is cut off. */
	encode(values: Readonly<Partial<Record<Name, number | undefined>>>): string[] {
		return this.#names.flatMap((name) => {
			const value = values[name];
			if (value === undefined) return [];
			return this.#digitsOf(name).map((all, at) => all[Math.floor(value / BASE ** at) % BASE]!);
		});
	}

	/** All entries that they may have, or some of them, which is what a run queries: four for each digit. */
	all(...names: readonly Name[]): string[] {
		return (names.length === 0 ? this.#names : names).flatMap((name) => this.#digitsOf(name).flat());
	}

	/** The numbers, from the entries that were there; without those of which a digit is missing, or there twice. */
	decode(there: ReadonlySet<string>): Partial<Record<Name, number>> {
		const numbers: Partial<Record<Name, number>> = {};
		for (const name of this.#names) {
			const found = this.#digitsOf(name).map((all) => [...all.keys()].filter((one) => there.has(all[one]!)));
			if (found.every(({ length }) => length === 1))
				numbers[name] = Number.parseInt(found.flat().reverse().join(''), BASE);
		}
		return numbers;
	}
}
