import { because, namedRows, type Why, ELSEWHERE } from '../messages/findings';
import { counted } from '../messages/words';
import { forEachPausing, type Pausing } from '../input/pausing';
import { candidatesOf, NO_CANDIDATES, type Row } from './row';
import { type Fact, ofCase, ofRows } from '../messages/text';

/** Which customer a row without a CustomerId belongs to: the one that the table suggests, that of the row above, or none. */
export type EmptyIds = 'automatic' | 'above' | 'nobody';

/**
 * A table is `repeating` if it has fewer ids with an empty cell below them than this many times its ids in several rows. So few empty cells
 * are errors of the sheet.
 */
const FOLLOWED_FOR_EACH_REPEATED = 5;

/**
 * A table is `merged` if it has at most this many times as many ids with a single row as ids with an empty cell below them. Even with merged
 * cells many ids have a single row: half of a shop's customers have one device.
 */
const ALONE_FOR_EACH_MERGED = 3;

/**
 * A table is `unique` if it has at least this many times as many ids with a single row as ids with an empty cell below them. So rare an empty
 * cell is an id that was lost.
 */
const ALONE_FOR_EACH_LOST = 10;

/**
 * How a table writes the ids: in each row (`repeating`), once for all rows of a customer (`merged`), or each id once
 * (`unique`). In small tables the last two may look the same (`unclear`).
 */
type IdLayout = 'repeating' | 'merged' | 'unique' | 'unclear';

/** A row without a CustomerId that waits for the last row, because only the whole table shows how it writes ids. */
interface Waiting {
	row: Row;
	/** The last row above with a CustomerId and a device. */
	above: Row | undefined;
	/** The first row below with a CustomerId and a device. */
	below?: Row;
	/** The last row between `above` and `row` that is no data: a header, a subtotal, a remark. */
	between: Row | undefined;
}

/** What became of rows, in the words for one row and for several. */
const REMARKS = {
	blank: ['a device or a CustomerId was left out', 'a device or a CustomerId were left out'],
	merged: ['a CustomerId looks like merged cells', 'a CustomerId look like merged cells'],
	above: ['a CustomerId took that of the row above', 'a CustomerId took that of the row above'],
	unclear: ["a CustomerId may be another customer's", "a CustomerId may be another customer's"],
	nobody: ["a CustomerId is nobody's", "a CustomerId are nobody's"],
} as const;

/**
 * Decides which customer a row without a CustomerId belongs to. That depends on how the table writes ids:
 *
 *     merged      each id once, followed by rows with an empty one, as a sheet with merged cells. Such a row belongs to the customer
 *                 above: that customer is withheld, or gets the row where the user says so. Between two rows of one customer that
 *                 holds for every table.
 *     repeating   the id in each row, so an empty one was probably lost: a device without an id withholds both neighbours
 *     unique      each id once, followed by another id: an empty one was lost, and its row belongs to nobody
 *
 * A null belongs to nobody, as that of a device in stock in a database, unless the user wants it filled in. A row whose parent record is
 * missing always belongs to nobody. The rows of the customer above end at a row that is no data (a header, a subtotal, a remark) or that
 * shows a customer of its own: rows after it withhold the customer above, and are never added to it.
 */
export class EmptyIdResolver {
	readonly #mode: EmptyIds;
	/** The last row with an id of its own and a device. */
	#above: Row | undefined;
	/** Whether `#above` has the id of the last row of data before it. */
	#aboveRepeats = false;
	/** The last row since `#above` that is no data: a header, a subtotal, a remark. */
	#between: Row | undefined;
	/** The last row with a device, with or without an id. */
	#previous: Row | undefined;
	/** How many ids the rows so far have. The same id in consecutive rows counts once. */
	#idCount = 0;
	/** How many of the ids so far stand in several consecutive rows. */
	#repeatedCount = 0;
	/** How many of the ids so far stand in a single row before a row with an empty id, which is how merged cells begin. */
	#followedCount = 0;
	/** How many rows have an empty id, without those that belong to nobody in any case. */
	#emptyCount = 0;
	readonly #waiting: Waiting[] = [];
	/** How many rows at the beginning of `#waiting` have their `below`. Those behind them get it from the next row that has an id. */
	#withBelowCount = 0;
	readonly #unmapped = new UnmappedColumns();
	/** The last waiting row whose other columns show a customer of its own: rows below it may belong to that customer. */
	#lastOfOtherCustomer: Waiting | undefined;
	/** The last rows that `#candidatesOfOwners` was called with, and what it returned for them. */
	#lastOwners: readonly Row[] = [];
	#lastCandidates: Row['candidates'] = NO_CANDIDATES;
	/** By item index, the remark that says what became of a row without a CustomerId. */
	readonly #remarkKinds = new Map<number, keyof typeof REMARKS>();

	constructor(mode: EmptyIds) {
		this.#mode = mode;
	}

	/** @returns the row, with what was found about its id; undefined if the row is left out, or waits for `finish` */
	add(row: Row): Row | undefined {
		switch (row.kind) {
			case 'blank':
				this.#leaveOut(row);
				return undefined;
			case 'between':
			case 'sum':
				this.#between = row;
				return row;
			case 'own':
				return this.#addWithId(row);
			default:
				return this.#addWithoutId(row);
		}
	}

	/**
	 * Decides about the rows that waited, after the last row of the table.
	 * @param take gets each of them, with its customer or with what was found about its id
	 */
	*finish(take: (row: Row) => void): Pausing {
		const idLayout = this.#findIdLayout();
		if (this.#waiting.length > 0) {
			yield* this.#unmapped.count();
		}
		yield* forEachPausing(this.#waiting, (waiting) => {
			for (const row of this.#settle(waiting, idLayout)) {
				take(row);
			}
		});
	}

	/**
	 * Decides about one row that waited.
	 * @returns the row with what was found about its id; if it takes the id of the row above, a row for each of its devices
	 */
	#settle(waiting: Waiting, idLayout: IdLayout): Row[] {
		const { row, above } = waiting;
		if (above === undefined || !this.#isOfAbove(waiting, idLayout)) {
			return [this.#settleUncertain(waiting, idLayout)];
		}
		const column = row.kind === 'same' ? undefined : this.#unmapped.columnOfOtherCustomer(row, above);
		if (column !== undefined) {
			this.#lastOfOtherCustomer = waiting;
			return [this.#withhold('unclear', row, [above], because('ownColumn', { column: ofRows(column) }))];
		}
		const between =
			this.#lastOfOtherCustomer?.above === above ? this.#lastOfOtherCustomer.row : waiting.between;
		if (between === undefined) {
			return this.#giveToAbove(row, above, idLayout === 'merged');
		}
		const facts = { row: ELSEWHERE.row(between.itemIndex), above: placeOf(above) };
		return [this.#withhold('unclear', row, [above], because('between', facts))];
	}

	/** Sentences about what was assumed of which rows, e.g. "row 3 without a CustomerId is nobody's". */
	*remarks(): Pausing<string[]> {
		const rowsOf = new Map<string, number[]>(Object.keys(REMARKS).map((kind) => [kind, []]));
		yield* forEachPausing(this.#remarkKinds, ([itemIndex, remarkKind]) =>
			rowsOf.get(remarkKind)?.push(itemIndex),
		);
		const remarks: string[] = [];
		for (const [kind, [singular, plural]] of Object.entries(REMARKS)) {
			const rows = rowsOf.get(kind) ?? [];
			if (rows.length > 0) {
				const which = kind === 'blank' ? counted(rows.length, 'row') : namedRows(rows);
				remarks.push(`${which} without ${rows.length === 1 ? singular : plural}`);
			}
		}
		return remarks;
	}

	/** How the table writes ids, by the counts of all its rows. */
	#findIdLayout(): IdLayout {
		if (this.#followedCount < this.#repeatedCount * FOLLOWED_FOR_EACH_REPEATED) {
			return 'repeating';
		}
		const aloneCount = this.#idCount - this.#repeatedCount - this.#followedCount;
		// If only one id is followed by empty cells, there must be as many empty cells as ids with a single row.
		const isMerged =
			this.#followedCount === 1
				? this.#emptyCount >= aloneCount
				: this.#followedCount * ALONE_FOR_EACH_MERGED >= aloneCount;
		if (isMerged) {
			return 'merged';
		}
		return aloneCount >= this.#followedCount * ALONE_FOR_EACH_LOST ? 'unique' : 'unclear';
	}

	/** Whether the row surely belongs to the customer above: by a mark such as 同上, by merged cells, or between two rows of that customer. */
	#isOfAbove({ row, above, below }: Waiting, idLayout: IdLayout): boolean {
		const isWithin = above?.customerId !== undefined && below?.customerId === above.customerId;
		return row.kind === 'same' || idLayout === 'merged' || isWithin;
	}

	/** Decides about a row that does not surely belong to the customer above: it withholds its neighbours, or belongs to nobody. */
	#settleUncertain(waiting: Waiting, idLayout: IdLayout): Row {
		const { row, above } = waiting;
		if (idLayout === 'repeating') {
			return this.#withholdNeighbours(waiting, [waiting.above, waiting.below]);
		}
		// If a column such as the customer's name is empty, too, the cells look merged, and the id was not lost.
		const isLost = idLayout === 'unique' && !this.#unmapped.leavesCustomerEmpty(row);
		return above === undefined || isLost
			? this.#giveToNobody(row)
			: this.#withholdNeighbours(waiting, [above]);
	}

	#leaveOut(row: Row): void {
		this.#remarkKinds.set(row.itemIndex, 'blank');
		// A blank row with only a number is still to be filled in. Any other text is a remark, which ends the rows of the customer above.
		const cells = [...row.unmapped(row.itemIndex).values()];
		if (cells.some((cell) => !/^\d+$/.test(String(cell)))) {
			this.#between = row;
		}
	}

	/** Counts a row that has an id of its own, and gives the waiting rows above it their `below`. */
	#addWithId(row: Row): Row {
		const above = this.#above;
		// A row that lists several devices comes once for each of them, and counts once.
		if (row.itemIndex === above?.itemIndex) {
			return row;
		}
		for (const waiting of this.#waiting.slice(this.#withBelowCount)) {
			waiting.below = row;
		}
		this.#withBelowCount = this.#waiting.length;
		const repeats =
			this.#previous === above && row.customerId !== undefined && row.customerId === above?.customerId;
		if (!repeats) {
			this.#idCount++;
		} else if (!this.#aboveRepeats) {
			this.#repeatedCount++;
		}
		this.#aboveRepeats = repeats;
		this.#previous = row;
		this.#above = row;
		this.#between = undefined;
		this.#unmapped.add(row);
		return row;
	}

	/** Counts a row without an id. It waits for `finish`, unless it belongs to nobody in any case. */
	#addWithoutId(row: Row): Row | undefined {
		const above = this.#above;
		const between = this.#between;
		if (row.claimedDeviceIds.length === 0) {
			this.#between = row;
		} else {
			this.#unmapped.add(row);
		}
		if (this.#isNobodys(row)) {
			return this.#giveToNobody(row);
		}
		const isDirectlyBelow = this.#previous === above;
		this.#previous = row;
		if (row.kind !== 'same') {
			if (this.#mode === 'nobody') {
				return this.#giveToNobody(row);
			}
			this.#emptyCount++;
			if (isDirectlyBelow && above !== undefined && !this.#aboveRepeats && candidatesOf(above).length > 0) {
				this.#followedCount++;
			}
		}
		this.#waiting.push({ row, above, between });
		return undefined;
	}

	/** Whether a row belongs to nobody, whichever rows are around it. */
	#isNobodys({ kind }: Row): boolean {
		switch (kind) {
			case 'stock':
				return true;
			case 'null':
				return this.#mode !== 'above';
			default:
				return kind === 'same' && this.#above === undefined;
		}
	}

	/** Gives the row the id of the row above if the user wants that; else withholds it with the customer above. */
	#giveToAbove(row: Row, above: Row, isMerged: boolean): Row[] {
		const { customerId } = above;
		const facts = { above: placeOf(above) };
		if (customerId === undefined) {
			return [this.#withhold('merged', row, [above], because('unusable', facts))];
		}
		if (this.#mode !== 'above') {
			const whyOfAbove = isMerged ? 'merged' : 'within';
			const why = because(row.kind === 'same' ? 'same' : whyOfAbove, facts, 'above');
			return [this.#withhold('merged', row, [above], why)];
		}
		this.#remarkKinds.set(row.itemIndex, 'above');
		const deviceRows = findingsBesidesId(row).length === 0 ? (row.parts ?? [row]) : [row];
		return deviceRows.map((deviceRow) => ({
			...deviceRow,
			customerId,
			candidates: NO_CANDIDATES,
			findings: findingsBesidesId(deviceRow),
		}));
	}

	/**
	 * Withholds a row and the customers of these neighbours, since the row may belong to each of them. A row without a device withholds nobody,
	 * unless the user wants empty ids filled in from above.
	 */
	#withholdNeighbours({ row, above }: Waiting, neighbours: ReadonlyArray<Row | undefined>): Row {
		const mayBeFilled = above !== undefined && this.#mode === 'above';
		if (row.claimedDeviceIds.length === 0 && !mayBeFilled) {
			return this.#giveToNobody(row);
		}
		const owners = neighbours.filter((owner) => owner !== undefined);
		const [first, second] = owners.map(placeOf);
		const places = first && second ? ELSEWHERE.either({ above: first, below: second }) : first;
		return this.#withhold('unclear', row, owners, because('unclear', { owners: places }));
	}

	/** Gives the row a finding about its id, and makes it a row that may belong to the customers of the rows `owners`. */
	#withhold(remarkKind: 'merged' | 'unclear', row: Row, owners: readonly Row[], why: Why): Row {
		const { itemIndex } = row;
		const candidates = this.#candidatesOfOwners(owners);
		if (candidates === NO_CANDIDATES) {
			return this.#giveToNobody(row);
		}
		this.#remarkKinds.set(itemIndex, remarkKind);
		const findings = [{ itemIndex, field: 'CustomerId', ...why }, ...findingsBesidesId(row)];
		const [owner, ...otherOwners] = owners;
		const customerId = otherOwners.length === 0 ? owner?.customerId : undefined;
		return { ...row, customerId, candidates, findings };
	}

	/** A function that gives the ids of these rows. Withheld rows with the same neighbours share it, to save memory: it may give many ids. */
	#candidatesOfOwners(owners: readonly Row[]): Row['candidates'] {
		const isLast =
			owners.length === this.#lastOwners.length && owners.every((row, at) => row === this.#lastOwners[at]);
		if (!isLast) {
			const candidates = () => owners.flatMap(candidatesOf);
			this.#lastOwners = owners;
			this.#lastCandidates = candidates().length === 0 ? NO_CANDIDATES : candidates;
		}
		return this.#lastCandidates;
	}

	#giveToNobody(row: Row): Row {
		this.#remarkKinds.set(row.itemIndex, 'nobody');
		return row;
	}
}

/**
 * Names of columns in which CRMs describe a customer besides the id, e.g. 客户姓名, 联系电话 or Customer Name. If a row without an id has
 * another value there than the row above, the row may belong to another customer.
 */
const CUSTOMER_COLUMN =
	/^(?:(?:客户|用户|会员|联系人?|业主|住户)(?:名称?|姓名|编号|号|id|手机号?码?|电话号?码?|地址)?|姓名|名字|手机号?码?|电话号?码?|地址|住址|(?:customer|client|user|contact|owner)?(?:name|phone(?:number)?|mobile|address|email)|customer|client|owner)$/i;

type CellsByColumn = ReturnType<Row['unmapped']>;
const NO_CELLS: CellsByColumn = new Map();

/**
 * Learns which columns without a field describe the customer: merged cells leave them empty together with the CustomerId. The cells are
 * read after the last row, and only if a row without an id waits for that, because a row may have thousands.
 */
class UnmappedColumns {
	/** The item indexes of the rows. */
	readonly #itemIndexes: Readonly<Record<Side, number[]>> = { withId: [], withoutId: [] };
	#cellsOf: Row['unmapped'] = () => NO_CELLS;
	/** By column: how many rows with an id, and how many without one, fill it. */
	readonly #filledCounts = new Map<string, Record<Side, number>>();
	/** The columns that describe the customer and that nearly all rows with an id fill. */
	#usualColumns: readonly string[] = [];
	/** The cells of the row above that was compared last, since many rows may stand below the same one. */
	#above: { itemIndex: number; cells: CellsByColumn } | undefined;

	add({ kind, itemIndex, unmapped }: Row): void {
		this.#itemIndexes[kind === 'own' ? 'withId' : 'withoutId'].push(itemIndex);
		this.#cellsOf = unmapped;
	}

	/**
	 * Counts for each column how many rows with an id fill it, and how many without one. To be called after the last row, because
	 * `columnOfOtherCustomer` and `leavesCustomerEmpty` compare these counts.
	 */
	*count(): Pausing {
		let sincePause = 0;
		for (const side of ['withId', 'withoutId'] as const) {
			for (const itemIndex of this.#itemIndexes[side]) {
				const cells = this.#cellsOf(itemIndex);
				for (const column of cells.keys()) {
					this.#countIn(column, side);
				}
				sincePause += 1 + cells.size;
				if (sincePause > CELLS_BEFORE_PAUSE) {
					yield;
					sincePause = 0;
				}
			}
		}
		const isUsual = (count: number) => count * 10 >= this.#itemIndexes.withId.length * 9;
		this.#usualColumns = [...this.#filledCounts].flatMap(([column, { withId: count }]) =>
			isUsual(count) && this.#describesCustomer(column) ? column : [],
		);
	}

	#countIn(column: string, side: Side): void {
		const filled = this.#filledCounts.get(column);
		if (filled === undefined) {
			this.#filledCounts.set(column, { withId: 0, withoutId: 0, [side]: 1 });
		} else {
			filled[side] += 1;
		}
	}

	/** The column that shows that a row belongs to another customer than the row above, if one does. */
	columnOfOtherCustomer(row: Row, above: Row): string | undefined {
		const cells = row.unmapped(row.itemIndex);
		const cellsAbove = this.#cellsAbove(above);
		const textOf = (column: string, ofRow: CellsByColumn) => String(ofRow.get(column) ?? '').trim();
		const differs = (column: string) => textOf(column, cells) !== textOf(column, cellsAbove);
		const isNamed = (column: string) => CUSTOMER_COLUMN.test(column.replace(/[\s_.-]+/g, ''));
		const showsOther = (column: string) =>
			this.#describesCustomer(column) || (isNamed(column) && differs(column));
		return [...cells.keys()].find(showsOther);
	}

	#cellsAbove({ itemIndex, unmapped }: Row): CellsByColumn {
		if (this.#above?.itemIndex !== itemIndex) {
			this.#above = { itemIndex, cells: unmapped(itemIndex) };
		}
		return this.#above.cells;
	}

	/** Whether a row leaves a column empty that describes the customer and that nearly all rows with an id fill. */
	leavesCustomerEmpty({ itemIndex, unmapped }: Row): boolean {
		const cells = unmapped(itemIndex);
		return this.#usualColumns.some((column) => !cells.has(column));
	}

	/** Whether a column describes the customer: most rows with an id fill it, and at least twice as often as rows without. */
	#describesCustomer(column: string): boolean {
		const withIdRows = this.#itemIndexes.withId.length;
		const withoutIdRows = this.#itemIndexes.withoutId.length;
		const filled = this.#filledCounts.get(column);
		if (filled === undefined || filled.withId * 2 < withIdRows) {
			return false;
		}
		return filled.withId * withoutIdRows >= 2 * filled.withoutId * withIdRows;
	}
}

/** The two kinds of rows that `UnmappedColumns` counts apart: those with a CustomerId of their own, and those without one. */
type Side = 'withId' | 'withoutId';

/** `count` pauses after this many cells: to count one takes less than a microsecond, and a row may have thousands. */
const CELLS_BEFORE_PAUSE = 10_000;

/** Names the customer of a row, e.g. "customer 'a' in row 1"; if its id cannot be used, the row only. */
function placeOf({ customerId, itemIndex }: Row): Fact {
	return customerId === undefined
		? ELSEWHERE.row(itemIndex)
		: ofCase(ELSEWHERE.customer(customerId, itemIndex));
}

function findingsBesidesId({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field !== 'CustomerId');
}
