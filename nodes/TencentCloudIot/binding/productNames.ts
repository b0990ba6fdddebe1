import { because } from '../messages/findings';
import { namedRows } from '../messages/rows';
import { addToList } from '../input/listsByKey';
import { forEachPausing, type Pausing } from '../input/pausing';
import { lacksOnlyProductName, withFindings, type Row } from './row';

/** What to do with a row without a ProductName: refuse the row, or give it the ProductName of the other rows with its ProductId. */
export type EmptyProductNameMode = 'refuse' | 'sameProduct';

/** Learns the ProductName of each ProductId from all rows of a run, and fills the name into the rows without a ProductName. */
export class ProductNameIndex {
	readonly #mode: EmptyProductNameMode;
	/** The ProductName of each ProductId with its slash; undefined if rows do not agree on one. */
	readonly #nameByProduct = new Map<string, string | undefined>();
	/** The item indexes of the rows whose ProductName was filled in. */
	readonly #filledItemIndexes = new Set<number>();

	constructor(mode: EmptyProductNameMode) {
		this.#mode = mode;
	}

	/** Learns the ProductName from a row. Invalid rows count, too: their findings do not change what a product is called. */
	add({ device, deviceRows }: Row): void {
		if (deviceRows !== undefined) {
			for (const deviceRow of deviceRows) {
				this.add(deviceRow);
			}
			return;
		}
		const { DeviceId, ProductName: name } = device;
		if (DeviceId === '' || name === '') {
			return;
		}
		const product = productOf(DeviceId);
		const doRowsAgree = !this.#nameByProduct.has(product) || this.#nameByProduct.get(product) === name;
		this.#nameByProduct.set(product, doRowsAgree ? name : undefined);
	}

	/**
	 * Fills in the ProductName of a row that lacks nothing else. To be called after the last row, when all names are known.
	 * @returns a row for each of its devices; the row itself if it stays refused, or does not lack a ProductName
	 */
	fill(row: Row): Row[] {
		if (!lacksOnlyProductName(row)) {
			return [row];
		}
		const deviceRows = row.deviceRows ?? [row];
		const unnamedRows = deviceRows.filter(({ device }) => device.ProductName === '');
		const unnamedProducts = unnamedRows.map(({ device }) => productOf(device.DeviceId));
		const unknownProduct = unnamedProducts.find((product) => this.#nameByProduct.get(product) === undefined);
		if (this.#mode === 'refuse') {
			return [unknownProduct === undefined ? withFindings(row, { mend: 'sameProduct' }) : row];
		}
		if (unknownProduct !== undefined) {
			return [withFindings(row, because(this.#nameByProduct.has(unknownProduct) ? 'differing' : 'nameless'))];
		}
		this.#filledItemIndexes.add(row.itemIndex);
		return deviceRows.map(({ device, ...deviceRow }) => ({
			...deviceRow,
			customerId: row.customerId,
			namedDeviceIds: [],
			device: {
				...device,
				ProductName: device.ProductName || (this.#nameByProduct.get(productOf(device.DeviceId)) ?? ''),
			},
			findings: [],
		}));
	}

	/** Finds the ProductIds (with their slash) that are spelled in several ways, differing only in case: a list of spellings for each. */
	*findProductIdsInSeveralCases(): Pausing<string[][]> {
		const spellingsByLowerCase = new Map<string, string[]>();
		yield* forEachPausing(this.#nameByProduct.keys(), (product) => {
			addToList(spellingsByLowerCase, product.toLowerCase(), product);
		});
		return [...spellingsByLowerCase.values()].filter((spellings) => spellings.length > 1);
	}

	/** A sentence that names the rows whose ProductName was filled in; none if there are no such rows. */
	remarks(): string[] {
		if (this.#filledItemIndexes.size === 0) {
			return [];
		}
		const itemIndexes = [...this.#filledItemIndexes].sort((a, b) => a - b);
		return [`${namedRows(itemIndexes)} without a ProductName took that of the same product`];
	}
}

/** The ProductId of a DeviceId, with its slash. */
export function productOf(deviceId: string): string {
	return deviceId.slice(0, deviceId.indexOf('/') + 1);
}
