import { counted } from './counted.mts';
import type { CrmRow } from './crmRows.mts';
import { isCustomerId, isNoId, mayShowId } from './customerIds.mts';
import type { ColumnNames, Field } from './fields.mts';
import { FIELDS } from './fields.mts';

/** A row without a CustomerId that belongs to a row above. */
export interface MergedRow {
	readonly row: CrmRow;
	/** The nearest one first; a second one where the nearest may be a remark. */
	readonly above: readonly CrmRow[];
}

const SAME = /^(?:同上|同前|[〃″"]|ditto)$/i;
const SUMMARY = /[合总小共汇]\s?[计总]|total/i;

/** Whether a row is blank in all columns that are mapped. */
export function isBlank(row: CrmRow, columns: ColumnNames): boolean {
	return FIELDS.every((field) => seen(row, columns[field]) === '');
}

/**
 * The rows whose CustomerId is empty as merged cells leave it: where of ids that do not stand in the row before as well
 * more than a tenth as many are followed by an empty one as others repeat. Written without the node's code.
 */
export function mergedRows(rows: readonly CrmRow[], columns: ColumnNames): MergedRow[] {
	const read = (row: CrmRow, field: Field) => seen(row, columns[field]);
	const hasDevice = (row: CrmRow) => /[\p{L}\p{N}]/u.test(read(row, 'DeviceId'));
	const ownId = (row: CrmRow) => (row[columns.CustomerId] ?? '').trim();
	const isSum = (row: CrmRow) =>
		!hasDevice(row) &&
		!isCustomerId(ownId(row)) &&
		FIELDS.some((field) => SUMMARY.test(read(row, field)) && isNoId(read(row, field)));
	const devices = rows.filter((row) => !isBlank(row, columns) && !isSum(row));
	const isRemark = (row: CrmRow) =>
		!isCustomerId(ownId(row)) && !hasDevice(row) && read(row, 'CustomerDeviceNo') === '';
	const isOwn = (row: CrmRow) => read(row, 'CustomerId') !== '' && !SAME.test(read(row, 'CustomerId'));
	const isRepeated = (index: number) => {
		const [id, before] = [index, index - 1].map((at) => devices[at] && ownId(devices[at]));
		return id === before && isCustomerId(id!);
	};
	let followed = 0;
	const repeated = devices.filter((_, index) => isRepeated(index) && !isRepeated(index - 1)).length;
	const found = devices.flatMap((row, index): Array<MergedRow & { isMarked: boolean }> => {
		if (isOwn(row)) return [];
		const above: CrmRow[] = [];
		let nearest = -1;
		for (let at = index - 1; at >= 0; at--) {
			if (!isOwn(devices[at]!)) continue;
			if (above.length === 0) nearest = at;
			above.push(devices[at]!);
			if (!isRemark(devices[at]!)) break;
		}
		const mayBeSomebody = above.some((one) => mayShowId(read(one, 'CustomerId')));
		if (!mayBeSomebody) return [];
		const isMarked = SAME.test(read(row, 'CustomerId'));
		if (!isMarked && nearest === index - 1 && !isRepeated(nearest)) followed++;
		return [{ row, above, isMarked }];
	});
	return found.filter(({ isMarked }) => isMarked || followed * 10 > repeated);
}

/** The sentence about such rows. */
export function describeMerged(count: number): string {
	return (
		`${counted(count, 'row')} without a CustomerId ${count === 1 ? 'looks' : 'look'} like merged cells, whose customers are ` +
		"withheld: fill the ids in, or in n8n take them from the row above ('Empty CustomerId')."
	);
}

function seen(row: CrmRow, column: string): string {
	return (row[column] ?? '').replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '').trim();
}
