import { cleanServerText } from '../service/response/serverText';
import { listed } from '../messages/words';

/** Why an input item cannot be sent, in words that follow the field's name. */
export interface Finding {
	itemIndex: number;
	/** A column of the rows, or the label of a field of the node. */
	field: string;
	/** e.g. "is empty: fill this column". */
	text: string;
	/** What stands there, `short`, where the text does not quote it. */
	value?: string | undefined;
	/** What else its row is known by, for items: `['c017', 'row_number 41']`. */
	also?: readonly string[];
	/** What to do, where correcting the field is not it. */
	advice?: string | undefined;
	/** The option of 'Row Handling' under which it would be none, as the panel names it: "Split". */
	mend?: string | undefined;
}

/** Why there is no value: what its expression throws. */
export function whyNotEvaluated(cause: unknown): string {
	return `could not be evaluated: ${cause instanceof Error ? cause.message : String(cause)}`;
}

const MOST_NAMED_ROWS = 3;

/** e.g. `[row 12, c017] 'DeviceId': 'CAM01-d20' is not ProductId/DeviceName`, or `[row 12] 'DeviceId' is empty: fill this column`. */
export function describeFinding({ itemIndex, field, text, value, also = [] }: Finding): string {
	const quoted = value === undefined ? '' : `: '${value}'`;
	return `[${[namedRows([itemIndex]), ...also].join(', ')}] '${field}'${quoted} ${text}`;
}

/** Longer values and names are cut: a sheet without a header has a row's values as column names. Characters. */
const LONGEST_QUOTED = 65;

/** A value or a name as messages quote it, in one line. */
export function short(text: string): string {
	return cleanServerText(text.trim(), LONGEST_QUOTED);
}

/** e.g. "row 3", "rows 3 and 10", or "rows 3, 4, 5 and 9 more". */
export function namedRows(itemIndexes: readonly number[]): string {
	const others = itemIndexes.length - MOST_NAMED_ROWS;
	const named = itemIndexes.slice(0, MOST_NAMED_ROWS).map((itemIndex) => String(rowNumber(itemIndex)));
	return `${itemIndexes.length === 1 ? 'row' : 'rows'} ${listed(others > 0 ? [...named, `${others} more`] : named)}`;
}

/** Rows are counted from 1, as a table shows them. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
}
