/** Line breaks, other control characters, characters that are not seen, halves of a character and what stands for them. */
export const UNUSABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFFD]/u;

const NO_VALUE_WITHIN = /(?<![\p{L}\p{N}])(?:null|NULL|NaN|None)(?![\p{L}\p{N}])/u;
const PLACEHOLDERS = [
	/^(?:null|nan|none|nil|n\/a|n\.a\.|empty|unknown|tbd|true|false|-?infinity|loading\.\.\.|invalid date(?:time)?)$/i,
	/^(?:<na>|[(<](?:null|none|blank)[)>]|\\n)$/i,
	/^(?:无|空|无数据|暂无|没有|未知|未填|未填写|待定|待补|待补充|不详|不适用|缺失|空白|[(（]空白?[)）])$/,
	/^(?:同上|ditto)$/i,
	/^(?:本[页表])?(?:[合总小共] ?计|汇总)[:：]?\s*[\d,.]*\s*[台个条户套件家项行]?$/u,
	/^(?:grand |sub-?)?totals?(?:[:：]?\s+[\d,.]+|[:：]\s*[\d,.]*)?$/i,
	/^[^\p{L}\p{N}]*$/u,
];
const NOTHING_WRITTEN =
	/undefined|\[object \w+\]|\{\{|\$\{|#N\/A|#GETTING_DATA|#\p{Lu}[\p{Lu}\d/_]*[!?]|^#+$|^Err:\d{3}$/u;

const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const SEPARATING = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const BROKEN = /[\p{Cs}\uFFFD]/u;
const LOST = '[\\p{Cs}\\uFFFD]';
const PARTLY_LOST = new RegExp(
	`^(${LOST}*)(.*?)(?:(${LOST}(?:.*${LOST})?)([^\\p{Cs}\\uFFFD]+))?(${LOST}*)$`,
	'su',
);
const ROUNDED = /^(.*?)(\d)(?:[.,](\d+))?E\+(\d+)$/i;

/** Whether a text is an id by the documentation: letters, digits and _, at most 32, and no word for nothing. */
export function isCustomerId(text: string): boolean {
	return /^\w{1,32}$/.test(text) && !isNoId(text);
}

/** Whether a cell that is no id tells all the same that there is a customer, and not only whom it may be. */
export function showsSomebody(cell: string): boolean {
	const text = seenOf(cell).join('');
	return !BROKEN.test(text) && !isNoId(text) && !ROUNDED.test(text);
}

/** Whether a text of any column is what a program or a sheet writes for no value. */
export function isNothingWritten(text: string): boolean {
	return NOTHING_WRITTEN.test(text);
}

/** The same for an id or a name, which can be no word or sign for nothing, and no sum of others either. */
export function isNoId(text: string): boolean {
	if (isNothingWritten(text) || text === 'NA' || NO_VALUE_WITHIN.test(text)) return true;
	return PLACEHOLDERS.some((placeholder) => placeholder.test(text));
}

function seenOf(cell: string): string[] {
	return cell
		.replace(UNSEEN, '')
		.trim()
		.split(SEPARATING)
		.map((part) => part.trim());
}

/**
 * Whether a cell that is no id may have been this one before it was damaged. Written without the node's code, cell by
 * cell and id by id.
 */
export function mayMean(cell: string, id: string): boolean {
	const parts = seenOf(cell);
	const text = parts.join('');
	if (text.length > 256) return false;
	if (BROKEN.test(text)) return mayHaveBeen(text, id);
	if (isNoId(text)) return isBesideNoId(text, id);
	const rounded = ROUNDED.exec(text);
	if (rounded) return isRoundedTo(rounded, id);
	return [text, ...parts].some((part) => wordsOf(part).includes(id) || phoneOf(part) === id);
}

/** The digits of a phone number however it is written, without +86; nothing of any other text. */
function phoneOf(text: string): string | undefined {
	const [, plus, digits = ''] = /^(\+|00)?(\d+)$/.exec(text.normalize('NFKC').replace(/[\s().-]/g, '')) ?? [];
	if (text.length > 30) return undefined;
	const chinese = /^(?:86)?(1[3-9]\d{9}|0[1-9]\d{8,10})$/.exec(
		plus && !digits.startsWith('86') ? '' : digits,
	);
	if (chinese) return chinese[1];
	if (plus === undefined || digits.startsWith('0')) return undefined;
	const national = digits.replace(/^86/, '');
	const isLong = national === digits ? /^\d{8,15}$/ : /^[1-9]\d{7,11}$/;
	return isLong.test(national) ? national : undefined;
}

/** Whether a cell may show an id, whole or in part. */
export function mayShowId(cell: string): boolean {
	const text = seenOf(cell).join('');
	if (BROKEN.test(text)) return /[\p{L}\p{N}]/u.test(text);
	return !isNoId(text) || restsOf(text).some((rest) => /[\p{L}\p{N}]/u.test(rest));
}

function restsOf(text: string): string[] {
	if (text === 'NA' || PLACEHOLDERS.some((placeholder) => placeholder.test(text))) return [];
	return text.split(NOTHING_WRITTEN).flatMap((rest) => rest.split(NO_VALUE_WITHIN));
}

/** Besides what is written for no value there may be an id, joined to it by a sign or not. */
function isBesideNoId(text: string, id: string): boolean {
	return restsOf(text)
		.flatMap(wordsOf)
		.some((word) => word === id || word.replace(/^_+|_+$/g, '') === id);
}

/** Broken characters stand for as many others at most. */
function mayHaveBeen(text: string, id: string): boolean {
	const [, lead = '', first = '', gap = '', last = '', tail = ''] = PARTLY_LOST.exec(text) ?? [];
	if (!/[\p{L}\p{N}]/u.test(first + last) || text.length - first.length - last.length > 32) return false;
	for (let start = 0; start <= lead.length; start++) {
		for (let length = id.length - start; length >= id.length - start - tail.length; length--) {
			const middle = id.slice(start, start + Math.max(0, length));
			const lost = middle.length - first.length - last.length;
			if (lost >= 0 && lost <= gap.length && middle.startsWith(first) && middle.endsWith(last)) return true;
		}
	}
	return false;
}

function isRoundedTo([, prefix = '', digit, decimals = '', power]: RegExpExecArray, id: string): boolean {
	const digits = id.startsWith(prefix) ? id.slice(prefix.length) : '';
	if (!/^\d+$/.test(digits) || /\d$/.test(prefix)) return false;
	const shown = Number(`${digit}.${decimals || '0'}e${power}`);
	return Number(digits).toPrecision(decimals.length + 1) === shown.toPrecision(decimals.length + 1);
}

/** Quotation marks, brackets, spaces, thousands separators and a decimal zero are no part of an id, nor are other words. */
function wordsOf(part: string): string[] {
	const bare = part
		.normalize('NFKC')
		.replace(/^[^\p{L}\p{N}_]+/u, '')
		.replace(/[^\p{L}\p{N}_]+$/u, '');
	const joined = [part, bare, bare.replace(/\.0+$/, ''), bare.replace(/[\s,]/g, '')];
	return [...joined, ...bare.split(/[^\p{L}\p{N}_]+/u)];
}
