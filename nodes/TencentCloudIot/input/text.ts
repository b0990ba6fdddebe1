import { isInexact } from '../service/response/exactJson';

/** A value as the text that is sent, or why it cannot be sent. */
interface CheckedText {
	text: string;
	/** In words that follow a field's name; undefined when the text can be used. */
	finding: string | undefined;
}

/** Most values of a CRM are this: printable ASCII without spaces around. They need no further look. */
const PLAIN_TEXT = /^[!-~](?:[ -~]*[!-~])?$/;

/** Far more than any id or name has: messages repeat what stands in a cell. */
const MOST_CHARACTERS = 1000;

/** Zero-width, direction and filling characters, variation selectors: two ids that look the same would differ. */
export const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** An emoji with what selects its form or joins it to others, which shows in it. */
const EMOJI =
	/[\d#*]\uFE0F\u20E3|\p{Extended_Pictographic}(?:[\uFE0F\p{EMod}]|\u200D\p{Extended_Pictographic})*/gu;
/** Half a character, or what a reader puts where it could not decode one, e.g. in a GBK export read as UTF-8. */
export const BROKEN = /[\p{Cs}\uFFFD]/u;
export const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** A text with full-width signs, digits and letters in half width. */
export function halfWidth(text: string): string {
	return text.replace(/[\uFF01-\uFF5E\u3000]/g, (one) =>
		one === '\u3000' ? ' ' : String.fromCharCode(one.charCodeAt(0) - 0xfee0),
	);
}

/**
 * Turns one cell of a row into the text to send. Nothing is converted that could change its meaning.
 * @param place what the user is to fill or correct
 * @param isName whether it is only shown, so that it may have emoji: ids that look the same have to be the same
 */
export function checkText(value: unknown, place: 'column' | 'field' = 'column', isName = false): CheckedText {
	if (typeof value === 'string') {
		if (value.length > MOST_CHARACTERS)
			return refused(`has more than ${MOST_CHARACTERS} characters: correct it`);
		return PLAIN_TEXT.test(value) ? usable(value) : checkString(value, place, isName);
	}
	if (value === undefined || value === null) return refused(`is missing: fill this ${place}`);
	if (typeof value === 'number') return checkNumber(value, place);
	if (typeof value === 'bigint') return usable(String(value));
	return refused(`is ${typeName(value)}, not a text: map a column that holds text`);
}

function checkString(value: string, place: string, isName: boolean): CheckedText {
	const text = value.trim(); // Takes NBSP, U+3000 and BOM away as well.
	if (text === '') return refused(`is empty: fill this ${place}`);
	if (BROKEN.test(text)) return refused('has a broken character: export the file as UTF-8');
	if (CONTROL.test(text)) return refused('has a control character: remove line breaks and tabs');
	const [invisible] = (isName ? text.replace(EMOJI, '') : text).match(INVISIBLE) ?? [];
	if (invisible === undefined) return usable(text);
	const name = `U+${invisible.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
	return refused(`has the invisible character ${name}: type the value anew`);
}

function checkNumber(value: number, place: string): CheckedText {
	if (Number.isSafeInteger(value)) return usable(String(value));
	const what = Number.isInteger(value) ? 'a number too large to be exact' : 'not a whole number';
	return refused(`is ${what}: export this ${place} as text`);
}

/** Whether a cell shows nothing. */
export function isBlankCell(value: unknown): boolean {
	if (value === undefined || value === null) return true;
	return typeof value === 'string' && value.replace(INVISIBLE, '').trim() === '';
}

/** What a value is, in a user's words. */
export function typeName(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	if (value instanceof Date) return 'a date';
	return typeof value === 'boolean' ? 'a yes/no value' : `a value of type ${typeof value}`;
}

function usable(text: string): CheckedText {
	return { text, finding: undefined };
}

function refused(finding: string): CheckedText {
	return { text: '', finding };
}

/**
 * A JSON object as the text that is sent. A text is sent as it was typed: parsing and writing it anew would change
 * numbers that JavaScript cannot hold.
 */
export function checkJsonText(value: unknown): CheckedText {
	if (typeof value === 'string') {
		const text = value.trim();
		if (!text.isWellFormed()) return refused('has a broken character: type it anew');
		try {
			const parsed: unknown = JSON.parse(text);
			return isPlainObject(parsed) ? { text, finding: undefined } : notAnObject(parsed);
		} catch {
			return refused('is not JSON: give an object, e.g. {"power_switch": 1}');
		}
	}
	if (!isPlainObject(value)) return notAnObject(value);
	const finding = whyNoJson(value);
	return finding === undefined ? { text: JSON.stringify(value), finding } : refused(finding);
}

/** Why a value would not arrive as it is meant, in words that follow its field's label. */
export function whyNoJson(value: unknown): string | undefined {
	let why: string | undefined;
	try {
		JSON.stringify(value, (name, member: unknown) => {
			why ??= whyNoMember(name, member);
			return member;
		});
		return why;
	} catch {
		return 'holds a value that JSON has no form for, such as an object within itself: give JSON';
	}
}

/** @param name empty for the value as a whole */
function whyNoMember(name: string, member: unknown): string | undefined {
	// JSON leaves such members out.
	if (member === undefined && name !== '') return `has no value for '${name}': correct where it comes from`;
	if (typeof member !== 'number' || !isInexact(member)) return undefined;
	const what = Number.isFinite(member) ? 'a number too large to be exact' : String(member);
	return name === '' ? `is ${what}: correct it` : `has ${what} for '${name}': correct where it comes from`;
}

function isPlainObject(value: unknown): value is object {
	return Object.prototype.toString.call(value) === '[object Object]';
}

function notAnObject(value: unknown): CheckedText {
	if (value === undefined || value === null) return refused('is missing: fill this field');
	return refused(`is ${typeName(value)}, not a JSON object: e.g. {"power_switch": 1}`);
}
