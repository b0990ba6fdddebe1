import { INVISIBLE } from './text';

/**
 * The names of columns that are a field's besides its own, those that are where it has no other, those of its two parts,
 * which stand with `/` between them, and those that may be another's. `last` are taken where it has none of the others, and
 * `likelier` may be its own before those that are `unclear`.
 */
export type ColumnNames<Name extends string = string> = Readonly<Record<Name, FieldNames>>;

type FieldNames = Readonly<
	Partial<Record<'usual' | 'fallback' | 'last' | 'likelier' | 'unclear', readonly string[]>>
> & { parts?: readonly [readonly string[], readonly string[]] };

/** Which column is a field's: one, or two that are its parts, or none, or more than one; or none for sure, and some that may be. */
interface ColumnFit {
	kind: 'one' | 'parts' | 'several' | 'unclear' | 'none';
	columns: readonly string[];
}

/**
 * A column of exactly the field's name, or else the only one that fits it: `customer_id` and `客户编号` fit CustomerId, and
 * so does `customer` where none of these is.
 */
export function fitColumn(
	field: string,
	columns: readonly string[],
	{ usual = [], fallback = [], last = [], parts = [[], []], likelier = [], unclear = [] }: FieldNames = {},
): ColumnFit {
	const columnsOf = (its: readonly string[]) => {
		const simple = its.map(simplify);
		return columns.filter((column) => simple.includes(simplify(column)));
	};
	if (columns.includes(field)) return { kind: 'one', columns: [field] };
	const isFilled = ({ length }: readonly string[]) => length > 0;
	const fitting = [[field, ...usual], fallback, last].map(columnsOf).find(isFilled);
	if (fitting !== undefined) return { kind: fitting.length > 1 ? 'several' : 'one', columns: fitting };
	const both = parts.map(columnsOf);
	if (both.every(({ length }) => length === 1)) return { kind: 'parts', columns: both.flat() };
	const possible = [likelier, unclear].map(columnsOf).find(isFilled) ?? [];
	return { kind: possible.length > 0 ? 'unclear' : 'none', columns: possible };
}

/** A name in the form in which names are compared. */
export function simplify(name: string): string {
	return name
		.normalize('NFKC')
		.replace(INVISIBLE, '')
		.replace(/[\s_./-]+/g, '')
		.toLowerCase();
}
