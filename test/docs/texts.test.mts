import { expect, test } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** Two words, or one in Chinese. A text without them is a name, a code or a part of a sentence. */
const PROSE = /\p{L}{2,}[^\n]*[\s、，][^\n]*\p{L}{2,}|\p{sc=Han}{2,}/u;

/** What users read: labels, descriptions, messages, advice and log lines. `{}` is a value that is filled in. */
const TEXTS = globSync('{nodes,credentials}/**/*.ts')
	.flatMap(textsOf)
	.filter((text) => PROSE.test(text));

function textsOf(path: string): string[] {
	const texts: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
			texts.push(node.text);
		}
		if (ts.isTemplateExpression(node)) {
			const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
			texts.push(parts.map(({ text }) => text).join('{}'));
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
	return texts;
}

/** Words that the texts avoid, because there is an established term. */
const AVOIDED =
	/\b(?:answer(?:ed|s)?|banner|guards?|held back|knock|memory|so many|whole set|did not come|is unclear whether|no whole|is begun|of whom|told)\b/i;

test('The texts include messages with values, labels and Chinese', () => {
	expect(TEXTS).toEqual(
		expect.arrayContaining([
			'The request timed out before a complete response arrived',
			"above the limit of {limit} % in '{check}'",
			'Stop Above (% Changed)',
			'未发送任何内容',
		]),
	);
});

test('No text has nested brackets, except in code', () => {
	const nested = /\([^()]*\([^()]*\)[^()]*\)/;
	expect(TEXTS.filter((text) => nested.test(text) && !/expr\(|\.find\(/.test(text))).toEqual([]);
});

test('No text uses a word for which there is an established term', () => {
	expect(TEXTS.filter((text) => AVOIDED.test(text))).toEqual([]);
});
