import { because, namedRows, type Why, PLACES } from '../messages/findings';
import { counted } from '../messages/words';
import { forEachPausing, type Pausing } from '../input/pausing';
import { candidatesOf, NO_CANDIDATES, type Row } from './row';
import { type Fact, ofCase, ofRows } from '../messages/text';

/** Which customer a row without a CustomerId belongs to: as the table suggests, that of the row above, or nobody. */
export type EmptyIds = 'automatic' | 'above' | 'nobody';

/** More empty cells than this for each repeated id, and ids do not repeat from row to row. Some empty cells are errors of the sheet. */
const FOLLOWED_FOR_EACH_REPEATED = 5;

/** Cells look merged while at most this many ids stand alone for each one followed by empty cells: half of a shop's customers have one device. */
const ALONE_FOR_EACH_MERGED = 3;

/** From this many ids that stand alone for each one followed by an empty cell, the list has unique ids, and the empty one was lost. */
const ALONE_FOR_EACH_LOST = 10;

/**
 * How a table writes the ids: in each row (`repeating`), once for all rows of a customer (`merged`), or each id once
 * (`unique`). In small tables the last two may look the same (`unclear`).
 */
type Writing = 'repeating' | 'merged' | 'unique' | 'unclear';

/** A row without a CustomerId, the rows of data above and below that have one, and the last row above that is no data. */
interface Waiting {
	row: Row;
	above: Row | undefined;
	below?: Row;
	between: Row | undefined;
}

/** What is remarked of one row, and of several. */
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
 *     unique      each id once, followed by another one: an empty one is a fault of that row alone
 *
 * A null belongs to nobody, as that of a device in stock in a database, unless the user wants it filled in. A row whose parent record is
 * missing always belongs to nobody. The rows of the customer above end at a row that is no data (a header, a subtotal, a remark) or that
 * shows a customer of its own: rows after it withhold the customer above, and are never added to it.
 */
export class EmptyIdResolver {
	readonly #mode: EmptyIds;
	/** The last row with an id of its own and a device. */
	#above: Row | undefined;
	/** Whether the device row before it has the same id. */
	#repeats = false;
	/** The last row since then that is no data: a header, a subtotal, a remark. */
	#between: Row | undefined;
	/** The last row with a device, with or without an id. */
	#previous: Row | undefined;
	/** How many ids there are. The same id in rows that follow each other counts once. */
	#ids = 0;
	/** How many of them repeat, i.e. stand in several rows that follow each other. */
	#repeated = 0;
	/** How many of them do not repeat, and are followed by an empty one. */
	#followed = 0;
	/** How many devices have no id. */
	#empty = 0;
	readonly #waiting: Waiting[] = [];
	/** How many of `#waiting`, from the first one, have a row below that has an id. */
	#closed = 0;
	readonly #unmapped = new UnmappedColumns();
	/** The last row without an id that shows a customer of its own: rows below it may belong to that customer. */
	#lastOwn: Waiting | undefined;
	/** The neighbours of the last row that was withheld with them, and what gives their ids. */
	#owners: readonly Row[] = [];
	#ownersCandidates: Row['candidates'] = NO_CANDIDATES;
	/** What became of a row, by its item. */
	readonly #became = new Map<number, keyof typeof REMARKS>();

	constructor(mode: EmptyIds) {
		this.#mode = mode;
	}

	/** @returns the row as it counts; undefined where it is left out, or counts at the end */
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
				return this.#own(row);
			default:
				return this.#resolveWithoutId(row);
		}
	}

	/** Takes the rows that waited for the end of the table, each as it counts. */
	*finish(take: (row: Row) => void): Pausing {
		const writing = this.#writing();
		if (this.#waiting.length > 0) {
			yield* this.#unmapped.count();
		}
		yield* forEachPausing(this.#waiting, (waiting) => {
			for (const row of this.#settle(waiting, writing)) {
				take(row);
			}
		});
	}

	/** A row that waited, as it counts: a row for each of its devices where it takes the id above. */
	#settle(waiting: Waiting, writing: Writing): Row[] {
		const { row, above } = waiting;
		if (above === undefined || !this.#isOfAbove(waiting, writing)) {
			return [this.#uncertain(waiting, writing)];
		}
		const column = row.kind === 'same' ? undefined : this.#unmapped.ownOf(row, above);
		if (column !== undefined) {
			this.#lastOwn = waiting;
			return [this.#withheld('unclear', row, [above], because('ownColumn', { column: ofRows(column) }))];
		}
		const between = this.#lastOwn?.above === above ? this.#lastOwn.row : waiting.between;
		if (between === undefined) {
			return this.#ofAbove(row, above, writing === 'merged');
		}
		const facts = { row: PLACES.row(between.itemIndex), above: placeOf(above) };
		return [this.#withheld('unclear', row, [above], because('between', facts))];
	}

	/** What was assumed of which rows, e.g. "row 3 without a CustomerId is nobody's". */
	*remarks(): Pausing<string[]> {
		const rowsOf = new Map<string, number[]>(Object.keys(REMARKS).map((kind) => [kind, []]));
		yield* forEachPausing(this.#became, ([itemIndex, became]) => rowsOf.get(became)?.push(itemIndex));
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

	#writing(): Writing {
		if (this.#followed < this.#repeated * FOLLOWED_FOR_EACH_REPEATED) {
			return 'repeating';
		}
		const alone = this.#ids - this.#repeated - this.#followed;
		// A single id that is followed repeats only by as many rows.
		const isMerged =
			this.#followed === 1 ? this.#empty >= alone : this.#followed * ALONE_FOR_EACH_MERGED >= alone;
		if (isMerged) {
			return 'merged';
		}
		return alone >= this.#followed * ALONE_FOR_EACH_LOST ? 'unique' : 'unclear';
	}

	/** Whether the row can belong to no other customer than the one above. */
	#isOfAbove({ row, above, below }: Waiting, writing: Writing): boolean {
		const isWithin = above?.customerId !== undefined && below?.customerId === above.customerId;
		return row.kind === 'same' || writing === 'merged' || isWithin;
	}

	#uncertain(waiting: Waiting, writing: Writing): Row {
		const { row, above } = waiting;
		if (writing === 'repeating') {
			return this.#unclear(waiting, [waiting.above, waiting.below]);
		}
		// Merged cells leave a customer's name empty, too.
		const isLost = writing === 'unique' && !this.#unmapped.leavesOut(row);
		return above === undefined || isLost ? this.#nobodys(row) : this.#unclear(waiting, [above]);
	}

	#leaveOut(row: Row): void {
		this.#became.set(row.itemIndex, 'blank');
		// Rows that wait to be filled in have a number already.
		const cells = [...row.unmapped(row.itemIndex).values()];
		if (cells.some((cell) => !/^\d+$/.test(String(cell)))) {
			this.#between = row;
		}
	}

	#own(row: Row): Row {
		const above = this.#above;
		if (row.itemIndex === above?.itemIndex) {
			return row;
		}
		for (const waiting of this.#waiting.slice(this.#closed)) {
			waiting.below = row;
		}
		this.#closed = this.#waiting.length;
		const repeats =
			this.#previous === above && row.customerId !== undefined && row.customerId === above?.customerId;
		if (!repeats) {
			this.#ids++;
		} else if (!this.#repeats) {
			this.#repeated++;
		}
		this.#repeats = repeats;
		this.#previous = row;
		this.#above = row;
		this.#between = undefined;
		this.#unmapped.add(row);
		return row;
	}

	/** Takes a row without an id, or lets it wait for the end of the table. */
	#resolveWithoutId(row: Row): Row | undefined {
		const above = this.#above;
		const between = this.#between;
		if (row.claimed.length === 0) {
			this.#between = row;
		} else {
			this.#unmapped.add(row);
		}
		if (this.#isNobodys(row)) {
			return this.#nobodys(row);
		}
		const isFirst = this.#previous === above;
		this.#previous = row;
		if (row.kind !== 'same') {
			if (this.#mode === 'nobody') {
				return this.#nobodys(row);
			}
			this.#empty++;
			if (isFirst && above !== undefined && !this.#repeats && candidatesOf(above).length > 0) {
				this.#followed++;
			}
		}
		this.#waiting.push({ row, above, between });
		return undefined;
	}

	/** Whether a row is nobody's wherever it stands. */
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

	#ofAbove(row: Row, above: Row, isMerged: boolean): Row[] {
		const { customerId } = above;
		const facts = { above: placeOf(above) };
		if (customerId === undefined) {
			return [this.#withheld('merged', row, [above], because('unusable', facts))];
		}
		if (this.#mode !== 'above') {
			const whyOfAbove = isMerged ? 'merged' : 'within';
			const why = because(row.kind === 'same' ? 'same' : whyOfAbove, facts, 'above');
			return [this.#withheld('merged', row, [above], why)];
		}
		this.#became.set(row.itemIndex, 'above');
		const rows = besidesId(row).length === 0 ? (row.parts ?? [row]) : [row];
		return rows.map((part) => ({
			...part,
			customerId,
			candidates: NO_CANDIDATES,
			findings: besidesId(part),
		}));
	}

	/** It may be of each of them, if it is a device. */
	#unclear({ row, above }: Waiting, neighbours: ReadonlyArray<Row | undefined>): Row {
		const mayBeFilled = above !== undefined && this.#mode === 'above';
		if (row.claimed.length === 0 && !mayBeFilled) {
			return this.#nobodys(row);
		}
		const owners = neighbours.filter((owner) => owner !== undefined);
		const [first, second] = owners.map(placeOf);
		const places = first && second ? PLACES.either({ above: first, below: second }) : first;
		return this.#withheld('unclear', row, owners, because('unclear', { owners: places }));
	}

	#withheld(became: 'merged' | 'unclear', row: Row, owners: readonly Row[], why: Why): Row {
		const { itemIndex } = row;
		const candidates = this.#candidatesOfOwners(owners);
		if (candidates === NO_CANDIDATES) {
			return this.#nobodys(row);
		}
		this.#became.set(itemIndex, became);
		const findings = [{ itemIndex, field: 'CustomerId', ...why }, ...besidesId(row)];
		const [owner, ...otherOwners] = owners;
		const customerId = otherOwners.length === 0 ? owner?.customerId : undefined;
		return { ...row, customerId, candidates, findings };
	}

	/** What gives the ids of these rows: one for all rows between the same two, as each may have many. */
	#candidatesOfOwners(owners: readonly Row[]): Row['candidates'] {
		const isLast =
			owners.length === this.#owners.length && owners.every((row, at) => row === this.#owners[at]);
		if (!isLast) {
			const candidates = () => owners.flatMap(candidatesOf);
			this.#owners = owners;
			this.#ownersCandidates = candidates().length === 0 ? NO_CANDIDATES : candidates;
		}
		return this.#ownersCandidates;
	}

	#nobodys(row: Row): Row {
		this.#became.set(row.itemIndex, 'nobody');
		return row;
	}
}

/** What a CRM knows of a customer besides the id, e.g. 客户姓名, 联系电话 or Customer Name. */
const CUSTOMER_COLUMN =
	/^(?:(?:客户|用户|会员|联系人?|业主|住户)(?:名称?|姓名|编号|号|id|手机号?码?|电话号?码?|地址)?|姓名|名字|手机号?码?|电话号?码?|地址|住址|(?:customer|client|user|contact|owner)?(?:name|phone(?:number)?|mobile|address|email)|customer|client|owner)$/i;

type Cells = ReturnType<Row['unmapped']>;
const NO_CELLS: Cells = new Map();

/**
 * Learns which of the columns without a field are a customer's: merged cells leave them empty with the CustomerId. Their
 * cells are read at the end, and only where a row waits for what they say.
 */
class UnmappedColumns {
	/** The items of the rows that have an id, and of those that have none. */
	readonly #items: Readonly<Record<Side, number[]>> = { own: [], without: [] };
	#cellsOf: Row['unmapped'] = () => NO_CELLS;
	/** How many of them fill each column. */
	readonly #filled = new Map<string, Record<Side, number>>();
	/** A customer's columns that nearly all rows with an id fill. */
	#usual: readonly string[] = [];
	/** The cells of the row above that was compared last: many rows may follow it. */
	#above: { itemIndex: number; cells: Cells } | undefined;

	add({ kind, itemIndex, unmapped }: Row): void {
		this.#items[kind === 'own' ? 'own' : 'without'].push(itemIndex);
		this.#cellsOf = unmapped;
	}

	/** Counts the rows that fill each column; before this nothing is known of them. */
	*count(): Pausing {
		let sincePause = 0;
		for (const side of ['own', 'without'] as const) {
			for (const itemIndex of this.#items[side]) {
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
		const isUsual = (count: number) => count * 10 >= this.#items.own.length * 9;
		this.#usual = [...this.#filled].flatMap(([column, { own: count }]) =>
			isUsual(count) && this.#isCustomers(column) ? column : [],
		);
	}

	#countIn(column: string, side: Side): void {
		const filled = this.#filled.get(column);
		if (filled === undefined) {
			this.#filled.set(column, { own: 0, without: 0, [side]: 1 });
		} else {
			filled[side] += 1;
		}
	}

	/** The column by which a row tells of another customer than the row above, if there is one. */
	ownOf(row: Row, above: Row): string | undefined {
		const cells = row.unmapped(row.itemIndex);
		const cellsAbove = this.#cellsAbove(above);
		const textOf = (column: string, ofRow: Cells) => String(ofRow.get(column) ?? '').trim();
		const differs = (column: string) => textOf(column, cells) !== textOf(column, cellsAbove);
		const isNamed = (column: string) => CUSTOMER_COLUMN.test(column.replace(/[\s_.-]+/g, ''));
		const isOwn = (column: string) => this.#isCustomers(column) || (isNamed(column) && differs(column));
		return [...cells.keys()].find(isOwn);
	}

	#cellsAbove({ itemIndex, unmapped }: Row): Cells {
		if (this.#above?.itemIndex !== itemIndex) {
			this.#above = { itemIndex, cells: unmapped(itemIndex) };
		}
		return this.#above.cells;
	}

	/** Whether a row leaves a column empty that is a customer's, and that nearly all rows with an id fill. */
	leavesOut({ itemIndex, unmapped }: Row): boolean {
		const cells = unmapped(itemIndex);
		return this.#usual.some((column) => !cells.has(column));
	}

	/** Rows with an id mostly fill it, and at least twice as often as those without. */
	#isCustomers(column: string): boolean {
		const withIdRows = this.#items.own.length;
		const without = this.#items.without.length;
		const filled = this.#filled.get(column);
		if (filled === undefined || filled.own * 2 < withIdRows) {
			return false;
		}
		return filled.own * without >= 2 * filled.without * withIdRows;
	}
}

type Side = 'own' | 'without';

/** Cells between two pauses: to count one takes less than a microsecond, and a row may have thousands. */
const CELLS_BEFORE_PAUSE = 10_000;

/** "customer 'a' in row 1"; of an id that cannot be used only the row. */
function placeOf({ customerId, itemIndex }: Row): Fact {
	return customerId === undefined ? PLACES.row(itemIndex) : ofCase(PLACES.customer(customerId, itemIndex));
}

function besidesId({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field !== 'CustomerId');
}
