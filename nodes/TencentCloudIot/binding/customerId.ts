/**
 * Which texts are ids of customers. The documentation allows letters, digits and _, at most 32 of them, for the id of a
 * new customer (ServiceCreateCustomer, product 1465, pages 59062–59079), and says nothing of the others. A text that
 * spreadsheets and programs write where there is no id, or that stands for another one, is never an id.
 */
export type UnusualIds = 'refuse' | 'allow';

const DOCUMENTED = /^\w{1,32}$/;

/** What people and programs write where there is nothing, in lower case. */
const WORDS = new Set(
	`null undefined nan none nil n/a n.a. #n/a <na> (null) <null> (none) (blank) \\n empty unknown tbd true false infinity
	-infinity loading... 无 空 无数据 暂无 没有 未知 未填 未填写 待定 待补 待补充 不详 不适用 缺失 (空) （空） (空白) （空白） 空白`
		.split(/\s+/)
		.concat('invalid date', 'invalid datetime'),
);

/** What a program writes into a text for a value that it does not have. */
const NO_VALUE =
	/undefined|\[object \w+\]|\{\{|\$\{|(?<![\p{L}\p{N}])(?:null|NULL|NaN|None)(?![\p{L}\p{N}])|^NA$/u;

/** Those of Excel, WPS, Google Sheets and LibreOffice; a column that is too narrow shows only number signs. */
const FORMULA_ERROR = /#N\/A|#\p{Lu}[\p{Lu}\d/_]*[!?]|#GETTING_DATA|^#+$|^Err:\d{3}$/u;

/** A spreadsheet keeps at most six digits: its own prefix, the digits, the power of ten. */
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
	return whyNobody(text) ?? whyDamaged(text) ?? (unusualIds === 'allow' ? undefined : whyUnusual(text));
}

/** Why a text says that there is no id, or undefined when it may show one. */
export function whyNobody(text: string): string | undefined {
	const [error] = FORMULA_ERROR.exec(text) ?? [];
	if (error !== undefined) return `is the formula error ${error}: correct the sheet`;
	const [noValue] = NO_VALUE.exec(text) ?? [];
	if (noValue !== undefined)
		return `has '${noValue}', which stands for no value: correct where the id comes from`;
	if (WORDS.has(text.toLowerCase()))
		return `is '${text}', which stands for no value: fill in the customer's id`;
	return /[\p{L}\p{N}]/u.test(text) ? undefined : "has no letter and no digit: fill in the customer's id";
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
