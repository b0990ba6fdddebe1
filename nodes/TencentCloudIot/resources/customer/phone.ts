import type { IDataObject } from 'n8n-workflow';

import type { ItemFields } from '../../input/itemFields';

/** The country codes of one and two digits (ITU-T E.164); all others have three. */
const COUNTRY_CODE = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

const INTERNATIONAL = /^(?:\+|00)/;

/** What people write between the digits of a number, and the 0 that is dialled within the country only. */
const BETWEEN = /\(0\)|[\s().\-/]/g;

/**
 * Country code and number, as the service wants them: apart and without a plus sign. A number that begins with + or 00 brings
 * its country code along.
 * @param within where the fields stand, with a dot at the end: empty for those of the node itself
 * @returns either of them undefined where the item has none
 */
export function readPhone(item: ItemFields, within = ''): IDataObject {
	const code = item.optionalText(`${within}countryCode`, (text) =>
		/^\d{1,3}$/.test(bare(text)) ? undefined : 'is no country code: give digits, e.g. 86',
	);
	const given = code === undefined ? undefined : bare(code);
	const text = item.optionalText(`${within}phoneNumber`);
	const phone = text?.normalize('NFKC');
	if (phone === undefined || !INTERNATIONAL.test(phone)) return { CountryCode: given, PhoneNumber: text };
	const digits = bare(phone);
	const [CountryCode = ''] = COUNTRY_CODE.exec(digits) ?? [];
	const PhoneNumber = digits.slice(CountryCode.length);
	const refuse = (why: string) => item.refuse(`${within}phoneNumber`, why);
	// No country code begins with 0.
	if (!/^[1-9]\d+$/.test(digits) || PhoneNumber === '') {
		refuse('is no phone number: give it like +8613800138000');
	} else if (given !== undefined && given !== '' && given !== CountryCode) {
		refuse(
			`begins with the country code ${CountryCode}, and 'Country Code' is ${given}: correct one of them`,
		);
	}
	return { CountryCode, PhoneNumber };
}

/** The digits, where there are only such. */
function bare(text: string): string {
	return text.normalize('NFKC').replace(BETWEEN, '').replace(INTERNATIONAL, '');
}
