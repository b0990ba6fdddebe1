/** How texts name rows. */
import { inCommas, ours, say, type Text, writeEnglish } from './text';

const MOST_NAMED_ROWS = 3;

/** Names rows by their numbers: "row 3", "rows 3, 4, 5 and 10", or "rows 3, 4, 5 and 9 more". */
export function rowsOf(itemIndexes: readonly number[]): Text {
	const count = itemIndexes.length;
	// If only one row exceeds the limit, the text also names it: "and 10" is not longer than "and 1 more".
	const shownCount = count === MOST_NAMED_ROWS + 1 ? count : MOST_NAMED_ROWS;
	const numbers = itemIndexes.slice(0, shownCount).map((itemIndex) => ours(String(rowNumber(itemIndex))));
	return count > shownCount
		? MANY_ROWS({ numbers: inCommas(numbers), others: count - shownCount })
		: ROWS({ count, numbers });
}

const ROWS = say('{count|row|rows} {numbers}', '第 {numbers} 行');
const MANY_ROWS = say('rows {numbers} and {others} more', '第 {numbers} 行及另外 {others} 行');

/** The rows in English, "rows 3, 4 and 5", for remarks in a hint. */
export function namedRows(itemIndexes: readonly number[]): string {
	return writeEnglish(rowsOf(itemIndexes), 'everything');
}

/** The number of a row as a table shows it, counted from 1. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
}
