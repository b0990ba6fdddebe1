import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import ts from 'typescript';
import { RobotMessage } from '../../nodes/TencentCloudIot/messages/robots';

const MAKERS: ReadonlySet<string> = new Set(['say', 'sayReason', 'saySentence']);

/** The user-facing texts in a file, with the names of their facts: the arguments of `say` and similar functions. */
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

/** Never sent to a group: this advice is only for a request that controls a device. */
const NEVER_TOLD = /Device Data: Get Latest/;

// The node's words are in a line with words from outside and are cleaned with them: a robot shows `https://` as `https /`.
test("A robot shows the node's own words unchanged", () => {
	const texts = globSync('nodes/TencentCloudIot/messages/*.ts').flatMap((path) =>
		ownTextsIn(readFileSync(path, 'utf8')),
	);
	expect(texts.length).toBeGreaterThan(800);
	const toldTexts = texts.filter((text) => !NEVER_TOLD.test(text));
	// Spaces at the ends of a text separate it from the next one.
	const cleaned = toldTexts.map((text) => {
		const message = new RobotMessage('text');
		message.add(text);
		return [text.trim(), message.body] as const;
	});
	expect(cleaned.filter(([text, shown]) => text !== shown)).toEqual([]);
});
