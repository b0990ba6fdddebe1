import { BROKEN, CONTROL, INVISIBLE } from '../../input/text';
import { SCIENTIFIC } from './customerId';
import { besidesPlaceholders, LONGEST_ID, whyNoId } from '../../input/placeholder';
import { phoneDigits } from './phoneId';

/**
 * An id that an unusable cell may stand for; where some of its characters or digits are lost, every id to which `keyOf`
 * gives the key.
 */
export type IdCandidate = { id: string } | LossyCandidate;

/** What several ids have in common after a loss. */
export interface LossyCandidate {
	/** Candidates of the same form have the same `keyOf`. */
	form: string;
	keyOf: (id: string) => string | undefined;
	key: string;
	/** Whether some characters could not be decoded. Each such text is a form of its own. */
	isBroken?: boolean;
}

/** How deep an id is searched for in a cell that holds lists and objects, e.g. of a look-up field. */
const DEEPEST = 3;

/** The most characters that a documented id can have lost: it has 32 at most (product 1465, pages 59062–59079). */
const MOST_LOST = 32;

/** A formula's equals sign and quotation marks around an id. */
const QUOTES = /^=?["'‘’“”`]+|(?<!["'‘’“”`])["'‘’“”`]+$/gu;
/** More than a number in JavaScript has. */
const MOST_DECIMALS = 20;

/** Quotation marks, brackets and other signs around an id. */
const AROUND = /^[^\p{L}\p{N}_]+|(?<![^\p{L}\p{N}_])[^\p{L}\p{N}_]+$/gu;

/** The ids that a cell may stand for, the likeliest first; none where it shows no id. */
export function idCandidatesOf(cell: unknown, depth = 0): IdCandidate[] {
	if (typeof cell === 'string') return candidatesOfText(cell.replace(INVISIBLE, '').trim());
	if (typeof cell === 'number') return candidatesOfNumber(cell);
	if (!isListOrRecord(cell) || depth === DEEPEST) return [];
	return Object.values(cell).flatMap((member) => idCandidatesOf(member, depth + 1));
}

/** An unsafe integer stands for every id that reads as the same number. */
function candidatesOfNumber(cell: number): IdCandidate[] {
	if (Number.isSafeInteger(cell)) return [{ id: String(cell) }];
	if (!Number.isInteger(cell)) return [];
	const keyOf = (id: string) => (/^\d+$/.test(id) ? String(Number(id)) : undefined);
	return [{ form: 'number', keyOf, key: String(cell) }];
}

function candidatesOfText(text: string): IdCandidate[] {
	if (text === '' || text.length > LONGEST_ID) return [];
	// A control character may separate the id from something else, or two parts of the id.
	const parts = text.split(CONTROL).map((part) => part.trim());
	const whole = parts.join('');
	if (BROKEN.test(whole)) return candidatesOfBroken(whole);
	if (whyNoId(whole) !== undefined) return besidesPlaceholders(whole).flatMap(candidatesBesidePlaceholder);
	const { prefix, digits = '', power } = SCIENTIFIC.exec(whole)?.groups ?? {};
	if (prefix !== undefined) return [candidateOfScientific(prefix, digits.replace(',', '.'), Number(power))];
	const phone = phoneDigits(whole);
	const ids = new Set([...(phone === undefined ? [] : [phone]), whole, ...parts.flatMap(readingsOf)]);
	return [...ids].map((id) => ({ id }));
}

/** An id beside a placeholder counts only if there is a customer of that id. */
function candidatesBesidePlaceholder(text: string): IdCandidate[] {
	const ids = readingsOf(text).flatMap((id) => [id, id.replace(/^_+|(?<!_)_+$/g, '')]);
	const shown = ids.filter((id) => /[\p{L}\p{N}]/u.test(id));
	return shown.map((key) => ({ form: 'id', keyOf: (id) => id, key }));
}

/** The text without the signs around it, and each of its words. */
function readingsOf(text: string): string[] {
	// NFKC may turn one character into eighteen.
	const normalized = text.normalize('NFKC');
	const bare = normalized.length > LONGEST_ID ? '' : normalized.replace(AROUND, '');
	return [text.replace(QUOTES, ''), bare, bare.replace(/[\s,]/g, ''), ...bare.split(/[^\p{L}\p{N}_]+/u)];
}

/** Every number that is rounded to the same digits. */
function candidateOfScientific(prefix: string, digits: string, power: number): IdCandidate {
	const decimals = Math.min(Math.max(0, digits.length - 2), MOST_DECIMALS);
	const round = (number: number) => number.toExponential(decimals);
	const keyOf = (id: string) => {
		const [number] = /(?<!\d)\d+$/.exec(id) ?? [];
		return number && `${id.slice(0, -number.length)}\n${round(Number(number))}`;
	};
	return { form: `rounded-${decimals}`, keyOf, key: `${prefix}\n${round(Number(`${digits}e${power}`))}` };
}

/** Broken characters before, within and after the readable parts of a text. */
const BROKEN_TEXT =
	/^(?<lead>[\p{Cs}\uFFFD]*)(?<first>[^\p{Cs}\uFFFD]+)(?:(?<gap>[\p{Cs}\uFFFD](?:.*[\p{Cs}\uFFFD])?)(?<last>[^\p{Cs}\uFFFD]+))?(?<tail>[\p{Cs}\uFFFD]*)$/su;

/** Each broken character stands for one that was lost, or for none. Of a gap only the length counts. */
function candidatesOfBroken(text: string): IdCandidate[] {
	const { lead = '', first = '', gap = '', last = '', tail = '' } = BROKEN_TEXT.exec(text)?.groups ?? {};
	const shortest = first.length + last.length;
	if (!/[\p{L}\p{N}]/u.test(first + last) || text.length - shortest > MOST_LOST) return [];
	const isCandidate = (id: string): boolean => {
		for (let start = 0; start <= lead.length; start++) {
			if (!id.startsWith(first, start)) continue;
			const shortestEnd = Math.max(start + shortest, id.length - tail.length);
			for (let end = shortestEnd; end <= Math.min(start + shortest + gap.length, id.length); end++) {
				if (id.endsWith(last, end)) return true;
			}
		}
		return false;
	};
	const keyOf = (id: string) => (isCandidate(id) ? text : undefined);
	return [{ form: `broken ${text}`, keyOf, key: text, isBroken: true }];
}

/** Not a date or an instance of another class. */
function isListOrRecord(cell: unknown): cell is object {
	if (typeof cell !== 'object' || cell === null) return false;
	const prototype: unknown = Object.getPrototypeOf(cell);
	return Array.isArray(cell) || prototype === null || Object.getPrototypeOf(prototype) === null;
}
