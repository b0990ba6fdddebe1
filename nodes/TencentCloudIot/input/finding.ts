import { listed } from '../service/words';

/** Why an input item cannot be sent, in words that follow the field's name. */
export interface Finding {
	itemIndex: number;
	/** A column of the rows, or the label of a field of the node. */
	field: string;
	/** e.g. "is empty: fill this column". */
	text: string;
	/** The option of 'Row Handling' under which it would be none, as the panel names it: "Split". */
	mend?: string | undefined;
}

const MOST_NAMED_ROWS = 3;

/** e.g. `[row 12] 'DeviceId' is empty: fill this column`. */
export function describeFinding({ itemIndex, field, text }: Finding): string {
	return `[${namedRows([itemIndex])}] '${field}' ${text}`;
}

/** Each thing that is wrong once, with its rows: "[rows 3, 4, 5 and 9 more] 'DeviceId' is empty: fill this column". */
export function describeFindings(findings: readonly Finding[]): string[] {
	const rowsOf = new Map<string, Set<number>>();
	for (const { itemIndex, field, text } of findings) {
		const what = `'${field}' ${text}`;
		const rows = rowsOf.get(what) ?? new Set();
		rowsOf.set(what, rows.add(itemIndex));
	}
	return [...rowsOf].map(([what, rows]) => `[${namedRows([...rows])}] ${what}`);
}

/** e.g. "row 3", "rows 3 and 10", or "rows 3, 4, 5 and 9 more". */
export function namedRows(itemIndexes: readonly number[]): string {
	const others = itemIndexes.length - MOST_NAMED_ROWS;
	const named = itemIndexes.slice(0, MOST_NAMED_ROWS).map((itemIndex) => String(rowNumber(itemIndex)));
	return `${itemIndexes.length === 1 ? 'row' : 'rows'} ${listed(others > 0 ? [...named, `${others} more`] : named)}`;
}

/** What is wrong with a value, without the value and other words of the rows: "is also under customer '…' in row 3". */
export function withoutValues(text: string): string {
	const [what = ''] = text.split(': ');
	return what.replace(/'[^']*'/g, "'…'").replace(/ \([^()]*\)/g, '');
}

/** Rows are counted from 1, as a table shows them. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
}
