import { forEachPausing, type Pausing } from '../../input/pausing';
import type { NamedDevices } from '../../service/devices';
import { HASH_LENGTH } from './hashes';
import type { SyncCustomer } from './settings';

/** What a process remembers of a customer whose rows are clean. */
export interface CleanCustomer {
	/**
	 * A digest of all that decides what becomes of its rows, `HASH_LENGTH` characters. Rows with the same digest need not be judged again.
	 * Undefined if a cell is neither a text nor a number: then the rows are judged in each run.
	 */
	digest: string | undefined;
	/** The hash of its CustomerId: `SyncCustomer.key`. */
	key: string;
	/** The fingerprint of its full set: `SyncCustomer.fingerprint`. */
	fingerprint: string;
	/**
	 * The digests of the customer and its devices, by which an execution notices that an earlier run of the node had other devices of it. The
	 * text has the same length for each customer.
	 */
	set: string;
	/** How many of its devices have each ProductName. */
	products: ProductCounts;
}

/** How many devices have each ProductName. */
type ProductCounts = ReadonlyMap<string, number>;

/** For each customer of a run, its place in the sheet, from 0 on; undefined if the sheet does not have the customer's rows. */
type Places = ReadonlyArray<number | undefined>;

/** Fills the place of a missing digest. It has blanks, which no digest has, so it equals none. */
const NO_DIGEST = ' '.repeat(HASH_LENGTH);

/** Where the key begins in the text that the sheet has of a customer. The text is digest, key, fingerprint and set, without a separator. */
const KEY_START = HASH_LENGTH;
const FINGERPRINT_START = KEY_START + HASH_LENGTH;
const SET_START = FINGERPRINT_START + HASH_LENGTH;

/**
 * What a process remembers of the rows of a node's last Sync, if all of them were clean, i.e. without a finding or an assumption. A customer
 * whose rows have not changed need not be judged or hashed again. A sheet takes some 70 bytes for each customer. It is never stored: a new
 * version of this package must judge all rows once by its own rules.
 */
export class CleanSheet {
	/** How many customers the sheet has. */
	readonly size: number;
	/** How many devices and which product names all rows have, for the safety checks. */
	readonly namedDevices: NamedDevices;
	/** Digest, key, fingerprint and set of all customers in one text, in the order of the rows: far smaller than four texts for each. */
	readonly #texts: string;
	/** The length of one customer's part of `#texts`, characters. */
	readonly #textLength: number;
	/** The product names of each customer's devices. */
	readonly #products: readonly ProductCounts[];

	constructor(customers: readonly CleanCustomer[], named: NamedDevices) {
		const texts = customers.map(({ digest = NO_DIGEST, key, fingerprint, set }) => {
			return digest + key + fingerprint + set;
		});
		this.size = customers.length;
		this.namedDevices = named;
		this.#texts = texts.join('');
		this.#textLength = texts[0]?.length ?? 0;
		this.#products = customers.map(({ products }) => products);
	}

	/**
	 * Finds the customers whose rows are the same as in the last run.
	 * @param customers all customers that the rows of this run name
	 * @returns the place of each customer in the sheet; undefined if its rows are new or changed
	 */
	*find(customers: Iterable<Pick<CleanCustomer, 'digest'>>): Pausing<Places> {
		const places: Array<number | undefined> = [];
		let placesByDigest: ReadonlyMap<string, number> | undefined;
		// In most runs a customer follows the same customer as in the last run: then its place need not be looked up.
		let expectedPlace = 0;
		const placeOf = (digest: string) => {
			if (this.#textAt(expectedPlace, 0, KEY_START) === digest) {
				return expectedPlace;
			}
			placesByDigest ??= this.#placesByDigest();
			return placesByDigest.get(digest);
		};
		yield* forEachPausing(customers, ({ digest }) => {
			const place = digest === undefined ? undefined : placeOf(digest);
			places.push(place);
			expectedPlace = (place ?? expectedPlace) + 1;
		});
		return places;
	}

	#placesByDigest(): Map<string, number> {
		const places = new Map<string, number>();
		for (const place of this.#products.keys()) {
			places.set(this.#textAt(place, 0, KEY_START), place);
		}
		return places;
	}

	/** The hash of the customer at a place; undefined without a place. */
	keyAt(place: number | undefined): string | undefined {
		return place === undefined ? undefined : this.#textAt(place, KEY_START, FINGERPRINT_START);
	}

	fingerprintAt(place: number | undefined): string | undefined {
		return place === undefined ? undefined : this.#textAt(place, FINGERPRINT_START, SET_START);
	}

	setAt(place: number | undefined): string | undefined {
		return place === undefined ? undefined : this.#textAt(place, SET_START, this.#textLength);
	}

	productsAt(place: number | undefined): ProductCounts | undefined {
		return place === undefined ? undefined : this.#products[place];
	}

	#textAt(place: number, from: number, to: number): string {
		const start = place * this.#textLength;
		return this.#texts.slice(start + from, start + to);
	}

	/**
	 * Adds up the devices of the customers at these places and of the customers that a run has judged. It counts a device twice if two customers
	 * have it, so call it only if none do.
	 */
	countWith(places: Places, judged: NamedDevices | undefined): NamedDevices {
		const products = new Map(judged?.products);
		let devices = judged?.devices ?? 0;
		for (const place of places) {
			for (const [name, count] of this.productsAt(place) ?? []) {
				products.set(name, (products.get(name) ?? 0) + count);
				devices += count;
			}
		}
		return { devices, products };
	}
}

/** The clean rows of a run, before its sheet is made. */
export interface PlannedSheet {
	/** The sheet of the last run; undefined if this run has judged all rows. */
	remembered: CleanSheet | undefined;
	/** For each customer, its place in `remembered`; undefined if this run has judged its rows. */
	places: Places;
	/** The digests of all customers that the rows name, by their ids. */
	customers: ReadonlyMap<string, Pick<CleanCustomer, 'digest'>>;
	/** `CleanCustomer.set` of each customer, in the order of `places`. */
	sets: readonly string[];
}

/** The sheet of each node's last Sync in this process, by the key of the node. */
export const cleanSheets = new Map<string, CleanSheet>();

/** Whether a run has exactly the rows that the last sheet has, in any order. Then it needs no new sheet. */
export function isSameSheet({ remembered, places }: Omit<PlannedSheet, 'sets'>): boolean {
	return places.length === remembered?.size && !places.includes(undefined);
}

/**
 * Makes the sheet of a run whose rows are all clean.
 * @param customers all customers of the run, in the order of `sets`
 */
export function* makeSheet(
	{ remembered, places, customers: rows, sets }: PlannedSheet,
	customers: readonly SyncCustomer[],
	named: NamedDevices,
): Pausing<CleanSheet> {
	const countsByNames = new Map<string, ProductCounts>();
	const cleanCustomers: CleanCustomer[] = [];
	yield* forEachPausing(customers.entries(), ([index, { customerId, key, fingerprint, set }]) => {
		cleanCustomers.push({
			digest: rows.get(customerId)?.digest,
			key,
			fingerprint,
			set: sets[index] ?? '',
			// Without the sheet, the devices of the customer would have to be read and counted.
			products: remembered?.productsAt(places[index]) ?? countProducts(set.devices, countsByNames),
		});
	});
	return new CleanSheet(cleanCustomers, { ...named, invalid: [] });
}

/** Counts devices by product. @param countsByNames earlier results, by product names: most customers have the same, and share one map */
function countProducts(
	devices: SyncCustomer['set']['devices'],
	countsByNames: Map<string, ProductCounts>,
): ProductCounts {
	const names = devices.map(({ ProductName }) => ProductName).sort();
	const text = names.join('\n');
	let counts = countsByNames.get(text);
	if (counts === undefined) {
		counts = new Map(names.map((name) => [name, names.lastIndexOf(name) - names.indexOf(name) + 1]));
		countsByNames.set(text, counts);
	}
	return counts;
}
