import type { Pausing } from '../input/pausing';
import { textOfCell } from '../input/text';
import type { Row } from './row';

/**
 * Names of columns in which CRMs describe a customer besides the id, e.g. 客户姓名, 联系电话 or Customer Name. If a row without an id has
 * another value there than the row above, the row may belong to another customer.
 */
const CUSTOMER_COLUMN =
	/^(?:(?:客户|用户|会员|联系人?|业主|住户)(?:名称?|姓名|编号|号|id|手机号?码?|电话号?码?|地址)?|姓名|名字|手机号?码?|电话号?码?|地址|住址|(?:customer|client|user|contact|owner)?(?:name|phone(?:number)?|mobile|address|email)|customer|client|owner)$/i;

type CellsByColumn = ReturnType<Row['readUnmappedCells']>;
const NO_CELLS: CellsByColumn = new Map();

/** The two kinds of rows that `UnmappedColumns` counts apart: those with a CustomerId of their own, and those without one. */
type RowGroup = 'withId' | 'withoutId';

/** `countRowsByColumn` pauses after this many cells: counting one takes less than a microsecond, and a row may have thousands. */
const CELLS_BEFORE_PAUSE = 10_000;

/**
 * Learns which columns without a field describe the customer: merged cells leave them empty together with the CustomerId. A row may have
 * thousands of cells, so they are read only after all rows, and only if the customer of a row without an id is still undecided then.
 */
export class UnmappedColumns {
	/** The item indexes of the rows that have a CustomerId of their own (`withId`), and of those without one. */
	readonly #itemIndexes: Readonly<Record<RowGroup, number[]>> = { withId: [], withoutId: [] };
	#cellsOf: Row['readUnmappedCells'] = () => NO_CELLS;
	/** By column: how many rows with an id have a filled cell there, and how many rows without an id. */
	readonly #rowCountsByColumn = new Map<string, Record<RowGroup, number>>();
	/** The columns that describe the customer and that nearly all rows with an id fill. */
	#usualCustomerColumns: readonly string[] = [];
	/** The cells of the row above that was compared last, since many rows may be below the same one. */
	#lastCellsAbove: { itemIndex: number; cells: CellsByColumn } | undefined;

	add({ kind, itemIndex, readUnmappedCells }: Row): void {
		this.#itemIndexes[kind === 'own' ? 'withId' : 'withoutId'].push(itemIndex);
		this.#cellsOf = readUnmappedCells;
	}

	/**
	 * Counts for each column how many rows with an id fill it, and how many rows without an id. To be called after the last row, because
	 * `columnOfOtherCustomer` and `leavesCustomerColumnEmpty` compare these counts.
	 */
	*countRowsByColumn(): Pausing {
		let cellsSincePause = 0;
		for (const rowGroup of ['withId', 'withoutId'] as const) {
			for (const itemIndex of this.#itemIndexes[rowGroup]) {
				const cells = this.#cellsOf(itemIndex);
				for (const column of cells.keys()) {
					this.#countRow(column, rowGroup);
				}
				cellsSincePause += 1 + cells.size;
				if (cellsSincePause > CELLS_BEFORE_PAUSE) {
					yield;
					cellsSincePause = 0;
				}
			}
		}
		const areNearlyAllRows = (rowCount: number) => rowCount * 10 >= this.#itemIndexes.withId.length * 9;
		this.#usualCustomerColumns = [...this.#rowCountsByColumn].flatMap(([column, { withId: rowCount }]) =>
			areNearlyAllRows(rowCount) && this.#describesCustomer(column) ? column : [],
		);
	}

	#countRow(column: string, rowGroup: RowGroup): void {
		const rowCounts = this.#rowCountsByColumn.get(column);
		if (rowCounts === undefined) {
			this.#rowCountsByColumn.set(column, { withId: 0, withoutId: 0, [rowGroup]: 1 });
		} else {
			rowCounts[rowGroup] += 1;
		}
	}

	/** The column that shows that a row belongs to another customer than the row above, if one does. */
	columnOfOtherCustomer(row: Row, rowAbove: Row): string | undefined {
		const cells = row.readUnmappedCells(row.itemIndex);
		const cellsAbove = this.#unmappedCellsAbove(rowAbove);
		const textOf = (column: string, cells: CellsByColumn) => textOfCell(cells.get(column) ?? '').trim();
		const differsFromAbove = (column: string) => textOf(column, cells) !== textOf(column, cellsAbove);
		const isNamedForCustomer = (column: string) => CUSTOMER_COLUMN.test(column.replace(/[\s_.-]+/g, ''));
		const showsOtherCustomer = (column: string) =>
			this.#describesCustomer(column) || (isNamedForCustomer(column) && differsFromAbove(column));
		return [...cells.keys()].find(showsOtherCustomer);
	}

	/** The unmapped cells of a row above. Keeps those of the last one, since many successive rows often have the same row above. */
	#unmappedCellsAbove({ itemIndex, readUnmappedCells }: Row): CellsByColumn {
		if (this.#lastCellsAbove?.itemIndex !== itemIndex) {
			this.#lastCellsAbove = { itemIndex, cells: readUnmappedCells(itemIndex) };
		}
		return this.#lastCellsAbove.cells;
	}

	/** Whether a row leaves a column empty that describes the customer and that nearly all rows with an id fill. */
	leavesCustomerColumnEmpty({ itemIndex, readUnmappedCells }: Row): boolean {
		const cells = readUnmappedCells(itemIndex);
		return this.#usualCustomerColumns.some((column) => !cells.has(column));
	}

	/** Whether a column describes the customer: most rows with an id fill it, and at least twice as often as rows without. */
	#describesCustomer(column: string): boolean {
		const rowCountWithId = this.#itemIndexes.withId.length;
		const rowCountWithoutId = this.#itemIndexes.withoutId.length;
		const rowCounts = this.#rowCountsByColumn.get(column);
		if (rowCounts === undefined || rowCounts.withId * 2 < rowCountWithId) {
			return false;
		}
		return rowCounts.withId * rowCountWithoutId >= 2 * rowCounts.withoutId * rowCountWithId;
	}
}
