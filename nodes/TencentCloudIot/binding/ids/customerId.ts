import { whyNoId } from '../../input/placeholder';
import { phoneDigits, type PhoneIds } from './phoneId';

/**
 * What to do with an id that is not documented. The documentation allows letters, digits and _, at most 32 of them, for a
 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and is silent about existing ones. Placeholders
 * and ids that a spreadsheet damaged are refused either way.
 */
export type UnusualIds = 'refuse' | 'allow';

/** Which texts are ids of customers. */
export interface IdRules {
	unusualIds: UnusualIds;
	phoneIds: PhoneIds;
}

const DOCUMENTED = /^\w{1,32}$/;

/** The digits that a spreadsheet keeps, and the power of ten; a program may have put a prefix before them. */
export const SCIENTIFIC = /^(?<prefix>.*?)(?<digits>\d(?:[.,]\d+)?)[Ee]\+(?<power>\d+)$/u;
const SMALL_SCIENTIFIC = /^\d[.,]\d+[Ee]-\d+$/;

/** How a damaged id looks, and what to report. */
const DAMAGES: ReadonlyArray<readonly [RegExp, string]> = [
	[
		SCIENTIFIC,
		"is a number in a spreadsheet's scientific notation, which has lost digits: export it as text",
	],
	[SMALL_SCIENTIFIC, "is a number in a spreadsheet's scientific notation: export it as text"],
	[/^[=＝]/, 'is a formula: export its value'],
	[/^['"‘’“”`＇＂]|["“”＂]$/, 'stands in quotation marks: export it without them'],
	[/^[[{]\s*"/, 'is JSON: map the id within it'],
	[/^\d+[.,]0+$/, 'is a number with decimals: export it as text'],
	[/^\d{1,3}(?:,\d{3})+(?:\.0+)?$/, 'is a number with thousands separators: export it as text'],
];

/** A text as the id that is meant: with 'digits' the spellings of a phone number are one id. */
export function normalizeCustomerId(text: string, { phoneIds }: IdRules): string {
	return (phoneIds === 'digits' ? phoneDigits(text) : undefined) ?? text;
}

/** Why a normalized text is no id of a customer, in words that follow its field's name, or undefined when it is one. */
export function checkCustomerId(id: string, { unusualIds }: IdRules): string | undefined {
	const why = whyNoId(id);
	if (why !== undefined || DOCUMENTED.test(id)) return why;
	return whyDamaged(id) ?? whyPhone(id) ?? (unusualIds === 'allow' ? undefined : whyUnusual(id));
}

/** As it is written it would be another customer than with the digits alone, also where unusual ids are allowed. */
function whyPhone(text: string): string | undefined {
	const digits = phoneDigits(text);
	if (digits === undefined) return undefined;
	return `is a phone number with other characters than digits: choose Digits Only under 'Phone Numbers as IDs', which makes it '${digits}'`;
}

function whyDamaged(text: string): string | undefined {
	return DAMAGES.find(([look]) => look.test(text))?.[1];
}

function whyUnusual(text: string): string {
	const [character] = /\W/u.exec(text) ?? [];
	const advice = "are documented: correct it, or allow it under 'Unusual Customer IDs'";
	if (character === undefined) return `has ${text.length} characters, and at most 32 ${advice}`;
	const what = /\s/.test(character) ? 'a space' : `'${character}'`;
	return `has ${what}, and only letters, digits and _ ${advice}`;
}
