import { BROKEN, CONTROL, INVISIBLE } from '../input/text';
import { SCIENTIFIC } from './customerId';
import { besidesNoValue, LONGEST_ID, whyNoId } from './noValue';

/**
 * What a cell that is no usable id may stand for: one id, or, where some of its characters or digits are lost, every id
 * to which the form gives the key.
 */
export type Meaning = { id: string } | LossyMeaning;

/** What is left of one of several ids. */
export interface LossyMeaning {
	/** Meanings of the same form have the same `keyOf`. */
	form: string;
	keyOf: (id: string) => string | undefined;
	key: string;
	/** Whether characters of it could not be decoded. Each such text is a form of its own. */
	isBroken?: boolean;
}

/** Cells may hold lists and objects, e.g. of a look-up field; deeper than this nobody would look for an id. */
const DEEPEST = 3;

/** With more characters lost than an id has by the documentation (product 1465, pages 59062–59079), nothing shows an id. */
const MOST_LOST = 32;

/** A formula's equals sign and quotation marks, which is all that stands around an id of other characters. */
const QUOTES = /^=?["'‘’“”`]+|(?<!["'‘’“”`])["'‘’“”`]+$/gu;
/** More than a number in JavaScript has. */
const MOST_DECIMALS = 20;

/** Quotation marks, brackets, an equals sign and the like. */
const AROUND = /^[^\p{L}\p{N}_]+|(?<![^\p{L}\p{N}_])[^\p{L}\p{N}_]+$/gu;

/** The ids that a cell may stand for, the likeliest first; none where it shows nothing of an id. */
export function meaningsOf(cell: unknown, depth = 0): Meaning[] {
	if (typeof cell === 'string') return meaningsOfText(cell.replace(INVISIBLE, '').trim());
	if (typeof cell === 'number') return meaningsOfNumber(cell);
	if (!isListOrRecord(cell) || depth === DEEPEST) return [];
	return Object.values(cell).flatMap((member) => meaningsOf(member, depth + 1));
}

/** Of several ids that are written like one number, nobody can tell which it was. */
function meaningsOfNumber(cell: number): Meaning[] {
	if (Number.isSafeInteger(cell)) return [{ id: String(cell) }];
	if (!Number.isInteger(cell)) return [];
	const keyOf = (id: string) => (/^\d+$/.test(id) ? String(Number(id)) : undefined);
	return [{ form: 'number', keyOf, key: String(cell) }];
}

function meaningsOfText(text: string): Meaning[] {
	if (text === '' || text.length > LONGEST_ID) return [];
	// What a control character separates may be the id and something else, or two parts of it.
	const parts = text.split(CONTROL).map((part) => part.trim());
	const whole = parts.join('');
	if (BROKEN.test(whole)) return meaningsOfBroken(whole);
	if (whyNoId(whole) !== undefined) return besidesNoValue(whole).flatMap(meaningsOfRest);
	const { prefix, digits = '', power } = SCIENTIFIC.exec(whole)?.groups ?? {};
	if (prefix !== undefined) return [meaningOfScientific(prefix, digits.replace(',', '.'), Number(power))];
	const ids = new Set([whole, ...parts.flatMap(readingsOf)]);
	return [...ids].map((id) => ({ id }));
}

/** It shows a customer only if there is one of that id. */
function meaningsOfRest(text: string): Meaning[] {
	const ids = readingsOf(text).flatMap((id) => [id, id.replace(/^_+|(?<!_)_+$/g, '')]);
	return ids.map((key) => ({ form: 'id', keyOf: (id) => id, key }));
}

/** What is left of a text without what stands around an id in a cell, and the words of it. */
function readingsOf(text: string): string[] {
	// One character may become eighteen: what is longer afterwards is no id.
	const normalized = text.normalize('NFKC');
	const bare = normalized.length > LONGEST_ID ? '' : normalized.replace(AROUND, '');
	return [text.replace(QUOTES, ''), bare, bare.replace(/[\s,]/g, ''), ...bare.split(/[^\p{L}\p{N}_]+/u)];
}

/** Every number that is rounded to the same digits. */
function meaningOfScientific(prefix: string, digits: string, power: number): Meaning {
	const decimals = Math.min(Math.max(0, digits.length - 2), MOST_DECIMALS);
	const round = (number: number) => number.toExponential(decimals);
	const keyOf = (id: string) => {
		const [number] = /(?<!\d)\d+$/.exec(id) ?? [];
		return number && `${id.slice(0, -number.length)}\n${round(Number(number))}`;
	};
	return { form: `rounded-${decimals}`, keyOf, key: `${prefix}\n${round(Number(`${digits}e${power}`))}` };
}

/** Where broken characters stand in a text: before, within and after what can be read. */
const BROKEN_TEXT =
	/^(?<lead>[\p{Cs}\uFFFD]*)(?<first>[^\p{Cs}\uFFFD]+)(?:(?<gap>[\p{Cs}\uFFFD](?:.*[\p{Cs}\uFFFD])?)(?<last>[^\p{Cs}\uFFFD]+))?(?<tail>[\p{Cs}\uFFFD]*)$/su;

/** Each broken character stands for one that was lost, or for none. Of a gap only the length is looked at. */
function meaningsOfBroken(text: string): Meaning[] {
	const { lead = '', first = '', gap = '', last = '', tail = '' } = BROKEN_TEXT.exec(text)?.groups ?? {};
	const shortest = first.length + last.length;
	if (!/[\p{L}\p{N}]/u.test(first + last) || text.length - shortest > MOST_LOST) return [];
	const isMeant = (id: string): boolean => {
		for (let start = 0; start <= lead.length; start++) {
			if (!id.startsWith(first, start)) continue;
			const shortestEnd = Math.max(start + shortest, id.length - tail.length);
			for (let end = shortestEnd; end <= Math.min(start + shortest + gap.length, id.length); end++) {
				if (id.endsWith(last, end)) return true;
			}
		}
		return false;
	};
	const keyOf = (id: string) => (isMeant(id) ? text : undefined);
	return [{ form: `broken ${text}`, keyOf, key: text, isBroken: true }];
}

/** Not a date or another object with a life of its own. */
function isListOrRecord(cell: unknown): cell is object {
	if (typeof cell !== 'object' || cell === null) return false;
	const prototype: unknown = Object.getPrototypeOf(cell);
	return Array.isArray(cell) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
