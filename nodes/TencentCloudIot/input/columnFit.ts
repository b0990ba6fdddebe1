/**
 * The names of columns that are a field's besides its own, those that are where it has no other, those of its two parts,
 * which stand with `/` between them, and those that may be another's. `last` are taken where it has none of the others, and
 * `likelier` may be its own before those that are `unclear`.
 */
export type ColumnNames<Name extends string = string> = Readonly<Record<Name, FieldNames>>;

type FieldNames = Readonly<Record<'usual' | 'fallback' | 'unclear', readonly string[]>> & {
	parts?: readonly [readonly string[], readonly string[]];
	last?: readonly string[];
	likelier?: readonly string[];
};

/** Which column is a field's: one, or two that are its parts, or none, or more than one; or none for sure, and some that may be. */
type ColumnFit =
	| { kind: 'one'; column: string }
	| { kind: 'parts'; columns: readonly [string, string] }
	| { kind: 'several'; columns: readonly string[] }
	| { kind: 'unclear'; columns: readonly string[] }
	| { kind: 'none' };

/**
 * A column of exactly the field's name, or else the only one that fits it: `customer_id` and `客户编号` fit CustomerId, and
 * so does `customer` where none of these is.
 */
export function fitColumn(
	field: string,
	columns: readonly string[],
	{ usual, fallback, last = [], parts = [[], []], likelier = [], unclear }: FieldNames = {
		...{ usual: [], fallback: [], unclear: [] },
	},
): ColumnFit {
	const columnsOf = (its: readonly string[]) => {
		const simple = its.map(simplify);
		return columns.filter((column) => simple.includes(simplify(column)));
	};
	if (columns.includes(field)) return { kind: 'one', column: field };
	for (const names of [[field, ...usual], fallback, last]) {
		const fitting = columnsOf(names);
		const [column] = fitting;
		if (fitting.length > 1) return { kind: 'several', columns: fitting };
		if (column !== undefined) return { kind: 'one', column };
	}
	const [first = [], second = []] = parts.map(columnsOf);
	if (first.length === 1 && second.length === 1) return { kind: 'parts', columns: [first[0]!, second[0]!] };
	const possible = [likelier, unclear].map(columnsOf).find(({ length }) => length > 0);
	return possible === undefined ? { kind: 'none' } : { kind: 'unclear', columns: possible };
}

/** A name in the form in which names are compared. */
export function simplify(name: string): string {
	return name
		.normalize('NFKC')
		.replace(/[\s_./-]+/g, '')
		.toLowerCase();
}
