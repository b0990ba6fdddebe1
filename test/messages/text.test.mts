import { describe, expect, test } from '@jest/globals';
import {
	type Fact,
	inClauses,
	inCommas,
	inSentences,
	NO_TEXT,
	ofCase,
	ofRows,
	ofService,
	ours,
	type Place,
	plain,
	say,
	summedUp,
	type Text,
	write,
	writeEnglish,
	writeSentences,
} from '../../nodes/TencentCloudIot/messages/text';

describe('A template', () => {
	test('names the same facts in both languages, or it does not compile', () => {
		say('{a} of {b:row}', '{b} 行中的 {a}');
		say('{count} {count|is|are} left{? ({ids})}', '还有 {count} 个{?（{ids}）}');
		// @ts-expect-error: only the English text names b
		say('{a} of {b}', '{a}');
		// @ts-expect-error: only the Chinese text names b
		say('{a}', '{b} 中的 {a}');
	});

	test('takes the facts that it names, and no others, or it does not compile', () => {
		const text = say('{a}', '{a}');
		expect(writeEnglish(text({ a: 1 }), 'everything')).toBe('1');
		// @ts-expect-error: it has a fact
		expect(writeEnglish(text(), 'everything')).toBe('');
		// @ts-expect-error: a plain string does not say whose words it has
		expect(() => writeEnglish(text({ a: 'x' }), 'everything')).toThrow();
		// @ts-expect-error: it does not name b
		expect(writeEnglish(text({ a: 1, b: 2 }), 'everything')).toBe('1');
	});
});

const COUNT = say('{count:row} {count|is|are} left{?, e.g. {ids}}.', '还有 {count} 行{?，如 {ids}}。');

test.each<[count: number, ids: Fact, english: string, chinese: string]>([
	[0, undefined, '0 rows are left.', '还有 0 行。'],
	[1, undefined, '1 row is left.', '还有 1 行。'],
	[20_000, [ours('a')], '20,000 rows are left, e.g. a.', '还有 20000 行，如 a。'],
	[2, [ours('a'), ours('b')], '2 rows are left, e.g. a and b.', '还有 2 行，如 a、b。'],
	[3, [ours('a'), ours('b'), ours('c')], '3 rows are left, e.g. a, b and c.', '还有 3 行，如 a、b、c。'],
	// Words of a fact are no template, whatever they look like.
	[2, ours('{count} $& {?x}'), '2 rows are left, e.g. {count} $& {?x}.', '还有 2 行，如 {count} $& {?x}。'],
])('%s rows with %j', (count, ids, english, chinese) => {
	expect(write(COUNT({ count, ids }), 'everything')).toEqual([english, chinese]);
});

describe('By its mark a fact is shown', () => {
	const REFUSED = say('Tencent refused {id}{?: {words}}.', '腾讯云拒绝了 {id}{?：{words}}。');
	const MARKS: ReadonlyArray<[Fact, Place, isShown: boolean]> = [
		[ours('x'), 'everything', true],
		[ours('x'), 'hint', true],
		[ours('x'), 'nameless', true],
		[plain('x'), 'everything', true],
		[plain('x'), 'hint', true],
		[plain('x'), 'nameless', false],
		[ofRows('x'), 'everything', true],
		[ofRows('x'), 'hint', false],
		[ofRows('x'), 'nameless', false],
		[ofService('x'), 'everything', true],
		[ofService('x'), 'hint', false],
		[ofService('x'), 'nameless', false],
		[ofCase('x'), 'everything', true],
		[ofCase('x'), 'hint', false],
		[ofCase('x'), 'nameless', false],
	];

	test.each(MARKS)('%j at %s: %s', (fact, place, isShown) => {
		const [english, chinese] = write(REFUSED({ id: fact, words: fact }), place);
		expect(english).toBe(isShown ? 'Tencent refused x: x.' : 'Tencent refused ….');
		expect(chinese).toBe(isShown ? '腾讯云拒绝了 x：x。' : '腾讯云拒绝了 …。');
	});

	test('or what stands in its place', () => {
		const someone = say('a customer', '某个客户');
		expect(write(REFUSED({ id: ofRows('x', someone()), words: undefined }), 'hint')).toEqual([
			'Tencent refused a customer.',
			'腾讯云拒绝了 某个客户。',
		]);
	});

	test('also in a text that is a fact of another one', () => {
		const inner = say('row {id}', '{id} 行');
		expect(writeEnglish(REFUSED({ id: inner({ id: ofRows('x') }), words: undefined }), 'hint')).toBe(
			'Tencent refused row ….',
		);
	});

	test('and a text about several cases has nothing of a single one', () => {
		const text = REFUSED({ id: ofCase('x'), words: undefined });
		expect(writeEnglish(summedUp(text), 'everything')).toBe('Tencent refused ….');
	});
});

describe('Texts in one', () => {
	const sentence = say('It rained.', '下雨了。');
	const clause = say('{count} wet', '{count} 个湿了');
	const ofEnglish = say('{words}', '{words}');

	test.each<[title: string, text: Text, english: string, chinese: string]>([
		['nothing', NO_TEXT, '', ''],
		['sentences', inSentences([sentence(), clause({ count: 2 })]), 'It rained. 2 wet', '下雨了。2 个湿了'],
		[
			'clauses',
			inClauses([clause({ count: 1 }), NO_TEXT, sentence()]),
			'1 wet; It rained',
			'1 个湿了；下雨了',
		],
		['words', inCommas([ours('a'), undefined, ours('b')]), 'a, b', 'a、b'],
		[
			'what somebody said in English',
			inSentences([ofEnglish({ words: ofService('Busy.') }), sentence()]),
			'Busy. It rained',
			'Busy。下雨了',
		],
	])('of %s', (_title, text, english, chinese) => {
		expect(write(text, 'everything')).toEqual([english, chinese]);
	});

	test('as whole sentences end with a full stop, and only one', () => {
		expect(writeSentences([clause({ count: 2 }), sentence()], 'everything')).toEqual([
			'2 wet. It rained.',
			'2 个湿了。下雨了。',
		]);
	});
});
