import { rowsOf } from './rows';
import {
	type AnySay,
	type Fact,
	type Facts,
	type FactsOf,
	asPlace,
	isQuoteOfRows,
	ofCase,
	ofRows,
	ours,
	say,
	type Say,
	summedUp,
	type Text,
	withoutFullStop,
} from './text';

/** Advice that replaces that of a finding, because correcting the field would not help. */
export const FINDING_ADVICE = {
	askAPerson: say(
		"Ask a person to switch on 'Live Device' in the node and to publish the workflow: until then each such call is refused",
		'请人在节点中打开 Live Device 并发布工作流：在此之前，此类调用都会被拒绝',
	),
	/** For a row whose only problem is a character in an id, such as a space, that an option allows. */
	allowSigns: say('Choose {option} and try again', '请选择 {option} 后重试'),
};

/**
 * What is wrong with a value and what to do about it. The words follow the name of the field: "'DeviceId' is empty".
 */
const FINDINGS = {
	empty: [say('is empty', '为空'), say('fill it in', '请填写')],
	missing: [say('is missing', '为空'), say('fill it in', '请填写')],
	notEvaluated: [say('could not be evaluated{?: {message}}', '无法求值{?：{message}}')],
	tooLong: [say('has more than {most} characters', '超过 {most} 个字符'), say('correct it', '请更正')],
	tooMany: [
		say('lists more than {most} devices', '列出的设备超过 {most} 台'),
		say('give each its own row', '请每台一行'),
	],
	notText: [
		say('is of type {type}, not a text', '类型为 {type}'),
		say('map a column that holds text', '请映射文本列'),
	],
	broken: [
		say('has a broken character', '含有损坏的字符'),
		say('export the file as UTF-8', '请以 UTF-8 导出文件'),
	],
	control: [
		say('has a control character', '含有控制字符'),
		say('remove line breaks and tabs', '请删除换行和制表符'),
	],
	invisible: [
		say('has the invisible character {codePoint}', '含有不可见字符 {codePoint}'),
		say('type the value again', '请重新输入'),
	],
	lookAlike: [
		say(
			"has '{text}'{? ({codePoint})}, which only looks like a character of an ID",
			'含有“{text}”{?（{codePoint}）}，它只是与 ID 的字符相似',
		),
		say('type the ID again', '请重新输入该 ID'),
	],
	inexact: [
		say('is a number too large to be exact', '数字过大而不精确'),
		say('export it as text', '请导出为文本'),
	],
	notWhole: [say('is not a whole number', '不是整数'), say('export it as text', '请导出为文本')],
	formulaError: [
		say('is the formula error {error}', '是公式错误 {error}'),
		say('correct the sheet', '请更正表格'),
	],
	placeholder: [say('means no value', '是占位文字'), say('fill it in', '请填写')],
	holdsPlaceholder: [
		say("has '{word}', which means no value", '含有占位文字“{word}”'),
		say('correct it at its source', '请更正其来源'),
	],
	summary: [say('is in a summary row', '是汇总行的内容'), say('remove the row', '请删除该行')],
	noCharacter: [say('has no letter and no digit', '不含字母和数字'), say('fill it in', '请填写')],
	columnName: [say('is the name of its column', '是列名'), say('remove the row', '请删除该行')],
	rounded: [
		say("is in a spreadsheet's scientific notation, which has lost digits", '是科学计数法，已丢失数位'),
		say('export it as text', '请导出为文本'),
	],
	formatted: [
		say('is a number as a spreadsheet shows it', '是带格式的数字'),
		say('export it as text', '请导出为文本'),
	],
	formula: [say('is a formula', '是公式'), say('export its value', '请导出它的值')],
	quotes: [say('is in quotation marks', '带有引号'), say('export it without them', '请去掉引号再导出')],
	jsonText: [say('is JSON', '是 JSON'), say('map the id within it', '请映射其中的 ID')],
	phoneSigns: [
		say('is a phone number with other signs', '是带其他符号的电话号码'),
		say('give its digits{? {digits}}', '请只填数字{? {digits}}'),
	],
	longId: [
		say(
			'has {length} characters, and at most 32 are documented',
			'有 {length} 个字符，而文档只提到至多 32 个',
		),
		say('correct it', '请更正'),
	],
	unusual: [
		say(
			'has {character}, and only letters, digits and _ are documented',
			'含有{character}，而文档只提到字母、数字和 _',
		),
	],
	date: [say('is a date', '是日期'), say('give the ID', '请填写 ID')],
	notAlone: [
		say('is more than an ID, as it has {character}', '除了 ID 还有{character}'),
		say('enter only the ID', '请只填 ID'),
	],
	note: [
		say('is alone in its row', '是该行唯一的内容'),
		say('remove the row if it is a note, or fill in the others', '若是备注请删除该行，否则请补全'),
	],
	otherCustomer: [
		say("holds '{customer}', which is another customer", '含有另一个客户的 ID“{customer}”'),
		say(
			'enter only the ID, or push the two in separate runs if both are IDs',
			'请只填 ID；若两者都是 ID，请分两次运行推送',
		),
	],
	withinCustomer: [
		say("is a part of '{customer}', which is another customer", '是另一个客户“{customer}”的一部分'),
		say(
			'correct one of them, or push the two in separate runs if both are IDs',
			'请更正其一；若两者都是 ID，请分两次运行推送',
		),
	],
	fullWidth: [
		say('has full-width characters', '含有全角字符'),
		say('type them in half width, e.g. ProductABC/Device001', '请改为半角，例如 ProductABC/Device001'),
	],
	notDeviceId: [
		say('is not ProductId/DeviceName with exactly one "/"', '须为 ProductId/DeviceName，且恰有一个“/”'),
		say('e.g. ProductABC/Device001', '例如 ProductABC/Device001'),
	],
	alphabet: [
		say(
			'has {character}, and Tencent allows only letters, digits, _, - and, in a DeviceName, ":"',
			'含有{character}，腾讯云只允许字母、数字、_ 和 -（DeviceName 中还可有 :）',
		),
		say('correct it', '请更正'),
	],
	part: [say("has the {name} '{part}', which {why}", '的 {name}“{part}”{why}'), say('{todo}', '{todo}')],
	separator: [say('begins or ends with a separator', '以分隔符开头或结尾'), say('remove it', '请删除')],
	several: [
		say('holds {count} values{? ({values})}', '有 {count} 个值{?（{values}）}'),
		say('give each its own row', '请每个一行'),
	],
	severalNames: [
		say('holds a name for each device', '每台设备各有名称'),
		say('give each its own row', '请每台一行'),
	],
	emptyPlace: [
		say('has nothing between two separators', '在两个分隔符之间为空'),
		say('fill it in', '请填写'),
	],
	uneven: [
		say('has a different number of values from the others{? ({counts})}', '个数不一致{?（{counts}）}'),
		say('give the same number in each', '请使其相同'),
	],
	described: [
		say('names a device that {other} describes differently', '与{other}对同一设备的描述不同'),
		say('keep one of them', '请只保留一处'),
	],
	spelling: [
		say(
			"has a ProductId that differs from '{product}' of {row} only in case",
			'的 ProductId 与{row}的“{product}”只有大小写不同',
		),
		say('correct one of them', '请更正其一'),
	],
	shared: [
		say("is also under customer '{customer}' in {row}", '在{row}也属于客户“{customer}”'),
		say('keep one of them', '请只保留一处'),
	],
	alsoInInvalidRow: [
		say('is also in {row}, which has another value that cannot be used', '也在{row}，而该行另有内容无法使用'),
		say('correct that value', '请更正那一处'),
	],
	ownColumn: [
		say("is empty, and the row has its own '{column}'", '为空，但有自己的“{column}”'),
		say('fill it in', '请填写'),
	],
	between: [
		say('is empty, and {row} is between it and {above}', '为空，与{above}隔着{row}'),
		say('fill it in', '请填写'),
	],
	unusable: [
		say('is empty, and {above} has no usable CustomerId', '为空，{above}无法使用'),
		say('correct it', '请先更正'),
	],
	merged: [
		say('is empty, which looks like merged cells{? ({above})}', '为空，像是合并单元格{?（{above}）}'),
		say(
			"fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		),
	],
	within: [
		say('is empty between rows of one customer{? ({above})}', '为空，上下为同一客户的行{?（{above}）}'),
		say('fill it in', '请填写'),
	],
	same: [
		say('refers to the row above{? ({above})}', '代表上一行{?（{above}）}'),
		say('fill it in', '请填写'),
	],
	unclear: [
		say('is empty{?, and its row may belong to {owners}}', '为空{?，可能属于{owners}}'),
		say(
			"fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		),
	],
	differing: [
		say('is empty, and other rows of its product have different names', '为空，同一产品的名称不一'),
		say('fill it in', '请填写'),
	],
	nameless: [
		say('is empty, and no row of its product has a name', '为空，同一产品也没有名称'),
		say('fill it in', '请填写'),
	],
	noPhone: [
		say('is not a phone number', '不是电话号码'),
		say('give it like +8613800138000', '例如 +8613800138000'),
	],
	twoPhones: [say('has two phone numbers', '有两个电话号码'), say('give one', '请只填一个')],
	otherCountry: [
		say(
			'begins with the country code {code}, and Country Code is {given}',
			'以国家代码 {code} 开头，而 Country Code 是 {given}',
		),
		say('correct one of them', '请更正其一'),
	],
	noCountry: [say('is not a country code', '不是国家代码'), say('give digits, e.g. 86', '请填数字，例如 86')],
	countryMissing: [
		say('is empty', '为空'),
		say(
			'fill it in, or give the phone number with it, e.g. +8613800138000',
			'请填写，或在电话号码中带上，例如 +8613800138000',
		),
	],
	nothing: [
		say('evaluates to nothing', '没有结果'),
		say('give a value, or remove the field', '请给出值，或移除该字段'),
	],
	notOffered: [say('is not one of the allowed values', '不是允许的值'), say('{values}', '{values}')],
	notBetween: [say('is not a number from {least} to {most}', '不是 {least} 到 {most} 的数字')],
	notNumber: [say('is not a number', '不是数字'), say('give digits, e.g. 21.5', '请填数字，例如 21.5')],
	tooLarge: [say('is a number too large to be exact', '数字过大而不精确'), say('correct it', '请更正')],
	notCount: [say('is not a whole number of at least 1', '不是至少为 1 的整数'), say('correct it', '请更正')],
	notTime: [
		say('is not a date and time', '不是日期时间'),
		say(
			'give one like 2026-01-31T08:00:00Z, or $now in an expression',
			'例如 2026-01-31T08:00:00Z，或在表达式中用 $now',
		),
	],
	noZone: [
		say("has no time zone, and the workflow's is unknown", '没有时区，工作流的时区也未知'),
		say(
			'set the time zone in the settings of the workflow, or give a time like 2026-01-31T08:00:00Z',
			'请在工作流的设置中选择时区，或给出 2026-01-31T08:00:00Z 这样的时间',
		),
	],
	noDay: [say('is not a day', '不是日期'), say('give one like 2026-11-30', '例如 2026-11-30')],
	future: [say('is in the future', '在将来'), say('correct it', '请更正')],
	beforeStart: [say('is before Start Time', '早于 Start Time'), say('correct one of them', '请更正其一')],
	notObject: [say('is not an object', '不是对象'), say('correct it', '请更正')],
	addOne: [say('is empty', '为空'), say('add at least one', '请至少添加一个')],
	noJsonType: [say('is not of the JSON type {type}', '不是 JSON 中的 {type}'), say('correct it', '请更正')],
	notJson: [
		say('is not JSON', '不是 JSON'),
		say('give an object, e.g. {example}', '请给出对象，例如 {example}'),
	],
	noJsonForm: [
		say('holds a value that JSON cannot express', '含有 JSON 无法表示的值'),
		say('give JSON', '请给出 JSON'),
	],
	noMember: [
		say("has no value for '{name}'", '中“{name}”没有值'),
		say('correct it at its source', '请更正其来源'),
	],
	member: [say("has a value for '{name}' that {why}", '中“{name}”的值{why}'), say('{todo}', '{todo}')],
	notFinite: [say('is {value}', '是 {value}'), say('correct it', '请更正')],
	noDevices: [
		say('is empty, which would unbind all devices of the customer', '为空，这会解绑该客户的全部设备'),
		say('give a list like {example}', '请给出列表，例如 {example}'),
	],
	notDevices: [say('is not a list', '不是列表'), say('give one like {example}', '例如 {example}')],
	slash: [
		say('has a "/"', '含有“/”'),
		say('enter product and device in their own fields', '请分别填写产品和设备'),
	],
	repeated: [
		say('is also that of {row}', '与{row}相同'),
		say('give each a number of its own, or keep one of the rows', '请各用一个编号，或只保留一行'),
	],
	otherVersion: [
		say('is a version of {other}, not of {item}', '是 {other} 的版本，不是 {item} 的'),
		say('choose one of {versions}', '请选择 {versions}'),
	],
	liveItem: [
		say(
			"is a live item, and 'Allowed Actions' in the credential allows only test orders (D-…)",
			'是正式商品，而凭证的 Allowed Actions 只允许测试订单（D-…）',
		),
	],
	liveOrderOff: [
		say("is a live item, and 'Live Order' is off in the node", '是正式商品，而节点中的 Live Order 已关闭'),
		say('give a test item (D-…)', '请给出测试商品（D-…）'),
	],
	switchedOff: [
		say('is off in the node', '在节点中关闭'),
		say('this call cannot act on a device', '本次调用不能操作设备'),
	],
	unusableEarlier: [
		say(
			"is '{customer}', who earlier in this execution had rows that could not be used",
			'是“{customer}”，它在本次执行中此前有无法使用的行',
		),
		say('put the node outside the loop', '请把节点放在循环之外'),
	],
	otherEarlier: [
		say(
			"is '{customer}', who earlier in this execution had other devices",
			'是“{customer}”，它在本次执行中此前的设备与此不同',
		),
		say('put the node outside the loop', '请把节点放在循环之外'),
	],
} as const satisfies Record<string, readonly [what: AnySay, todo?: AnySay]>;

/** The options that accept a value which would otherwise be a finding, with their labels in the panel. */
export const MENDS = {
	above: 'Empty CustomerId → Take It From the Row Above',
	allow: 'Unusual Customer IDs → Allow',
	digits: 'Phone Numbers as IDs → Digits Only',
	leaveOut: 'Rows Without a Device → Leave Out',
	sameProduct: 'Empty ProductName → Take It From Rows of the Same Product',
	split: 'Several Devices in a Cell → Split',
};

type FindingCode = keyof typeof FINDINGS;

/** Why a value cannot be used. */
export interface Why {
	code: FindingCode;
	/** The facts that the texts of the code name. */
	facts?: Facts;
	/** The option that would accept the value. */
	mend?: keyof typeof MENDS;
}

/** Why an input item cannot be sent. */
export interface Finding extends Why {
	itemIndex: number;
	/** A field of Columns, or the label of a field of the node. */
	field: string;
	/** The value of the cell, shortened. */
	value?: string | undefined;
	/** What helps to find the row besides the number of its item: the CustomerId, and the row number of the sheet. */
	rowNames?: readonly Fact[];
	/** The advice if correcting the field would not help. */
	advice?: Text | undefined;
}

/** A finding about a cell, before it is known which item the cell belongs to. */
export type CellFinding = Omit<Finding, 'itemIndex'>;

type FactsOfFinding<Code extends FindingCode> = FactsOf<(typeof FINDINGS)[Code][0]> &
	FactsOf<(typeof FINDINGS)[Code][1]>;

/** The arguments of a finding besides its code: the facts that its texts name, and the option that would accept the value. */
type FactsAndMend<Code extends FindingCode> =
	object extends FactsOfFinding<Code>
		? [facts?: undefined, mend?: keyof typeof MENDS]
		: [facts: FactsOfFinding<Code>, mend?: keyof typeof MENDS];

export function because<Code extends FindingCode>(code: Code, ...[facts, mend]: FactsAndMend<Code>): Why {
	const why: Why = { code };
	if (facts !== undefined) {
		why.facts = facts as Facts;
	}
	if (mend !== undefined) {
		why.mend = mend;
	}
	return why;
}

/** The finding about a value whose expression threw `cause`. */
export function whyNotEvaluated(cause: unknown): Why {
	const message = cause instanceof Error ? cause.message : String(cause);
	return because('notEvaluated', { message: ofRows(withoutFullStop(message)) });
}

/** Why a part of a value cannot be used, as facts for the finding about the whole value. */
export function ofPart(why: Why): Record<'why' | 'todo', Fact> {
	return { why: whatIsWrong(why), todo: whatToDo(why) };
}

/** Whether the sentence of a finding quotes the value of the cell. */
export function isQuoting({ facts = {} }: Why): boolean {
	return Object.values(facts).some(isQuoteOfRows);
}

/** What the finding says after the name of the field: "is empty". */
function whatIsWrong({ code, facts = {} }: Why): Text {
	const [statement]: readonly [AnySay, AnySay?] = FINDINGS[code];
	return (statement as Say<string>)(facts);
}

/** What the finding advises: "fill it in, or choose Empty CustomerId → Nobody's for a device in stock"; undefined for codes that have no advice. */
function whatToDo({ code, facts = {}, mend }: Why): Text | undefined {
	const [, todo]: readonly [AnySay, AnySay?] = FINDINGS[code];
	const text = todo === undefined ? undefined : (todo as Say<string>)(facts);
	if (mend === undefined) {
		return text;
	}
	const option = ours(MENDS[mend]);
	return text === undefined ? CHOOSE({ option }) : OR_CHOOSE({ todo: text, option });
}

const CHOOSE = say('choose {option}', '请选择 {option}');
const OR_CHOOSE = say('{todo}, or choose {option}', '{todo}，或选择 {option}');

const WRONG_AND_ADVICE = say('{wrong}{?: {todo}}', '{wrong}{?：{todo}}');

const FIELD_IS = say("'{field}' {why}", '{field} {why}');

const FIELD_OF_ROW = say("[{place}] '{field}' {why}", '{place}：{field} {why}');
const FIELD_AND_VALUE_OF_ROW = say(
	"[{place}] '{field}'{?: '{value}'} {why}",
	'{place}：{field}{?“{value}”} {why}',
);

/** The texts about one finding. */
export const FINDING_TEXT = {
	/** The problem and the advice: "is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001". */
	why(why: Why): Text {
		return WRONG_AND_ADVICE({ wrong: whatIsWrong(why), todo: whatToDo(why) });
	},

	/** A finding that several rows share, without what differs between them: "'DeviceId' is also under customer '…' in another row". */
	ofSeveral(finding: Finding): Text {
		return summedUp(FIELD_IS({ field: ours(finding.field), why: whatIsWrong(finding) }));
	},

	/** A finding about a field of the panel: "'Concurrency' is not a number: give digits, e.g. 21.5". */
	ofField(finding: Finding): Text {
		return FIELD_IS({ field: ours(finding.field), why: FINDING_TEXT.why(finding) });
	},

	/** `[row 12, c017] 'DeviceId': 'CAM01-d20' is not ProductId/DeviceName …`. */
	ofRow(finding: Finding): Text {
		const { itemIndex, field, value, rowNames = [] } = finding;
		const place = asPlace([rowsOf([itemIndex]), ...rowNames]);
		const facts = { place, field: ours(field), why: FINDING_TEXT.why(finding) };
		return value === undefined
			? FIELD_OF_ROW(facts)
			: FIELD_AND_VALUE_OF_ROW({ ...facts, value: ofRows(value) });
	},
};

/** Other rows and devices that findings refer to. A text that summarizes several rows leaves out their numbers. */
export const ELSEWHERE = {
	row: (itemIndex: number): Fact => ofCase(rowsOf([itemIndex]), ANOTHER_ROW()),
	device: say('device {number}', '第 {number} 台'),
	/** Names another customer by one of its rows: "customer 'a' in row 1". */
	customer: (customerId: string, itemIndex: number): Text => {
		return CUSTOMER_IN({ customer: ofRows(customerId), row: ELSEWHERE.row(itemIndex) });
	},
	either: say('{above} or {below}', '{above}或{below}'),
};

const ANOTHER_ROW = say('another row', '另一行');
const CUSTOMER_IN = say("customer '{customer}' in {row}", '{row}的客户“{customer}”');

/** Names a character that an id may not have: "a space", "'/'". */
export function quotedCharacter(text: string): Text {
	return /\s/.test(text) ? SPACE() : SIGN({ text: ofRows(text) });
}

const SPACE = say('a space', '空格');
const SIGN = say("'{text}'", '“{text}”');
