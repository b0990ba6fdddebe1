import type { Field, Item, Property } from '../../input/field';
import { optional, text } from '../../input/fields';

/** The country codes of one and two digits (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

const INTERNATIONAL = /^(?:\+|00)/;

/** What people write between the digits of a number, and the 0 that is dialled within the country only. */
const BETWEEN = /\(0\)|[\s().\-/]/g;

type Declaration = Partial<Property> & { description: string };

export const countryCode = (property: Declaration) =>
	optional(
		text({
			displayName: 'Country Code',
			placeholder: 'e.g. 86',
			rule: (code) => (/^\d{1,3}$/.test(bare(code)) ? undefined : 'is no country code: give digits, e.g. 86'),
			...property,
		}),
	);

export const phoneNumber = (property: Declaration) =>
	text({ displayName: 'Phone Number', placeholder: 'e.g. 13800138000', ...property });

type PhoneFields = Record<'countryCode' | 'phoneNumber', Field<string | undefined>>;

/**
 * Country code and number, as the service wants them: apart and without a plus sign. A number that begins with + or 00 brings
 * its country code along.
 * @returns either of them undefined where the item has none
 */
export function readPhone(item: Item<PhoneFields>): {
	CountryCode?: string | undefined;
	PhoneNumber?: string | undefined;
} {
	const given = item.countryCode === undefined ? undefined : bare(item.countryCode);
	const typed = item.phoneNumber;
	const phone = typed?.normalize('NFKC');
	if (phone === undefined || !INTERNATIONAL.test(phone)) return { CountryCode: given, PhoneNumber: typed };
	const digits = bare(phone);
	const [CountryCode = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const PhoneNumber = digits.slice(CountryCode.length);
	// No country code begins with 0.
	if (!/^[1-9]\d+$/.test(digits) || PhoneNumber === '') {
		item.refuse('phoneNumber', 'is no phone number: give it like +8613800138000');
	} else if (given !== undefined && given !== '' && given !== CountryCode) {
		const why = `begins with the country code ${CountryCode}, and 'Country Code' is ${given}: correct one of them`;
		item.refuse('phoneNumber', why);
	}
	return { CountryCode, PhoneNumber };
}

/** The digits, where there are only such. */
function bare(text: string): string {
	return text.normalize('NFKC').replace(BETWEEN, '').replace(INTERNATIONAL, '');
}
