import { because, ELSEWHERE, type Why } from '../messages/findings';
import { namedRows } from '../messages/rows';
import { counted } from '../messages/words';
import { forEachPausing, type Pausing } from '../input/pausing';
import { textOfCell } from '../input/text';
import { candidatesOf, NO_CANDIDATES, type Row } from './row';
import { type Fact, ofCase, ofRows } from '../messages/text';
import { UnmappedColumns } from './unmappedColumns';

/** Which customer a row without a CustomerId belongs to: the customer that the table suggests, the customer of the row above, or nobody. */
export type EmptyIdMode = 'automatic' | 'above' | 'nobody';

/**
 * A table is `repeating` if its ids above an empty cell are fewer than this many times its ids that are in several consecutive rows. Its empty
 * cells are then errors.
 */
const FEWEST_IDS_ABOVE_EMPTY_PER_REPEATED_ID = 5;

/**
 * A table is `merged` if its ids with a single row are at most this many times its ids above an empty cell. Ids with a single row occur in a
 * merged table, too, because half of a shop's customers have one device.
 */
const MOST_SINGLE_ROW_IDS_PER_ID_ABOVE_EMPTY = 3;

/**
 * A table is `unique` if its ids with a single row are at least this many times its ids above an empty cell. In such a table an empty cell is an
 * id that was lost.
 */
const FEWEST_SINGLE_ROW_IDS_PER_ID_ABOVE_EMPTY = 10;

/**
 * How a table writes the id of a customer: in each row (`repeating`), in the first row only (`merged`), or in the only row, since each
 * customer has one (`unique`). In small tables the last two may look the same (`unclear`).
 */
type IdLayout = 'repeating' | 'merged' | 'unique' | 'unclear';

/** A row without a CustomerId that waits for the last row, because only the whole table shows how it writes ids. */
interface WaitingRow {
	row: Row;
	/** The last row above with a CustomerId and a device. */
	rowAbove: Row | undefined;
	/** The first row below with a CustomerId and a device. */
	rowBelow?: Row;
	/** The last row between `rowAbove` and `row` that is not data: a header, a subtotal, a remark. */
	rowBetween: Row | undefined;
}

/** What became of rows without a CustomerId: the words for one row, and for several. Each follows on "row 3 without " or "rows 3 and 4 without ". */
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
 *                 above: that customer is withheld, or gets the row if the user chose that. A row between two rows of one customer
 *                 is treated so in every table.
 *     repeating   the id in each row, so an empty one was probably lost: a device without an id withholds both neighbours
 *     unique      each id once, followed by another id: an empty one was lost, and its row belongs to nobody
 *
 * A null, as a database has it for a device in stock, belongs to nobody, unless the user wants it filled in. A row whose parent record is
 * missing always belongs to nobody. The rows of the customer above end at a row that is not data (a header, a subtotal, a remark) or that
 * shows a customer of its own: rows after it withhold the customer above, and are never added to it.
 */
export class EmptyIdResolver {
	readonly #mode: EmptyIdMode;
	/** The last row with an id of its own and a device. */
	#rowAbove: Row | undefined;
	/** Whether `#rowAbove` has the id of the last row of data before it. */
	#rowAboveRepeatsId = false;
	/** The last row since `#rowAbove` that is not data: a header, a subtotal, a remark. */
	#rowBetween: Row | undefined;
	/** The last row with a device, with or without an id. */
	#lastDeviceRow: Row | undefined;
	/** How many ids the rows so far have. The same id in consecutive rows counts once. */
	#idCount = 0;
	/** How many of the ids so far are in several consecutive rows. */
	#repeatedIdCount = 0;
	/** How many of the ids so far are in one row only, directly above a row with an empty id, as the ids of merged cells do. */
	#idsAboveEmptyCount = 0;
	/** How many rows have an empty id. A row that belongs to nobody, whatever rows are around it, does not count. */
	#emptyIdCount = 0;
	readonly #waitingRows: WaitingRow[] = [];
	/** How many rows at the beginning of `#waitingRows` have their `rowBelow`. The rows after them get theirs from the next row that has an id. */
	#rowsWithRowBelowCount = 0;
	readonly #unmappedColumns = new UnmappedColumns();
	/**
	 * The last row without an id whose other columns, e.g. a name, show another customer than the one above. The rows below it may belong to
	 * that customer.
	 */
	#lastRowOfOtherCustomer: WaitingRow | undefined;
	/** The last rows that `#candidateReaderFor` was called with, and what it returned for them. */
	#lastOwnerRows: readonly Row[] = [];
	#lastCandidateReader: Row['readCandidates'] = NO_CANDIDATES;
	/** By item index, the remark that says what became of a row without a CustomerId. */
	readonly #remarkKindByItemIndex = new Map<number, keyof typeof REMARKS>();

	constructor(mode: EmptyIdMode) {
		this.#mode = mode;
	}

	/** Takes the next row of the table. @returns the row, with what was found about its id; undefined if the row is left out, or waits for `finish` */
	add(row: Row): Row | undefined {
		switch (row.kind) {
			case 'blank':
				this.#leaveOut(row);
				return undefined;
			case 'between':
			case 'sum':
				this.#rowBetween = row;
				return row;
			case 'own':
				return this.#addWithId(row);
			default:
				return this.#addWithoutId(row);
		}
	}

	/**
	 * Decides about the rows that waited, after the last row of the table.
	 * @param handleRow gets each waiting row, with its customer or with what was found about its id
	 */
	*finish(handleRow: (row: Row) => void): Pausing {
		const idLayout = this.#findIdLayout();
		if (this.#waitingRows.length > 0) {
			yield* this.#unmappedColumns.countRowsByColumn();
		}
		yield* forEachPausing(this.#waitingRows, (waitingRow) => {
			for (const row of this.#decide(waitingRow, idLayout)) {
				handleRow(row);
			}
		});
	}

	/**
	 * Decides about one row that waited.
	 * @returns the row with what was found about its id; if it takes the id of the row above and lists several devices, a row for each device
	 */
	#decide(waitingRow: WaitingRow, idLayout: IdLayout): Row[] {
		const { row, rowAbove } = waitingRow;
		if (rowAbove === undefined || !this.#belongsToCustomerAbove(waitingRow, idLayout)) {
			return [this.#decideUncertain(waitingRow, idLayout)];
		}
		const otherCustomerColumn =
			row.kind === 'same' ? undefined : this.#unmappedColumns.columnOfOtherCustomer(row, rowAbove);
		if (otherCustomerColumn !== undefined) {
			this.#lastRowOfOtherCustomer = waitingRow;
			return [
				this.#withhold(
					'unclear',
					row,
					[rowAbove],
					because('ownColumn', { column: ofRows(otherCustomerColumn) }),
				),
			];
		}
		const rowBetween =
			this.#lastRowOfOtherCustomer?.rowAbove === rowAbove
				? this.#lastRowOfOtherCustomer.row
				: waitingRow.rowBetween;
		if (rowBetween === undefined) {
			return this.#giveToCustomerAbove(row, rowAbove, idLayout === 'merged');
		}
		const facts = { row: ELSEWHERE.row(rowBetween.itemIndex), above: nameRow(rowAbove) };
		return [this.#withhold('unclear', row, [rowAbove], because('between', facts))];
	}

	/** Sentences about what was assumed of which rows, e.g. "row 3 without a CustomerId is nobody's". */
	*remarks(): Pausing<string[]> {
		const indexesByRemarkKind = new Map<string, number[]>(Object.keys(REMARKS).map((kind) => [kind, []]));
		yield* forEachPausing(this.#remarkKindByItemIndex, ([itemIndex, remarkKind]) =>
			indexesByRemarkKind.get(remarkKind)?.push(itemIndex),
		);
		const remarks: string[] = [];
		for (const [kind, [singular, plural]] of Object.entries(REMARKS)) {
			const itemIndexes = indexesByRemarkKind.get(kind) ?? [];
			if (itemIndexes.length > 0) {
				const rowsText = kind === 'blank' ? counted(itemIndexes.length, 'row') : namedRows(itemIndexes);
				remarks.push(`${rowsText} without ${itemIndexes.length === 1 ? singular : plural}`);
			}
		}
		return remarks;
	}

	/** Finds out how the table writes ids, from the counts of all its rows. */
	#findIdLayout(): IdLayout {
		if (this.#idsAboveEmptyCount < this.#repeatedIdCount * FEWEST_IDS_ABOVE_EMPTY_PER_REPEATED_ID) {
			return 'repeating';
		}
		const singleRowIdCount = this.#idCount - this.#repeatedIdCount - this.#idsAboveEmptyCount;
		// A ratio to a single id above an empty cell shows little. So that table is merged if it has no fewer empty cells than single-row ids.
		const isMergedTable =
			this.#idsAboveEmptyCount === 1
				? this.#emptyIdCount >= singleRowIdCount
				: this.#idsAboveEmptyCount * MOST_SINGLE_ROW_IDS_PER_ID_ABOVE_EMPTY >= singleRowIdCount;
		if (isMergedTable) {
			return 'merged';
		}
		return singleRowIdCount >= this.#idsAboveEmptyCount * FEWEST_SINGLE_ROW_IDS_PER_ID_ABOVE_EMPTY
			? 'unique'
			: 'unclear';
	}

	/** Whether the row certainly belongs to the customer above: by a mark such as 同上, by merged cells, or between two rows of that customer. */
	#belongsToCustomerAbove({ row, rowAbove, rowBelow }: WaitingRow, idLayout: IdLayout): boolean {
		const isBetweenRowsOfCustomer =
			rowAbove?.customerId !== undefined && rowBelow?.customerId === rowAbove.customerId;
		return row.kind === 'same' || idLayout === 'merged' || isBetweenRowsOfCustomer;
	}

	/** Decides about a row that may not belong to the customer above: the row withholds its neighbours, or belongs to nobody. */
	#decideUncertain(waitingRow: WaitingRow, idLayout: IdLayout): Row {
		const { row, rowAbove } = waitingRow;
		if (idLayout === 'repeating') {
			return this.#withholdNeighbours(waitingRow, [waitingRow.rowAbove, waitingRow.rowBelow]);
		}
		// If a column such as the customer's name is empty, too, the cells look merged, and the id was not lost.
		const isIdLost = idLayout === 'unique' && !this.#unmappedColumns.leavesCustomerColumnEmpty(row);
		return rowAbove === undefined || isIdLost
			? this.#giveToNobody(row)
			: this.#withholdNeighbours(waitingRow, [rowAbove]);
	}

	#leaveOut(row: Row): void {
		this.#remarkKindByItemIndex.set(row.itemIndex, 'blank');
		// A row that is blank but for a number is still to be filled in. Any other text is a remark, which ends the rows of the customer above.
		const unmappedCells = [...row.readUnmappedCells(row.itemIndex).values()];
		if (unmappedCells.some((cell) => !/^\d+$/.test(textOfCell(cell)))) {
			this.#rowBetween = row;
		}
	}

	/** Counts a row that has an id of its own, and gives the waiting rows above it their `rowBelow`. */
	#addWithId(row: Row): Row {
		const rowAbove = this.#rowAbove;
		// A row that lists several devices is added once for each device, but counts once.
		if (row.itemIndex === rowAbove?.itemIndex) {
			return row;
		}
		for (const waitingRow of this.#waitingRows.slice(this.#rowsWithRowBelowCount)) {
			waitingRow.rowBelow = row;
		}
		this.#rowsWithRowBelowCount = this.#waitingRows.length;
		const repeatsId =
			this.#lastDeviceRow === rowAbove &&
			row.customerId !== undefined &&
			row.customerId === rowAbove?.customerId;
		if (!repeatsId) {
			this.#idCount++;
		} else if (!this.#rowAboveRepeatsId) {
			this.#repeatedIdCount++;
		}
		this.#rowAboveRepeatsId = repeatsId;
		this.#lastDeviceRow = row;
		this.#rowAbove = row;
		this.#rowBetween = undefined;
		this.#unmappedColumns.add(row);
		return row;
	}

	/**
	 * Counts a row without an id.
	 * @returns undefined if the row waits for `finish`; the row itself if it belongs to nobody, whatever the rows after it show
	 */
	#addWithoutId(row: Row): Row | undefined {
		const rowAbove = this.#rowAbove;
		const rowBetween = this.#rowBetween;
		if (row.namedDeviceIds.length === 0) {
			this.#rowBetween = row;
		} else {
			this.#unmappedColumns.add(row);
		}
		if (this.#belongsToNobody(row)) {
			return this.#giveToNobody(row);
		}
		const isDirectlyBelow = this.#lastDeviceRow === rowAbove;
		this.#lastDeviceRow = row;
		if (row.kind !== 'same') {
			if (this.#mode === 'nobody') {
				return this.#giveToNobody(row);
			}
			this.#emptyIdCount++;
			// Merged cells begin with a single row that has the id, directly above the first row with an empty id.
			const isBelowSingleRow = isDirectlyBelow && !this.#rowAboveRepeatsId;
			const hasCustomerAbove = rowAbove !== undefined && candidatesOf(rowAbove).length > 0;
			if (isBelowSingleRow && hasCustomerAbove) {
				this.#idsAboveEmptyCount++;
			}
		}
		this.#waitingRows.push({ row, rowAbove, rowBetween });
		return undefined;
	}

	/** Whether the kind of a row shows that it belongs to nobody, whichever rows are around it. */
	#belongsToNobody({ kind }: Row): boolean {
		switch (kind) {
			case 'stock':
				return true;
			case 'null':
				return this.#mode !== 'above';
			default:
				return kind === 'same' && this.#rowAbove === undefined;
		}
	}

	/** Gives the row the id of the row above if the user wants that; else withholds it with the customer above. */
	#giveToCustomerAbove(row: Row, rowAbove: Row, isMergedTable: boolean): Row[] {
		const { customerId } = rowAbove;
		const facts = { above: nameRow(rowAbove) };
		if (customerId === undefined) {
			return [this.#withhold('merged', row, [rowAbove], because('unusable', facts))];
		}
		if (this.#mode !== 'above') {
			const findingCode = isMergedTable ? 'merged' : 'within';
			const why = because(row.kind === 'same' ? 'same' : findingCode, facts, 'above');
			return [this.#withhold('merged', row, [rowAbove], why)];
		}
		this.#remarkKindByItemIndex.set(row.itemIndex, 'above');
		const deviceRows = findingsBesidesId(row).length === 0 ? (row.deviceRows ?? [row]) : [row];
		return deviceRows.map((deviceRow) => ({
			...deviceRow,
			customerId,
			readCandidates: NO_CANDIDATES,
			findings: findingsBesidesId(deviceRow),
		}));
	}

	/**
	 * Withholds a row and the customers of its `neighbours`, since the row may belong to each of these customers. A row without a device
	 * withholds nobody, unless the user wants empty ids filled in from above.
	 */
	#withholdNeighbours({ row, rowAbove }: WaitingRow, neighbours: ReadonlyArray<Row | undefined>): Row {
		const mayTakeIdAbove = rowAbove !== undefined && this.#mode === 'above';
		if (row.namedDeviceIds.length === 0 && !mayTakeIdAbove) {
			return this.#giveToNobody(row);
		}
		const ownerRows = neighbours.filter((neighbour) => neighbour !== undefined);
		const [first, second] = ownerRows.map(nameRow);
		const ownersFact = first && second ? ELSEWHERE.either({ above: first, below: second }) : first;
		return this.#withhold('unclear', row, ownerRows, because('unclear', { owners: ownersFact }));
	}

	/**
	 * Withholds a row that may belong to the customers of `ownerRows`, and so withholds these customers, too.
	 * @returns the row with a finding about its id; the unchanged row, as nobody's, if `ownerRows` show no id
	 */
	#withhold(remarkKind: 'merged' | 'unclear', row: Row, ownerRows: readonly Row[], why: Why): Row {
		const { itemIndex } = row;
		const readCandidates = this.#candidateReaderFor(ownerRows);
		if (readCandidates === NO_CANDIDATES) {
			return this.#giveToNobody(row);
		}
		this.#remarkKindByItemIndex.set(itemIndex, remarkKind);
		const findings = [{ itemIndex, field: 'CustomerId', ...why }, ...findingsBesidesId(row)];
		const [owner, ...otherOwners] = ownerRows;
		const customerId = otherOwners.length === 0 ? owner?.customerId : undefined;
		return { ...row, customerId, readCandidates, findings };
	}

	/** Makes `readCandidates` of a row that may belong to the customers of `ownerRows`. Rows with the same owners share one function, to save memory. */
	#candidateReaderFor(ownerRows: readonly Row[]): Row['readCandidates'] {
		const areLastOwnerRows =
			ownerRows.length === this.#lastOwnerRows.length &&
			ownerRows.every((row, index) => row === this.#lastOwnerRows[index]);
		if (!areLastOwnerRows) {
			const readCandidatesOfOwners = () => ownerRows.flatMap(candidatesOf);
			this.#lastOwnerRows = ownerRows;
			this.#lastCandidateReader =
				readCandidatesOfOwners().length === 0 ? NO_CANDIDATES : readCandidatesOfOwners;
		}
		return this.#lastCandidateReader;
	}

	/** Leaves the row without a customer: its findings stay as they are, and the run's remarks say that it is nobody's. */
	#giveToNobody(row: Row): Row {
		this.#remarkKindByItemIndex.set(row.itemIndex, 'nobody');
		return row;
	}
}

/** Names the customer of a row, e.g. "customer 'a' in row 1"; names only the row if its id cannot be used. */
function nameRow({ customerId, itemIndex }: Row): Fact {
	return customerId === undefined
		? ELSEWHERE.row(itemIndex)
		: ofCase(ELSEWHERE.customer(customerId, itemIndex));
}

function findingsBesidesId({ findings }: Row): Row['findings'] {
	return findings.filter(({ field }) => field !== 'CustomerId');
}
