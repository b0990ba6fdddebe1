import { whyNoId } from './noValue';

/**
 * Which texts are ids of customers. The documentation allows letters, digits and _, at most 32 of them, for the id of a
 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and says nothing of the others. A text that
 * spreadsheets and programs write where there is no id, or that stands for another one, is never an id.
 */
export type UnusualIds = 'refuse' | 'allow';

const DOCUMENTED = /^\w{1,32}$/;

/** The digits that a spreadsheet keeps, and the power of ten; a program may have put a prefix before them. */
export const SCIENTIFIC = /^(?<prefix>.*?)(?<digits>\d(?:[.,]\d+)?)[Ee]\+(?<power>\d+)$/u;
const SMALL_SCIENTIFIC = /^\d[.,]\d+[Ee]-\d+$/;

/** What a text looks like that stands for an id and is none itself, and what to say of it. */
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
