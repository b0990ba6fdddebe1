import { forEachPausing, type Pausing } from '../../input/pausing';
import type { NamedDevices } from '../../service/devices';
import { HASH_LENGTH } from './hashes';
import type { SyncCustomer } from './settings';

/** What a process remembers of a customer whose rows are clean. */
interface CleanCustomer {
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
	setDigests: string;
	/** How many of its devices have each ProductName. */
	products: ProductCounts;
}

/** How many devices have each ProductName. */
type ProductCounts = ReadonlyMap<string, number>;

/** For each customer of a run, its index in the `CleanSheet` of the last run; undefined if its rows are new or changed. */
type SheetIndexes = ReadonlyArray<number | undefined>;

/** Stands for a digest that is missing. It has blanks, which no digest has, so no digest equals it. */
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
	readonly #joinedTexts: string;
	/** The length of one customer's part of `#joinedTexts`, characters. */
	readonly #customerLength: number;
	/** The product names of each customer's devices. */
	readonly #products: readonly ProductCounts[];

	constructor(customers: readonly CleanCustomer[], namedDevices: NamedDevices) {
		const customerTexts = customers.map(({ digest = NO_DIGEST, key, fingerprint, setDigests }) => {
			return digest + key + fingerprint + setDigests;
		});
		this.size = customers.length;
		this.namedDevices = namedDevices;
		this.#joinedTexts = customerTexts.join('');
		this.#customerLength = customerTexts[0]?.length ?? 0;
		this.#products = customers.map(({ products }) => products);
	}

	/**
	 * Finds the customers whose rows are the same as in the last run.
	 * @param customers all customers that the rows of this run name
	 * @returns the index of each customer in the sheet; undefined if its rows are new or changed
	 */
	*findSame(customers: Iterable<Pick<CleanCustomer, 'digest'>>): Pausing<SheetIndexes> {
		const sheetIndexes: Array<number | undefined> = [];
		let indexesByDigest: ReadonlyMap<string, number> | undefined;
		// In most runs a customer follows the same customer as in the last run: then its index need not be looked up.
		let expectedIndex = 0;
		const indexOf = (digest: string) => {
			if (this.#textAt(expectedIndex, 0, KEY_START) === digest) {
				return expectedIndex;
			}
			indexesByDigest ??= this.#indexesByDigest();
			return indexesByDigest.get(digest);
		};
		yield* forEachPausing(customers, ({ digest }) => {
			const sheetIndex = digest === undefined ? undefined : indexOf(digest);
			sheetIndexes.push(sheetIndex);
			expectedIndex = (sheetIndex ?? expectedIndex) + 1;
		});
		return sheetIndexes;
	}

	#indexesByDigest(): Map<string, number> {
		const indexes = new Map<string, number>();
		for (const sheetIndex of this.#products.keys()) {
			indexes.set(this.#textAt(sheetIndex, 0, KEY_START), sheetIndex);
		}
		return indexes;
	}

	/** The hash of a customer, by its index in the sheet; undefined without an index. */
	keyAt(sheetIndex: number | undefined): string | undefined {
		return sheetIndex === undefined ? undefined : this.#textAt(sheetIndex, KEY_START, FINGERPRINT_START);
	}

	fingerprintAt(sheetIndex: number | undefined): string | undefined {
		return sheetIndex === undefined ? undefined : this.#textAt(sheetIndex, FINGERPRINT_START, SET_START);
	}

	setDigestsAt(sheetIndex: number | undefined): string | undefined {
		return sheetIndex === undefined ? undefined : this.#textAt(sheetIndex, SET_START, this.#customerLength);
	}

	productsAt(sheetIndex: number | undefined): ProductCounts | undefined {
		return sheetIndex === undefined ? undefined : this.#products[sheetIndex];
	}

	#textAt(sheetIndex: number, fromOffset: number, toOffset: number): string {
		const start = sheetIndex * this.#customerLength;
		return this.#joinedTexts.slice(start + fromOffset, start + toOffset);
	}

	/**
	 * Adds up the devices of the customers with these indexes in the sheet and of the customers that a run has judged. It counts a device twice if
	 * two customers have it, so call it only if no device is shared.
	 */
	countWith(sheetIndexes: SheetIndexes, judgedDevices: NamedDevices | undefined): NamedDevices {
		const products = new Map(judgedDevices?.products);
		let devices = judgedDevices?.devices ?? 0;
		for (const sheetIndex of sheetIndexes) {
			for (const [name, count] of this.productsAt(sheetIndex) ?? []) {
				products.set(name, (products.get(name) ?? 0) + count);
				devices += count;
			}
		}
		return { devices, products };
	}
}

/** The clean rows of a run, before its sheet is made. */
export interface PlannedSheet {
	/** What this process remembers of the last run's clean rows; undefined if this run has judged all of its rows. */
	remembered: CleanSheet | undefined;
	/** For each customer, its index in `remembered`; undefined if this run has judged the customer's rows. */
	sheetIndexes: SheetIndexes;
	/** The digests of all customers that the rows name, by their ids. */
	customers: ReadonlyMap<string, Pick<CleanCustomer, 'digest'>>;
	/** `CleanCustomer.setDigests` of each customer, in the order of `sheetIndexes`. */
	sets: readonly string[];
}

/** The sheet of each node's last Sync in this process, by the key of the node. */
export const cleanSheets = new Map<string, CleanSheet>();

/** Whether a run has exactly the rows that the last sheet has, in any order. Then it needs no new sheet. */
export function isSameSheet({ remembered, sheetIndexes }: Omit<PlannedSheet, 'sets'>): boolean {
	return sheetIndexes.length === remembered?.size && !sheetIndexes.includes(undefined);
}

/**
 * Makes the sheet of a run whose rows are all clean.
 * @param customers all customers of the run, in the order of `sets`
 */
export function* makeSheet(
	{ remembered, sheetIndexes, customers: digestsById, sets }: PlannedSheet,
	customers: readonly SyncCustomer[],
	namedDevices: NamedDevices,
): Pausing<CleanSheet> {
	const countsByNames = new Map<string, ProductCounts>();
	const cleanCustomers: CleanCustomer[] = [];
	yield* forEachPausing(customers.entries(), ([index, { customerId, key, fingerprint, set }]) => {
		cleanCustomers.push({
			digest: digestsById.get(customerId)?.digest,
			key,
			fingerprint,
			setDigests: sets[index] ?? '',
			// Without the sheet, the devices of the customer would have to be read and counted.
			products: remembered?.productsAt(sheetIndexes[index]) ?? countProducts(set.devices, countsByNames),
		});
	});
	return new CleanSheet(cleanCustomers, { ...namedDevices, invalidDeviceIds: [] });
}

/** Counts devices by product. @param countsByNames earlier results, by product names: most customers have the same, and share one map */
function countProducts(
	devices: SyncCustomer['set']['devices'],
	countsByNames: Map<string, ProductCounts>,
): ProductCounts {
	const names = devices.map(({ ProductName }) => ProductName).sort();
	const joinedNames = names.join('\n');
	let productCounts = countsByNames.get(joinedNames);
	if (productCounts === undefined) {
		productCounts = new Map(names.map((name) => [name, names.lastIndexOf(name) - names.indexOf(name) + 1]));
		countsByNames.set(joinedNames, productCounts);
	}
	return productCounts;
}
