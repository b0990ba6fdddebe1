import { NumberEntries } from './numberEntries';
import { entryOf } from './stateEntries';

/** A product name with fewer devices is not missed. */
export const FEWEST_DEVICES = 20;

/** With more product names than this in the rows, they name something else than product lines. */
const MOST_PRODUCTS = 200;

/** How much the rows of a run hold: the next run is judged by it. */
export interface RowCounts {
	/** Withheld ones included. */
	customers: number;
	/** Those of withheld customers included; each invalid row counts as one. */
	devices: number;
	/** Product names with at least 20 devices; 0 where the rows have more than 200 names. */
	products: number;
}

/** The product names of the rows, and how many devices each has: none where they name something else than product lines. */
export type Products = ReadonlyMap<string, number>;

/** @param devices of each customer */
export function productsOf(devices: Iterable<ReadonlyArray<{ ProductName: string }>>): Products {
	const products = new Map<string, number>();
	for (const ofCustomer of devices) {
		for (const { ProductName } of ofCustomer) products.set(ProductName, (products.get(ProductName) ?? 0) + 1);
		if (products.size > MOST_PRODUCTS) return new Map();
	}
	return products;
}

/** The product names that a run leaves to the next one. */
export function missedProducts(products: Products): string[] {
	return [...products].flatMap(([name, devices]) => (devices >= FEWEST_DEVICES ? name : []));
}

/** The counts of an account's last run in its state. Nobody queries them without taking the queries back at once. */
export class CountEntries {
	readonly #account: string;
	readonly #customers: NumberEntries;
	readonly #devices: NumberEntries;
	readonly #products: NumberEntries;

	/** @param account its entry */
	constructor(account: string) {
		this.#account = account;
		this.#customers = new NumberEntries(`customers ${account}`, { below: 2 ** 22 });
		this.#devices = new NumberEntries(`devices ${account}`, { below: 2 ** 26 });
		this.#products = new NumberEntries(`products ${account}`, { below: 2 ** 8 });
	}

	/** Whether the last run had these counts, in a closed state. */
	same({ customers, devices, products }: RowCounts): string {
		return entryOf(['counts', this.#account, String(customers), String(devices), String(products)]);
	}

	of(counts: RowCounts): string[] {
		const { customers, devices, products } = counts;
		return [
			this.same(counts),
			...this.#customers.of(customers),
			...this.#devices.of(devices),
			...this.#products.of(products),
		];
	}

	/** All numbers that there may be. */
	get all(): string[] {
		return [...this.#customers.all, ...this.#devices.all, ...this.#products.all];
	}

	/** @returns undefined where a run was interrupted that had queried them, or there was none */
	read(there: ReadonlySet<string>): RowCounts | undefined {
		const customers = this.#customers.read(there);
		const devices = this.#devices.read(there);
		const products = this.#products.read(there);
		if (customers === undefined || devices === undefined || products === undefined) return undefined;
		return { customers, devices, products };
	}
}
