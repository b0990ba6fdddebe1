import { CsvError, parse } from 'csv-parse/sync';
import { InputError } from './inputError.mts';
import { printable } from './printable.mts';

/** What CSV files are separated by, the most usual first. */
const SEPARATORS = [',', ';', '\t'];

/** Excel's own first line, which names the separator. */
const SEPARATOR_LINE = /^sep=([^"\r\n])(?:\r\n|\r|\n)/iu;

/** So much of a line fits into a sentence. */
const LONGEST_QUOTED = 80;

/** CSV, and what separates its values. */
export interface SeparatedText {
	/** From the column names on. */
	readonly csv: string;
	/** One character. */
	readonly separator: string;
	/** How many lines of the file are above. */
	readonly linesAbove: number;
}

/**
 * Detects the separator: that of the line `sep=`, or else what splits the column names so that most of the
 * fields have one; where several do, what makes most columns of them.
 *
 * @param countFields how many fields have one of these columns
 * @param name of the file, for messages
 * @throws InputError when there is one column by every separator
 */
export function findSeparator(
	text: string,
	countFields: (columns: readonly string[]) => number,
	name: string,
): SeparatedText {
	const [line = '', said] = SEPARATOR_LINE.exec(text) ?? [];
	if (said !== undefined) return { csv: text.slice(line.length), separator: said, linesAbove: 1 };
	const candidates = SEPARATORS.map((candidate) => {
		const header = readHeader(text, candidate);
		return { separator: candidate, found: countFields(header), columns: header.length };
	});
	if (Math.max(...candidates.map(({ columns }) => columns)) === 1)
		throw new InputError(oneColumn(text, name));
	const { separator } = candidates.reduce((best, other) =>
		(other.found - best.found || other.columns - best.columns) > 0 ? other : best,
	);
	return { csv: text, separator, linesAbove: 0 };
}

/** A separator for people. */
export function nameSeparator(separator: string): string {
	return separator === '\t' ? 'tab' : printable(separator);
}

/** The column names, trimmed; none when they cannot be read with this separator. */
function readHeader(text: string, delimiter: string): string[] {
	try {
		const options = { delimiter, relax_quotes: true, skip_empty_lines: true, to: 1 };
		return parse(text, options)[0]?.map((column) => column.trim()) ?? [];
	} catch (error) {
		if (error instanceof CsvError) return [];
		throw error;
	}
}

function oneColumn(text: string, name: string): string {
	const [line = ''] = text.trimStart().split(/[\r\n]/, 1);
	const start = line.length > LONGEST_QUOTED ? `${line.slice(0, LONGEST_QUOTED)}…` : line;
	return (
		`${name} has one column only, ${printable(start)}: its first line has no comma, semicolon or tab between names. ` +
		'Use one of them, or say in a line above what it is, such as sep=|.'
	);
}
