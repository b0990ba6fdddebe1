import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** Texts in Chinese stand beside the English ones in messages/, where a type sees to it that both name the same facts. */
const OF_MESSAGES = 'nodes/TencentCloudIot/messages/';

/** Words that are looked for in rows and responses, not said to anybody. */
const LOOKED_FOR: readonly string[] = [
	'nodes/TencentCloudIot/binding/columnClues.ts',
	'nodes/TencentCloudIot/input/placeholder.ts',
	'nodes/TencentCloudIot/service/response/classify.ts',
];

/** The texts of a file that have Chinese words or signs; comments and regular expressions are none. */
function chineseTextsIn(path: string, source: string): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
		if (isText && /[\p{Script=Han}，。；：、（）]/u.test(node.text)) {
			found.push(node.text);
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest));
	return found;
}

test('A Chinese text is found, also in a template; one of a comment or a pattern is none', () => {
	const source = "const a = '状态'; const b = `${a}。`; /* 状态 */ const c = /状态/;";
	expect(chineseTextsIn('x.ts', source)).toEqual(['状态', '。']);
});

const paths = globSync(['nodes/**/*.ts', 'credentials/**/*.ts']).filter((path) => {
	return !path.startsWith(OF_MESSAGES) && !LOOKED_FOR.includes(path);
});

test('What is said in Chinese stands in messages/', () => {
	const texts = paths.map((path) => [path, chineseTextsIn(path, readFileSync(path, 'utf8'))] as const);
	expect(texts.filter(([, found]) => found.length > 0)).toEqual([]);
});
