import type { Message } from './message';
import { listed } from './words';

/**
 * What is wrong with a value, in words that follow the field's name: what it is and, behind the colon, what to do. A hint has
 * neither the latter nor what stands in quotes or brackets.
 */
const FINDINGS = {
	empty: ['is empty: fill it in', '为空：请填写'],
	missing: ['is missing: fill it in', '为空：请填写'],
	notEvaluated: ['could not be evaluated: {message}', '无法求值：{message}'],
	tooLong: ['has more than {most} characters: correct it', '超过 {most} 个字符：请更正'],
	tooMany: ['lists more than {most} devices: give each a row', '列出的设备超过 {most} 台：请每台一行'],
	notText: ['is of type {type}, not a text: map a column that holds text', '类型为 {type}：请映射文本列'],
	broken: ['has a broken character: export the file as UTF-8', '含有损坏的字符：请以 UTF-8 导出文件'],
	control: ['has a control character: remove line breaks and tabs', '含有控制字符：请删除换行和制表符'],
	invisible: ['has the invisible character {sign}: type the value anew', '含有不可见字符 {sign}：请重新输入'],
	lookAlike: [
		"has '{text}' ({sign}), which only looks like a character of an ID: type the ID anew",
		'含有“{text}”（{sign}），它只是与 ID 的字符相似：请重新输入该 ID',
	],
	inexact: ['is a number too large to be exact: export it as text', '数字过大而不精确：请导出为文本'],
	notWhole: ['is not a whole number: export it as text', '不是整数：请导出为文本'],
	formulaError: ['is the formula error {error}: correct the sheet', '是公式错误 {error}：请更正表格'],
	placeholder: ['stands for no value: fill it in', '是占位文字：请填写'],
	holdsPlaceholder: [
		"has '{word}', which stands for no value: correct where it comes from",
		'含有占位文字“{word}”：请更正其来源',
	],
	summary: ['stands in a summary row: remove the row', '是汇总行的内容：请删除该行'],
	noCharacter: ['has no letter and no digit: fill it in', '不含字母和数字：请填写'],
	columnName: ['is the name of its column: remove the row', '是列名：请删除该行'],

	rounded: [
		"is in a spreadsheet's scientific notation, which has lost digits: export it as text",
		'是科学计数法，已丢失数位：请导出为文本',
	],
	formatted: ['is a number as a spreadsheet shows it: export it as text', '是带格式的数字：请导出为文本'],
	formula: ['is a formula: export its value', '是公式：请导出它的值'],
	quotes: ['stands in quotation marks: export it without them', '带有引号：请去掉引号再导出'],
	jsonText: ['is JSON: map the id within it', '是 JSON：请映射其中的 ID'],
	phoneSigns: [
		'is a phone number with other signs: give its digits {digits}',
		'是带其他符号的电话号码：请只填数字 {digits}',
	],
	longId: ['has {length} characters, and at most 32 are documented: correct it', '超过 32 个字符：请更正'],
	// The usual form of a CRM's ids, e.g. KH-00101 or a UUID: there is nothing to correct.
	unusual: [
		'has {sign}, and only letters, digits and _ are documented',
		'含有{sign}，而文档只提到字母、数字和 _',
	],
	date: ['is a date: give the ID', '是日期：请填写 ID'],
	notAlone: ['is more than an ID, as it has {sign}: give the ID alone', '除了 ID 还有{sign}：请只填 ID'],
	note: [
		'stands alone in its row: remove the row if it is a note, or fill in the others',
		'是该行唯一的内容：若是备注请删除该行，否则请补全',
	],
	otherCustomer: [
		"holds '{customer}', which is another customer: give the ID alone",
		'含有另一个客户的 ID“{customer}”：请只填 ID',
	],
	withinCustomer: [
		"is a part of '{customer}', which is another customer: correct one of them",
		'是另一个客户“{customer}”的一部分：请更正其一',
	],
	space: ['a space', '空格'],
	sign: ["'{text}'", '“{text}”'],

	fullWidth: [
		'has full-width characters: type them in half width, e.g. ProductABC/Device001',
		'含有全角字符：请改为半角，例如 ProductABC/Device001',
	],
	notDeviceId: [
		'is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001',
		'须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
	],
	alphabet: [
		'has {sign}, and Tencent allows letters, digits, _, - and, in a DeviceName, ":" only: correct it',
		'含有{sign}，腾讯云只允许字母、数字、_ 和 -（DeviceName 中还可有 :）：请更正',
	],
	part: ["has the {name} '{part}', which {why}", '的 {name}“{part}”{why}'],
	separator: ['begins or ends with a separator: remove it', '以分隔符开头或结尾：请删除'],
	several: ['holds {count} values ({values}): give each a row', '有 {count} 个值（{values}）：请每个一行'],
	severalNames: ['holds a name for each device: give each a row', '每台设备各有名称：请每台一行'],
	emptyPlace: ['has an empty place between two separators: fill it in', '在两个分隔符之间为空：请填写'],
	uneven: ['does not fit the others ({counts}): give as many of each', '个数不一致（{counts}）：请使其相同'],

	described: [
		'names a device that {other} describes differently: keep one of them',
		'与{other}对同一设备的描述不同：请只保留一处',
	],
	spelling: [
		"has a ProductId that differs from '{product}' of {row} only in case: correct one of them",
		'的 ProductId 与{row}的“{product}”只有大小写不同：请更正其一',
	],
	shared: [
		"is also under customer '{customer}' in {row}: keep one of them",
		'在{row}也属于客户“{customer}”：请只保留一处',
	],
	beside: ['is in a row in which another device is refused: correct that', '所在行有另一台无法使用：请更正'],

	ofRow: ['{row}', '{row}'],
	ofDevice: ['device {number}', '第 {number} 台'],
	ofCustomer: ["customer '{customer}' in {row}", '{row}的客户“{customer}”'],
	either: ['{above} or {below}', '{above}或{below}'],
	ownColumn: [
		"is empty, and the row has its own '{column}': fill it in",
		'为空，但有自己的“{column}”：请填写',
	],
	between: [
		'is empty, and {row} stands between it and {above}: fill it in',
		'为空，与{above}隔着{row}：请填写',
	],
	unusable: ['is empty, and {above} has no usable CustomerId: correct it', '为空，{above}无法使用：请先更正'],
	merged: [
		"is empty, which looks like merged cells ({above}): fill it in, or choose Empty CustomerId → Nobody's",
		"为空，像是合并单元格（{above}）：请填写，或选择 Empty CustomerId → Nobody's",
	],
	within: ['is empty between rows of one customer ({above}): fill it in', '为空，上下均为{above}：请填写'],
	same: ['stands for the row above ({above}): fill it in', '代表上一行（{above}）：请填写'],
	unclear: [
		"is empty, and may be of {owners}: fill it in, or choose Empty CustomerId → Nobody's",
		"为空，而 ID 逐行重复，可能属于{owners}：请填写，或选择 Empty CustomerId → Nobody's",
	],
	differing: [
		'is empty, and other rows of its product differ: fill it in',
		'为空，同一产品的名称不一：请填写',
	],
	nameless: ['is empty, and no row of its product has one: fill it in', '为空，同一产品也没有名称：请填写'],

	noPhone: ['is not a phone number: give it like +8613800138000', '不是电话号码：例如 +8613800138000'],
	twoPhones: ['has two phone numbers: give one', '有两个电话号码：请只填一个'],
	otherCountry: [
		'begins with the country code {code}, and Country Code is {given}: correct one of them',
		'以国家代码 {code} 开头，而 Country Code 是 {given}：请更正其一',
	],
	noCountry: ['is not a country code: give digits, e.g. 86', '不是国家代码：请填数字，例如 86'],
	countryMissing: [
		'is empty: fill it in, or give the phone number with it, e.g. +8613800138000',
		'为空：请填写，或在电话号码中带上，例如 +8613800138000',
	],

	nothing: ['evaluates to nothing: give a value, or remove the field', '没有结果：请给出值，或移除该字段'],
	notOffered: ['is not one of the allowed values: {values}', '不是允许的值：{values}'],
	notBetween: ['is not a number from {least} to {most}', '不是 {least} 到 {most} 的数字'],
	notNumber: ['is not a number: give digits, e.g. 21.5', '不是数字：请填数字，例如 21.5'],
	tooLarge: ['is a number too large to be exact: correct it', '数字过大而不精确：请更正'],
	notCount: ['is not a whole number of at least 1: correct it', '不是至少为 1 的整数：请更正'],
	notTime: [
		'is not a date and time: give one like 2026-01-31T08:00:00Z, or $now in an expression',
		'不是日期时间：例如 2026-01-31T08:00:00Z，或在表达式中用 $now',
	],
	noZone: [
		"has no time zone, and the workflow's is unknown: set it there, or give one like 2026-01-31T08:00:00Z",
		'没有时区，工作流的时区也未知：请在那里设置，或给出 2026-01-31T08:00:00Z 这样的时间',
	],
	future: ['is in the future: correct it', '在将来：请更正'],
	beforeStart: ['is before Start Time: correct one of them', '早于 Start Time：请更正其一'],
	notObject: ['is not an object: correct it', '不是对象：请更正'],
	addOne: ['is empty: add at least one', '为空：请至少添加一个'],
	noJsonType: ['is no {type} in JSON: correct it', '不是 JSON 中的 {type}：请更正'],
	notJson: ['is not JSON: give an object, e.g. {example}', '不是 JSON：请给出对象，例如 {example}'],
	noJsonForm: ['holds what JSON has no form for: give JSON', '含有 JSON 无法表示的值：请给出 JSON'],
	noMember: ["has no value for '{name}': correct where it comes from", '中“{name}”没有值：请更正其来源'],
	member: ["has a value for '{name}' that {why}", '中“{name}”的值{why}'],
	notFinite: ['is {value}: correct it', '是 {value}：请更正'],
	noDevices: [
		'is empty, which would unbind all devices of the customer: give a list like {example}',
		'为空，这会解绑该客户的全部设备：请给出列表，例如 {example}',
	],
	notDevices: ['is not a list: give one like {example}', '不是列表：例如 {example}'],
	slash: ['has a "/": give product and device in their own fields', '含有“/”：请分别填写产品和设备'],
	repeated: [
		'is that of {row} as well: give each a number of its own, or keep one of the rows',
		'与{row}相同：请各用一个编号，或只保留一行',
	],
	otherVersion: [
		'is a version of {other}, not of {item}: choose one of {versions}',
		'是 {other} 的版本，不是 {item} 的：请选择 {versions}',
	],
	liveItem: [
		"is a live item, and 'Allowed Actions' in the credential allows test orders (D-…) only",
		'是正式商品，而凭证的 Allowed Actions 只允许测试订单（D-…）',
	],
	liveOrderOff: [
		"is a live item, and 'Live Order' is off in the node: give a test item (D-…)",
		'是正式商品，而节点中的 Live Order 已关闭：请给出测试商品（D-…）',
	],
	switchedOff: ['is off in the node: this call may act on no device', '在节点中关闭：本次调用不能操作设备'],
	unusableEarlier: [
		"is '{customer}', who had rows that could not be used earlier in this execution: put the node outside the loop",
		'是“{customer}”，本次执行中此前有无法使用的行：请把节点放在循环之外',
	],
	otherEarlier: [
		"is '{customer}', who came earlier in this execution with other devices: put the node outside the loop",
		'是“{customer}”，本次执行中此前有其他设备：请把节点放在循环之外',
	],
} as const satisfies Record<string, Message>;

/** What to do, where it is not the field that is to be corrected. */
export const ASK_A_PERSON: Message = [
	"Ask a person to switch on 'Live Device' in the node and to publish the workflow: until then each such call is refused",
	'请人在节点中打开 Live Device 并发布工作流：在此之前，此类调用都会被拒绝',
];

/** Options under which a finding would be none, as the panel names them. */
export const MENDS = {
	above: 'Empty CustomerId → Take It From the Row Above',
	allow: 'Unusual Customer IDs → Allow',
	digits: 'Phone Numbers as IDs → Digits Only',
	leaveOut: 'Rows Without a Device → Leave Out',
	sameProduct: 'Empty ProductName → The One of the Same Product',
	split: 'Several Devices in a Cell → Split',
};

/** What to do where all that is wrong is a sign in the ids. */
export const ALLOW_SIGNS: Message = [`Choose ${MENDS.allow} and try again`, `请选择 ${MENDS.allow} 后重试`];

/** Why a value cannot be used, or a part of that. */
export interface Why {
	code: keyof typeof FINDINGS;
	/** What its sentence names. `row` is the index of an item. */
	facts?: Readonly<Record<string, string | number | Why>>;
	/** The option under which it would be none. */
	mend?: keyof typeof MENDS;
}

/** Why an input item cannot be sent. */
export interface Finding extends Why {
	itemIndex: number;
	/** A column of the rows, or the label of a field of the node. */
	field: string;
	/** What stands there, in short. */
	value?: string | undefined;
	/** What else its row is known by, for items: `['c017', 'row_number 41']`. */
	also?: readonly string[];
	/** What to do, where correcting the field is not it. */
	advice?: Message | undefined;
}

export function because(code: Why['code'], facts?: Why['facts'], mend?: Why['mend']): Why {
	const why: Why = { code };
	if (facts !== undefined) {
		why.facts = facts;
	}
	if (mend !== undefined) {
		why.mend = mend;
	}
	return why;
}

/** Why there is no value: what its expression throws. */
export function whyNotEvaluated(cause: unknown): Why {
	return because('notEvaluated', { message: cause instanceof Error ? cause.message : String(cause) });
}

/** Words of the rows in a sentence. */
const QUOTED = /(['“])\{\w+\}(['”])/g;
const IN_BRACKETS = / ?[(（][^()（）]*\{\w+\}[^()（）]*[)）]/g;

/** Whether a sentence names what stands in the cell. */
export function isQuoting({ code }: Why): boolean {
	const [explained] = FINDINGS[code][0].split(': ');
	return explained!.replace(QUOTED, '').replace(IN_BRACKETS, '') !== explained;
}

/** "is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001", with the option that would do as well. */
export function whyInWords(why: Why): Message {
	const [english, chinese] = fill(why, false);
	if (why.mend === undefined) {
		return [english, chinese];
	}
	const mend = MENDS[why.mend];
	if (why.code === 'unusual') {
		return [`${english}: choose ${mend}`, `${chinese}：请选择 ${mend}`];
	}
	return [`${english}, or choose ${mend}`, `${chinese}，或选择 ${mend}`];
}

/** @param isHint whether it has no words and places of the rows, and says nothing of what to do */
function fill({ code, facts = {} }: Why, isHint: boolean): Message {
	const inLanguage = (language: 0 | 1) => {
		const template: string = FINDINGS[code][language];
		const [statement = ''] = template.split(/: |：/);
		const shown = isHint ? statement.replace(QUOTED, '$1…$2').replace(IN_BRACKETS, '') : template;
		return shown.replace(/\{(\w+)\}/g, (_, name: string) => {
			const fact = facts[name];
			if (typeof fact === 'object') {
				return fill(fact, isHint)[language];
			}
			if (name !== 'row') {
				return String(fact);
			}
			if (isHint) {
				return ['another row', '另一行'][language]!;
			}
			return [`row ${rowNumber(Number(fact))}`, `第 ${rowNumber(Number(fact))} 行`][language]!;
		});
	};
	return [inLanguage(0), inLanguage(1)];
}

/** For a hint: "'DeviceId' is also under customer '…' in another row". */
export function findingInHint(finding: Finding): Message {
	const [english, chinese] = fill(finding, true);
	return [`'${finding.field}' ${english}`, `${finding.field} ${chinese}`];
}

/** `[row 12, c017] 'DeviceId': 'CAM01-d20' is not ProductId/DeviceName …`, and without the row `DeviceId“CAM01-d20”须为 …`. */
export function describeFinding(finding: Finding): Message {
	const { itemIndex, field, value, also = [] } = finding;
	const [english, chinese] = whyInWords(finding);
	const [quoted, quotedZh] = value === undefined ? ['', ' '] : [`: '${value}'`, `“${value}”`];
	const place = [namedRows([itemIndex]), ...also].join(', ');
	return [`[${place}] '${field}'${quoted} ${english}`, `${field}${quotedZh}${chinese}`];
}

const MOST_NAMED_ROWS = 3;

/** e.g. "row 3", "rows 3, 4, 5 and 10", or "rows 3, 4, 5 and 9 more". */
export function namedRows(itemIndexes: readonly number[]): string {
	const { length } = itemIndexes;
	// A last one is named as shortly as it is counted.
	const most = length === MOST_NAMED_ROWS + 1 ? length : MOST_NAMED_ROWS;
	const named = itemIndexes.slice(0, most).map((itemIndex) => String(rowNumber(itemIndex)));
	const more = length > most ? [`${length - most} more`] : [];
	return `${length === 1 ? 'row' : 'rows'} ${listed([...named, ...more])}`;
}

/** Rows are counted from 1, as a table shows them. */
export function rowNumber(itemIndex: number): number {
	return itemIndex + 1;
}
