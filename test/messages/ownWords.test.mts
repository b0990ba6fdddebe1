import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { RobotMessage } from '../../nodes/TencentCloudIot/messages/robots';

const MAKERS: ReadonlySet<string> = new Set(['say', 'sayReason', 'saySentence']);

/** The texts in a file that are said to somebody, with the names of their facts: what `say` and its like get. */
function ownTextsIn(source: string): string[] {
	const found: string[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isCallExpression(node) && MAKERS.has(node.expression.getText())) {
			found.push(...node.arguments.filter(ts.isStringLiteralLike).map(({ text }) => text));
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest, true));
	return found;
}

/** What is never told to a group: it is said of a request that controls a device. */
const NEVER_TOLD = /Device Data: Get Latest/;

// Own words stand between those of others in a line, and are cleaned with them: of `https://` a robot shows `https /`.
test('A robot shows the words of the node as they are', () => {
	const texts = globSync('nodes/TencentCloudIot/messages/*.ts').flatMap((path) =>
		ownTextsIn(readFileSync(path, 'utf8')),
	);
	expect(texts.length).toBeGreaterThan(800);
	const toldTexts = texts.filter((text) => !NEVER_TOLD.test(text));
	// Spaces at the ends of a text are between it and the next one.
	const cleaned = toldTexts.map((text) => {
		const message = new RobotMessage('text');
		message.add(text);
		return [text.trim(), message.body] as const;
	});
	expect(cleaned.filter(([text, shown]) => text !== shown)).toEqual([]);
});
