import { isSummary } from '../input/placeholder';
import { INVISIBLE, isBlankCell } from '../input/text';

/**
 * What the CustomerId cell of a row holds: a text of its own, usable or not; nothing (`empty` as in a sheet, `null` as in
 * a database); or a mark for the same as above. A `remark` has such a text and no device, a `summary` sums up other rows.
 */
export type RowKind = 'own' | 'empty' | 'null' | 'same' | 'remark' | 'summary' | 'blank';

/** Marks for the same value as above. */
const SAME = /^(?:同上|同前|[〃″"]|ditto)$/i;

/**
 * The kind of a row whose CustomerId cannot be used.
 * @param cells CustomerId, CustomerDeviceNo, DeviceId and ProductName, as they are
 */
export function kindOf(cells: readonly unknown[]): RowKind {
	const texts = cells.map(visibleText);
	const [id = '', deviceNo = '', deviceId = ''] = texts;
	// What is put together of two empty columns is a "/".
	const hasDevice = /[\p{L}\p{N}]/u.test(deviceId);
	if (!hasDevice && texts.some(isSummary)) return 'summary';
	if (id === '') return cells[0] === null ? 'null' : 'empty';
	if (SAME.test(id)) return 'same';
	return hasDevice || deviceNo !== '' ? 'own' : 'remark';
}

/** What is seen of a cell: of a list or another value that it is there. */
function visibleText(cell: unknown): string {
	if (isBlankCell(cell)) return '';
	return typeof cell === 'string' || typeof cell === 'number'
		? String(cell).replace(INVISIBLE, '').trim()
		: '?';
}
