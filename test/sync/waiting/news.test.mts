import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { News } from '../../../nodes/TencentCloudIot/sync/waiting/news';

const NO_NEWS = News.read(undefined);

function entry(id: string, isNameless = false) {
	return { id, atMs: 1, english: [`english ${id}`], chinese: [`chinese ${id}`], isNameless };
}

function newsOf(...ids: string[]): News {
	return ids.reduce((news, id) => news.addEntry(entry(id)), NO_NEWS);
}

function idsOf({ entries }: Pick<News, 'entries'>): string {
	return entries.map(({ id }) => id).join('');
}

describe('A message has the newest entry, and the oldest ones that fit', () => {
	test.each([
		['', 9, ''],
		['a', 9, 'a'],
		['a', 0, 'a'],
		['abc', 9, 'cab'],
		['abc', 2, 'ca'],
		['abc', 1, 'c'],
	])('of %j %i fit: %j', (ids, most, expected) => {
		const chosen = newsOf(...ids).chooseEntries(({ length }) => length <= most);
		expect(idsOf({ entries: chosen })).toBe(expected);
	});

	test.each([
		['aabbccdd', 8, 'ddaabbcc'],
		['aabcccd', 4, 'daab'],
		['abbbbcd', 4, 'da'],
		['aaaabcd', 4, 'd'],
	])('in their order: of %j, if %i letters fit, %j', (letters, most, expected) => {
		// An entry is as long as there are letters of it.
		const news = newsOf(...new Set(letters));
		const textOf = (entries: ReadonlyArray<{ id: string }>) => {
			return entries.map(({ id }) => letters.replaceAll(new RegExp(`[^${id}]`, 'g'), '')).join('');
		};
		expect(textOf(news.chooseEntries((chosen) => textOf(chosen).length <= most))).toBe(expected);
	});
});

test('Without names, entries that may name customers are dropped and counted, including those of an earlier version', () => {
	const { isNameless: _, ...entryOfEarlierVersion } = entry('c');
	const news = News.read({
		entries: [entry('a', true), entry('b'), entryOfEarlierVersion],
		told: [],
		omitted: 1,
	});
	const nameless = news.withoutNames();
	expect([idsOf(nameless), nameless.omitted]).toEqual(['a', 3]);
});

describe('News stays until it is confirmed', () => {
	test('Exactly the entries in the message of an execution are confirmed', () => {
		const first = newsOf('a', 'b').noteMessage('7', [entry('a'), entry('b')]);
		const later = first.addEntry(entry('c'));
		const { remainingNews, confirmedCount } = later.confirmMessage('7');
		expect([idsOf(remainingNews), confirmedCount]).toEqual(['c', 2]);
		expect(remainingNews.confirmMessage('7').confirmedCount).toBe(0);
	});

	test('An execution without a message confirms nothing', () => {
		const { remainingNews, confirmedCount } = newsOf('a').confirmMessage('8');
		expect([idsOf(remainingNews), confirmedCount]).toEqual(['a', 0]);
	});

	test('An entry in the messages of two executions is confirmed once', () => {
		const both = newsOf('a')
			.noteMessage('7', [entry('a')])
			.noteMessage('8', [entry('a')]);
		const { remainingNews } = both.confirmMessage('7');
		expect(remainingNews.confirmMessage('8').confirmedCount).toBe(0);
	});

	test('In any order of runs, messages and confirmations no entry is lost, and none is sent after it was confirmed', () => {
		const steps = fc.array(fc.constantFrom('run', 'taken', 'refused'), { maxLength: 40 });
		fc.assert(
			fc.property(steps, (order) => {
				let news = NO_NEWS;
				const made: string[] = [];
				const confirmed = new Set<string>();
				for (const [index, step] of order.entries()) {
					if (step === 'run') {
						made.push(`${index}`);
						news = news.addEntry(entry(`${index}`));
					}
					const chosen = news.chooseEntries(({ length }) => length <= 3);
					for (const { id } of chosen) {
						expect(confirmed.has(id)).toBe(false);
					}
					news = news.noteMessage(`${index}`, chosen);
					if (step === 'taken') {
						news = news.confirmMessage(`${index}`).remainingNews;
						for (const { id } of chosen) {
							confirmed.add(id);
						}
					}
					news = News.read(JSON.parse(JSON.stringify(news)));
				}
				const waiting = news.entries.map(({ id }) => id);
				expect([...confirmed, ...waiting].sort()).toEqual(made.sort());
			}),
		);
	});

	test('Of more than five messages that nobody confirms, only the last five can be confirmed', () => {
		let news = newsOf('a');
		for (const execution of ['1', '2', '3', '4', '5', '6']) {
			news = news.noteMessage(execution, [entry('a')]);
		}
		expect(news.confirmMessage('1').confirmedCount).toBe(0);
		expect(news.confirmMessage('2').confirmedCount).toBe(1);
	});

	test('A message that was confirmed makes room for another one', () => {
		const two = newsOf('a', 'b').noteMessage('1', [entry('a')]);
		const { remainingNews } = two.noteMessage('2', [entry('b')]).confirmMessage('1');
		expect(remainingNews.told).toEqual([{ execution: '2', ids: ['b'] }]);
	});

	test('Of more than fifty entries the oldest are only counted', () => {
		const ids = Array.from({ length: 53 }, (_, index) => `${index}`);
		const news = newsOf(...ids);
		expect([news.entries.length, news.entries[0]!.id, news.omitted]).toEqual([50, '3', 3]);
		const withMessage = news.noteMessage('1', [news.entries.at(-1)!]);
		expect(withMessage.confirmMessage('1').remainingNews.omitted).toBe(0);
		// An execution that confirms nothing does not confirm the count either.
		expect(withMessage.confirmMessage('another').remainingNews.omitted).toBe(3);
	});
});

test.each([
	undefined,
	null,
	5,
	'x',
	{},
	{ entries: 5 },
	{ entries: [null, { id: 1 }, {}], told: [{ ids: [1] }] },
	{ entries: [{ ...entry('a'), id: 1 }] },
	{ entries: [{ ...entry('a'), atMs: 'yesterday' }] },
	{ entries: [{ ...entry('a'), english: 'text' }] },
	{ entries: [{ ...entry('a'), chinese: ['text', 5] }] },
	{ told: [{ execution: 7, ids: ['a'] }] },
	{ told: [{ execution: '7', ids: ['a', 5] }] },
])('%j is read as no news', (value) => {
	expect(News.read(value)).toEqual(NO_NEWS);
});
