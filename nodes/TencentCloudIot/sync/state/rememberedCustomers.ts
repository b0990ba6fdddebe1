import { forEachPausing, type Pausing } from '../../input/pausing';
import type { NamedDevices } from '../../service/devices';
import { HASH_CHARACTERS } from './hashes';
import type { SyncCustomer } from './settings';

/** A customer as `RememberedCustomers` compares it: by the digest of its rows. */
interface CustomerDigest {
	/** A digest of all that decides what becomes of the rows (see `RememberedCustomers`); undefined if a cell is neither a text nor a number. */
	rowsDigest: string | undefined;
}

/** How many devices have each ProductName. */
type ProductCounts = ReadonlyMap<string, number>;

/** For each customer of a run, its index among the `RememberedCustomers` of the last run; undefined if its rows are new or changed. */
type RememberedIndexes = ReadonlyArray<number | undefined>;

/** Stands for a digest that is missing. It has blanks, which no digest has, so no digest equals it. */
const NO_DIGEST = ' '.repeat(HASH_CHARACTERS);

/** Where each part begins in the text of a customer: see `RememberedCustomers`. */
const KEY_OFFSET = HASH_CHARACTERS;
const FINGERPRINT_OFFSET = KEY_OFFSET + HASH_CHARACTERS;
const FULL_SET_DIGESTS_OFFSET = FINGERPRINT_OFFSET + HASH_CHARACTERS;

/**
 * What a process remembers of the customers in a node's last Sync, if all rows were clean, i.e. without a finding or an assumption. A customer
 * whose rows have not changed need not be judged or hashed again. This is never stored: a new version of this package must judge all rows
 * once by its own rules.
 *
 * Each customer takes some 70 bytes. It has one text, of the same length for all customers and without separators:
 *
 *     rowsDigest       `HASH_CHARACTERS` characters: a digest of all that decides what becomes of the customer's rows. Rows with the same digest need
 *                      not be judged again. Blanks if a cell is neither a text nor a number: then the rows are judged in each run
 *     key              `HASH_CHARACTERS` characters: the hash of the CustomerId, `SyncCustomer.key`
 *     fingerprint      `HASH_CHARACTERS` characters: the fingerprint of the customer's full set, `SyncCustomer.fingerprint`
 *     fullSetDigests   the digest of the customer and that of its devices (`PushedSets.fullSetDigestsOf`). By these digests an execution notices
 *                      that an earlier run of the node pushed other devices for the customer
 */
export class RememberedCustomers {
	readonly customerCount: number;
	/** How many devices and which product names all rows have, for the safety checks. */
	readonly namedDevices: NamedDevices;
	/** The texts of all customers in one text, in the order of the rows: far smaller than four texts for each customer. */
	readonly #joinedCustomerTexts: string;
	/** The length of one customer's part of `#joinedCustomerTexts`, characters. */
	readonly #customerTextLength: number;
	/** How many devices of each customer have each product name, in the order of the customers. */
	readonly #productCounts: readonly ProductCounts[];

	/** @param customerTexts the text of each customer */
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
	 * Remembers the customers of a run whose rows are all clean.
	 * @param customers all customers of the run, in the order of `fullSetDigests`
	 */
	static *make(
		{ remembered, rememberedIndexes, rowsByCustomer, fullSetDigests }: CustomersToRemember,
		customers: readonly SyncCustomer[],
		namedDevices: NamedDevices,
	): Pausing<RememberedCustomers> {
		const sharedProductCounts = new Map<string, ProductCounts>();
		const customerTexts: string[] = [];
		const productCounts: ProductCounts[] = [];
		yield* forEachPausing(customers.entries(), ([index, { customerId, key, fingerprint, fullSet }]) => {
			const rowsDigest = rowsByCustomer.get(customerId)?.rowsDigest ?? NO_DIGEST;
			customerTexts.push(rowsDigest + key + fingerprint + (fullSetDigests[index] ?? ''));
			// Unchanged customers have the same product counts as before. To count their devices anew, these devices would first have to be made.
			const rememberedCounts = remembered?.productCountsAt(rememberedIndexes[index]);
			productCounts.push(rememberedCounts ?? countProducts(fullSet.devices, sharedProductCounts));
		});
		return new RememberedCustomers(customerTexts, productCounts, { ...namedDevices, invalidDeviceIds: [] });
	}

	/**
	 * Finds the customers whose rows are the same as in the last run.
	 * @param customers all customers that the rows of this run name
	 * @returns the index of each customer among the remembered ones; undefined if its rows are new or changed
	 */
	*findRememberedIndexes(customers: Iterable<CustomerDigest>): Pausing<RememberedIndexes> {
		const rememberedIndexes: Array<number | undefined> = [];
		let indexesByDigest: ReadonlyMap<string, number> | undefined;
		// In most runs a customer follows the same customer as in the last run: then its index need not be looked up.
		let expectedIndex = 0;
		const indexOf = (rowsDigest: string) => {
			if (this.#textAt(expectedIndex, 0, KEY_OFFSET) === rowsDigest) {
				return expectedIndex;
			}
			indexesByDigest ??= this.#indexesByDigest();
			return indexesByDigest.get(rowsDigest);
		};
		yield* forEachPausing(customers, ({ rowsDigest }) => {
			const rememberedIndex = rowsDigest === undefined ? undefined : indexOf(rowsDigest);
			rememberedIndexes.push(rememberedIndex);
			expectedIndex = (rememberedIndex ?? expectedIndex) + 1;
		});
		return rememberedIndexes;
	}

	#indexesByDigest(): Map<string, number> {
		const indexesByDigest = new Map<string, number>();
		for (const rememberedIndex of this.#productCounts.keys()) {
			indexesByDigest.set(this.#textAt(rememberedIndex, 0, KEY_OFFSET), rememberedIndex);
		}
		return indexesByDigest;
	}

	/** The hash of a customer, by its index; undefined without an index. */
	keyAt(rememberedIndex: number | undefined): string | undefined {
		return rememberedIndex === undefined
			? undefined
			: this.#textAt(rememberedIndex, KEY_OFFSET, FINGERPRINT_OFFSET);
	}

	fingerprintAt(rememberedIndex: number | undefined): string | undefined {
		return rememberedIndex === undefined
			? undefined
			: this.#textAt(rememberedIndex, FINGERPRINT_OFFSET, FULL_SET_DIGESTS_OFFSET);
	}

	fullSetDigestsAt(rememberedIndex: number | undefined): string | undefined {
		return rememberedIndex === undefined
			? undefined
			: this.#textAt(rememberedIndex, FULL_SET_DIGESTS_OFFSET, this.#customerTextLength);
	}

	productCountsAt(rememberedIndex: number | undefined): ProductCounts | undefined {
		return rememberedIndex === undefined ? undefined : this.#productCounts[rememberedIndex];
	}

	#textAt(rememberedIndex: number, fromOffset: number, toOffset: number): string {
		const textStart = rememberedIndex * this.#customerTextLength;
		return this.#joinedCustomerTexts.slice(textStart + fromOffset, textStart + toOffset);
	}

	/**
	 * Adds up the devices of the remembered customers with these indexes and of the customers that a run has judged. A device of two
	 * customers is counted twice, so call the function only if no device is shared.
	 */
	countDevices(rememberedIndexes: RememberedIndexes, judgedDevices: NamedDevices | undefined): NamedDevices {
		const deviceCountByProduct = new Map(judgedDevices?.deviceCountByProduct);
		let deviceCount = judgedDevices?.deviceCount ?? 0;
		for (const rememberedIndex of rememberedIndexes) {
			for (const [name, count] of this.productCountsAt(rememberedIndex) ?? []) {
				deviceCountByProduct.set(name, (deviceCountByProduct.get(name) ?? 0) + count);
				deviceCount += count;
			}
		}
		return { deviceCount, deviceCountByProduct };
	}
}

/** The customers of a run with clean rows, to be remembered when the run has planned what to push. */
export interface CustomersToRemember {
	/** The customers that this process remembers of the last run; undefined if this run has judged all of its rows. */
	remembered: RememberedCustomers | undefined;
	/** For each customer, its index in `remembered`; undefined if this run has judged the customer's rows. */
	rememberedIndexes: RememberedIndexes;
	/** The digest of each customer's rows, by its CustomerId. */
	rowsByCustomer: ReadonlyMap<string, CustomerDigest>;
	/** `fullSetDigests` of each customer (see `RememberedCustomers`), in the order of `rememberedIndexes`. */
	fullSetDigests: readonly string[];
}

/** The customers of each node's last Sync in this process, by the key of the node. */
export const rememberedByNodeKey = new Map<string, RememberedCustomers>();

/** Whether a run has exactly the rows of the remembered customers, in any order. Then there is nothing new to remember. */
export function hasSameRows({
	remembered,
	rememberedIndexes,
}: Omit<CustomersToRemember, 'fullSetDigests'>): boolean {
	return rememberedIndexes.length === remembered?.customerCount && !rememberedIndexes.includes(undefined);
}

/** Counts a customer's devices by product. @param sharedProductCounts the maps so far: customers with the same product names share one, to save memory */
function countProducts(
	devices: SyncCustomer['fullSet']['devices'],
	sharedProductCounts: Map<string, ProductCounts>,
): ProductCounts {
	const productNames = devices.map(({ ProductName }) => ProductName).sort();
	const joinedNames = productNames.join('\n');
	let productCounts = sharedProductCounts.get(joinedNames);
	if (productCounts === undefined) {
		productCounts = new Map(
			productNames.map((name) => [name, productNames.lastIndexOf(name) - productNames.indexOf(name) + 1]),
		);
		sharedProductCounts.set(joinedNames, productCounts);
	}
	return productCounts;
}
