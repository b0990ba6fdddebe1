import { whyNoId } from '../input/placeholder';

/**
 * What to do with an id that is not documented. The documentation allows letters, digits and _, at most 32 of them, for a
 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and is silent about existing ones. Placeholders
 * and ids that a spreadsheet damaged are refused either way.
 */
export type UnusualIds = 'refuse' | 'allow';

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

/** Why a text is no id of a customer, in words that follow its field's name, or undefined when it is one. */
export function checkCustomerId(text: string, unusualIds: UnusualIds): string | undefined {
	return whyNoId(text) ?? whyDamaged(text) ?? (unusualIds === 'allow' ? undefined : whyUnusual(text));
}

function whyDamaged(text: string): string | undefined {
	if (DOCUMENTED.test(text)) return undefined;
	return DAMAGES.find(([look]) => look.test(text))?.[1];
}

function whyUnusual(text: string): string | undefined {
	if (DOCUMENTED.test(text)) return undefined;
	const [character] = /\W/u.exec(text) ?? [];
	const advice = "are documented: correct it, or allow it under 'Unusual Customer IDs'";
	if (character === undefined) return `has ${text.length} characters, and at most 32 ${advice}`;
	const what = /\s/.test(character) ? 'a space' : `'${character}'`;
	return `has ${what}, and only letters, digits and _ ${advice}`;
}
