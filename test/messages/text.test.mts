import { describe, expect, test } from '@jest/globals';
import { quotedCharacter } from '../../nodes/TencentCloudIot/messages/findings';
import {
	asPlace,
	type Fact,
	hasOwnWords,
	inClauses,
	inCommas,
	inCounts,
	inQuotes,
	inReasons,
	inSentences,
	isOfTemplate,
	NO_TEXT,
	ofCase,
	ofRows,
	ofService,
	ours,
	type Place,
	placesOf,
	plain,
	quotedOfRows,
	say,
	sayReason,
	saySentence,
	summedUp,
	type Text,
	withoutFullStop,
	write,
	writeEnglish,
	writeSentences,
} from '../../nodes/TencentCloudIot/messages/text';

describe('A template', () => {
	test('does not compile unless it names the same facts in both languages', () => {
		say('{a} of {b:row}', '{b} 行中的 {a}');
		say('{count} {count|is|are} left{? ({ids})}', '还有 {count} 个{?（{ids}）}');
		// @ts-expect-error: only the English text names b
		say('{a} of {b}', '{a}');
		// @ts-expect-error: only the Chinese text names b
		say('{a}', '{b} 中的 {a}');
	});

	test('does not compile with a full stop at its end', () => {
		// @ts-expect-error: the writer of the text adds the full stop
		saySentence('It rained.', '下雨了');
		// @ts-expect-error: the writer of the text adds the full stop
		sayReason('It rained', '下雨了。');
	});

	test('does not compile unless it gets exactly the facts that it names', () => {
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

const COUNT = saySentence('{count:row} {count|is|are} left{?, e.g. {ids}}', '还有 {count} 行{?，如 {ids}}');

test.each<[count: number, ids: Fact, english: string, chinese: string]>([
	[0, undefined, '0 rows are left.', '还有 0 行。'],
	[1, undefined, '1 row is left.', '还有 1 行。'],
	[20_000, [ours('a')], '20,000 rows are left, e.g. a.', '还有 20000 行，如 a。'],
	[2, [ours('a'), ours('b')], '2 rows are left, e.g. a and b.', '还有 2 行，如 a、b。'],
	[3, [ours('a'), ours('b'), ours('c')], '3 rows are left, e.g. a, b and c.', '还有 3 行，如 a、b、c。'],
	// The words of a fact are never treated as a template.
	[2, ours('{count} $& {?x}'), '2 rows are left, e.g. {count} $& {?x}.', '还有 2 行，如 {count} $& {?x}。'],
])('%s rows with %j', (count, ids, english, chinese) => {
	expect(write(COUNT({ count, ids }), 'everything')).toEqual([english, chinese]);
});

test.each<[fact: Fact, english: string, chinese: string]>([
	[quotedOfRows(['user_1', 'user_2']), "'user_1' and 'user_2'", 'user_1、user_2'],
	[quotedOfRows(['user_1'], true), "'user_1' and …", 'user_1、…'],
])('Quotes of the rows are shown only to readers who have the rows: %j', (fact, english, chinese) => {
	const text = say('{fact}', '{fact}')({ fact });
	expect(write(text, 'everything')).toEqual([english, chinese]);
	expect(write(text, 'hint')).toEqual(['…', '…']);
	expect(write(text, 'nameless')).toEqual(['…', '…']);
});

test('So is the sign that an id must not have', () => {
	expect(write(quotedCharacter('#'), 'everything')).toEqual(["'#'", '“#”']);
	expect(write(quotedCharacter('#'), 'hint')).toEqual(["'…'", '“…”']);
});

describe('The mark of a fact decides where it is shown', () => {
	const REFUSED = saySentence('Tencent refused {id}{?: {words}}', '腾讯云拒绝了 {id}{?：{words}}');
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

	test('or its placeholder is shown', () => {
		const someone = say('a customer', '某个客户');
		expect(write(REFUSED({ id: ofRows('x', someone()), words: undefined }), 'hint')).toEqual([
			'Tencent refused a customer.',
			'腾讯云拒绝了 某个客户。',
		]);
	});

	test('also in a text that is a fact of another text', () => {
		const inner = say('row {id}', '{id} 行');
		expect(writeEnglish(REFUSED({ id: inner({ id: ofRows('x') }), words: undefined }), 'hint')).toBe(
			'Tencent refused row ….',
		);
	});

	test('and a text about several cases has no facts of a single case', () => {
		const text = REFUSED({ id: ofCase('x'), words: undefined });
		expect(writeEnglish(summedUp(text), 'everything')).toBe('Tencent refused ….');
	});
});

describe('Texts in one', () => {
	const sentence = saySentence('it rained', '下雨了');
	const reason = sayReason('Rain fell on {count:roof}', '{count} 个屋顶淋雨');
	const clause = say('{count} wet', '{count} 个湿了');
	const dry = say('the rest is dry', '其余是干的');
	const within = say('so: {text}', '即：{text}');
	const ofN8n = say('n8n waits', 'n8n 等待');
	const ofEnglish = say('{words}', '{words}');

	test.each<[title: string, text: Text, english: string, chinese: string]>([
		['nothing', NO_TEXT, '', ''],
		['sentences', inSentences([sentence(), clause({ count: 2 })]), 'It rained. 2 wet', '下雨了。2 个湿了'],
		[
			'sentences, each with its capital letter',
			inSentences([NO_TEXT, inClauses([NO_TEXT, dry()]), clause({ count: 2 }), sentence(), ofN8n()]),
			'The rest is dry. 2 wet. It rained. n8n waits',
			'其余是干的。2 个湿了。下雨了。n8n 等待',
		],
		[
			'sentences within another one',
			within({ text: inSentences([sentence(), dry()]) }),
			'so: it rained. The rest is dry',
			'即：下雨了。其余是干的',
		],
		[
			'sentences, the second of which begins with a list',
			inSentences([sentence(), ofEnglish({ words: [dry(), dry()] })]),
			'It rained. The rest is dry and the rest is dry',
			'下雨了。其余是干的、其余是干的',
		],
		[
			'sentences that begin with words from outside',
			inSentences([dry(), ofEnglish({ words: ofService('busy') }), ofEnglish({ words: dry() })]),
			'The rest is dry. busy. The rest is dry',
			'其余是干的。busy。其余是干的',
		],
		[
			'reasons',
			inReasons([reason({ count: 1 }), dry()]),
			'Rain fell on 1 roof. The rest is dry',
			'1 个屋顶淋雨；其余是干的',
		],
		['a reason', reason({ count: 1 }), 'Rain fell on 1 roof.', '1 个屋顶淋雨'],
		[
			'clauses',
			inClauses([clause({ count: 1 }), NO_TEXT, sentence(), dry()]),
			'1 wet; it rained; the rest is dry',
			'1 个湿了；下雨了；其余是干的',
		],
		['words', inCommas([ours('a'), undefined, ours('b')]), 'a, b', 'a、b'],
		[
			'an English message from outside',
			inSentences([ofEnglish({ words: ofService(withoutFullStop('Busy.')) }), sentence()]),
			'Busy. It rained',
			'Busy。下雨了',
		],
	])('of %s', (_title, text, english, chinese) => {
		expect(write(text, 'everything')).toEqual([english, chinese]);
	});

	test('end with exactly one full stop as whole sentences', () => {
		expect(writeSentences([clause({ count: 2 }), sentence()], 'everything')).toEqual([
			'2 wet. It rained.',
			'2 个湿了。下雨了。',
		]);
	});
});

test('Words are joined in natural reading order', () => {
	const list = say('{words}', '{words}');
	const written = [[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((words) => {
		return write(list({ words: words.map((word) => ours(word)) }), 'everything');
	});
	expect(written).toEqual([
		['', ''],
		['a', 'a'],
		['a and b', 'a、b'],
		['a, b and c', 'a、b、c'],
	]);
});

test.each<[what: string, text: Text, english: string, chinese: string]>([
	['no sentence', inSentences([]), '', ''],
	['no words', say('{?{fact}}', '{?{fact}}')({ fact: undefined }), '', ''],
	[
		'an empty sentence among others',
		inSentences([NO_TEXT, say('it rained', '下雨了')()]),
		'It rained',
		'下雨了',
	],
])('For %s, nothing is written, not even a full stop', (_what, text, english, chinese) => {
	expect(write(text, 'everything')).toEqual([english, chinese]);
});

test('No sentences have no full stop', () => {
	expect(writeSentences([], 'everything')).toEqual(['', '']);
	expect(writeSentences([NO_TEXT], 'everything')).toEqual(['', '']);
	const ofCustomer = say('{?{name}}', '{?{name}}')({ name: ofRows('a') });
	expect(writeSentences([ofCustomer], 'hint')).toEqual(['', '']);
});

test('A summary of several cases also hides what other places hide', () => {
	const text = say('{customer} of {column}', '{column} 的 {customer}');
	const several = summedUp(text({ customer: ofRows('a'), column: plain('id') }));
	expect(write(several, 'everything')).toEqual(['… of id', 'id 的 …']);
	expect(write(several, 'nameless')).toEqual(['… of …', '… 的 …']);
	const reason = sayReason('it rained on {roof}', '{roof} 淋雨');
	expect(write(summedUp(reason({ roof: ofCase('a') })), 'everything')).toEqual(['it rained on ….', '… 淋雨']);
});

test('A part that is dropped with a hidden fact stays if the fact has a placeholder', () => {
	const text = say('left{?: {name}}', '还有{?：{name}}');
	const someone = say('a customer', '某个客户');
	expect(write(text({ name: ofRows('a') }), 'hint')).toEqual(['left', '还有']);
	expect(write(text({ name: ofRows('a', someone()) }), 'hint')).toEqual([
		'left: a customer',
		'还有：某个客户',
	]);
	expect(write(text({ name: [ofRows('a'), ours('b')] }), 'hint')).toEqual(['left: … and b', '还有：…、b']);
	expect(write(text({ name: [] }), 'everything')).toEqual(['left', '还有']);
	expect(write(text({ name: ours('') }), 'everything')).toEqual(['left', '还有']);
});

test('A number that is passed as a word is written unchanged', () => {
	const text = say('{count:row} and {number}', '{count} 行和 {number}');
	expect(write(text({ count: ours('some'), number: 20_000 }), 'everything')).toEqual([
		'some and 20,000',
		'some 行和 20000',
	]);
});

test('Only the last full stop of a message from outside is dropped', () => {
	expect(['Busy.', '忙。', 'v1.2 is busy', 'Wait...', ''].map(withoutFullStop)).toEqual([
		'Busy',
		'忙',
		'v1.2 is busy',
		'Wait..',
		'',
	]);
});

test.each<[what: string, text: Text, isOf: boolean]>([
	['the template', COUNT({ count: 1, ids: undefined }), true],
	['another template of the same words', saySentence('{count} left', '还有 {count}')({ count: 1 }), false],
	['several texts', inSentences([COUNT({ count: 1, ids: undefined })]), false],
])('Whether a text is of a template: %s', (_what, text, isOf) => {
	expect(isOfTemplate(text, COUNT.template)).toBe(isOf);
});

test.each<[what: string, facts: Record<'code' | 'count', Fact>, has: boolean]>([
	['a code of the node', { code: ours('TIME_OVER'), count: 1 }, true],
	['another code', { code: ours('CANCELLED'), count: 1 }, false],
	['the same words of the rows', { code: ofRows('TIME_OVER'), count: 1 }, false],
	['the same words in a list', { code: [ours('TIME_OVER')], count: 1 }, false],
	['a number', { code: 7, count: 1 }, false],
	['nothing', { code: undefined, count: 1 }, false],
])('Whether a text has a code: %s', (_what, facts, has) => {
	const text = say('{code} in {count:row}', '{count} 行：{code}')(facts);
	expect(hasOwnWords(text, 'TIME_OVER')).toBe(has);
	expect(hasOwnWords(inSentences([text]), 'TIME_OVER')).toBe(false);
});

test('With Name Customers off, neither reports nor hints name them', () => {
	expect(placesOf(true)).toEqual({ report: 'everything', hint: 'hint' });
	expect(placesOf(false)).toEqual({ report: 'nameless', hint: 'nameless' });
});

test('Words in quotes get only one pair of quotes, whatever their origin', () => {
	const list = say('{words}', '{words}');
	const words = inQuotes([ofRows('a'), ours('b'), ofRows('a')]);
	expect(write(list({ words }), 'everything')).toEqual(["'a' and 'b'", 'a、b']);
	expect(write(list({ words }), 'hint')).toEqual(["'…' and 'b'", '…、b']);
	const left = say('left{? ({words})}', '还有{?（{words}）}');
	expect(write(left({ words: quotedOfRows([]) }), 'everything')).toEqual(['left', '还有']);
});

test('Counts and places are joined by the rules of each language', () => {
	const counts = inCounts([say('2 new', '新增 2')(), NO_TEXT, say('1 gone', '离开 1')()]);
	expect(write(counts, 'everything')).toEqual(['2 new, 1 gone', '新增 2，离开 1']);
	const place = asPlace([say('row 3', '第 3 行')(), ofRows('c017'), undefined]);
	expect(write(place, 'everything')).toEqual(['row 3, c017', '第 3 行 c017']);
	expect(write(place, 'hint')).toEqual(['row 3', '第 3 行']);
});
