/** What people write between the digits of a number. */
const BETWEEN = /[\s()-]/g;

/** The 0 that is dialled within the country only. */
const WITHIN = '(0)';

const INTERNATIONAL = /^(?:\+|00)/;

/** The country codes of one and two digits (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** The most digits of a number with its country code (ITU-T E.164). */
const MOST_DIGITS = 15;

/** A group with this many digits is a number of its own beside another one. */
const WHOLE_NUMBER = 7;

const NO_PHONE = 'is not a phone number: give it like +8613800138000';

/** Why a text is no phone number of a customer, in words that follow its field's name, or undefined when it is one. */
export function whyNoPhone(phone: string): string | undefined {
	const groups = phone.normalize('NFKC').split(/\D/);
	if (groups.filter(({ length }) => length >= WHOLE_NUMBER).length > 1)
		return 'has two phone numbers: give one';
	return /^\d+$/.test(bareDigits(phone)) ? undefined : NO_PHONE;
}

/** The digits of a cell's phone number, with the country code where it has it; undefined where it is none. */
export function phoneDigits(cell: unknown): string | undefined {
	const phone = typeof cell === 'number' || typeof cell === 'string' ? String(cell).trim() : '';
	return phone === '' || whyNoPhone(phone) !== undefined ? undefined : bareDigits(phone);
}

/** A number or a country code without the signs between its digits and without + or 00: only digits, where it is one. */
export function bareDigits(text: string): string {
	const plain = text.normalize('NFKC').replaceAll(WITHIN, '').replace(BETWEEN, '').replace(INTERNATIONAL, '');
	// A single point is that of a number with decimals.
	return plain.split('.').length > 2 ? plain.replaceAll('.', '') : plain;
}

/**
 * A number as the service wants it: country code and the rest apart. One that begins with + or 00 brings its country code
 * along.
 * @param code by itself, in digits alone; empty or undefined where there is none
 * @returns why it cannot be used as `why`, in words that follow its field's name
 */
export function splitPhone(
	phone: string,
	code: string | undefined,
): { CountryCode: string | undefined; PhoneNumber: string; why: string | undefined } {
	const digits = bareDigits(phone);
	if (!INTERNATIONAL.test(phone.normalize('NFKC'))) {
		const isTooLong = (code ?? '').length + digits.length > MOST_DIGITS;
		return { CountryCode: code, PhoneNumber: digits, why: isTooLong ? NO_PHONE : undefined };
	}
	const [CountryCode = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const PhoneNumber = digits.slice(CountryCode.length);
	// No country code begins with 0.
	const isNone = digits.startsWith('0') || digits.length > MOST_DIGITS || PhoneNumber === '';
	const isOther = code !== undefined && code !== '' && code !== CountryCode;
	const whyOther = `begins with the country code ${CountryCode}, and 'Country Code' is ${code}: correct one of them`;
	return { CountryCode, PhoneNumber, why: isNone ? NO_PHONE : isOther ? whyOther : undefined };
}

/** Of China: a mobile number, a landline number with its area code, or what follows +86. */
const CHINESE = /^(?:(?:(?:\+|00)?86)?(?:1[3-9]\d{9}|0[1-9]\d{8,10})|(?:\+|00)86[1-9]\d{7,11})$/;
/** An area code, which begins with 0 within China, and a number; 400 and 800 are none. */
const AREA = /^(?:10\d{8}|2\d{9}|(?![48]00)[3-9]\d{9,10})$/;
const OF_ANY_COUNTRY = /^(?:\+|00)[1-9]\d{7,14}$/;
/** Longer texts are no ids. */
const MOST_CHARACTERS = 30;

/**
 * A phone number as an id: its digits as it is dialled in China, or elsewhere without the plus sign: `13712345678` of
 * `+86 137-1234-5678`, `01012345678` of `+86 10 1234 5678`, `14155552671` of `+1 (415) 555-2671`.
 * @returns undefined for what is no phone number
 */
export function phoneAsId(text: string): string | undefined {
	if (text.length > MOST_CHARACTERS) return undefined;
	const plain = text.normalize('NFKC').replaceAll('.', '');
	const isInternational = INTERNATIONAL.test(plain.replace(BETWEEN, ''));
	const bare = (isInternational ? plain.replace(WITHIN, '') : plain).replace(BETWEEN, '');
	if (CHINESE.test(bare)) {
		const digits = bare.replace(/^(?:(?:\+|00)86|86(?=0|1[3-9]\d{9}$))/, '');
		return AREA.test(digits) ? `0${digits}` : digits;
	}
	return OF_ANY_COUNTRY.test(bare) ? bare.replace(INTERNATIONAL, '') : undefined;
}
