import { globSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import ts from 'typescript';

/** A regular expression of a source file, and its location: "nodes/…/refusal.ts:67". */
export interface FoundExpression {
	where: string;
	expression: RegExp;
}

/** String methods that treat a string as a regular expression. */
const TAKES_TEXT = new Set(['match', 'matchAll', 'search']);

/**
 * Every regular expression of a source file: literals, calls of RegExp, and strings used as one.
 * @throws Error when one is built from a value that is known only at run time
 */
export function regularExpressionsIn(path: string, text = readFileSync(path, 'utf8')): FoundExpression[] {
	const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
	const found: FoundExpression[] = [];
	const add = (node: ts.Node, source: string) => {
		const where = `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
		found.push({ where, expression: evaluate(source, where) });
	};
	const visit = (node: ts.Node): void => {
		if (ts.isRegularExpressionLiteral(node)) {
			add(node, node.text);
		}
		const isMade = (ts.isNewExpression(node) || ts.isCallExpression(node)) && isRegExp(node.expression);
		if (isMade) {
			add(node, `RegExp(${(node.arguments ?? []).map((each) => each.getText()).join(',')})`);
		} else if (ts.isCallExpression(node) && takesText(node)) {
			add(node, `RegExp(${node.arguments[0]!.getText()})`);
		} else if (ts.isIdentifier(node) && node.text === 'RegExp' && !isCalled(node) && !isType(node)) {
			throw new Error(`${path} passes RegExp on, so its regular expressions cannot be collected`);
		}
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

/** All regular expressions of the shipped code. */
export function shippedExpressions(): FoundExpression[] {
	return globSync('{nodes,credentials}/**/*.ts')
		.sort()
		.flatMap((path) => regularExpressionsIn(path));
}

function evaluate(source: string, where: string): RegExp {
	try {
		const { source: pattern, flags } = runInNewContext(source) as RegExp;
		return new RegExp(pattern, flags);
	} catch (cause) {
		throw new Error(`The regular expression at ${where} is known only at run time`, { cause });
	}
}

function isRegExp(node: ts.Expression): boolean {
	return ts.isIdentifier(node) && node.text === 'RegExp';
}

function isCalled(node: ts.Identifier): boolean {
	const { parent } = node;
	return (ts.isNewExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node;
}

function isType(node: ts.Identifier): boolean {
	return ts.isTypeReferenceNode(node.parent);
}

/** `text.match('…')`; a regular expression passed by name is collected at its declaration. */
function takesText({ expression, arguments: given }: ts.CallExpression): boolean {
	return (
		ts.isPropertyAccessExpression(expression) &&
		TAKES_TEXT.has(expression.name.text) &&
		given[0] !== undefined &&
		(ts.isStringLiteralLike(given[0]) || ts.isTemplateExpression(given[0]))
	);
}
