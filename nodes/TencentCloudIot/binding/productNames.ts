import { because, namedRows } from '../messages/findings';
import { forEachPausing, type Pausing } from '../input/pausing';
import { isOnlyNameless, withFindings, type Row } from './row';

/** What to do with a row without a ProductName: refuse it, or give it that of the other rows with its ProductId. */
export type EmptyProductNames = 'refuse' | 'sameProduct';

/** Learns the ProductName of each ProductId from all rows of a run, and fills it into those without one. */
export class ProductNames {
	readonly #mode: EmptyProductNames;
	/** The ProductName of each ProductId with its slash; undefined where rows do not agree on one. */
	readonly #names = new Map<string, string | undefined>();
	/** The item indexes of the rows that were filled in. */
	readonly #filled = new Set<number>();

	constructor(mode: EmptyProductNames) {
		this.#mode = mode;
	}

	/** Learns from a row. Invalid rows count, too: the ProductName of a product does not depend on what is wrong with them. */
	add({ device, parts }: Row): void {
		if (parts !== undefined) {
			for (const part of parts) {
				this.add(part);
			}
			return;
		}
		const { DeviceId, ProductName: name } = device;
		if (DeviceId === '' || name === '') {
			return;
		}
		const product = productOf(DeviceId);
		const doRowsAgree = !this.#names.has(product) || this.#names.get(product) === name;
		this.#names.set(product, doRowsAgree ? name : undefined);
	}

	/**
	 * Fills in the ProductNames of a row that lacks nothing else. To be called after the last row, when all names are known.
	 * @returns a row for each of its devices; the row itself if it stays refused, or does not lack a ProductName
	 */
	fill(row: Row): Row[] {
		if (!isOnlyNameless(row)) {
			return [row];
		}
		const parts = row.parts ?? [row];
		const unnamed = parts.filter(({ device }) => device.ProductName === '');
		const products = unnamed.map(({ device }) => productOf(device.DeviceId));
		const lacking = products.find((product) => this.#names.get(product) === undefined);
		if (this.#mode === 'refuse') {
			return [lacking === undefined ? withFindings(row, { mend: 'sameProduct' }) : row];
		}
		if (lacking !== undefined) {
			return [withFindings(row, because(this.#names.has(lacking) ? 'differing' : 'nameless'))];
		}
		this.#filled.add(row.itemIndex);
		return parts.map(({ device, ...part }) => ({
			...part,
			customerId: row.customerId,
			claimedDeviceIds: [],
			device: {
				...device,
				ProductName: device.ProductName || (this.#names.get(productOf(device.DeviceId)) ?? ''),
			},
			findings: [],
		}));
	}

	/** The ProductIds (with their slash) that are written in several ways, differing only in case: a list of spellings for each. */
	*spellings(): Pausing<string[][]> {
		const spellingsByKey = new Map<string, string[]>();
		const repeated = new Set<string[]>();
		yield* forEachPausing(this.#names.keys(), (product) => {
			const key = product.toLowerCase();
			const spellings = spellingsByKey.get(key);
			if (spellings === undefined) {
				spellingsByKey.set(key, [product]);
			} else {
				spellings.push(product);
				repeated.add(spellings);
			}
		});
		return [...repeated];
	}

	/** A sentence that names the rows that were filled in; none if there are no such rows. */
	remarks(): string[] {
		if (this.#filled.size === 0) {
			return [];
		}
		const rows = [...this.#filled].sort((a, b) => a - b);
		return [`${namedRows(rows)} without a ProductName took that of the same product`];
	}
}

/** The ProductId of a DeviceId, with its slash. */
export function productOf(deviceId: string): string {
	return deviceId.slice(0, deviceId.indexOf('/') + 1);
}
