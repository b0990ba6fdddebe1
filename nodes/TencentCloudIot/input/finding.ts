/** Why an input item cannot be sent, in words that follow the field's name. */
export interface Finding {
	itemIndex: number;
	/** A column of the rows, or the label of a field of the node. */
	field: string;
	/** e.g. "is empty: fill this column". */
	text: string;
}

/** e.g. `[row 12] 'DeviceId' is empty: fill this column`. */
export function describeFinding({ itemIndex, field, text }: Finding): string {
	return `[row ${rowNumber(itemIndex)}] '${field}' ${text}`;
}

/** Rows are counted from 1, as a table shows them. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
}
