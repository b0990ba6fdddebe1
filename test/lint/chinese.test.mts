import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

/** Chinese texts are in messages/ beside the English ones, where a type ensures that both name the same facts. */
const OF_MESSAGES = 'nodes/TencentCloudIot/messages/';

/** Words that are searched for in rows and responses, not shown to users. */
const LOOKED_FOR: readonly string[] = [
	'nodes/TencentCloudIot/binding/columnClues.ts',
	'nodes/TencentCloudIot/input/placeholder.ts',
	'nodes/TencentCloudIot/service/response/classify.ts',
];

/** The strings of a file with Chinese characters or punctuation; comments and regular expressions do not count. */
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

test('Chinese is found in strings and templates, but not in comments and patterns', () => {
	const source = "const a = '状态'; const b = `${a}。`; /* 状态 */ const c = /状态/;";
	expect(chineseTextsIn('x.ts', source)).toEqual(['状态', '。']);
});

const paths = globSync(['nodes/**/*.ts', 'credentials/**/*.ts']).filter((path) => {
	return !path.startsWith(OF_MESSAGES) && !LOOKED_FOR.includes(path);
});

test('All Chinese texts for users are in messages/', () => {
	const texts = paths.map((path) => [path, chineseTextsIn(path, readFileSync(path, 'utf8'))] as const);
	expect(texts.filter(([, found]) => found.length > 0)).toEqual([]);
});
