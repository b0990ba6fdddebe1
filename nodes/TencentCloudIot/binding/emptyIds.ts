import { namedRows, rowNumber } from '../input/finding';
import { counted } from '../messages/words';
import type { Row } from './row';

/** Whose a row without a CustomerId is: decided by the table, that of the row above, or nobody's. */
type EmptyIds = 'automatic' | 'above' | 'nobody';

const FROM_ABOVE = 'Take It From the Row Above';
const FILL_IN = `fill it in, or choose under 'Empty CustomerId' whose it is: ${FROM_ABOVE}`;

/**
 * The table is taken for one that has devices in stock if at least this many ids repeat from row to row for each id that does
 * not repeat and is followed by an empty one. Where it is wrong, a customer of merged cells is sent in part.
 */
const REPEATED_FOR_EACH_FOLLOWED = 10;

/** Ids are filled in only if at least this many are followed by an empty one for each that repeats: errors of a sheet are empty, too. */
const FOLLOWED_FOR_EACH_REPEATED = 5;

/** A row without a CustomerId, the rows of data above and below that have one, and the last row above that is no data. */
interface Waiting {
	row: Row;
	above: Row;
	below?: Row;
	between: Row | undefined;
}

/**
 * Finds whose the rows without a CustomerId are. Where ids come once and empty ones follow, the table looks like a sheet
 * with merged cells: then every empty one withholds the customer above, or is filled in where the user says so. Where ids
 * repeat from row to row, an empty one between two of the same is that customer's; others are nobody's, as is a null, which
 * devices in stock of a database have, or withhold both neighbours where the user says that they are to be filled in. What belongs to the row above ends at a row that
 * is no data (a header, a subtotal, a remark) or tells of a customer of its own: rows from there on only withhold it.
 */
export class EmptyIdResolver {
	readonly #mode: EmptyIds;
	/** The last row with an id of its own and a device, and whether the row before it has the same. */
	#above: Row | undefined;
	#repeats = false;
	#between: Row | undefined;
	/** The last row that is a device. */
	#previous: Row | undefined;
	/** How many ids repeat from row to row, and how many do not and are followed by an empty one. */
	#repeated = 0;
	#followed = 0;
	readonly #waiting: Waiting[] = [];
	/** How many of them have their row below. */
	#closed = 0;
	readonly #unmapped = new UnmappedColumns();
	readonly #rows = {
		blank: new Set<number>(),
		merged: new Set<number>(),
		above: new Set<number>(),
		unclear: new Set<number>(),
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
				// Rows that wait to be filled in have a number already.
				if ([...row.unmapped.values()].some((cell) => !/^\d+$/.test(String(cell)))) this.#between = row;
				return undefined;
			case 'between':
			case 'sum':
				return (this.#between = row);
			case 'own':
				return this.#own(row);
			default:
				return this.#without(row);
		}
	}

	/** The rows that waited for the end of the table. */
	finish(): Row[] {
		const [isAbove, followed, repeated] = [this.#mode === 'above', this.#followed, this.#repeated];
		const isMerged = isAbove
			? followed >= repeated * FOLLOWED_FOR_EACH_REPEATED
			: followed * REPEATED_FOR_EACH_FOLLOWED > repeated;
		let own: Waiting | undefined;
		return this.#waiting.flatMap((waiting) => {
			const { row, above, below } = waiting;
			const isWithin = above.customerId !== undefined && below?.customerId === above.customerId;
			if (row.kind !== 'same' && !isMerged && !isWithin)
				return isAbove ? this.#unclear(waiting) : this.#nobodys(row);
			const column = row.kind === 'same' ? undefined : this.#unmapped.ownOf(row, above);
			if (column !== undefined) {
				own = waiting;
				const text = `is empty, and the row has its own '${column}': give it a CustomerId`;
				return this.#withheld('unclear', row, [above], text);
			}
			const between = own?.above === above ? own.row : waiting.between;
			if (between === undefined)
				return isAbove ? this.#filled(row, above) : this.#merged(row, above, isMerged);
			const where = `row ${rowNumber(between.itemIndex)} stands between it and ${named(above)}`;
			return this.#withheld('unclear', row, [above], `is empty, and ${where}: fill it in`);
		});
	}

	/** What was assumed of which rows, e.g. "2 blank rows left out". */
	remarks(): string[] {
		const { blank, merged, above, unclear, nobody } = this.#rows;
		const without = (rows: ReadonlySet<number>, one: string, several = one) =>
			rows.size === 0
				? []
				: [`${namedRows([...rows])} without a CustomerId ${rows.size === 1 ? one : several}`];
		return [
			...(blank.size === 0 ? [] : [`${counted(blank.size, 'blank row')} left out`]),
			...without(merged, 'looks like merged cells', 'look like merged cells'),
			...without(above, 'took that of the row above'),
			...without(unclear, "may be another customer's"),
			...without(nobody, "is nobody's", "are nobody's"),
		];
	}

	#own(row: Row): Row {
		const above = this.#above;
		if (row.itemIndex === above?.itemIndex) return row;
		while (this.#closed < this.#waiting.length) this.#waiting[this.#closed++]!.below = row;
		const repeats =
			this.#previous === above && row.customerId !== undefined && row.customerId === above?.customerId;
		if (repeats && !this.#repeats) this.#repeated++;
		this.#repeats = repeats;
		this.#previous = this.#above = row;
		this.#between = undefined;
		this.#unmapped.add(row);
		return row;
	}

	#without(row: Row): Row | undefined {
		const [above, between] = [this.#above, this.#between];
		if (row.claimed.length === 0) this.#between = row;
		else this.#unmapped.add(row);
		if (above === undefined || (row.kind === 'null' && this.#mode !== 'above')) return this.#nobodys(row);
		const isFirst = this.#previous === above;
		this.#previous = row;
		if (row.kind !== 'same') {
			if (this.#mode === 'nobody') return this.#nobodys(row);
			if (isFirst && !this.#repeats && candidatesOf(above).length > 0) this.#followed++;
		}
		this.#waiting.push({ row, above, between });
		return undefined;
	}

	#filled(row: Row, above: Row): Row | Row[] {
		const { customerId } = above;
		if (customerId === undefined) {
			const what = row.kind === 'same' ? 'stands for the row above, which' : 'is empty, and the row above';
			const first = `correct row ${rowNumber(above.itemIndex)} first`;
			return this.#withheld('merged', row, [above], `${what} has no usable CustomerId: ${first}`);
		}
		this.#rows.above.add(row.itemIndex);
		const rows = besidesId(row).length === 0 ? (row.parts ?? [row]) : [row];
		return rows.map((one) => ({ ...one, customerId, candidates: [], findings: besidesId(one) }));
	}

	#merged(row: Row, above: Row, isMerged: boolean): Row {
		const empty = isMerged
			? 'is empty, which looks like merged cells'
			: 'is empty between rows of one customer';
		const isSame = row.kind === 'same';
		const what = `${isSame ? 'stands for the row above' : empty} (${named(above)})`;
		if (above.customerId === undefined)
			return this.#withheld('merged', row, [above], `${what}: correct that row first`);
		const text = `${what}: ${FILL_IN}${isSame ? '' : ", or Nobody's"}`;
		return this.#withheld('merged', row, [above], text, `Empty CustomerId → ${FROM_ABOVE}`);
	}

	/** It may be of either neighbour. */
	#unclear({ row, above, below }: Waiting): Row {
		const owners = below === undefined ? [above] : [above, below];
		const whose = owners.map(named).join(' or ');
		const text = `is empty where IDs repeat from row to row, and may be of ${whose}: fill it in`;
		return this.#withheld('unclear', row, owners, text);
	}

	#withheld(what: 'merged' | 'unclear', row: Row, owners: readonly Row[], text: string, mend?: string): Row {
		const { itemIndex } = row;
		const candidates = owners.flatMap(candidatesOf);
		if (candidates.length === 0) return this.#nobodys(row);
		this.#rows[what].add(itemIndex);
		const findings = [{ itemIndex, field: 'CustomerId', text, ...(mend && { mend }) }, ...besidesId(row)];
		return {
			...row,
			customerId: owners.length === 1 ? owners[0]!.customerId : undefined,
			candidates,
			findings,
		};
	}

	#nobodys(row: Row): Row {
		this.#rows.nobody.add(row.itemIndex);
		return row;
	}
}

/** What a CRM knows of a customer besides the id, e.g. 客户姓名, 联系电话 or Customer Name. */
const CUSTOMER_COLUMN =
	/^(?:(?:客户|用户|会员|联系人?|业主|住户)(?:名称?|姓名|编号|号|id|手机号?码?|电话号?码?|地址)?|姓名|名字|手机号?码?|电话号?码?|地址|住址|(?:customer|client|user|contact|owner)?(?:name|phone(?:number)?|mobile|address|email)|customer|client|owner)$/i;

/** Learns which of the columns without a field are a customer's: merged cells leave them empty with the CustomerId. */
class UnmappedColumns {
	/** How many rows have an id, and how many have none; then how many of these fill each column. */
	readonly #rows = { own: 0, without: 0 };
	readonly #filled = new Map<string, { own: number; without: number }>();

	add({ kind, unmapped }: Row): void {
		const side = kind === 'own' ? 'own' : 'without';
		this.#rows[side]++;
		if (unmapped.size === 0) return;
		for (const column of unmapped.keys()) {
			const filled = this.#filled.get(column) ?? { own: 0, without: 0 };
			filled[side]++;
			this.#filled.set(column, filled);
		}
	}

	/** The column by which a row tells of another customer than the row above, if there is one. */
	ownOf({ unmapped }: Row, above: Row): string | undefined {
		const differs = (column: string) => textIn(unmapped, column) !== textIn(above.unmapped, column);
		const isNamed = (column: string) => CUSTOMER_COLUMN.test(column.replace(/[\s_.-]+/g, ''));
		const isOwn = (column: string) => this.#isCustomers(column) || (isNamed(column) && differs(column));
		return [...unmapped.keys()].find(isOwn);
	}

	/** Rows with an id mostly fill it, and at least twice as often as those without. */
	#isCustomers(column: string): boolean {
		const [rows, filled] = [this.#rows, this.#filled.get(column)];
		if (filled === undefined || filled.own * 2 < rows.own) return false;
		return filled.own * rows.without >= 2 * filled.without * rows.own;
	}
}

const textIn = (cells: Row['unmapped'], column: string) => String(cells.get(column) ?? '').trim();

/** "customer 'a' in row 1"; of an id that cannot be used only the row. */
function named({ customerId, itemIndex }: Row): string {
	return `${customerId === undefined ? '' : `customer '${customerId}' in `}row ${rowNumber(itemIndex)}`;
}

function besidesId({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field !== 'CustomerId');
}

function candidatesOf({ customerId, candidates }: Row): Row['candidates'] {
	return customerId === undefined ? candidates : [{ id: customerId }];
}
