import { toHalfWidth } from '../input/text';
import { because, type Why } from '../messages/findings';
import { ofRows } from '../messages/text';

const INTERNATIONAL_PREFIX = /^(?:\+|00)/;
/** What separates the groups of digits in a phone number. */
const GROUP_SEPARATOR = /[\s.\u2010-\u2015\u2212-]+/;
const DIGIT_GROUPS = /^\+?\d+(?:[\s.\u2010-\u2015\u2212-]+\d+)*$/;
/** The country code or the area code in brackets, before the rest of the phone number. */
const CODE_IN_BRACKETS = /^(\+?\d{0,4}[\s.-]{0,2})\((\+?\d{1,6})\)(?=[\s.-]{0,20}\d)/;

/** The country codes that are assigned: of one digit, of two and of three (ITU-T E.164). */
const COUNTRY_CODE =
	/^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|21[1-368]|2[2-69]\d|3[578]\d|42\d|5[09]\d|6[7-9]\d|8[0578]\d|9[679]\d)/;

/** The fewest digits of a phone number: a text with two groups of that length holds two phone numbers. */
const FEWEST_DIGITS_OF_PHONE = 7;

/** The most characters of a phone number, with the signs in it. A longer text is not a phone number. */
const LONGEST_PHONE = 30;

/** Chinese phone numbers without the country code: mobile; area code and number; 400 and 800. */
const MOBILE_NUMBER = /^0?(?<digits>1[3-9]\d{9})$/;
const LANDLINE_NUMBER = /^0?(?<digits>10\d{8}|2\d{9}|(?![48]00)[3-9]\d{9,10})$/;
const SERVICE_NUMBER = /^[48]00\d{7}$/;
/** The area code of a landline as a group of its own. */
const AREA_CODE = /^0?(?:10|2\d|[3-9]\d{2})$/;
/** The fewest digits of a group: a shorter group is part of a date, a time or the number of a flat. */
const SHORTEST_GROUP = 3;

/** A date within a text: `2024-01-31`, with any signs, or `20240131`, which further digits may follow. */
const DATE =
	/(?<!\d)(?:19|20)\d\d(?:\D(?:0?[1-9]|1[0-2])\D(?:0?[1-9]|[12]\d|3[01])(?!\d)|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))/;
/** The number of a flat such as `12-2-1502`: building, stairs and door. */
const FLAT = /(?<!\d)\d{1,2}[\u2010-\u2015\u2212-]\d{1,2}[\u2010-\u2015\u2212-]\d{3,4}$/;

/** By country code, what may follow it, for countries whose numbering plans are stricter than E.164. */
const NUMBERING_PLANS: ReadonlyMap<string, RegExp> = new Map([
	['1', /^[2-9]\d{2}[2-9]\d{6}$/],
	['7', /^[3-9]\d{9}$/],
	['27', /^\d{9}$/],
	['31', /^\d{9}$/],
	['33', /^\d{9}$/],
	['34', /^\d{9}$/],
	['39', /^\d{6,11}$/],
	['44', /^\d{9,10}$/],
	['45', /^\d{8}$/],
	['47', /^\d{8}$/],
	['48', /^\d{9}$/],
	['49', /^\d{6,11}$/],
	['52', /^\d{10}$/],
	['55', /^\d{10,11}$/],
	['60', /^\d{8,10}$/],
	['61', /^\d{9}$/],
	['62', /^\d{8,12}$/],
	['63', /^\d{8,10}$/],
	['64', /^\d{8,10}$/],
	['65', /^\d{8}$/],
	['66', /^\d{8,9}$/],
	['81', /^\d{9,10}$/],
	['82', /^\d{8,10}$/],
	['84', /^\d{9,10}$/],
	['90', /^\d{10}$/],
	['91', /^\d{10}$/],
	['852', /^\d{8}$/],
	['853', /^\d{8}$/],
	['886', /^\d{8,9}$/],
	['971', /^\d{8,9}$/],
]);
/** The numbering plan of all countries that `NUMBERING_PLANS` lacks. ITU-T E.164 allows 15 digits in all, so 12 after a country code of three. */
const DEFAULT_NUMBERING_PLAN = /^\d{6,12}$/;

/** The parts of a phone number, as its text writes them. */
interface PhoneParts {
	/** All digits of the number, without + or 00; the country code comes first if there is one. */
	digits: string;
	/** The country code; empty if the number begins neither with + nor with 00. */
	countryCode: string;
	/** The groups of digits after the country code; all groups if the number has no country code. */
	digitGroups: readonly string[];
}

/**
 * Reads a text as a phone number: digits, with separators between groups and brackets around a code, and nothing else. After + or 00 a
 * known country code must follow: as a group of its own, or at the beginning of the only group.
 * @returns undefined for a text that is not a phone number
 */
function readPhoneParts(text: string): PhoneParts | undefined {
	if (text.length > LONGEST_PHONE) {
		return undefined;
	}
	const bareText = toHalfWidth(text)
		.replaceAll('(0)', ' ')
		.replace(CODE_IN_BRACKETS, '$1 $2 ')
		.replace(/^\+\s/, '+')
		.trim();
	if (!DIGIT_GROUPS.test(bareText)) {
		return undefined;
	}
	const digitGroups = bareText.split(GROUP_SEPARATOR);
	if (digitGroups.length > 1 && !areGroupsOfPhoneNumber(bareText, digitGroups)) {
		return undefined;
	}
	if (!INTERNATIONAL_PREFIX.test(bareText)) {
		return { digits: digitGroups.join(''), countryCode: '', digitGroups };
	}
	const digits = digitGroups.join('').replace(INTERNATIONAL_PREFIX, '');
	const [countryCode = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const [firstGroup = '', ...laterGroups] = digitGroups;
	const isCodeApart = firstGroup.replace(INTERNATIONAL_PREFIX, '') === countryCode;
	// A single group that begins with 00 may be an id. It is a phone number only with + instead of 00, or with China's code.
	const isOneGroupNumber = laterGroups.length === 0 && (bareText.startsWith('+') || countryCode === '86');
	const isCodeShown = isCodeApart || isOneGroupNumber;
	if (countryCode === '' || !isCodeShown) {
		return undefined;
	}
	return fitsCountry(countryCode, digits.slice(countryCode.length), laterGroups)
		? { digits, countryCode, digitGroups: laterGroups }
		: undefined;
}

/** Whether several groups of digits may be one phone number, and are not a date, a flat or a number with decimals. */
function areGroupsOfPhoneNumber(bareText: string, digitGroups: readonly string[]): boolean {
	// Two groups with a point between them are a decimal number.
	const isDecimal = digitGroups.length === 2 && bareText.includes('.');
	const [lastGroup = ''] = digitGroups.slice(-1);
	const isFlat = lastGroup.length < 2 || FLAT.test(bareText);
	if (isDecimal || isFlat) {
		return false;
	}
	// A text with a date is not a phone number, unless a group is a mobile number, which may begin like a date: 19990101234.
	return !DATE.test(bareText) || digitGroups.some((group) => MOBILE_NUMBER.test(group));
}

/**
 * Whether digits after a country code are a phone number of that country, with or without the leading 0 that is dialled within the country.
 * @param digitGroups the digits as they are written, which matters for China only
 */
function fitsCountry(countryCode: string, digits: string, digitGroups: readonly string[]): boolean {
	if (countryCode === '86') {
		return isChinesePhoneNumber(digits, digitGroups);
	}
	const numberingPlan = NUMBERING_PLANS.get(countryCode) ?? DEFAULT_NUMBERING_PLAN;
	return numberingPlan.test(digits.replace(/^0/, ''));
}

/** Whether digits are a phone number of China (mobile, landline, 400 or 800), in groups as people write them. */
function isChinesePhoneNumber(digits: string, digitGroups: readonly string[]): boolean {
	const [firstGroup = '', ...laterGroups] = digitGroups;
	const isLongGroup = ({ length }: string) => length >= SHORTEST_GROUP;
	const isMobileOrService = MOBILE_NUMBER.test(digits) || SERVICE_NUMBER.test(digits);
	const isLandline = LANDLINE_NUMBER.test(digits);
	if (digitGroups.length < 2) {
		return isMobileOrService || isLandline;
	}
	// The area code of a landline may be short; all other groups are long.
	if (isLandline && AREA_CODE.test(firstGroup)) {
		return laterGroups.every(isLongGroup);
	}
	return isMobileOrService && digitGroups.every(isLongGroup);
}

const NO_PHONE_PARTS: PhoneParts = { digits: '', countryCode: '', digitGroups: [] };

/** Functions that read texts which may be phone numbers. */
export const phoneNumbers = {
	/** Why a text is not the phone number of a customer, or undefined when it is one. */
	whyNotPhone(phone: string): Why | undefined {
		const digitGroups = toHalfWidth(phone).split(/\D/);
		if (digitGroups.filter(({ length }) => length >= FEWEST_DIGITS_OF_PHONE).length > 1) {
			return because('twoPhones');
		}
		return readPhoneParts(phone.trim()) === undefined ? because('noPhone') : undefined;
	},

	/** The digits of the phone number in a cell, with its country code if it has one; undefined if the cell does not hold a phone number. */
	digitsOf(cell: unknown): string | undefined {
		return typeof cell === 'number' || typeof cell === 'string'
			? readPhoneParts(String(cell).trim())?.digits
			: undefined;
	},

	/** A country code without its + or 00. The result has other characters than digits only if the text is not a country code. */
	bareCountryCode(countryCode: string): string {
		return toHalfWidth(countryCode)
			.replace(/[\s()-]/g, '')
			.replace(INTERNATIONAL_PREFIX, '');
	},

	/** Why a text is not an assigned country code, or undefined when it is one, with or without + or 00. */
	whyNotCountryCode(text: string): Why | undefined {
		const countryCode = phoneNumbers.bareCountryCode(text);
		return COUNTRY_CODE.exec(countryCode)?.[0] === countryCode ? undefined : because('noCountry');
	},

	/**
	 * Splits a phone number into the country code and the rest, as the service wants it. A number that begins with + or 00 brings its own code.
	 * @param givenCode the country code of the separate field, digits only; empty or undefined if there is none
	 * @returns both parts; `why` if they cannot be used
	 */
	split(
		phone: string,
		givenCode: string | undefined,
	): { CountryCode: string | undefined; PhoneNumber: string; why: Why | undefined } {
		const { digits, countryCode, digitGroups } = readPhoneParts(phone.trim()) ?? NO_PHONE_PARTS;
		if (countryCode === '') {
			const fitsPlan = !givenCode || fitsCountry(givenCode, digits, digitGroups);
			return { CountryCode: givenCode, PhoneNumber: digits, why: fitsPlan ? undefined : because('noPhone') };
		}
		const why =
			givenCode && givenCode !== countryCode
				? because('otherCountry', { code: ofRows(countryCode), given: ofRows(givenCode) })
				: undefined;
		return { CountryCode: countryCode, PhoneNumber: digits.slice(countryCode.length), why };
	},

	/**
	 * A phone number as an id: its digits as it is dialled in China, or elsewhere without the plus sign: `13712345678` of
	 * `+86 137-1234-5678`, `01012345678` of `+86 10 1234 5678`, `14155552671` of `+1 (415) 555-2671`.
	 * @returns undefined for a text that is not a phone number
	 */
	idOf(text: string): string | undefined {
		const phoneParts = readPhoneParts(text);
		if (phoneParts === undefined) {
			return undefined;
		}
		const { digits, countryCode } = phoneParts;
		if (countryCode !== '' && countryCode !== '86') {
			return digits;
		}
		const { nationalNumber, digitGroups } = withoutChinaCode(phoneParts);
		if (!isChinesePhoneNumber(nationalNumber, digitGroups)) {
			return undefined;
		}
		const mobileDigits = MOBILE_NUMBER.exec(nationalNumber)?.groups?.digits;
		if (mobileDigits !== undefined) {
			return mobileDigits;
		}
		// Without +86, a landline must begin with the 0 of its area code: else any ten digits would be a landline.
		const landlineMatch =
			countryCode === '86' || nationalNumber.startsWith('0') ? LANDLINE_NUMBER.exec(nationalNumber) : null;
		if (landlineMatch !== null) {
			return `0${landlineMatch.groups?.digits}`;
		}
		return countryCode === '86' ? nationalNumber : undefined;
	},
};

/** Removes China's country code, which a number may have without a plus sign. */
function withoutChinaCode({ digits, countryCode, digitGroups }: PhoneParts): {
	nationalNumber: string;
	digitGroups: readonly string[];
} {
	if (countryCode === '86') {
		return { nationalNumber: digits.slice(2), digitGroups };
	}
	if (!/^86(?=0|1[3-9]\d{9}$)/.test(digits)) {
		return { nationalNumber: digits, digitGroups };
	}
	const [firstGroup, ...laterGroups] = digitGroups;
	if (digitGroups.length > 1 && firstGroup !== '86') {
		return { nationalNumber: digits, digitGroups };
	}
	return { nationalNumber: digits.slice(2), digitGroups: laterGroups };
}
