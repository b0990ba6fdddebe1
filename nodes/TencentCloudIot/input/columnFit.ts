/** The names of columns that are usually a field's, besides its own, and those that may be another's. */
export type ColumnNames<Field extends string = string> = Readonly<
	Record<Field, { usual: readonly string[]; unclear: readonly string[] }>
>;

/** Which column is a field's: one, or none, or more than one; or none for sure, and some that may be. */
export type ColumnFit =
	| { kind: 'one'; column: string }
	| { kind: 'several'; columns: readonly string[] }
	| { kind: 'unclear'; columns: readonly string[] }
	| { kind: 'none' };

/** A column of exactly the field's name, or else the only one that fits it: `customer_id` and `客户编号` fit CustomerId. */
export function fitColumn(
	field: string,
	columns: readonly string[],
	{ usual, unclear }: ColumnNames[string] = { usual: [], unclear: [] },
): ColumnFit {
	const columnsOf = (its: readonly string[]) => {
		const simple = its.map(simplify);
		return columns.filter((column) => simple.includes(simplify(column)));
	};
	if (columns.includes(field)) return { kind: 'one', column: field };
	const fitting = columnsOf([field, ...usual]);
	const [column] = fitting;
	if (column !== undefined) {
		return fitting.length > 1 ? { kind: 'several', columns: fitting } : { kind: 'one', column };
	}
	const possible = columnsOf(unclear);
	return possible.length === 0 ? { kind: 'none' } : { kind: 'unclear', columns: possible };
}

function simplify(name: string): string {
	return name
		.normalize('NFKC')
		.replace(/[\s_./-]+/g, '')
		.toLowerCase();
}
