import { BROKEN, hasCharacters, MOST_DIGITS } from '../input/text';

/** What several ids have in common after a loss: an id to which `keyOf` gives the key can be the one that is meant. */
export interface Loss {
	/** How characters were lost, e.g. `rounded-5`. Losses of the same form have the same `keyOf`. */
	form: string;
	keyOf: (id: string) => string | undefined;
	key: string;
	/** Whether some characters could not be decoded. Each such text is a form of its own. */
	isBroken?: boolean;
}

/** The digits that a spreadsheet keeps, and the power of ten; a program may have put a prefix before them. */
const SCIENTIFIC = /(?<![\w.,])(?<prefix>\w*?)(?<digits>\d(?:[.,]\d+)?)[Ee]\+(?<power>\d+)(?!\w)/gu;

/** The most numbers in scientific notation that are read in a cell. */
const MOST_NUMBERS = 16;

/** More than a number in JavaScript has. */
const MOST_DECIMALS = 20;

/** The most characters that a documented id can have lost: it has 32 at most (product 1465, pages 59062–59079). */
const MOST_LOST = 32;

/** What an id can have been that a text shows damaged. */
export function lossesOfText(text: string): Loss[] {
	if (BROKEN.test(text)) {
		return lossesOfBroken(text);
	}
	const numbers = [...text.matchAll(SCIENTIFIC)];
	return numbers.slice(0, MOST_NUMBERS).map(lossOfScientific);
}

/** Every number that is rounded to the same digits. */
function lossOfScientific({ groups = {} }: RegExpMatchArray): Loss {
	const { prefix = '', digits = '', power = '' } = groups;
	const decimals = Math.min(Math.max(0, digits.length - 2), MOST_DECIMALS);
	return roundedTo(Number(`${digits.replace(',', '.')}e${power}`), decimals, prefix);
}

/** What an id can have been that a cell holds as a whole number. */
export function lossesOfNumber(number: number): Loss[] {
	return [roundedTo(number), truncatedTo(number)];
}

/** The range of the numbers that scientific notation with this many digits behind the point shows alike. */
function roundedTo(rounded: number, decimals = MOST_DECIMALS, prefix = ''): Loss {
	const keyOf = (id: string) => {
		const [number] = /(?<!\d)\d+$/.exec(id) ?? [];
		return number && `${id.slice(0, -number.length)}\n${Number(number).toExponential(decimals)}`;
	};
	return { form: `rounded-${decimals}`, keyOf, key: `${prefix}\n${rounded.toExponential(decimals)}` };
}

/** Every number of as many digits of which a workbook keeps the same first ones: it writes zeros for the others. */
function truncatedTo(number: number): Loss {
	const kept = (digits: string) => `${digits.length} ${digits.slice(0, MOST_DIGITS)}`;
	const keyOf = (id: string) => {
		const digits = /^0*([1-9]\d*)$/.exec(id)?.[1];
		return digits && kept(digits);
	};
	return { form: 'truncated', keyOf, key: kept(BigInt(number).toString()) };
}

/** Broken characters before, within and after the readable parts of a text. */
const BROKEN_TEXT =
	/^(?<lead>[\p{Cs}\uFFFD]*)(?<first>[^\p{Cs}\uFFFD]+)(?:(?<gap>[\p{Cs}\uFFFD](?:.*[\p{Cs}\uFFFD])?)(?<last>[^\p{Cs}\uFFFD]+))?(?<tail>[\p{Cs}\uFFFD]*)$/su;

/** Each broken character stands for one that was lost, or for none. Of a gap only the length counts. */
function lossesOfBroken(text: string): Loss[] {
	const { lead = '', first = '', gap = '', last = '', tail = '' } = BROKEN_TEXT.exec(text)?.groups ?? {};
	const shortest = first.length + last.length;
	if (!hasCharacters(first + last) || text.length - shortest > MOST_LOST) {
		return [];
	}
	const mayBeMeant = (id: string): boolean => {
		for (let start = 0; start <= lead.length; start++) {
			if (!id.startsWith(first, start)) {
				continue;
			}
			const shortestEnd = Math.max(start + shortest, id.length - tail.length);
			const longestEnd = Math.min(start + shortest + gap.length, id.length);
			for (let end = shortestEnd; end <= longestEnd; end++) {
				if (id.endsWith(last, end)) {
					return true;
				}
			}
		}
		return false;
	};
	const keyOf = (id: string) => (mayBeMeant(id) ? text : undefined);
	return [{ form: `broken ${text}`, keyOf, key: text, isBroken: true }];
}
