import { because, type Why } from '../messages/findings';
import { ofRows, ours } from '../messages/text';
import { hasLetterOrDigit } from './text';

/** A longer text cannot be an id. Documented ids have at most 32 characters. */
export const LONGEST_ID = 256;

/** Words that people and programs write for a missing value, in lower case. */
const PLACEHOLDER_WORDS = new Set([
	'null',
	'undefined',
	'nan',
	'none',
	'nil',
	'n/a',
	'n.a.',
	'#n/a',
	'<na>',
	'(null)',
	'<null>',
	'(none)',
	'(blank)',
	'\\n',
	'empty',
	'unknown',
	'tbd',
	'true',
	'false',
	'infinity',
	'-infinity',
	'loading...',
	'ditto',
	'同上',
	'同前',
	'无',
	'空',
	'无数据',
	'暂无',
	'没有',
	'未知',
	'未填',
	'未填写',
	'待定',
	'待补',
	'待补充',
	'不详',
	'不适用',
	'缺失',
	'(空)',
	'（空）',
	'(空白)',
	'（空白）',
	'空白',
	'invalid date',
	'invalid datetime',
]);

/**
 * Matches the label of a total row, alone or with a count: `合计`, `合计：15 台`, `合计（台）`, `共 15 条记录`, `Total: 3`. Sheets for print put
 * blanks between 合 and 计.
 */
const SUMMARY =
	/^(?:(?:本页|本表)?(?:合\s*计|总\s*计|小\s*计|共\s*计|汇总|总数量?|总台数|(?:数量|台数|设备)合计)|共(?= ?\d)|(?:grand |sub-?)?totals?(?: (?:devices|customers|rows|records|items))?)(?:\s*[(（][\s\d,.]*[台个条户套件家项行]?[)）])?(?:\s*[:：])?(?:(?:(?<!\w)|\s)\s*[\d,.]+)?(?:\s*[台个条户套件家项行](?:设备|客户|记录|数据)?)?$/iu;

/** Matches what programs write inside a text for a missing value. */
const PLACEHOLDER_IN_TEXT = /undefined|\[object \w+\]|\{\{|\$\{/;
/** Matches words for a missing value that are a separate part of an id, e.g. `LOCK/null`. */
const PLACEHOLDER_IN_ID = /(?<![\p{L}\p{N}])(?:null|NULL|NaN|None)(?![\p{L}\p{N}])|^NA$/u;

/** Matches most ids. A text with a digit cannot be a word for a missing value, so these need no further checks. */
const PLAIN_WITH_DIGIT = /^[A-Za-z_./-]*\d[\w./-]*$/;
/** The placeholders that a text matched by `PLAIN_WITH_DIGIT` can still contain. */
const PLACEHOLDER_IN_PLAIN = /undefined|null|NULL|NaN|None/;

/** The errors of formulas in Excel, WPS, Google Sheets and LibreOffice. A column that is too narrow shows only number signs. */
const FORMULA_ERROR = /#N\/A|#\p{Lu}[\p{Lu}\d/_]*[!?]|#GETTING_DATA|^#+$|^Err:\d{3}$/u;

/** Why a text is a placeholder that a program or a spreadsheet writes for a missing value; undefined if it is not. */
export function whyPlaceholder(text: string): Why | undefined {
	const [error] = FORMULA_ERROR.exec(text) ?? [];
	return error === undefined
		? whyMatched(PLACEHOLDER_IN_TEXT.exec(text))
		: because('formulaError', { error: ours(error) });
}

/** Like `whyPlaceholder`, for ids and names. Those also cannot be a word for a missing value, a label such as "Total", or only punctuation. */
export function whyNotId(text: string): Why | undefined {
	if (text.length > LONGEST_ID) {
		return because('tooLong', { most: LONGEST_ID });
	}
	if (PLAIN_WITH_DIGIT.test(text) && !PLACEHOLDER_IN_PLAIN.test(text)) {
		return undefined;
	}
	const why = whyPlaceholder(text) ?? whyMatched(PLACEHOLDER_IN_ID.exec(text));
	if (why !== undefined) {
		return why;
	}
	if (PLACEHOLDER_WORDS.has(text.toLowerCase())) {
		return because('placeholder');
	}
	if (isSummary(text)) {
		return because('summary');
	}
	return hasLetterOrDigit(text) ? undefined : because('noCharacter');
}

/** Whether a text is the label of a total row. */
export function isSummary(text: string): boolean {
	return SUMMARY.test(text);
}

/** Matches a count of things, e.g. `2 台`. */
const COUNT = /^\d{1,9}\s*[台个条户套件家项行]$/u;

/** Whether a text is a count of things, e.g. `2 台`. */
export function isCount(text: string): boolean {
	return COUNT.test(text);
}

/** The parts of a text before, between and after its placeholders, e.g. `user_1` of `user_1undefined`. */
export function partsAroundPlaceholders(text: string): string[] {
	if (PLACEHOLDER_WORDS.has(text.toLowerCase()) || isSummary(text)) {
		return [];
	}
	return [FORMULA_ERROR, PLACEHOLDER_IN_TEXT, PLACEHOLDER_IN_ID].reduce(
		(parts, placeholder) => parts.flatMap((part) => part.split(placeholder)),
		[text],
	);
}

function whyMatched(match: RegExpExecArray | null): Why | undefined {
	return match ? because('holdsPlaceholder', { word: ofRows(match[0]) }) : undefined;
}
