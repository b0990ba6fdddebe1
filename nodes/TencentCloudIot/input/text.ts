import { because, type Why, ofPart } from '../messages/findings';
import { isInexact } from '../service/response/exactJson';
import { cleanServerText } from '../service/response/serverText';
import { ofRows, ours } from '../messages/text';

/** A value as the text that is sent, or why it cannot be sent. */
interface CheckedText {
	text: string;
	/** Why the value cannot be sent; undefined if it can. */
	why: Why | undefined;
}

/** Matches most values of a CRM: printable ASCII without spaces around it. These need no further checks. */
const PLAIN_TEXT = /^[!-~](?:[ -~]*[!-~])?$/;

/** The most characters of a text, far more than any id or name has. A longer one is refused, because messages would repeat it. */
export const LONGEST_TEXT = 1_000;

/** The most characters that a cell of Excel holds (support.microsoft.com, "Excel specifications and limits"). */
export const LONGEST_CELL = 32_767;

/** A workbook keeps this many digits of a number and changes the rest. Three ids of sixteen digits turned into two ids that no customer has. */
export const WORKBOOK_DIGITS = 15;

/** Zero-width, direction and filling characters, and variation selectors. With them, two ids that look the same would differ. */
export const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Matches an emoji with the invisible characters that select its form or join it to others. */
const EMOJI =
	/[\d#*]\uFE0F\u20E3|\p{Extended_Pictographic}(?:[\uFE0F\p{EMod}]|\u200D\p{Extended_Pictographic})*/gu;
/** Matches half a character, or the replacement for one that could not be decoded, e.g. in a GBK export read as UTF-8. */
export const BROKEN = /[\p{Cs}\uFFFD]/u;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * Turns one cell of a row into the text to send, without any conversion that could change its meaning.
 * @param isName whether the text is only shown. A name may have emoji, but ids that look the same have to be the same
 */
export function checkText(value: unknown, isName = false): CheckedText {
	if (typeof value === 'string') {
		if (value.length > LONGEST_TEXT) {
			return refused(because('tooLong', { most: LONGEST_TEXT }));
		}
		return PLAIN_TEXT.test(value) ? usable(value) : checkCharacters(value, isName);
	}
	if (value === undefined || value === null) {
		return refused(because('missing'));
	}
	if (typeof value === 'bigint' || isExactInteger(value)) {
		return usable(String(value));
	}
	if (typeof value === 'number') {
		return refused(because(Number.isInteger(value) ? 'inexact' : 'notWhole'));
	}
	return refused(because('notText', { type: ours(typeOf(value)) }));
}

/** The text of any cell, to compare it or to search it; `?` for an object whose `toString` is a column of the source. */
export function textOfCell(cell: unknown): string {
	try {
		return String(cell);
	} catch {
		return '?';
	}
}

function typeOf(value: unknown): string {
	if (Array.isArray(value)) {
		return 'list';
	}
	return value instanceof Date ? 'date' : typeof value;
}

/** Whether a cell is a whole number with so few digits that a workbook has kept all of them. */
export function isExactInteger(value: unknown): value is number {
	return Number.isSafeInteger(value) && Math.abs(Number(value)) < 10 ** WORKBOOK_DIGITS;
}

function checkCharacters(value: string, isName: boolean): CheckedText {
	if (isBlankCell(value)) {
		return refused(because('empty'));
	}
	const text = value.trim(); // Also removes NBSP, U+3000 and BOM.
	if (BROKEN.test(text)) {
		return refused(because('broken'));
	}
	if (CONTROL.test(text)) {
		return refused(because('control'));
	}
	const [invisible] = (isName ? text.replace(EMOJI, '') : text).match(INVISIBLE) ?? [];
	return invisible === undefined
		? usable(text)
		: refused(because('invisible', { codePoint: ours(codePointOf(invisible)) }));
}

/** The code point of a character, e.g. U+041A. */
export function codePointOf(character: string): string {
	const codePoint = character.codePointAt(0) ?? 0;
	return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Messages cut values and column names to this many characters. (In a sheet without a header, values of a row become column names.) */
const LONGEST_QUOTED = 65;

/** Shortens a value or a column name to one line without markup or invisible characters, as messages quote it. */
export function shorten(text: string): string {
	return cleanServerText(text.trim(), LONGEST_QUOTED);
}

/** Matches the first visible character. The search ends there, since a cell may be very long. */
const VISIBLE = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** Whether a text has a letter or a digit. */
export function hasLetterOrDigit(text: string): boolean {
	return /[\p{L}\p{N}]/u.test(text);
}

/** Whether a cell is empty or holds only invisible characters. */
export function isBlankCell(value: unknown): boolean {
	if (value === undefined || value === null) {
		return true;
	}
	return typeof value === 'string' && !VISIBLE.test(value);
}

function usable(text: string): CheckedText {
	return { text, why: undefined };
}

function refused(why: Why): CheckedText {
	return { text: '', why };
}

/**
 * A JSON object as the text that is sent. A text is sent as it was typed: parsing and rewriting it would change
 * numbers that JavaScript cannot hold.
 */
export function checkJsonText(value: unknown): CheckedText {
	if (typeof value === 'string') {
		const text = value.trim();
		if (!text.isWellFormed()) {
			return refused(because('broken'));
		}
		try {
			return isPlainObject(JSON.parse(text)) ? usable(text) : refused(because('notJson', JSON_EXAMPLE));
		} catch {
			return refused(because('notJson', JSON_EXAMPLE));
		}
	}
	if (value === undefined || value === null) {
		return refused(because('missing'));
	}
	if (!isPlainObject(value)) {
		return refused(because('notJson', JSON_EXAMPLE));
	}
	const why = whyNotJson(value);
	return { text: why === undefined ? JSON.stringify(value) : '', why };
}

const JSON_EXAMPLE = { example: ours('{"power_switch": 1}') };

/** Why a value could not be sent as JSON without a change; undefined if it can. */
export function whyNotJson(value: unknown): Why | undefined {
	let why: Why | undefined;
	try {
		JSON.stringify(value, (name, member: unknown) => {
			why ??= whyNotJsonMember(name, member);
			return member;
		});
		return why;
	} catch {
		return because('noJsonForm');
	}
}

/** Why a member could not be sent as JSON without a change. @param name empty if `member` is the whole value */
function whyNotJsonMember(name: string, member: unknown): Why | undefined {
	// JSON would leave this member out.
	if (member === undefined && name !== '') {
		return because('noMember', { name: ofRows(name) });
	}
	if (typeof member !== 'number' || !isInexact(member)) {
		return undefined;
	}
	const why = Number.isFinite(member)
		? because('tooLarge')
		: because('notFinite', { value: ours(String(member)) });
	return name === '' ? why : because('member', { name: ofRows(name), ...ofPart(why) });
}

function isPlainObject(value: unknown): value is object {
	return Object.prototype.toString.call(value) === '[object Object]';
}

/** A text with full-width punctuation, digits and letters in half width. */
export function toHalfWidth(text: string): string {
	return text.replace(/[\uFF01-\uFF5E\u3000]/g, (character) =>
		character === '\u3000' ? ' ' : String.fromCharCode(character.charCodeAt(0) - 0xfee0),
	);
}
