import { expect, test } from '@jest/globals';
import { listTexts } from '../../packaging/texts.mts';

const LIST = listTexts();

/** Words that the texts do not use, since the field has others. */
const AVOIDED =
	/\b(?:answer(?:ed|s)?|banner|guards?|held back|knock|memory|so many|whole set|did not come|is unclear whether|no whole|is begun|of whom|told)\b/i;

test('The list holds messages with their values named, labels and Chinese', () => {
	for (const text of [
		'- The request timed out before a complete response arrived.',
		"- above the limit of {limit} % in '{check}'.",
		'- Stop Above (% Changed)',
		'- 未发送任何内容',
	]) {
		expect(LIST).toContain(`${text}\n`);
	}
});

test('No text has brackets within brackets, but for code', () => {
	const nested = /\([^()]*\([^()]*\)[^()]*\)/;
	expect(LIST.split('\n').filter((line) => nested.test(line) && !line.includes('expr('))).toEqual([]);
});

test('No text uses a word for which the field has another', () => {
	expect(LIST.split('\n').filter((line) => AVOIDED.test(line))).toEqual([]);
});
