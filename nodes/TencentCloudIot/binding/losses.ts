import { BROKEN, hasLetterOrDigit, WORKBOOK_DIGITS } from '../input/text';

/** What an id has lost in its cell: characters or digits. The cell may stand for any id for which `matchKeyOf` returns `matchKey`. */
export interface Loss {
	/** How characters were lost, e.g. `rounded-5`. Losses of the same kind have the same `matchKeyOf`. */
	lossKind: string;
	/** Gives what is left of an id if characters are lost in this way, for the comparison with `matchKey`; undefined if the id cannot lose them. */
	matchKeyOf: (id: string) => string | undefined;
	/** What is left of the id in the cell, in the form of `matchKeyOf`. */
	matchKey: string;
	/** Whether some characters could not be decoded. If so, the `lossKind` belongs to this text alone. */
	hasBrokenCharacters?: boolean;
}

/**
 * A number in scientific notation, as spreadsheets write long ids, e.g. `1.23457E+11`, and programs in Java, e.g. `1.8612345678E10`. A program
 * may have put a prefix before it. Without a plus there must be decimals: `2E05` can be an id.
 */
const SCIENTIFIC =
	/(?<![\w.,])(?<prefix>\w*?)(?<digits>\d(?:[.,]\d+)?)[Ee](?:\+|(?<=[.,]\d+[Ee]))(?<power>\d+)(?!\w)/gu;

/** At most this many numbers in scientific notation are read in a cell. */
const MOST_SCIENTIFIC_NUMBERS = 16;

/** More decimals than a number in JavaScript has: rounding to this many changes nothing. */
const MOST_DECIMALS = 20;

/** The most characters that a documented id can have lost: such an id has 32 at most (product 1465, pages 59062–59079). */
const MOST_LOST_CHARACTERS = 32;

/**
 * The losses that an id has suffered in a cell. A text shows them by characters that could not be decoded, or else by numbers in scientific
 * notation. A cell that is a number is a whole number too large to be exact.
 */
export function lossesOf(cell: string | number): Loss[] {
	return typeof cell === 'number' ? [lossByRounding(cell), lossByTruncating(cell)] : lossesOfText(cell);
}

function lossesOfText(text: string): Loss[] {
	if (BROKEN.test(text)) {
		return lossesOfBrokenText(text);
	}
	const numbers = [...text.matchAll(SCIENTIFIC)];
	return numbers.slice(0, MOST_SCIENTIFIC_NUMBERS).map(lossOfScientific);
}

/** A number in scientific notation: the id can be every number that rounds to the same digits. */
function lossOfScientific({ groups = {} }: RegExpMatchArray): Loss {
	const { prefix = '', digits = '', power = '' } = groups;
	const mantissaDecimals = Math.min(Math.max(0, digits.length - 2), MOST_DECIMALS);
	return lossByRounding(Number(`${digits.replace(',', '.')}e${power}`), mantissaDecimals, prefix);
}

/** The id can be the prefix and any number that scientific notation with `decimalCount` decimals writes like `rounded`. */
function lossByRounding(rounded: number, mantissaDecimals = MOST_DECIMALS, prefix = ''): Loss {
	const matchKeyOf = (id: string) => {
		const [number] = /(?<!\d)\d+$/.exec(id) ?? [];
		return number && `${id.slice(0, -number.length)}\n${Number(number).toExponential(mantissaDecimals)}`;
	};
	return {
		lossKind: `rounded-${mantissaDecimals}`,
		matchKeyOf,
		matchKey: `${prefix}\n${rounded.toExponential(mantissaDecimals)}`,
	};
}

/** The id can be every number of the same length with the same first digits: a workbook keeps only the first digits, and writes zeros after them. */
function lossByTruncating(truncated: number): Loss {
	const lengthAndFirstDigits = (digits: string) => `${digits.length} ${digits.slice(0, WORKBOOK_DIGITS)}`;
	const matchKeyOf = (id: string) => {
		const digits = /^0*([1-9]\d*)$/.exec(id)?.[1];
		return digits && lengthAndFirstDigits(digits);
	};
	return { lossKind: 'truncated', matchKeyOf, matchKey: lengthAndFirstDigits(BigInt(truncated).toString()) };
}

/** A text with broken characters, i.e. some that could not be decoded: before (`lead`), within (`gap`) and after (`tail`) its readable parts. */
const BROKEN_TEXT =
	/^(?<lead>[\p{Cs}\uFFFD]*)(?<first>[^\p{Cs}\uFFFD]+)(?:(?<gap>[\p{Cs}\uFFFD](?:.*[\p{Cs}\uFFFD])?)(?<last>[^\p{Cs}\uFFFD]+))?(?<tail>[\p{Cs}\uFFFD]*)$/su;

/**
 * The loss that a text with broken characters shows. The id that was meant has the readable parts `first` and `last`. Before, between and after
 * them it has at most as many characters as `lead`, `gap` and `tail`; characters that are readable within the gap are not compared. There is no loss
 * if the readable parts have neither letter nor digit, or if more characters are broken than an id can have lost.
 */
function lossesOfBrokenText(text: string): Loss[] {
	const { lead = '', first = '', gap = '', last = '', tail = '' } = BROKEN_TEXT.exec(text)?.groups ?? {};
	const readableLength = first.length + last.length;
	if (!hasLetterOrDigit(first + last) || text.length - readableLength > MOST_LOST_CHARACTERS) {
		return [];
	}
	const mayBeMeant = (id: string): boolean => {
		for (let start = 0; start <= lead.length; start++) {
			if (!id.startsWith(first, start)) {
				continue;
			}
			// The readable parts may end at each `end` that leaves at most the length of `gap` between them, and that of `tail` after them.
			const lowestEnd = Math.max(start + readableLength, id.length - tail.length);
			const highestEnd = Math.min(start + readableLength + gap.length, id.length);
			for (let end = lowestEnd; end <= highestEnd; end++) {
				if (id.endsWith(last, end)) {
					return true;
				}
			}
		}
		return false;
	};
	const matchKeyOf = (id: string) => (mayBeMeant(id) ? text : undefined);
	return [{ lossKind: `broken ${text}`, matchKeyOf, matchKey: text, hasBrokenCharacters: true }];
}
