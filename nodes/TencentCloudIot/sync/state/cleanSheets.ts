import { forEachPausing, type Pausing } from '../../input/pausing';
import type { NamedDevices } from '../../service/devices';
import { HASH_CHARACTERS } from './hashes';
import type { SyncCustomer } from './settings';

/** The rows of a customer, as a sheet compares them. */
interface DigestedRows {
	/** A digest of all that decides what becomes of the rows (see `KEY_START`); undefined if a cell is neither a text nor a number. */
	rowsDigest: string | undefined;
}

/** How many devices have each ProductName. */
type ProductCounts = ReadonlyMap<string, number>;

/** For each customer of a run, its index in the `CleanSheet` of the last run; undefined if its rows are new or changed. */
type IndexesInSheet = ReadonlyArray<number | undefined>;

/** Stands for a digest that is missing. It has blanks, which no digest has, so no digest equals it. */
const NO_DIGEST = ' '.repeat(HASH_CHARACTERS);

/**
 * Where the key begins in the text of a customer. A `CleanSheet` has one text for each customer, all of the same length, without separators:
 *
 *     rowsDigest       `HASH_CHARACTERS` characters: a digest of all that decides what becomes of the customer's rows. Rows with the same digest need
 *                      not be judged again. Blanks if a cell is neither a text nor a number: then the rows are judged in each run
 *     key              `HASH_CHARACTERS` characters: the hash of the CustomerId, `SyncCustomer.key`
 *     fingerprint      `HASH_CHARACTERS` characters: the fingerprint of the customer's full set, `SyncCustomer.fingerprint`
 *     fullSetDigests   the digest of the customer and that of its devices (`PushedSets.fullSetDigestsOf`). By these digests an execution notices
 *                      that an earlier run of the node pushed other devices for the customer
 */
const KEY_START = HASH_CHARACTERS;
const FINGERPRINT_START = KEY_START + HASH_CHARACTERS;
const FULL_SET_DIGESTS_START = FINGERPRINT_START + HASH_CHARACTERS;

/**
 * What a process remembers of the rows of a node's last Sync, if all of them were clean, i.e. without a finding or an assumption. A customer
 * whose rows have not changed need not be judged or hashed again. A sheet takes some 70 bytes for each customer. The sheet is never stored:
 * a new version of this package must judge all rows once by its own rules.
 */
export class CleanSheet {
	/** How many customers the sheet has. */
	readonly customerCount: number;
	/** How many devices and which product names all rows have, for the safety checks. */
	readonly namedDevices: NamedDevices;
	/** The texts of all customers (see `KEY_START`) in one text, in the order of the rows: far smaller than four texts for each customer. */
	readonly #joinedCustomerTexts: string;
	/** The length of one customer's part of `#joinedCustomerTexts`, characters. */
	readonly #customerTextLength: number;
	/** By a customer's index in the sheet: how many of the customer's devices have each product name. */
	readonly #productCounts: readonly ProductCounts[];

	/** @param customerTexts the text of each customer: see `KEY_START` */
	private constructor(
		customerTexts: readonly string[],
		productCounts: readonly ProductCounts[],
		namedDevices: NamedDevices,
	) {
		this.customerCount = customerTexts.length;
		this.namedDevices = namedDevices;
		this.#joinedCustomerTexts = customerTexts.join('');
		this.#customerTextLength = customerTexts[0]?.length ?? 0;
		this.#productCounts = productCounts;
	}

	/**
	 * Makes the sheet of a run whose rows are all clean.
	 * @param customers all customers of the run, in the order of `fullSetDigests`
	 */
	static *make(
		{ lastSheet, indexesInSheet, rowsByCustomer, fullSetDigests }: PlannedSheet,
		customers: readonly SyncCustomer[],
		namedDevices: NamedDevices,
	): Pausing<CleanSheet> {
		const countsByProductNames = new Map<string, ProductCounts>();
		const customerTexts: string[] = [];
		const productCounts: ProductCounts[] = [];
		yield* forEachPausing(customers.entries(), ([index, { customerId, key, fingerprint, fullSet }]) => {
			const rowsDigest = rowsByCustomer.get(customerId)?.rowsDigest ?? NO_DIGEST;
			customerTexts.push(rowsDigest + key + fingerprint + (fullSetDigests[index] ?? ''));
			// The last sheet has the product counts of unchanged customers. To count their devices, these devices would first have to be made.
			const countsInLastSheet = lastSheet?.productCountsAt(indexesInSheet[index]);
			productCounts.push(countsInLastSheet ?? countProducts(fullSet.devices, countsByProductNames));
		});
		return new CleanSheet(customerTexts, productCounts, { ...namedDevices, invalidDeviceIds: [] });
	}

	/**
	 * Finds the customers whose rows are the same as in the last run.
	 * @param customers all customers that the rows of this run name
	 * @returns the index of each customer in the sheet; undefined if its rows are new or changed
	 */
	*findIndexesInSheet(customers: Iterable<DigestedRows>): Pausing<IndexesInSheet> {
		const indexesInSheet: Array<number | undefined> = [];
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
		yield* forEachPausing(customers, ({ rowsDigest }) => {
			const indexInSheet = rowsDigest === undefined ? undefined : indexOf(rowsDigest);
			indexesInSheet.push(indexInSheet);
			expectedIndex = (indexInSheet ?? expectedIndex) + 1;
		});
		return indexesInSheet;
	}

	#indexesByDigest(): Map<string, number> {
		const indexesByDigest = new Map<string, number>();
		for (const indexInSheet of this.#productCounts.keys()) {
			indexesByDigest.set(this.#textAt(indexInSheet, 0, KEY_START), indexInSheet);
		}
		return indexesByDigest;
	}

	/** The hash of a customer, by its index in the sheet; undefined without an index. */
	keyAt(indexInSheet: number | undefined): string | undefined {
		return indexInSheet === undefined ? undefined : this.#textAt(indexInSheet, KEY_START, FINGERPRINT_START);
	}

	fingerprintAt(indexInSheet: number | undefined): string | undefined {
		return indexInSheet === undefined
			? undefined
			: this.#textAt(indexInSheet, FINGERPRINT_START, FULL_SET_DIGESTS_START);
	}

	fullSetDigestsAt(indexInSheet: number | undefined): string | undefined {
		return indexInSheet === undefined
			? undefined
			: this.#textAt(indexInSheet, FULL_SET_DIGESTS_START, this.#customerTextLength);
	}

	productCountsAt(indexInSheet: number | undefined): ProductCounts | undefined {
		return indexInSheet === undefined ? undefined : this.#productCounts[indexInSheet];
	}

	#textAt(indexInSheet: number, fromOffset: number, toOffset: number): string {
		const textStart = indexInSheet * this.#customerTextLength;
		return this.#joinedCustomerTexts.slice(textStart + fromOffset, textStart + toOffset);
	}

	/**
	 * Adds up the devices of the customers with these indexes in the sheet and of the customers that a run has judged. A device of two
	 * customers is counted twice, so call the function only if no device is shared.
	 */
	countDevices(indexesInSheet: IndexesInSheet, judgedDevices: NamedDevices | undefined): NamedDevices {
		const deviceCountByProduct = new Map(judgedDevices?.deviceCountByProduct);
		let deviceCount = judgedDevices?.deviceCount ?? 0;
		for (const indexInSheet of indexesInSheet) {
			for (const [name, count] of this.productCountsAt(indexInSheet) ?? []) {
				deviceCountByProduct.set(name, (deviceCountByProduct.get(name) ?? 0) + count);
				deviceCount += count;
			}
		}
		return { deviceCount, deviceCountByProduct };
	}
}

/** The clean rows of a run, before its sheet is made. */
export interface PlannedSheet {
	/** What this process remembers of the last run's clean rows; undefined if this run has judged all of its rows. */
	lastSheet: CleanSheet | undefined;
	/** For each customer, its index in `lastSheet`; undefined if this run has judged the customer's rows. */
	indexesInSheet: IndexesInSheet;
	/** The digest of each customer's rows, by its CustomerId. */
	rowsByCustomer: ReadonlyMap<string, DigestedRows>;
	/** `fullSetDigests` of each customer (see `KEY_START`), in the order of `indexesInSheet`. */
	fullSetDigests: readonly string[];
}

/** The sheet of each node's last Sync in this process, by the key of the node. */
export const cleanSheetsByNodeKey = new Map<string, CleanSheet>();

/** Whether a run has exactly the rows that the last sheet has, in any order. Then the run needs no new sheet. */
export function isSameSheet({ lastSheet, indexesInSheet }: Omit<PlannedSheet, 'fullSetDigests'>): boolean {
	return indexesInSheet.length === lastSheet?.customerCount && !indexesInSheet.includes(undefined);
}

/** Counts a customer's devices by product. @param countsByProductNames the maps so far: customers with the same product names share a map */
function countProducts(
	devices: SyncCustomer['fullSet']['devices'],
	countsByProductNames: Map<string, ProductCounts>,
): ProductCounts {
	const productNames = devices.map(({ ProductName }) => ProductName).sort();
	const joinedNames = productNames.join('\n');
	let productCounts = countsByProductNames.get(joinedNames);
	if (productCounts === undefined) {
		productCounts = new Map(
			productNames.map((name) => [name, productNames.lastIndexOf(name) - productNames.indexOf(name) + 1]),
		);
		countsByProductNames.set(joinedNames, productCounts);
	}
	return productCounts;
}
