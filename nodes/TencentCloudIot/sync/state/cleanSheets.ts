import { forEachPausing, type Pausing } from '../../input/pausing';
import type { NamedDevices } from '../../service/devices';
import { HASH_LENGTH } from './hashes';
import type { SyncCustomer } from './settings';

/** What is remembered of a customer whose rows are clean. */
export interface CleanCustomer {
	/** Names all that the judgement of its rows depends on, as a text of `HASH_LENGTH`; undefined where they cannot be known again. */
	digest: string | undefined;
	/** `SyncCustomer.key`. */
	key: string;
	/** `SyncCustomer.fingerprint`. */
	fingerprint: string;
	/** What an execution keeps of its full set; as long for each customer. */
	set: string;
	/** How many of its devices have each ProductName. */
	products: ProductCounts;
}

/** How many devices have each ProductName. */
type ProductCounts = ReadonlyMap<string, number>;

/** The places of customers in a sheet, beginning at 0; undefined for those that it does not have. */
type Places = ReadonlyArray<number | undefined>;

/** Stands for the digest of rows that cannot be known again. No digest has blanks. */
const NO_DIGEST = ' '.repeat(HASH_LENGTH);

/** Where the texts of a customer begin in what the sheet has of it: behind its digest. */
const KEY_START = HASH_LENGTH;
const FINGERPRINT_START = KEY_START + HASH_LENGTH;
const SET_START = FINGERPRINT_START + HASH_LENGTH;

/**
 * What the last Sync of a node in this process found in clean rows, i.e. rows without a finding or an assumption. Customers whose rows stay
 * as they are need not be judged or hashed again. A new version of this package runs in a new process, so it judges all rows once by its own
 * rules. A sheet takes some 70 bytes for each customer.
 */
export class CleanSheet {
	readonly size: number;
	/** The devices and product names of all rows, for the safety checks. */
	readonly namedDevices: NamedDevices;
	/** Digest, key, fingerprint and set of all customers, in the order of the rows. */
	readonly #texts: string;
	/** How long those of one customer are. */
	readonly #textLength: number;
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
	 * Finds the customers whose rows are those of the last run.
	 * @param customers all that the rows of this run name
	 * @returns the place of each in the sheet; undefined for those whose rows it does not have
	 */
	*find(customers: Iterable<Pick<CleanCustomer, 'digest'>>): Pausing<Places> {
		const places: Array<number | undefined> = [];
		let placesByDigest: ReadonlyMap<string, number> | undefined;
		// Most customers stand where they stood in the last run, one behind the other: their places need not be looked up.
		let expected = 0;
		const placeOf = (digest: string) => {
			if (this.#textAt(expected, 0, KEY_START) === digest) {
				return expected;
			}
			placesByDigest ??= this.#placesByDigest();
			return placesByDigest.get(digest);
		};
		yield* forEachPausing(customers, ({ digest }) => {
			const place = digest === undefined ? undefined : placeOf(digest);
			places.push(place);
			expected = (place ?? expected) + 1;
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

	/** What it has of the customer at a place; undefined without a place. */
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
	 * Counts the devices of some of its customers, and of others that a run has judged. No two customers may have the same device.
	 * @param places of those customers
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

/** Clean rows that a run has planned. */
export interface PlannedSheet {
	/** What the last run has remembered; undefined where this run has judged all rows. */
	remembered: CleanSheet | undefined;
	/** For each customer that is planned: its place there, if this run has not judged it. */
	places: Places;
	/** The digests of all customers of the rows, by their ids. */
	customers: ReadonlyMap<string, Pick<CleanCustomer, 'digest'>>;
	/** What the execution keeps of the full set of each customer, in their order. */
	sets: readonly string[];
}

/** By the key of a node, which names workflow and node. */
export const cleanSheets = new Map<string, CleanSheet>();

/** Whether the rows of a run are exactly those that the last one has remembered, in whatever order. */
export function isSameSheet({ remembered, places }: Omit<PlannedSheet, 'sets'>): boolean {
	return places.length === remembered?.size && !places.includes(undefined);
}

/**
 * Makes the sheet of a run that had other rows than the last one, all of them clean.
 * @param customers all of them, in the order of `sets`
 */
export function* makeSheet(
	{ remembered, places, customers: rows, sets }: PlannedSheet,
	customers: readonly SyncCustomer[],
	named: NamedDevices,
): Pausing<CleanSheet> {
	const countsByNames = new Map<string, ProductCounts>();
	const clean: CleanCustomer[] = [];
	yield* forEachPausing(customers.entries(), ([index, customer]) => {
		const { customerId, key, fingerprint } = customer;
		clean.push({
			digest: rows.get(customerId)?.digest,
			key,
			fingerprint,
			set: sets[index] ?? '',
			// The devices of a customer that is remembered would have to be read.
			products: remembered?.productsAt(places[index]) ?? countProducts(customer.devices, countsByNames),
		});
	});
	return new CleanSheet(clean, { ...named, invalid: [] });
}

/** @param countsByNames the counts of other customers, by their product names: most customers have the same ones, and share them */
function countProducts(
	devices: SyncCustomer['devices'],
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
