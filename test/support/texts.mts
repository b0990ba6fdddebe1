import { type Fact, type Place, say, type Text, write } from '../../nodes/TencentCloudIot/messages/text';

/** A text in English. */
export function englishOf(text: Text | undefined, place: Place = 'everything'): string {
	return text === undefined ? '' : write(text, place)[0];
}

const FACT = say('{fact}', '{fact}');

/** A fact in English. */
export function wordsOfFact(fact: Fact): string {
	return englishOf(FACT({ fact }));
}

/** A text in Chinese. */
export function chineseOf(text: Text | undefined, place: Place = 'everything'): string {
	return text === undefined ? '' : write(text, place)[1];
}

/** Matches, in an expected value, a text with these words at a place that may show everything. */
export function shows(english: string | RegExp, chinese?: string | RegExp): Text {
	const matches = (expected: string | RegExp, shown: string) =>
		typeof expected === 'string' ? shown === expected : expected.test(shown);
	return {
		$$typeof: Symbol.for('jest.asymmetricMatcher'),
		asymmetricMatch: (actual: Text) => {
			const isEnglish = matches(english, englishOf(actual));
			return isEnglish && (chinese === undefined || matches(chinese, chineseOf(actual)));
		},
		toString: () => 'shows',
		toAsymmetricMatcher: () => `shows ${String(english)} ${String(chinese ?? '')}`,
	} as unknown as Text;
}

/** Matches a text that contains these words. */
export function showsPart(english: string): Text {
	return shows(new RegExp(english.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
