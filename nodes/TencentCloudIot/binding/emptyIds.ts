import { rowNumber } from '../input/finding';
import { counted } from '../service/words';
import type { Row } from './row';

/** Whose a row without a CustomerId is: decided by the table, that of the row above, or nobody's. */
export type EmptyIds = 'automatic' | 'above' | 'nobody';

const FILL_IN =
	"fill it in, or choose under 'Empty CustomerId' whose it is: Take It From the Row Above, or Nobody's";

/**
 * The table is taken for one that has devices in stock if at least this many ids repeat from row to row for each id that does
 * not repeat and is followed by an empty one. Where it is wrong, a customer of merged cells is sent in part.
 */
const REPEATED_FOR_EACH_FOLLOWED = 10;

/**
 * Finds whose the rows without a CustomerId are. Where ids come once and empty ones follow, the table looks like a sheet
 * with merged cells: then every empty one withholds the customer above. Where ids repeat from row to row, and where the
 * value is null, as for devices in stock of a database, the row is nobody's.
 */
export class EmptyIdResolver {
	readonly #mode: EmptyIds;
	/** The last row with an id of its own, and whether the row before it has the same. */
	#above: Row | undefined;
	#repeats = false;
	/** The last row that is a device. */
	#previous: Row | undefined;
	/** How many ids repeat from row to row, and how many do not and are followed by an empty one. */
	#repeated = 0;
	#followed = 0;
	readonly #waiting: Array<{ row: Row; above: Row }> = [];
	readonly #rows = {
		blank: new Set<number>(),
		merged: new Set<number>(),
		above: new Set<number>(),
		nobody: new Set<number>(),
	};

	constructor(mode: EmptyIds) {
		this.#mode = mode;
	}

	/** @returns the row as it counts; undefined where it is left out, or counts at the end */
	add(row: Row): Row | undefined {
		switch (row.kind) {
			case 'blank':
				this.#rows.blank.add(row.itemIndex);
				return undefined;
			case 'summary':
				return row;
			case 'own':
			case 'remark':
				return this.#own(row);
			default:
				return this.#without(row);
		}
	}

	/** The rows that waited for the end of the table. */
	finish(): Row[] {
		const looksMerged = this.#followed * REPEATED_FOR_EACH_FOLLOWED > this.#repeated;
		return this.#waiting.map(({ row, above }) =>
			looksMerged ? this.#merged(row, above) : this.#nobodys(row),
		);
	}

	/** What was assumed, and for how many rows, e.g. "2 blank rows left out". */
	remarks(): string[] {
		const { blank, merged, above, nobody } = this.#rows;
		const without = ({ size }: ReadonlySet<number>, one: string, several = one) =>
			size === 0 ? [] : [`${counted(size, 'row')} without a CustomerId ${size === 1 ? one : several}`];
		return [
			...(blank.size === 0 ? [] : [`${counted(blank.size, 'blank row')} left out`]),
			...without(merged, 'looks like merged cells', 'look like merged cells'),
			...without(above, 'took that of the row above'),
			...without(nobody, "is nobody's", "are nobody's"),
		];
	}

	#own(row: Row): Row {
		const above = this.#above;
		if (row.itemIndex === above?.itemIndex) return row;
		const repeats =
			this.#previous === above && row.customerId !== undefined && row.customerId === above?.customerId;
		if (repeats && !this.#repeats) this.#repeated++;
		this.#repeats = repeats;
		this.#previous = row;
		// Below a remark a row may also be of the customer above the remark.
		const isOfBoth = row.kind === 'remark' && above !== undefined;
		this.#above = isOfBoth ? { ...row, candidates: [...row.candidates, ...candidatesOf(above)] } : row;
		if (isOfBoth) this.#previous = this.#above;
		return row;
	}

	#without(row: Row): Row | undefined {
		const above = this.#above;
		if (this.#mode === 'above' && above !== undefined) return this.#filled(row, above);
		if (row.kind === 'null' || above === undefined) return this.#nobodys(row);
		const isFirst = this.#previous === above;
		this.#previous = row;
		if (row.kind === 'same') return this.#merged(row, above);
		if (this.#mode !== 'automatic') return this.#nobodys(row);
		if (isFirst && !this.#repeats && candidatesOf(above).length > 0) this.#followed++;
		this.#waiting.push({ row, above });
		return undefined;
	}

	#filled(row: Row, above: Row): Row {
		const { customerId } = above;
		if (customerId === undefined) return this.#merged(row, above);
		this.#rows.above.add(row.itemIndex);
		return { ...row, customerId, candidates: [], findings: besidesId(row) };
	}

	#merged(row: Row, above: Row): Row {
		const { itemIndex, kind } = row;
		const candidates = candidatesOf(above);
		if (candidates.length === 0) return this.#nobodys(row);
		this.#rows.merged.add(itemIndex);
		const what = kind === 'same' ? 'stands for the row above' : 'is empty, which looks like merged cells';
		const { customerId } = above;
		const of = customerId === undefined ? '' : `customer '${customerId}' in `;
		const text = `${what} (${of}row ${rowNumber(above.itemIndex)}): ${FILL_IN}`;
		const findings = [{ itemIndex, field: 'CustomerId', text }, ...besidesId(row)];
		return { ...row, customerId, candidates, findings };
	}

	#nobodys(row: Row): Row {
		this.#rows.nobody.add(row.itemIndex);
		return row;
	}
}

function besidesId({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field !== 'CustomerId');
}

function candidatesOf({ customerId, candidates }: Row): Row['candidates'] {
	return customerId === undefined ? candidates : [{ id: customerId }];
}
