import { because, type Why } from '../messages/findings';

const INTERNATIONAL = /^(?:\+|00)/;
/** What stands between the groups of a number. */
const BETWEEN = /[\s.\u2010-\u2015\u2212-]+/;
const GROUPS = /^\+?\d+(?:[\s.\u2010-\u2015\u2212-]+\d+)*$/;
/** The country code or the area code in brackets, before the rest of the number. */
const BRACKETS = /^(\+?\d{0,4}[\s.-]{0,2})\((\+?\d{1,6})\)(?=[\s.-]{0,20}\d)/;

/** The country codes of one and two digits (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** A group with this many digits is a number of its own beside another one. */
const WHOLE_NUMBER = 7;

/** Longer texts are no phone numbers. */
const MOST_CHARACTERS = 30;

/** Of China, without its country code: mobile; area code and number; 400 and 800. */
const MOBILE = /^0?(?<digits>1[3-9]\d{9})$/;
const LANDLINE = /^0?(?<digits>10\d{8}|2\d{9}|(?![48]00)[3-9]\d{9,10})$/;
const SERVICE = /^[48]00\d{7}$/;

/** The least and most digits behind the country code, of countries that are more exact than E.164 (their numbering plans). */
const PLANS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map(
	`1:10-10 7:10-10 27:9-9 31:9-9 33:9-9 34:9-9 39:6-11 44:9-10 45:8-8 47:8-8 48:9-9 49:6-11 52:10-10 55:10-11 60:8-10
	61:9-9 62:8-12 63:8-10 64:8-10 65:8-8 66:8-9 81:9-10 82:8-10 84:9-10 90:10-10 91:10-10 852:8-8 853:8-8 886:8-9 971:8-9`
		.split(/\s+/)
		.map((plan) => plan.split(/[:-]/))
		.map(([code = '', least, most]) => [code, [Number(least), Number(most)]]),
);
/** With a code of three digits these are the most that a number has (ITU-T E.164). */
const OF_OTHERS = [6, 12] as const;

/** A number as it is written: its digits, and the country code that they begin with where there is one. */
interface Written {
	digits: string;
	/** Empty where the number begins neither with + nor with 00. */
	code: string;
	groups: readonly string[];
}

/**
 * A number whose groups are those of a phone number: a further group, bracket, point or superscript is no part of it.
 * @returns undefined for what is none
 */
function read(text: string): Written | undefined {
	if (text.length > MOST_CHARACTERS) return undefined;
	const bare = halfWidth(text)
		.replaceAll('(0)', ' ')
		.replace(BRACKETS, '$1 $2 ')
		.replace(/^\+\s/, '+')
		.trim();
	if (!GROUPS.test(bare)) return undefined;
	const groups = bare.split(BETWEEN);
	// Two groups with a point are a number with decimals.
	if (groups.length > 1 && (groups.at(-1)!.length < 2 || (groups.length === 2 && bare.includes('.'))))
		return undefined;
	const digits = groups.join('').replace(INTERNATIONAL, '');
	if (!INTERNATIONAL.test(bare)) return { digits: groups.join(''), code: '', groups };
	const [code = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const isOfPlan = !digits.startsWith('0') && fits(code, digits.slice(code.length), groups);
	return isOfPlan ? { digits, code, groups } : undefined;
}

/** Whether digits are a number of the country, with or without the 0 that is dialled within it. */
function fits(code: string, digits: string, groups: readonly string[]): boolean {
	if (code === '86') return isChinese(digits, groups);
	const [least, most] = PLANS.get(code) ?? OF_OTHERS;
	const { length } = digits.replace(/^0/, '');
	return length >= least && length <= most;
}

function isChinese(digits: string, groups: readonly string[]): boolean {
	const isWhole = groups.length < 2 || groups.at(-1)!.length > 2;
	return isWhole && [MOBILE, LANDLINE, SERVICE].some((plan) => plan.test(digits));
}

/** A text with full-width signs, digits and letters in half width. */
export function halfWidth(text: string): string {
	return text.replace(/[\uFF01-\uFF5E\u3000]/g, (one) =>
		one === '\u3000' ? ' ' : String.fromCharCode(one.charCodeAt(0) - 0xfee0),
	);
}

/** Why a text is no phone number of a customer, or undefined when it is one. */
export function whyNoPhone(phone: string): Why | undefined {
	const groups = halfWidth(phone).split(/\D/);
	if (groups.filter(({ length }) => length >= WHOLE_NUMBER).length > 1) return because('twoPhones');
	return read(phone.trim()) === undefined ? because('noPhone') : undefined;
}

/** The digits of a cell's phone number, with the country code where it has it; undefined where it is none. */
export function phoneDigits(cell: unknown): string | undefined {
	return typeof cell === 'number' || typeof cell === 'string' ? read(String(cell).trim())?.digits : undefined;
}

/** A country code without its + or 00: only digits, where it is one. */
export function bareDigits(code: string): string {
	return halfWidth(code)
		.replace(/[\s()-]/g, '')
		.replace(INTERNATIONAL, '');
}

/**
 * A number as the service wants it: country code and the rest apart. One that begins with + or 00 brings its country code
 * along.
 * @param given the country code by itself, in digits alone; empty or undefined where there is none
 * @returns why it cannot be used as `why`
 */
export function splitPhone(
	phone: string,
	given: string | undefined,
): { CountryCode: string | undefined; PhoneNumber: string; why: Why | undefined } {
	const { digits, code, groups } = read(phone.trim()) ?? { digits: '', code: '', groups: [] };
	if (code === '') {
		const isOfPlan = digits.length < WHOLE_NUMBER || !given || fits(given, digits, groups);
		return { CountryCode: given, PhoneNumber: digits, why: isOfPlan ? undefined : because('noPhone') };
	}
	const why = given && given !== code ? because('otherCountry', { code, given }) : undefined;
	return { CountryCode: code, PhoneNumber: digits.slice(code.length), why };
}

/**
 * A phone number as an id: its digits as it is dialled in China, or elsewhere without the plus sign: `13712345678` of
 * `+86 137-1234-5678`, `01012345678` of `+86 10 1234 5678`, `14155552671` of `+1 (415) 555-2671`.
 * @returns undefined for what is no phone number
 */
export function phoneAsId(text: string): string | undefined {
	const { digits, code, groups } = read(text) ?? { digits: '', code: '', groups: [] };
	if (code !== '' && code !== '86') return digits;
	const national = code === '86' || /^86(?=0|1[3-9]\d{9}$)/.test(digits) ? digits.slice(2) : digits;
	if (!isChinese(national, groups)) return undefined;
	const mobile = MOBILE.exec(national)?.groups?.digits;
	if (mobile !== undefined) return mobile;
	// Within the country an area code begins with 0.
	const landline = code === '86' || national.startsWith('0') ? LANDLINE.exec(national) : null;
	return landline ? `0${landline.groups!.digits}` : code === '86' ? national : undefined;
}
