import { expect, test } from '@jest/globals';
import { checkDeviceId, normalizeDeviceId } from '../../nodes/TencentCloudIot/binding/devices';
import { checkCustomerId } from '../../nodes/TencentCloudIot/binding/ids';
import type { MappedField } from '../../nodes/TencentCloudIot/binding/row';
import { RowReader } from '../../nodes/TencentCloudIot/binding/rowReader';
import { because, FINDING_TEXT, type Why } from '../../nodes/TencentCloudIot/messages/findings';
import { GOOD } from '../support/customerIds.mts';
import { englishOf } from '../support/texts.mts';

type Rules = ConstructorParameters<typeof RowReader>[0];
const STRICT: Rules = { phoneIds: 'refuse', severalDevices: 'refuse', unusualCustomerIds: 'refuse' };
const ALLOW: Rules = { ...STRICT, unusualCustomerIds: 'allow' };

const good: Record<MappedField, unknown> = {
	CustomerId: 'user_1',
	CustomerDeviceNo: 'SN-0001',
	DeviceId: 'ProductABC/Device001',
	ProductName: 'Smart Lock',
};

const LONG = 'a'.repeat(49);

/** The finding of a value in short: nested codes, and the option that would mend it. */
const inShort = (why: Why): string => {
	const { code, mend } = why;
	const ofPart =
		code === 'part' ? codes.find((inner) => englishOf(FINDING_TEXT.why(why)).includes(wordsOf(inner))) : [];
	return [code, ofPart ?? '?', mend ?? []].flat().join(' ');
};
/** The findings that a part of a DeviceId may have. */
const codes = ['placeholder', 'noCharacter', 'rounded', 'tooLong'] as const;
const wordsOf = (code: (typeof codes)[number]) =>
	englishOf(FINDING_TEXT.why(code === 'tooLong' ? because(code, { most: 48 }) : because(code)));
const read = (cells: Partial<Record<MappedField, unknown>>, rules = STRICT) =>
	[new RowReader(rules).read(4, (field) => ({ ...good, ...cells })[field])].flat();
const findingsOf = (...args: Parameters<typeof read>) => read(...args).flatMap(({ findings }) => findings);

/** Cells, separated by `|`, and the finding of each; empty for valid cells. */
const CELLS: ReadonlyArray<[field: MappedField, said: string, cells: string]> = [
	['CustomerId', '', GOOD.join('|')],
	['CustomerId', 'empty', '| |\u3000|\u200b'],
	['CustomerId', 'holdsPlaceholder', 'C_undefined'],
	['CustomerId', 'summary', '合计'],
	['CustomerId', 'unusual allow', '小计算器|合计达'],
	['CustomerId', 'rounded', '1.23457E+15|1E+15|1,23457E+15|C_1.2e+15|1.8612345678E10|1,86e10'],
	['CustomerId', '', '2E05|12E3'],
	['CustomerId', 'formatted', '1.5E-05|123.0|123,00|1,234|12,345,678.00'],
	['CustomerId', 'formula', '="00123"|＝A2|=A2'],
	['CustomerId', 'quotes', '\'00123|"user_1"|“user_1”|user_1"'],
	['CustomerId', 'jsonText', '["user_1"]|{ "id": 7 }'],
	['CustomerId', 'phoneSigns digits', '137-1234-5678|+86 137 1234 5678'],
	[
		'CustomerId',
		'notAlone',
		'a b|😀1|ID=C-1019|mailto:wang@qq.com|12:30|Err:5021|xErr:502|x{"1|A,1|1,23|a#|客户KH0001|张三 13712345678|13712345678/13812345678',
	],
	[
		'CustomerId',
		'lookAlike',
		'ｕｓｅｒ|КН0001|\u041aH0001|KH٠١|KH\u{1d7d8}1|KH\u{116da}1|ID\u212a|e\u0301t\u00e9_1|Иванoв',
	],
	['CustomerId', 'unusual allow', 'Иванов|été|Ομήρου'],
	['CustomerId', 'date', '2024-01-31|31-Jan|1-Dec-24|31-Jan-2024|May-03'],
	['CustomerId', 'unusual allow', '12-2-2001|32-Jan|MAY-03|31-jan|Jan-x'],
	[
		'CustomerId',
		'unusual allow',
		"user-1|张伟|name@example.com|o'neil|f81d4fae-7dec-11d0-a765-00a0c91e6bf6|A1.5E-05",
	],
	['CustomerId', 'unusual allow', '1.5E-05A|1.5E+05x|a#1|1.05'],
	['CustomerId', 'longId allow', `${'x'.repeat(33)}|${'x'.repeat(256)}`],
	['CustomerId', 'tooLong', `${'1'.repeat(257)}`],
	['DeviceId', '', `P/D|ProductABC/Device001|P-1_a/D-1_a:2|7/8|P/${'a:'.repeat(24)}| P/D\u3000|P /  D`],
	['DeviceId', 'notDeviceId', 'Device001|/Device001|ProductABC/|ProductABC/ |a/b/c|a//b|a\\b'],
	[
		'DeviceId',
		'fullWidth',
		'ProductABC／Device001|ＰroductABC/Device001|ProductABC/Device\u30001|ProductABC/Device００１|ＡＢＣ',
	],
	['DeviceId', 'alphabet', 'P/D.1|锁/yb_1|P/a+b|P/a b|P:1/a'],
	['DeviceId', 'part tooLong', `P/${'a'.repeat(49)}`],
	['DeviceId', 'tooLong', `a/${'1'.repeat(255)}`],
	['DeviceId', 'noCharacter', '/'],
	['DeviceId', 'placeholder', 'N/A'],
	['DeviceId', 'formulaError', '#N/A'],
	['DeviceId', 'holdsPlaceholder', 'P/undefined|[object Object]/D1|ProductABC/NULL'],
	['DeviceId', 'part placeholder', '无/Device001|ProductABC/无'],
	['DeviceId', 'part noCharacter', 'ProductABC/--'],
	['DeviceId', 'part rounded', 'P/8.61234E+14|8.61234E+14/P'],
	['DeviceId', 'several', 'LOCK01/roof,roof2|CAM01/hall1、hall2|LOCK01/a，LOCK01/b；LOCK01/c|LOCK01/a;b'],
	['DeviceId', 'several', 'LOCK01/a\nLOCK01/b|LOCK01/a\r\nb|LOCK01、CAM01/a'],
	['DeviceId', 'separator split', 'LOCK01/a,'],
	['CustomerDeviceNo', '', '／ ＡＢ'],
	['CustomerDeviceNo', 'several', 'SN1,SN2|SN1\nSN2|1、2、3、4、5、6'],
	['CustomerDeviceNo', 'placeholder', '无'],
	['CustomerDeviceNo', 'rounded', '8.61234E+14|8.61234567890123E14'],
	['CustomerDeviceNo', 'invisible', 'S❤\ufe0f1'],
	[
		'ProductName',
		'',
		'／ ＡＢ|门锁❤\ufe0f|👨\u200d👩\u200d👧 home|1\ufe0f\u20e3 lock|👍🏽 lock|🏳\ufe0f\u200d🌈 x',
	],
	['ProductName', 'invisible', 'a\u200db|锁\ufe0f'],
	['ProductName', 'holdsPlaceholder', '[object Object]|{{ $json.product }}'],
	['ProductName', 'placeholder', '暂无'],
	['ProductName', 'summary', '合计'],
];

test('Each day of a year is recognized as a date in any form, and a day that does not exist is not', () => {
	const parts = Array.from({ length: 40 }, (_, number) => number);
	const written = (number: number) => [String(number), String(number).padStart(2, '0')];
	for (const month of parts) {
		for (const day of parts) {
			const isDay = month >= 1 && month <= 12 && day >= 1 && day <= 31;
			const cells = written(month).flatMap((mm) =>
				written(day).flatMap((dd) => [`2024-${mm}-${dd}`, `1999.${mm}.${dd}`]),
			);
			const areDates = cells.map((cell) =>
				findingsOf({ CustomerId: cell }).some(({ code }) => code === 'date'),
			);
			expect({ month, day, areDates }).toEqual({ month, day, areDates: cells.map(() => isDay) });
		}
	}
});

const EACH = CELLS.flatMap(([field, codes, cells]) =>
	cells.split('|').map((cell) => [field, codes, cell] as const),
);

test.each(EACH)('A %s has the finding %j: %j', (field, expected, cell) => {
	const found = expected === '' ? [] : [expected];
	expect(findingsOf({ [field]: cell }).map(inShort)).toEqual(found);
	// A finding disappears with the option that mends it; other findings stay with any option.
	const rules: Rules = { phoneIds: 'digits', severalDevices: 'refuse', unusualCustomerIds: 'allow' };
	const isMended = /allow|digits/.test(expected);
	if (field === 'CustomerId') {
		expect(findingsOf({ [field]: cell }, rules).map(inShort)).toEqual(isMended ? [] : found);
	}
	const [alone] = [checkDeviceId(normalizeDeviceId(cell))].flatMap((why) => (why ? inShort(why) : []));
	if (field === 'DeviceId') {
		expect(alone ?? '').toBe(expected.replace(/ split$/, ''));
	}
});

test('Allowed unusual ids are not taken for phone numbers with other characters', () => {
	const why = checkCustomerId('137-1234-5678', ALLOW);
	expect(why && inShort(why)).toBe('phoneSigns digits');
});

test.each<[said: string[], cells: Partial<Record<MappedField, unknown>>, rules?: Partial<Rules>]>([
	[[], {}],
	[['several split', 'several split'], { CustomerDeviceNo: '1,2', DeviceId: 'P/1,2' }],
	[
		['several split', 'several split', 'noCharacter'],
		{ CustomerDeviceNo: '1,2', DeviceId: 'P/1,2', ProductName: '-' },
	],
	[
		['several split', 'several split'],
		{ CustomerId: 'a-b', CustomerDeviceNo: '1,2', DeviceId: 'P/1,2' },
		ALLOW,
	],
	[['several'], { DeviceId: 'P/1,2' }],
	[['several', 'several split'], { CustomerDeviceNo: '1,无', DeviceId: 'P/1,2' }],
	[['several'], { CustomerDeviceNo: '1,2' }],
	[['notAlone'], { CustomerId: '13712345678 13812345678' }],
	[['note'], { CustomerId: '备注：13712345678', CustomerDeviceNo: null, DeviceId: '', ProductName: ' ' }],
	[
		['notAlone', 'empty', 'empty'],
		{ CustomerId: '备注：13712345678', CustomerDeviceNo: ' ', ProductName: '' },
	],
	[
		['notAlone', 'empty', 'notDeviceId', 'empty'],
		{ CustomerId: '备注：13712345678', CustomerDeviceNo: '', DeviceId: 'x', ProductName: '' },
	],
	[['summary'], { CustomerId: 'KH0001 汇总', CustomerDeviceNo: '', DeviceId: '3' }],
	[['phoneSigns digits', 'notDeviceId'], { CustomerId: '+86 137 1234 5678', DeviceId: 'x' }],
	[
		['missing', 'missing', 'notDeviceId', 'notText'],
		{ CustomerId: null, CustomerDeviceNo: undefined, DeviceId: 'x', ProductName: true },
	],
	[[], { CustomerId: 7, CustomerDeviceNo: 42n }],
	...[{ toString: 'x', valueOf: 'y' }, Object.create(null), new Date(NaN)].map((cell): [string[], object] => [
		['notText'],
		{ CustomerId: cell },
	]),
])('Options are advised that mend the row: %j in %j', (expected, cells, rules = {}) => {
	expect(findingsOf(cells, { ...STRICT, ...rules }).map(inShort)).toEqual(expected);
});

test.each<[value: string | undefined, cells: Partial<Record<MappedField, unknown>>]>([
	['8.61234E+14', { CustomerDeviceNo: '8.61234E+14' }],
	['CAM01-d20', { DeviceId: ' CAM01-d20 ' }],
	['1.5', { CustomerDeviceNo: 1.5 }],
	['P D', { DeviceId: 'P\t\u202eD' }],
	[`${'x'.repeat(64)}…`, { DeviceId: 'x'.repeat(900) }],
	['无', { DeviceId: '无' }],
	[undefined, { DeviceId: ' ' }],
	[undefined, { DeviceId: true }],
	[undefined, { DeviceId: 'P/无' }],
	[undefined, { CustomerDeviceNo: '1,2' }],
])('What stands in a cell is quoted, cut and in one line, unless the text quotes it: %j', (value, cells) => {
	expect(findingsOf(cells)[0]!.value).toBe(value);
});

test.each<[named: string, why: () => Why | undefined]>([
	['a space', () => checkCustomerId('a b', STRICT)],
	["'\u041a' (U+041A)", () => checkCustomerId('\u041aH-1', ALLOW)],
	["':'", () => checkCustomerId('C-1:2', ALLOW)],
	["'-'", () => checkCustomerId('user-1', STRICT)],
	['33 characters', () => checkCustomerId('x'.repeat(33), STRICT)],
	["'.'", () => checkDeviceId('P/D.1')],
	["':'", () => checkDeviceId('P:1/a')],
	["the ProductId '无', which means no value", () => checkDeviceId('无/D')],
	["the DeviceName '无', which means no value", () => checkDeviceId('P/无')],
	[`the DeviceName '${LONG}', which has more than 48 characters`, () => checkDeviceId(`P/${LONG}`)],
])('What a finding names is what stands there: %s', (named, why) => {
	expect(englishOf(FINDING_TEXT.why(why()!))).toContain(named);
});

test('A finding names the first five entries of a list', () => {
	const [found] = findingsOf({ DeviceId: 'P/1,2,3,4,5,6' });
	expect(found!.facts).toEqual({ count: 6, values: "'P/1', '2', '3', '4', '5' and …" });
});
