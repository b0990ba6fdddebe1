import { describe, expect, test } from '@jest/globals';
import {
	because,
	ELSEWHERE,
	FINDING_ADVICE,
	FINDING_TEXT,
	isQuoting,
	MENDS,
	ofPart,
	quotedCharacter,
	type Finding,
	type Why,
	whyNotEvaluated,
} from '../../nodes/TencentCloudIot/messages/findings';
import { namedRows, rowNumber, rowsOf } from '../../nodes/TencentCloudIot/messages/rows';
import {
	inCommas,
	ofCase,
	ofRows,
	ours,
	quotedOfRows,
	type Text,
} from '../../nodes/TencentCloudIot/messages/text';
import { testScenes, type Told } from './scenes.mts';

function inField(field: string, why: Why): Text {
	return FINDING_TEXT.ofField({ itemIndex: 0, field, ...why });
}

const ofId = (why: Why) => inField('CustomerId', why);
const ofDevice = (why: Why) => inField('DeviceId', why);
const a = ofRows('a');
const inRow2 = ELSEWHERE.customer('a', 1);
const inRow4 = ELSEWHERE.customer('b', 3);
const part = (text: string, why: Why) =>
	because('part', { name: ours('DeviceName'), part: ofRows(text), ...ofPart(why) });

describe('A code of a finding says what is wrong with a field, and what to do', () => {
	const scenes: Readonly<Record<Why['code'], Told>> = {
		empty: [() => ofId(because('empty')), "'CustomerId' is empty: fill it in", 'CustomerId 为空：请填写'],
		missing: [
			() => ofId(because('missing')),
			"'CustomerId' is missing: fill it in",
			'CustomerId 为空：请填写',
		],
		notEvaluated: [
			() => ofId(whyNotEvaluated(new Error('x is not defined.'))),
			"'CustomerId' could not be evaluated: x is not defined",
			'CustomerId 无法求值：x is not defined',
		],
		tooLong: [
			() => ofId(because('tooLong', { most: 1024 })),
			"'CustomerId' has more than 1,024 characters: correct it",
			'CustomerId 超过 1024 个字符：请更正',
		],
		tooMany: [
			() => ofDevice(because('tooMany', { most: 1000 })),
			"'DeviceId' lists more than 1,000 devices: give each its own row",
			'DeviceId 列出的设备超过 1000 台：请每台一行',
		],
		notText: [
			() => ofId(because('notText', { type: ours('object') })),
			"'CustomerId' is of type object, not a text: map a column that holds text",
			'CustomerId 类型为 object：请映射文本列',
		],
		broken: [
			() => ofId(because('broken')),
			"'CustomerId' has a broken character: export the file as UTF-8",
			'CustomerId 含有损坏的字符：请以 UTF-8 导出文件',
		],
		control: [
			() => ofId(because('control')),
			"'CustomerId' has a control character: remove line breaks and tabs",
			'CustomerId 含有控制字符：请删除换行和制表符',
		],
		invisible: [
			() => ofId(because('invisible', { codePoint: ours('U+200B') })),
			"'CustomerId' has the invisible character U+200B: type the value again",
			'CustomerId 含有不可见字符 U+200B：请重新输入',
		],
		lookAlike: [
			() => ofId(because('lookAlike', { text: ofRows('А'), codePoint: ofCase('U+0410') })),
			"'CustomerId' has 'А' (U+0410), which only looks like a character of an ID: type the ID again",
			'CustomerId 含有“А”（U+0410），它只是与 ID 的字符相似：请重新输入该 ID',
		],
		inexact: [
			() => ofId(because('inexact')),
			"'CustomerId' is a number too large to be exact: export it as text",
			'CustomerId 数字过大而不精确：请导出为文本',
		],
		notWhole: [
			() => ofId(because('notWhole')),
			"'CustomerId' is not a whole number: export it as text",
			'CustomerId 不是整数：请导出为文本',
		],
		formulaError: [
			() => ofId(because('formulaError', { error: ours('#N/A') })),
			"'CustomerId' is the formula error #N/A: correct the sheet",
			'CustomerId 是公式错误 #N/A：请更正表格',
		],
		placeholder: [
			() => ofId(because('placeholder')),
			"'CustomerId' means no value: fill it in",
			'CustomerId 是占位文字：请填写',
		],
		holdsPlaceholder: [
			() => ofId(because('holdsPlaceholder', { word: ofRows('null') })),
			"'CustomerId' has 'null', which means no value: correct it at its source",
			'CustomerId 含有占位文字“null”：请更正其来源',
		],
		summary: [
			() => ofId(because('summary')),
			"'CustomerId' is in a summary row: remove the row",
			'CustomerId 是汇总行的内容：请删除该行',
		],
		noCharacter: [
			() => ofId(because('noCharacter')),
			"'CustomerId' has no letter and no digit: fill it in",
			'CustomerId 不含字母和数字：请填写',
		],
		columnName: [
			() => ofId(because('columnName')),
			"'CustomerId' is the name of its column: remove the row",
			'CustomerId 是列名：请删除该行',
		],
		rounded: [
			() => ofId(because('rounded')),
			"'CustomerId' is in a spreadsheet's scientific notation, which has lost digits: export it as text",
			'CustomerId 是科学计数法，已丢失数位：请导出为文本',
		],
		formatted: [
			() => ofId(because('formatted')),
			"'CustomerId' is a number as a spreadsheet shows it: export it as text",
			'CustomerId 是带格式的数字：请导出为文本',
		],
		formula: [
			() => ofId(because('formula')),
			"'CustomerId' is a formula: export its value",
			'CustomerId 是公式：请导出它的值',
		],
		quotes: [
			() => ofId(because('quotes')),
			"'CustomerId' is in quotation marks: export it without them",
			'CustomerId 带有引号：请去掉引号再导出',
		],
		jsonText: [
			() => ofId(because('jsonText')),
			"'CustomerId' is JSON: map the id within it",
			'CustomerId 是 JSON：请映射其中的 ID',
		],
		phoneSigns: [
			() => ofId(because('phoneSigns', { digits: ofRows('13800138000') }, 'digits')),
			"'CustomerId' is a phone number with other signs: give its digits 13800138000, or choose Phone Numbers as IDs → Digits Only",
			'CustomerId 是带其他符号的电话号码：请只填数字 13800138000，或选择 Phone Numbers as IDs → Digits Only',
		],
		longId: [
			() => ofId(because('longId', { length: 40 }, 'allow')),
			"'CustomerId' has 40 characters, and at most 32 are documented: correct it, or choose Unusual Customer IDs → Allow",
			'CustomerId 有 40 个字符，而文档只提到至多 32 个：请更正，或选择 Unusual Customer IDs → Allow',
		],
		unusual: [
			() => ofId(because('unusual', { character: quotedCharacter('-') }, 'allow')),
			"'CustomerId' has '-', and only letters, digits and _ are documented: choose Unusual Customer IDs → Allow",
			'CustomerId 含有“-”，而文档只提到字母、数字和 _：请选择 Unusual Customer IDs → Allow',
		],
		date: [
			() => ofId(because('date')),
			"'CustomerId' is a date: give the ID",
			'CustomerId 是日期：请填写 ID',
		],
		notAlone: [
			() => ofId(because('notAlone', { character: quotedCharacter(',') })),
			"'CustomerId' is more than an ID, as it has ',': enter only the ID",
			'CustomerId 除了 ID 还有“,”：请只填 ID',
		],
		note: [
			() => ofId(because('note')),
			"'CustomerId' is alone in its row: remove the row if it is a note, or fill in the others",
			'CustomerId 是该行唯一的内容：若是备注请删除该行，否则请补全',
		],
		otherCustomer: [
			() => ofId(because('otherCustomer', { customer: a })),
			"'CustomerId' holds 'a', which is another customer: enter only the ID, or push the two in separate runs if both are IDs",
			'CustomerId 含有另一个客户的 ID“a”：请只填 ID；若两者都是 ID，请分两次运行推送',
		],
		withinCustomer: [
			() => ofId(because('withinCustomer', { customer: ofRows('ab') })),
			"'CustomerId' is a part of 'ab', which is another customer: correct one of them, or push the two in separate runs if both are IDs",
			'CustomerId 是另一个客户“ab”的一部分：请更正其一；若两者都是 ID，请分两次运行推送',
		],
		fullWidth: [
			() => ofDevice(because('fullWidth')),
			"'DeviceId' has full-width characters: type them in half width, e.g. ProductABC/Device001",
			'DeviceId 含有全角字符：请改为半角，例如 ProductABC/Device001',
		],
		notDeviceId: [
			() => ofDevice(because('notDeviceId')),
			'\'DeviceId\' is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001',
			'DeviceId 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
		],
		alphabet: [
			() => ofDevice(because('alphabet', { character: quotedCharacter(' ') })),
			'\'DeviceId\' has a space, and Tencent allows only letters, digits, _, - and, in a DeviceName, ":": correct it',
			'DeviceId 含有空格，腾讯云只允许字母、数字、_ 和 -（DeviceName 中还可有 :）：请更正',
		],
		part: [
			() => ofDevice(part('x'.repeat(50), because('tooLong', { most: 48 }))),
			"'DeviceId' has the DeviceName 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', which has more than 48 characters: correct it",
			'DeviceId 的 DeviceName“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx”超过 48 个字符：请更正',
		],
		separator: [
			() => ofDevice(because('separator')),
			"'DeviceId' begins or ends with a separator: remove it",
			'DeviceId 以分隔符开头或结尾：请删除',
		],
		several: [
			() => ofDevice(because('several', { count: 2, values: quotedOfRows(['P/1', 'P/2']) }, 'split')),
			"'DeviceId' holds 2 values ('P/1' and 'P/2'): give each its own row, or choose Several Devices in a Cell → Split",
			'DeviceId 有 2 个值（P/1、P/2）：请每个一行，或选择 Several Devices in a Cell → Split',
		],
		severalNames: [
			() => inField('ProductName', because('severalNames')),
			"'ProductName' holds a name for each device: give each its own row",
			'ProductName 每台设备各有名称：请每台一行',
		],
		emptyPlace: [
			() => ofDevice(because('emptyPlace')),
			"'DeviceId' has nothing between two separators: fill it in",
			'DeviceId 在两个分隔符之间为空：请填写',
		],
		uneven: [
			() => ofDevice(because('uneven', { counts: ofCase('DeviceId 3, CustomerDeviceNo 2') })),
			"'DeviceId' has a different number of values from the others (DeviceId 3, CustomerDeviceNo 2): give the same number in each",
			'DeviceId 个数不一致（DeviceId 3, CustomerDeviceNo 2）：请使其相同',
		],
		described: [
			() => ofDevice(because('described', { other: ELSEWHERE.row(2) })),
			"'DeviceId' names a device that row 3 describes differently: keep one of them",
			'DeviceId 与第 3 行对同一设备的描述不同：请只保留一处',
		],
		spelling: [
			() => ofDevice(because('spelling', { product: ofRows('lock01'), row: ELSEWHERE.row(2) })),
			"'DeviceId' has a ProductId that differs from 'lock01' of row 3 only in case: correct one of them",
			'DeviceId 的 ProductId 与第 3 行的“lock01”只有大小写不同：请更正其一',
		],
		shared: [
			() => ofDevice(because('shared', { customer: a, row: ELSEWHERE.row(2) })),
			"'DeviceId' is also under customer 'a' in row 3: keep one of them",
			'DeviceId 在第 3 行也属于客户“a”：请只保留一处',
		],
		alsoInInvalidRow: [
			() => ofDevice(because('alsoInInvalidRow', { row: ELSEWHERE.row(2) })),
			"'DeviceId' is also in row 3, which has another value that cannot be used: correct that value",
			'DeviceId 也在第 3 行，而该行另有内容无法使用：请更正那一处',
		],
		ownColumn: [
			() => ofId(because('ownColumn', { column: ofRows('order id') })),
			"'CustomerId' is empty, and the row has its own 'order id': fill it in",
			'CustomerId 为空，但有自己的“order id”：请填写',
		],
		between: [
			() => ofId(because('between', { row: ELSEWHERE.row(2), above: inRow2 })),
			"'CustomerId' is empty, and row 3 is between it and customer 'a' in row 2: fill it in",
			'CustomerId 为空，与第 2 行的客户“a”隔着第 3 行：请填写',
		],
		unusable: [
			() => ofId(because('unusable', { above: ELSEWHERE.row(1) })),
			"'CustomerId' is empty, and row 2 has no usable CustomerId: correct it",
			'CustomerId 为空，第 2 行无法使用：请先更正',
		],
		merged: [
			() => ofId(because('merged', { above: inRow2 }, 'above')),
			"'CustomerId' is empty, which looks like merged cells (customer 'a' in row 2): fill it in, or choose Empty CustomerId → Nobody's for a device in stock, or choose Empty CustomerId → Take It From the Row Above",
			"CustomerId 为空，像是合并单元格（第 2 行的客户“a”）：请填写，或选择 Empty CustomerId → Nobody's（库存设备），或选择 Empty CustomerId → Take It From the Row Above",
		],
		within: [
			() => ofId(because('within', { above: inRow2 }, 'above')),
			"'CustomerId' is empty between rows of one customer (customer 'a' in row 2): fill it in, or choose Empty CustomerId → Take It From the Row Above",
			'CustomerId 为空，上下为同一客户的行（第 2 行的客户“a”）：请填写，或选择 Empty CustomerId → Take It From the Row Above',
		],
		same: [
			() => ofId(because('same', { above: inRow2 }, 'above')),
			"'CustomerId' refers to the row above (customer 'a' in row 2): fill it in, or choose Empty CustomerId → Take It From the Row Above",
			'CustomerId 代表上一行（第 2 行的客户“a”）：请填写，或选择 Empty CustomerId → Take It From the Row Above',
		],
		unclear: [
			() => ofId(because('unclear', { owners: ELSEWHERE.either({ above: inRow2, below: inRow4 }) })),
			"'CustomerId' is empty, and its row may belong to customer 'a' in row 2 or customer 'b' in row 4: fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，可能属于第 2 行的客户“a”或第 4 行的客户“b”：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		],
		differing: [
			() => inField('ProductName', because('differing')),
			"'ProductName' is empty, and other rows of its product have different names: fill it in",
			'ProductName 为空，同一产品的名称不一：请填写',
		],
		nameless: [
			() => inField('ProductName', because('nameless')),
			"'ProductName' is empty, and no row of its product has a name: fill it in",
			'ProductName 为空，同一产品也没有名称：请填写',
		],
		noPhone: [
			() => inField('Phone Number', because('noPhone')),
			"'Phone Number' is not a phone number: give it like +8613800138000",
			'Phone Number 不是电话号码：例如 +8613800138000',
		],
		twoPhones: [
			() => inField('Phone Number', because('twoPhones')),
			"'Phone Number' has two phone numbers: give one",
			'Phone Number 有两个电话号码：请只填一个',
		],
		otherCountry: [
			() => inField('Phone Number', because('otherCountry', { code: ofRows('852'), given: ofRows('86') })),
			"'Phone Number' begins with the country code 852, and Country Code is 86: correct one of them",
			'Phone Number 以国家代码 852 开头，而 Country Code 是 86：请更正其一',
		],
		noCountry: [
			() => inField('Country Code', because('noCountry')),
			"'Country Code' is not a country code: give digits, e.g. 86",
			'Country Code 不是国家代码：请填数字，例如 86',
		],
		countryMissing: [
			() => inField('Country Code', because('countryMissing')),
			"'Country Code' is empty: fill it in, or give the phone number with it, e.g. +8613800138000",
			'Country Code 为空：请填写，或在电话号码中带上，例如 +8613800138000',
		],
		nothing: [
			() => inField('Device ID', because('nothing')),
			"'Device ID' evaluates to nothing: give a value, or remove the field",
			'Device ID 没有结果：请给出值，或移除该字段',
		],
		notOffered: [
			() => inField('Status', because('notOffered', { values: inCommas([ours('0'), ours('1')]) })),
			"'Status' is not one of the allowed values: 0, 1",
			'Status 不是允许的值：0、1',
		],
		notBetween: [
			() => inField('Concurrency', because('notBetween', { least: 1, most: 1000 })),
			"'Concurrency' is not a number from 1 to 1,000",
			'Concurrency 不是 1 到 1000 的数字',
		],
		notNumber: [
			() => inField('Value', because('notNumber')),
			"'Value' is not a number: give digits, e.g. 21.5",
			'Value 不是数字：请填数字，例如 21.5',
		],
		tooLarge: [
			() => inField('Value', because('tooLarge')),
			"'Value' is a number too large to be exact: correct it",
			'Value 数字过大而不精确：请更正',
		],
		notCount: [
			() => inField('Limit', because('notCount')),
			"'Limit' is not a whole number of at least 1: correct it",
			'Limit 不是至少为 1 的整数：请更正',
		],
		notTime: [
			() => inField('Start Time', because('notTime')),
			"'Start Time' is not a date and time: give one like 2026-01-31T08:00:00Z, or $now in an expression",
			'Start Time 不是日期时间：例如 2026-01-31T08:00:00Z，或在表达式中用 $now',
		],
		noZone: [
			() => inField('Start Time', because('noZone')),
			"'Start Time' has no time zone, and the workflow's is unknown: set the time zone in the settings of the workflow, or give a time like 2026-01-31T08:00:00Z",
			'Start Time 没有时区，工作流的时区也未知：请在工作流的设置中选择时区，或给出 2026-01-31T08:00:00Z 这样的时间',
		],
		noDay: [
			() => inField('Day', because('noDay')),
			"'Day' is not a day: give one like 2026-11-30",
			'Day 不是日期：例如 2026-11-30',
		],
		future: [
			() => inField('End Time', because('future')),
			"'End Time' is in the future: correct it",
			'End Time 在将来：请更正',
		],
		beforeStart: [
			() => inField('End Time', because('beforeStart')),
			"'End Time' is before Start Time: correct one of them",
			'End Time 早于 Start Time：请更正其一',
		],
		notObject: [
			() => inField('Options', because('notObject')),
			"'Options' is not an object: correct it",
			'Options 不是对象：请更正',
		],
		addOne: [
			() => inField('Data', because('addOne')),
			"'Data' is empty: add at least one",
			'Data 为空：请至少添加一个',
		],
		noJsonType: [
			() => inField('Value', because('noJsonType', { type: ours('number') })),
			"'Value' is not of the JSON type number: correct it",
			'Value 不是 JSON 中的 number：请更正',
		],
		notJson: [
			() => inField('Parameters', because('notJson', { example: ours('{"brightness": 50}') })),
			'\'Parameters\' is not JSON: give an object, e.g. {"brightness": 50}',
			'Parameters 不是 JSON：请给出对象，例如 {"brightness": 50}',
		],
		noJsonForm: [
			() => inField('Parameters', because('noJsonForm')),
			"'Parameters' holds a value that JSON cannot express: give JSON",
			'Parameters 含有 JSON 无法表示的值：请给出 JSON',
		],
		noMember: [
			() => inField('Parameters', because('noMember', { name: ofRows('brightness') })),
			"'Parameters' has no value for 'brightness': correct it at its source",
			'Parameters 中“brightness”没有值：请更正其来源',
		],
		member: [
			() =>
				inField(
					'Parameters',
					because('member', { name: ofRows('brightness'), ...ofPart(because('tooLarge')) }),
				),
			"'Parameters' has a value for 'brightness' that is a number too large to be exact: correct it",
			'Parameters 中“brightness”的值数字过大而不精确：请更正',
		],
		notFinite: [
			() => inField('Value', because('notFinite', { value: ours('Infinity') })),
			"'Value' is Infinity: correct it",
			'Value 是 Infinity：请更正',
		],
		noDevices: [
			() => inField('Devices', because('noDevices', { example: ours('[{"DeviceId": "P/1"}]') })),
			'\'Devices\' is empty, which would unbind all devices of the customer: give a list like [{"DeviceId": "P/1"}]',
			'Devices 为空，这会解绑该客户的全部设备：请给出列表，例如 [{"DeviceId": "P/1"}]',
		],
		notDevices: [
			() => inField('Devices', because('notDevices', { example: ours('[{"DeviceId": "P/1"}]') })),
			'\'Devices\' is not a list: give one like [{"DeviceId": "P/1"}]',
			'Devices 不是列表：例如 [{"DeviceId": "P/1"}]',
		],
		slash: [
			() => inField('Device Name', because('slash')),
			'\'Device Name\' has a "/": enter product and device in their own fields',
			'Device Name 含有“/”：请分别填写产品和设备',
		],
		repeated: [
			() => inField('Order Number', because('repeated', { row: ELSEWHERE.row(0) })),
			"'Order Number' is also that of row 1: give each a number of its own, or keep one of the rows",
			'Order Number 与第 1 行相同：请各用一个编号，或只保留一行',
		],
		otherVersion: [
			() =>
				inField(
					'Item Version',
					because('otherVersion', {
						other: ours('1001'),
						item: ofRows('D-1002'),
						versions: inCommas([ours('V1'), ours('V2')]),
					}),
				),
			"'Item Version' is a version of 1001, not of D-1002: choose one of V1, V2",
			'Item Version 是 1001 的版本，不是 D-1002 的：请选择 V1、V2',
		],
		liveItem: [
			() => inField('Item ID', because('liveItem')),
			"'Item ID' is a live item, and 'Allowed Actions' in the credential allows only test orders (D-…)",
			'Item ID 是正式商品，而凭证的 Allowed Actions 只允许测试订单（D-…）',
		],
		liveOrderOff: [
			() => inField('Item ID', because('liveOrderOff')),
			"'Item ID' is a live item, and 'Live Order' is off in the node: give a test item (D-…)",
			'Item ID 是正式商品，而节点中的 Live Order 已关闭：请给出测试商品（D-…）',
		],
		switchedOff: [
			() => inField('Live Device', because('switchedOff')),
			"'Live Device' is off in the node: this call cannot act on a device",
			'Live Device 在节点中关闭：本次调用不能操作设备',
		],
		unusableEarlier: [
			() => ofId(because('unusableEarlier', { customer: a })),
			"'CustomerId' is 'a', who earlier in this execution had rows that could not be used: put the node outside the loop",
			'CustomerId 是“a”，它在本次执行中此前有无法使用的行：请把节点放在循环之外',
		],
		otherEarlier: [
			() => ofId(because('otherEarlier', { customer: a })),
			"'CustomerId' is 'a', who earlier in this execution had other devices: put the node outside the loop",
			'CustomerId 是“a”，它在本次执行中此前的设备与此不同：请把节点放在循环之外',
		],
	};
	testScenes(scenes);
});

describe('A sentence is still complete without a fact that is missing or must not be shown', () => {
	const merged = ofId(because('merged', { above: inRow2 }));
	const described = ofDevice(because('described', { other: ELSEWHERE.device({ number: 1 }) }));
	const several = because('several', { count: 1200, values: quotedOfRows(['P/1', 'P/2'], true) });
	const phone = ofId(because('phoneSigns', { digits: ofRows('13800138000') }));
	testScenes([
		[
			'an error without a message',
			() => ofId(whyNotEvaluated('')),
			"'CustomerId' could not be evaluated",
			'CustomerId 无法求值',
		],
		[
			'an error that is a text',
			() => ofId(whyNotEvaluated('n 无效。')),
			"'CustomerId' could not be evaluated: n 无效",
			'CustomerId 无法求值：n 无效',
		],
		[
			'an error, in a hint',
			() => ofId(whyNotEvaluated(new Error('no customer 张三'))),
			"'CustomerId' could not be evaluated",
			'CustomerId 无法求值',
			'hint',
		],
		[
			'a row above',
			() => merged,
			"'CustomerId' is empty, which looks like merged cells (customer 'a' in row 2): fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，像是合并单元格（第 2 行的客户“a”）：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		],
		[
			'a row above, in a hint',
			() => merged,
			"'CustomerId' is empty, which looks like merged cells (customer '…' in another row): fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，像是合并单元格（另一行的客户“…”）：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
			'hint',
		],
		[
			'a row above, with names off',
			() => merged,
			"'CustomerId' is empty, which looks like merged cells (customer '…' in another row): fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，像是合并单元格（另一行的客户“…”）：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
			'nameless',
		],
		[
			'no row above',
			() => ofId(because('merged', { above: undefined })),
			"'CustomerId' is empty, which looks like merged cells: fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，像是合并单元格：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		],
		[
			'an empty id that may be of one customer',
			() => ofId(because('unclear', { owners: inRow2 })),
			"'CustomerId' is empty, and its row may belong to customer 'a' in row 2: fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空，可能属于第 2 行的客户“a”：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		],
		[
			'an empty id that may be of nobody',
			() => ofId(because('unclear', { owners: undefined })),
			"'CustomerId' is empty: fill it in, or choose Empty CustomerId → Nobody's for a device in stock",
			"CustomerId 为空：请填写，或选择 Empty CustomerId → Nobody's（库存设备）",
		],
		[
			'a device of the same list',
			() => described,
			"'DeviceId' names a device that device 1 describes differently: keep one of them",
			'DeviceId 与第 1 台对同一设备的描述不同：请只保留一处',
		],
		[
			'many values',
			() => ofDevice(several),
			"'DeviceId' holds 1,200 values ('P/1', 'P/2' and …): give each its own row",
			'DeviceId 有 1200 个值（P/1、P/2、…）：请每个一行',
		],
		[
			'many values, in a hint',
			() => ofDevice(several),
			"'DeviceId' holds 1,200 values: give each its own row",
			'DeviceId 有 1200 个值：请每个一行',
			'hint',
		],
		[
			'a phone number',
			() => phone,
			"'CustomerId' is a phone number with other signs: give its digits 13800138000",
			'CustomerId 是带其他符号的电话号码：请只填数字 13800138000',
		],
		[
			'a phone number, with names off',
			() => phone,
			"'CustomerId' is a phone number with other signs: give its digits",
			'CustomerId 是带其他符号的电话号码：请只填数字',
			'nameless',
		],
		[
			'a sign',
			() => ofId(because('unusual', { character: quotedCharacter('<') })),
			"'CustomerId' has '<', and only letters, digits and _ are documented",
			'CustomerId 含有“<”，而文档只提到字母、数字和 _',
		],
		[
			'a sign, in a hint',
			() => ofId(because('unusual', { character: quotedCharacter('<') })),
			"'CustomerId' has '…', and only letters, digits and _ are documented",
			'CustomerId 含有“…”，而文档只提到字母、数字和 _',
			'hint',
		],
		[
			'a tab',
			() => ofId(because('unusual', { character: quotedCharacter('\t') })),
			"'CustomerId' has a space, and only letters, digits and _ are documented",
			'CustomerId 含有空格，而文档只提到字母、数字和 _',
			'hint',
		],
		[
			'a customer with a quote',
			() => ofId(because('otherCustomer', { customer: ofRows("O'Neil <b>*x*</b>") })),
			"'CustomerId' holds 'O'Neil <b>*x*</b>', which is another customer: enter only the ID, or push the two in separate runs if both are IDs",
			"CustomerId 含有另一个客户的 ID“O'Neil <b>*x*</b>”：请只填 ID；若两者都是 ID，请分两次运行推送",
		],
	]);
});

describe('The advice includes an option that would accept the value', () => {
	const options: Readonly<Record<keyof typeof MENDS, Told>> = {
		above: [
			() => ofId(because('merged', { above: undefined }, 'above')),
			"'CustomerId' is empty, which looks like merged cells: fill it in, or choose Empty CustomerId → Nobody's for a device in stock, or choose Empty CustomerId → Take It From the Row Above",
			"CustomerId 为空，像是合并单元格：请填写，或选择 Empty CustomerId → Nobody's（库存设备），或选择 Empty CustomerId → Take It From the Row Above",
		],
		allow: [
			() => ofId(because('unusual', { character: quotedCharacter('#') }, 'allow')),
			"'CustomerId' has '#', and only letters, digits and _ are documented: choose Unusual Customer IDs → Allow",
			'CustomerId 含有“#”，而文档只提到字母、数字和 _：请选择 Unusual Customer IDs → Allow',
		],
		digits: [
			() => ofId(because('phoneSigns', { digits: undefined }, 'digits')),
			"'CustomerId' is a phone number with other signs: give its digits, or choose Phone Numbers as IDs → Digits Only",
			'CustomerId 是带其他符号的电话号码：请只填数字，或选择 Phone Numbers as IDs → Digits Only',
		],
		leaveOut: [
			() => ofDevice(because('empty', undefined, 'leaveOut')),
			"'DeviceId' is empty: fill it in, or choose Rows Without a Device → Leave Out",
			'DeviceId 为空：请填写，或选择 Rows Without a Device → Leave Out',
		],
		sameProduct: [
			() => inField('ProductName', because('empty', undefined, 'sameProduct')),
			"'ProductName' is empty: fill it in, or choose Empty ProductName → Take It From Rows of the Same Product",
			'ProductName 为空：请填写，或选择 Empty ProductName → Take It From Rows of the Same Product',
		],
		split: [
			() => ofDevice(because('several', { count: 2, values: undefined }, 'split')),
			"'DeviceId' holds 2 values: give each its own row, or choose Several Devices in a Cell → Split",
			'DeviceId 有 2 个值：请每个一行，或选择 Several Devices in a Cell → Split',
		],
	};
	testScenes(options);
});

describe('A finding of a row', () => {
	const empty: Finding = { itemIndex: 2, field: 'CustomerId', ...because('empty') };
	const wrong: Finding = {
		itemIndex: 11,
		field: 'DeviceId',
		value: 'CAM01-d20',
		rowNames: [ofRows('c017'), ours('row_number 13')],
		...because('notDeviceId'),
	};
	const shared: Finding = {
		itemIndex: 1,
		field: 'DeviceId',
		value: "P/<b>1</b> 'x'",
		...because('shared', { customer: ofRows('a'), row: ELSEWHERE.row(4) }),
	};
	testScenes([
		[
			'without a value',
			() => FINDING_TEXT.ofRow(empty),
			"[row 3] 'CustomerId' is empty: fill it in",
			'第 3 行：CustomerId 为空：请填写',
		],
		[
			'with its value and its names',
			() => FINDING_TEXT.ofRow(wrong),
			"[row 12, c017, row_number 13] 'DeviceId': 'CAM01-d20' is not ProductId/DeviceName with exactly one \"/\": e.g. ProductABC/Device001",
			'第 12 行 c017 row_number 13：DeviceId“CAM01-d20” 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
		],
		[
			'in a hint',
			() => FINDING_TEXT.ofRow(wrong),
			'[row 12, row_number 13] \'DeviceId\' is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001',
			'第 12 行 row_number 13：DeviceId 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
			'hint',
		],
		[
			'with names off',
			() => FINDING_TEXT.ofRow(wrong),
			'[row 12, row_number 13] \'DeviceId\' is not ProductId/DeviceName with exactly one "/": e.g. ProductABC/Device001',
			'第 12 行 row_number 13：DeviceId 须为 ProductId/DeviceName，且恰有一个“/”：例如 ProductABC/Device001',
			'nameless',
		],
		[
			'whose value has signs',
			() => FINDING_TEXT.ofRow(shared),
			"[row 2] 'DeviceId': 'P/<b>1</b> 'x'' is also under customer 'a' in row 5: keep one of them",
			"第 2 行：DeviceId“P/<b>1</b> 'x'” 在第 5 行也属于客户“a”：请只保留一处",
		],
		[
			'alone',
			() => FINDING_TEXT.ofField(shared),
			"'DeviceId' is also under customer 'a' in row 5: keep one of them",
			'DeviceId 在第 5 行也属于客户“a”：请只保留一处',
		],
		[
			'without its field',
			() => FINDING_TEXT.why(shared),
			"is also under customer 'a' in row 5: keep one of them",
			'在第 5 行也属于客户“a”：请只保留一处',
		],
		[
			'that several rows share',
			() => FINDING_TEXT.ofSeveral(shared),
			"'DeviceId' is also under customer '…' in another row",
			'DeviceId 在另一行也属于客户“…”',
		],
		[
			'that several rows share, in a hint',
			() => FINDING_TEXT.ofSeveral(shared),
			"'DeviceId' is also under customer '…' in another row",
			'DeviceId 在另一行也属于客户“…”',
			'hint',
		],
		[
			'that several rows share with an option',
			() => FINDING_TEXT.ofSeveral({ ...empty, ...because('merged', { above: inRow2 }, 'above') }),
			"'CustomerId' is empty, which looks like merged cells (customer '…' in another row)",
			'CustomerId 为空，像是合并单元格（另一行的客户“…”）',
		],
	]);
});

describe('Rows are named by their numbers, which begin with 1', () => {
	testScenes([
		['one', () => rowsOf([0]), 'row 1', '第 1 行'],
		['two', () => rowsOf([2, 3]), 'rows 3 and 4', '第 3、4 行'],
		['three', () => rowsOf([2, 3, 4]), 'rows 3, 4 and 5', '第 3、4、5 行'],
		['four, as many as one line has', () => rowsOf([2, 3, 4, 9]), 'rows 3, 4, 5 and 10', '第 3、4、5、10 行'],
		['five', () => rowsOf([2, 3, 4, 9, 10]), 'rows 3, 4, 5 and 2 more', '第 3、4、5 行及另外 2 行'],
		[
			'many',
			() => rowsOf(Array.from({ length: 20_003 }, (_, index) => index)),
			'rows 1, 2, 3 and 20,000 more',
			'第 1、2、3 行及另外 20000 行',
		],
		['a high number, as a table shows it', () => rowsOf([99_999]), 'row 100000', '第 100000 行'],
	]);

	test('and in a remark in English', () => {
		expect(namedRows([2, 3, 4])).toBe('rows 3, 4 and 5');
		expect(rowNumber(0)).toBe(1);
	});
});

describe('A reference to another row or device', () => {
	testScenes(
		[
			['a device of the same list', () => ELSEWHERE.device({ number: 2 }), 'device 2', '第 2 台'],
			['a customer in another row', () => inRow2, "customer 'a' in row 2", '第 2 行的客户“a”'],
			[
				'a customer in another row, in a hint',
				() => inRow2,
				"customer '…' in another row",
				'另一行的客户“…”',
				'hint',
			],
			[
				'one of two customers',
				() => ELSEWHERE.either({ above: inRow2, below: inRow4 }),
				"customer 'a' in row 2 or customer 'b' in row 4",
				'第 2 行的客户“a”或第 4 行的客户“b”',
			],
			[
				'one of two customers, with names off',
				() => ELSEWHERE.either({ above: inRow2, below: inRow4 }),
				"customer '…' in another row or customer '…' in another row",
				'另一行的客户“…”或另一行的客户“…”',
				'nameless',
			],
			['a space', () => quotedCharacter(' '), 'a space', '空格', 'nameless'],
			['another character', () => quotedCharacter('/'), "'/'", '“/”'],
		],
		ELSEWHERE,
	);
});

describe('The advice if correcting the field does not help', () => {
	testScenes(
		[
			[
				'a device that may not be acted on',
				() => FINDING_ADVICE.askAPerson(),
				"Ask a person to switch on 'Live Device' in the node and to publish the workflow: until then each such call is refused",
				'请人在节点中打开 Live Device 并发布工作流：在此之前，此类调用都会被拒绝',
			],
			[
				'an id that an option allows',
				() => FINDING_ADVICE.allowSigns({ option: ours(MENDS.allow) }),
				'Choose Unusual Customer IDs → Allow and try again',
				'请选择 Unusual Customer IDs → Allow 后重试',
			],
		],
		FINDING_ADVICE,
	);
});

test.each<[what: string, why: Why, quotes: boolean]>([
	['a value of the rows', because('holdsPlaceholder', { word: ofRows('null') }), true],
	['one of two facts', because('shared', { customer: ofRows('a'), row: ELSEWHERE.row(1) }), true],
	['a row, and no value', because('alsoInInvalidRow', { row: ELSEWHERE.row(1) }), false],
	['words of the node', because('notText', { type: ours('object') }), false],
	['a number', because('tooLong', { most: 48 }), false],
	['a fact that is missing', because('several', { count: 2, values: undefined }), false],
	['no fact', because('empty'), false],
])('Whether a finding quotes %s', (_what, why, quotes) => {
	expect(isQuoting(why)).toBe(quotes);
});

test('A finding has its facts and its option, if it has any', () => {
	expect(because('empty')).toEqual({ code: 'empty' });
	expect(because('tooLong', { most: 48 })).toEqual({ code: 'tooLong', facts: { most: 48 } });
	expect(because('empty', undefined, 'leaveOut')).toEqual({ code: 'empty', mend: 'leaveOut' });
});
