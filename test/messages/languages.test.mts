import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** The English and Chinese templates that a file passes to `say`. */
function templatesIn(path: string): Array<[english: string, chinese: string]> {
	const found: Array<[string, string]> = [];
	const visit = (node: ts.Node): void => {
		if (ts.isCallExpression(node) && node.expression.getText() === 'say') {
			const [english, chinese] = node.arguments;
			if (english !== undefined && chinese !== undefined) {
				found.push([textOf(english), textOf(chinese)]);
			}
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
	return found;
}

function textOf(node: ts.Node): string {
	return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

const TEMPLATES = globSync('nodes/TencentCloudIot/messages/*.ts').flatMap(templatesIn);

/** The words of a template, without facts, names in code and punctuation. */
function wordsOf(template: string): string {
	return template.replace(/\{\w+(?::[\w ]+)?\}/g, '');
}

test('The first text of a template is in English, and the second one in Chinese', () => {
	expect(TEMPLATES.length).toBeGreaterThan(400);
	const isChinese = (text: string) => /[\p{Script=Han}，。：；（）、]/u.test(wordsOf(text));
	const isEnglish = (text: string) => /[A-Za-z]{2}/.test(wordsOf(text));
	expect(TEMPLATES.filter(([english]) => isChinese(english))).toEqual([]);
	const swapped = TEMPLATES.filter(([english, chinese]) => isEnglish(english) && !isChinese(chinese));
	expect(swapped).toEqual([]);
});
