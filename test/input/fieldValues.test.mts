import { expect, test } from '@jest/globals';
import { toIsoText, toUnixMs } from '../../nodes/TencentCloudIot/input/dateTime';
import {
	partsAroundPlaceholders,
	whyNotId,
	whyPlaceholder,
} from '../../nodes/TencentCloudIot/input/placeholder';
import { checkJsonText, whyNotJson } from '../../nodes/TencentCloudIot/input/text';
import { englishOf } from '../support/texts.mts';
import { FINDING_TEXT } from '../../nodes/TencentCloudIot/messages/findings';

const itself: { self?: object } = {};
itself.self = itself;

const utc = Date.UTC(2026, 0, 31, 8, 0, 0);

test.each<[unknown, string, number | undefined]>([
	['2026-01-31T08:00:00Z', 'Asia/Shanghai', utc],
	['2026-01-31T16:00:00+08:00', 'UTC', utc],
	['2026-01-31T16:00:00.000+0800', 'UTC', utc],
	['2026-01-31T16:00:00 +0800', 'UTC', utc],
	['2026-01-31 16:00 +08:00', 'UTC', utc],
	['2026-01-31 16:00', 'Asia/Shanghai', utc],
	[' 2026-01-31T16:00:00 ', 'Asia/Shanghai', utc],
	['2026-01-31', 'UTC', utc - 8 * 3_600_000],
	['2026-07-01T00:00:00', 'America/New_York', Date.UTC(2026, 6, 1, 4)],
	['2026-03-08T03:30:00', 'America/New_York', Date.UTC(2026, 2, 8, 7, 30)],
	['2026-11-01T00:30:00', 'America/New_York', Date.UTC(2026, 10, 1, 4, 30)],
	// Times that clocks skip: a day without midnight begins at 01:00.
	['2026-03-08', 'America/Havana', Date.UTC(2026, 2, 8, 5)],
	['2026-03-29', 'Asia/Beirut', Date.UTC(2026, 2, 28, 22)],
	['2026-03-08T02:30:00', 'America/New_York', Date.UTC(2026, 2, 8, 7, 30)],
	['2026-03-29T02:30:00', 'Europe/Berlin', Date.UTC(2026, 2, 29, 1, 30)],
	['1969-12-31T23:59:59.5', 'UTC', -500],
	// Until 1901 the clocks of Shanghai were 8 h 5 min 43 s ahead.
	['1900-01-01', 'Asia/Shanghai', Date.UTC(1899, 11, 31, 15, 54, 17)],
	[new Date(utc), 'UTC', utc],
	[{ toMillis: () => utc }, 'UTC', utc],
	[new Date(NaN), 'UTC', undefined],
	['2026-13-31', 'UTC', undefined],
	['2026-02-30', 'UTC', undefined],
	['2026-02-29T08:00:00Z', 'UTC', undefined],
	['2026-04-31 08:00+08:00', 'UTC', undefined],
	['2028-02-29', 'UTC', Date.UTC(2028, 1, 29)],
	[{ toMillis: () => ({ toString: 'x' }) }, 'UTC', undefined],
	['2026-01-31T24:00:00', 'UTC', undefined],
	['2026-01-31 24:00', 'UTC', undefined],
	['2026-01-31T24:00:00Z', 'UTC', undefined],
	['2026-01-31T24:00:00.000+0800', 'UTC', undefined],
	['31.01.2026', 'UTC', undefined],
	['', 'UTC', undefined],
	[utc, 'UTC', undefined],
	[String(utc), 'UTC', undefined],
	[null, 'UTC', undefined],
	[true, 'UTC', undefined],
])('The moment %j in %s is %j', (value, timezone, ms) => {
	expect(toUnixMs(value, timezone)).toBe(ms);
});

test.each<[time: unknown, timezone: string, text: string | undefined]>([
	[1_764_057_600, 'Asia/Shanghai', '2025-11-25T16:00:00.000+08:00'],
	[1_764_057_600_000, 'America/St_Johns', '2025-11-25T04:30:00.000-03:30'],
	[1_764_057_600, 'Mars/Olympus', '2025-11-25T08:00:00.000Z'],
	[253_370_764_800_000, 'UTC', '9999-01-01T00:00:00.000Z'],
	[253_370_764_800_001, 'UTC', undefined],
	[0, 'UTC', undefined],
	[-1, 'UTC', undefined],
	['1764057600', 'UTC', undefined],
])('The time %j of a response in %s is %j', (time, timezone, text) => {
	expect(toIsoText(time, timezone)).toBe(text);
});

test('A placeholder and an error are named; only an id may not hold a word for no value', () => {
	expect(whyNotId('a null')?.facts).toEqual({ word: 'null' });
	expect(whyPlaceholder('C_#N/A')?.facts).toEqual({ error: '#N/A' });
	expect(whyPlaceholder('a null')).toBeUndefined();
});

test('An id has at most 256 characters, in any script', () => {
	for (const character of ['x', '张']) {
		expect(whyNotId(character.repeat(256))).toBeUndefined();
		expect(whyNotId(character.repeat(257))).toEqual({ code: 'tooLong', facts: { most: 256 } });
	}
});

/** Texts, separated by `|`, and the reason why none of them is an id. */
test.each<[why: string | undefined, texts: string]>([
	[undefined, 'Total1|totally|小计算器|合计达|共享门锁|共4号楼|总数据|Total device|aNull|Nan7|C.undefine'],
	['holdsPlaceholder', 'C_undefined|undefined|Cundefined|[object Object]|user_{{ $json.id }}|NaN|C_NaN|null'],
	['holdsPlaceholder', 'C-null|C_null_7|None|NA|${id}|a null|a undefined'],
	['placeholder', 'nan|TRUE|\\N|N/A|(blank)|无|暂无|Invalid Date|Invalid DateTime'],
	['noCharacter', '-|——|___|--|/'],
	['formulaError', '#N/A|#REF!|C_#VALUE!|#NAME?|#DIV/0!|#GETTING_DATA|Err:502|########'],
	['summary', '合计|总计|小计|Total|TOTAL:|合计：15|合 计|小计 3 台|小计：3 台|Grand Total|本页合计'],
	[
		'summary',
		'共 4 台|共4条记录|总数|总数量：4|总台数：4 台|数量合计|设备合计 3 台|Total devices: 4|total customers',
	],
	['summary', '合\u3000计|总    计|合计（台）|总计（2 台）|TOTAL (2)|合计(台)：2|合计（ ）'],
	[undefined, '合计（甲）|Total (old)|合计（2024年）'],
])('As an id is %s: %s', (code, texts) => {
	for (const text of texts.split('|')) {
		expect([text, whyNotId(text)?.code]).toEqual([text, code]);
	}
});

test.each<[text: string, parts: string[]]>([
	['user_1undefined', ['user_1', '']],
	['null, user_1 #N/A', ['', ', user_1 ', '']],
	['N/A', []],
	['null', []],
])('What stands beside a placeholder is found: %s', (text, parts) => {
	expect(partsAroundPlaceholders(text)).toEqual(parts);
});

test.each<[unknown, string]>([
	[{ a: [1] }, '{"a":[1]}'],
	[' {"a": 12345678901234567890}\n', '{"a": 12345678901234567890}'],
])('%j is sent as the text %j', (value, text) => {
	expect(checkJsonText(value)).toEqual({ text, why: undefined });
});

test.each<[code: string, values: unknown[]]>([
	['notJson', ['{a:1}', '[1]', '"x"', 'null', '', 7]],
	['missing', [null, undefined]],
	['noJsonForm', [itself]],
	['broken', ['{"a":"\ud800"}']],
])('Not the text of a JSON object: %s', (code, values) => {
	for (const value of values) {
		expect(checkJsonText(value)).toMatchObject({ text: '', why: { code } });
	}
});

test('A JSON member that would be changed on the way is reported with its name and the reason', () => {
	const facts = [{ a: undefined }, { a: 2 ** 60 }, { a: NaN }].map((value) =>
		englishOf(FINDING_TEXT.why(checkJsonText(value).why!)),
	);
	expect(facts).toEqual([
		"has no value for 'a': correct it at its source",
		"has a value for 'a' that is a number too large to be exact: correct it",
		"has a value for 'a' that is NaN: correct it",
	]);
	expect([whyNotJson(undefined), whyNotJson(2 ** 60)?.code]).toEqual([undefined, 'tooLarge']);
});
