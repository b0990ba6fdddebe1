import { expect, test } from '@jest/globals';
import {
	because,
	ELSEWHERE,
	FINDING_TEXT,
	ofPart,
	quotedCharacter,
	isQuoting,
	type Finding,
	type Why,
} from '../../nodes/TencentCloudIot/messages/findings';
import { namedRows } from '../../nodes/TencentCloudIot/messages/rows';
import { englishOf } from '../support/texts.mts';
import { ofRows, ours, quotedOfRows, write } from '../../nodes/TencentCloudIot/messages/text';

const found = (why: Why, value?: string): Finding => ({ itemIndex: 2, field: 'X', value, ...why });
const shared = because('shared', { customer: ofRows('formula1'), row: ELSEWHERE.row(8) });

test.each<[Finding, english: string, chinese: string, hint: string, hintZh: string]>([
	[
		found(because('several', { count: 2, values: quotedOfRows(['missing01/a', 'b']) })),
		"[row 3] 'X' holds 2 values ('missing01/a' and 'b'): give each its own row",
		'第 3 行：X 有 2 个值（missing01/a、b）：请每个一行',
		"'X' holds 2 values",
		'X 有 2 个值',
	],
	[
		found(shared, 'D'),
		"[row 3] 'X': 'D' is also under customer 'formula1' in row 9: keep one of them",
		'第 3 行：X“D” 在第 9 行也属于客户“formula1”：请只保留一处',
		"'X' is also under customer '…' in another row",
		'X 在另一行也属于客户“…”',
	],
	[
		found(
			because('part', { name: ours('ProductId'), part: ofRows('x: y'), ...ofPart(because('placeholder')) }),
		),
		"[row 3] 'X' has the ProductId 'x: y', which means no value: fill it in",
		'第 3 行：X 的 ProductId“x: y”是占位文字：请填写',
		"'X' has the ProductId '…', which means no value",
		'X 的 ProductId“…”是占位文字',
	],
	[
		found(because('alphabet', { character: quotedCharacter('.') })),
		`[row 3] 'X' has '.', and Tencent allows only letters, digits, _, - and, in a DeviceName, ":": correct it`,
		'第 3 行：X 含有“.”，腾讯云只允许字母、数字、_ 和 -（DeviceName 中还可有 :）：请更正',
		`'X' has '…', and Tencent allows only letters, digits, _, - and, in a DeviceName, ":"`,
		'X 含有“…”，腾讯云只允许字母、数字、_ 和 -（DeviceName 中还可有 :）',
	],
	[
		found(because('empty', undefined, 'leaveOut')),
		"[row 3] 'X' is empty: fill it in, or choose Rows Without a Device → Leave Out",
		'第 3 行：X 为空：请填写，或选择 Rows Without a Device → Leave Out',
		"'X' is empty",
		'X 为空',
	],
])(
	'A finding has its value in both languages, but in a hint no text from the rows: %j',
	(finding, english, chinese, hint, hintZh) => {
		expect(write(FINDING_TEXT.ofRow(finding), 'everything')).toEqual([english, chinese]);
		for (const place of ['everything', 'hint', 'nameless'] as const) {
			expect(write(FINDING_TEXT.ofSeveral(finding), place)).toEqual([hint, hintZh]);
		}
	},
);

test('A finding quotes its cell if its reason quotes a value', () => {
	expect(isQuoting(shared)).toBe(true);
	expect(isQuoting(because('notDeviceId'))).toBe(false);
	expect(englishOf(FINDING_TEXT.why(because('notDeviceId')))).toContain('exactly one "/"');
});

test('Up to four rows are named; of more rows, three are named and the rest counted', () => {
	const texts = [1, 3, 4, 5].map((count) => namedRows([...Array(count).keys()]));
	expect(texts).toEqual(['row 1', 'rows 1, 2 and 3', 'rows 1, 2, 3 and 4', 'rows 1, 2, 3 and 2 more']);
});
