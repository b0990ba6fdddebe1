/** What to do with an id that is a phone number as people write it, with spaces, dashes or +86. */
export type PhoneIds = 'digits' | 'refuse';

/** What people write between the digits of a number. */
const BETWEEN = /[\s()\-.]/g;
/** Of China: a mobile number, a landline number with its area code, or what follows +86. */
const CHINESE = /^(?:(?:(?:\+|00)?86)?(?:1[3-9]\d{9}|0[1-9]\d{8,10})|(?:\+|00)86[1-9]\d{7,11})$/;
const INTERNATIONAL = /^(?:\+|00)[1-9]\d{7,14}$/;
/** Longer texts are no numbers. */
const MOST_CHARACTERS = 30;

/**
 * The digits of a phone number, without +86, e.g. `13712345678` of `+86 137-1234-5678`.
 * @returns undefined for what is no phone number
 */
export function phoneDigits(text: string): string | undefined {
	if (text.length > MOST_CHARACTERS) return undefined;
	const bare = text.normalize('NFKC').replace(BETWEEN, '');
	if (CHINESE.test(bare)) return bare.replace(/^(?:(?:\+|00)86|86(?=0|1[3-9]\d{9}$))/, '');
	return INTERNATIONAL.test(bare) ? bare.replace(/^(?:\+|00)/, '') : undefined;
}
