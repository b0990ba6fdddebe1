import type { Field, Item, Property } from '../../input/fields/field';
import { text } from '../../input/fields/fields';

/** The country codes of one and two digits (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

const INTERNATIONAL = /^(?:\+|00)/;

/** What people write between the digits of a number, and the 0 that is dialled within the country only. */
const BETWEEN = /\(0\)|[\s()-]/g;

/** The least digits of a group that is a number of its own beside another one. */
const WHOLE_NUMBER = 7;

/** The most digits of a number with its country code (ITU-T E.164). */
const MOST_DIGITS = 15;

const NO_PHONE = 'is not a phone number: give it like +8613800138000';

type Declaration = Partial<Property> & { description: string };

export const countryCode = (property: Declaration) =>
	text({
		displayName: 'Country Code',
		placeholder: 'e.g. 86',
		rule: (code) =>
			/^\d{1,3}$/.test(bare(code)) ? undefined : 'is not a country code: give digits, e.g. 86',
		...property,
	});

export const phoneNumber = (property: Declaration) =>
	text({ displayName: 'Phone Number', placeholder: 'e.g. 13800138000', rule: whyNoPhone, ...property });

function whyNoPhone(phone: string): string | undefined {
	const groups = phone.normalize('NFKC').split(/\D/);
	if (groups.filter(({ length }) => length >= WHOLE_NUMBER).length > 1)
		return 'has two phone numbers: give one';
	return /^\d+$/.test(bare(phone)) ? undefined : NO_PHONE;
}

type PhoneFields = Record<'countryCode' | 'phoneNumber', Field<string | undefined>>;

/**
 * Country code and number as the service wants them: apart, in digits alone. A number that begins with + or 00 brings
 * its country code along.
 * @returns either of them undefined where the item has none
 */
export function readPhone(item: Item<PhoneFields>): {
	CountryCode?: string | undefined;
	PhoneNumber?: string | undefined;
} {
	const code = item.countryCode === undefined ? undefined : bare(item.countryCode);
	if (item.phoneNumber === undefined) return { CountryCode: code, PhoneNumber: undefined };
	const digits = bare(item.phoneNumber);
	if (!INTERNATIONAL.test(item.phoneNumber.normalize('NFKC'))) {
		if ((code ?? '').length + digits.length > MOST_DIGITS) item.refuse('phoneNumber', NO_PHONE);
		return { CountryCode: code, PhoneNumber: digits };
	}
	const [CountryCode = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const PhoneNumber = digits.slice(CountryCode.length);
	// No country code begins with 0.
	if (digits.startsWith('0') || digits.length > MOST_DIGITS || PhoneNumber === '') {
		item.refuse('phoneNumber', NO_PHONE);
	} else if (code !== undefined && code !== '' && code !== CountryCode) {
		const why = `begins with the country code ${CountryCode}, and 'Country Code' is ${code}: correct one of them`;
		item.refuse('phoneNumber', why);
	}
	return { CountryCode, PhoneNumber };
}

/** The digits of a cell's phone number, with the country code where it has it; undefined where it is none. */
export function phoneDigits(cell: unknown): string | undefined {
	const phone = typeof cell === 'number' || typeof cell === 'string' ? String(cell).trim() : '';
	return phone === '' || whyNoPhone(phone) !== undefined ? undefined : bare(phone);
}

/** The digits, where there are only such. */
function bare(text: string): string {
	const plain = text.normalize('NFKC').replace(BETWEEN, '').replace(INTERNATIONAL, '');
	// A single point is that of a number with decimals.
	return plain.split('.').length > 2 ? plain.replaceAll('.', '') : plain;
}
